"""Clips as MP4: exactly N frames at exactly one rate, with sound that starts with the picture.

Equal frames, sound and settings give equal bytes (same FFmpeg and x264), whatever the day.
"""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from media_assets.media.audio import LAYOUTS, Samples, audio_frame, sample_at
from media_assets.media.color import matrix_of

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import OutputContainer
    from av.video.stream import VideoStream

Picture = TypeVar("Picture")

# Code points of ITU-T H.273 for primaries, transfer and matrix, by the matrix that is tagged or,
# without a tag, assumed.
_DESCRIPTIONS = {"bt709": (1, 1, 1), "bt601": (6, 6, 6), "bt2020": (9, 14, 9)}
_UNSPECIFIED = 2
# OpenCV's number for processors with AVX-512. x264's code for them reads memory that was never
# written (in its macroblock tree, at widths such as 320, 352 and 720), so that equal pictures give
# other bytes every time; its AVX2 code gives the bytes of all other processors, as fast.
_AVX_512F = 13
# Of x264, from fast to small.
PRESETS = (
    *("ultrafast", "superfast", "veryfast", "faster", "fast"),
    *("medium", "slow", "slower", "veryslow", "placebo"),
)


@dataclass(frozen=True)
class EncodeSettings:
    """How clips are compressed.

    crf: constant rate factor of x264; 14 is past what can be told from the source by eye, so that
        a trainer learns no coding noise (FFmpeg's guide calls 17 or 18 visually lossless).
    preset: speed of x264 against size.
    keyframe_every_s: trainers that seek decode at most this much for a frame.
    audio_kbps: of AAC-LC.
    threads: fixed, because x264 decides differently with another number of threads.
    """

    crf: float = 14.0
    preset: str = "medium"
    keyframe_every_s: float = 1.0
    audio_kbps: int = 192
    threads: int = 4

    def __post_init__(self) -> None:
        if self.preset not in PRESETS:
            raise ValueError(f"preset {self.preset!r} is none of {', '.join(PRESETS)}")
        if not 0 <= self.crf <= 51:
            raise ValueError(f"crf {self.crf} is not within 0 to 51")
        if self.keyframe_every_s <= 0 or self.audio_kbps <= 0 or self.threads <= 0:
            raise ValueError("keyframe_every_s, audio_kbps and threads must be above 0")


@dataclass(frozen=True)
class EncodedClip:
    """What was written: frames of picture, bytes of file."""

    frames: int
    bytes: int


def frame_count(start_s: Fraction, end_s: Fraction, rate: Fraction) -> int:
    """Frames of a clip [start_s, end_s) at this rate: the nearest whole number, at least one."""
    return max(1, round((end_s - start_s) * rate))


def resample_plan(
    pts: NDArray[np.int64], time_base: Fraction, count: int, rate: Fraction
) -> NDArray[np.int64]:
    """For each of `count` output frames the index of the source frame whose PTS is nearest.

    Output frame k is shown k / rate seconds after the first source frame; halfway between two, it
    is the earlier. Indices never decrease and stay inside `pts`, so a plan over a clip's frames
    never shows a neighbouring shot. Exact: no rounding of times.

    pts: of the clip's frames, strictly increasing, in units of `time_base`.
    """
    frames_per_tick = time_base * rate
    at = (pts - pts[0]) * frames_per_tick.numerator
    wanted = 2 * np.arange(count, dtype=np.int64) * frames_per_tick.denominator
    return np.searchsorted(at[:-1] + at[1:], wanted, side="left")


def planned(frames: Iterable[Picture], plan: Iterable[int]) -> Iterator[Picture]:
    """The frames that a plan names, from a clip's frames as they come; ValueError if one lacks."""
    numbered = enumerate(frames)
    at, frame = next(numbered, (-1, None))
    for wanted in plan:
        while frame is not None and at < wanted:
            at, frame = next(numbered, (at, None))
        if frame is None:
            raise ValueError(f"frame {wanted} of the plan is missing")
        yield frame


def encode_clip(
    path: Path,
    frames: Iterable[VideoFrame | NDArray[np.uint8]],
    *,
    rate: Fraction,
    width: int,
    height: int,
    audio: Samples | None = None,
    audio_rate: int = 48_000,
    settings: EncodeSettings | None = None,
) -> EncodedClip:
    """An H.264 MP4 of these frames, frame k at k / rate, written whole or not at all.

    frames: upright, with square pixels, scaled if they differ from width x height (both even).
        RGB arrays (height, width, 3) become BT.709; video frames keep their colour description,
        and untagged ones get the one that players assume. A video frame's times are overwritten.
    audio: (samples, channels), one or two channels; cut or filled with silence to the length of
        the picture. The encoder's delay is declared in an edit list, so that both start at 0.
    audio_rate: one that AAC knows (8000 to 96000).
    """
    settings = settings or EncodeSettings()
    if width % 2 or height % 2:
        raise ValueError(f"{width}x{height}: both sides must be even for 4:2:0")
    path = path.absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".mp4~")
    os.close(descriptor)
    temporary = Path(name)
    try:
        count = _write(temporary, frames, rate, width, height, audio, audio_rate, settings)
        if not count:
            raise ValueError("a clip needs a frame")
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        size = temporary.stat().st_size
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return EncodedClip(count, size)


def _write(
    path: Path,
    frames: Iterable[VideoFrame | NDArray[np.uint8]],
    rate: Fraction,
    width: int,
    height: int,
    audio: Samples | None,
    audio_rate: int,
    settings: EncodeSettings,
) -> int:
    import av
    from av.video.frame import PictureType

    count = 0
    options = _muxer_options(rate, audio_rate)
    with av.open(str(path), "w", format="mp4", options=options) as container:
        video = _video_stream(container, rate, width, height, settings)
        sound = None
        if audio is not None:
            sound = container.add_stream("aac", rate=audio_rate, layout=LAYOUTS[audio.shape[1]])
            sound.bit_rate = settings.audio_kbps * 1000
        for frame in _pictures(frames, video):
            # A decoded frame brings the frame type of its source, which x264 would obey.
            frame.pts, frame.time_base, frame.pict_type = count, 1 / rate, PictureType.NONE
            container.mux(video.encode(frame))
            if sound is not None and audio is not None:
                start = sample_at(count / rate, audio_rate)
                end = sample_at((count + 1) / rate, audio_rate)
                block = np.zeros((end - start, audio.shape[1]), np.float32)
                here = audio[start:end]
                block[: len(here)] = here
                container.mux(sound.encode(audio_frame(block, audio_rate, start)))
            count += 1
        if count:
            container.mux(video.encode(None))
            if sound is not None:
                container.mux(sound.encode(None))
    return count


def _muxer_options(rate: Fraction, audio_rate: int) -> dict[str, str]:
    """Index before the samples, and clocks on which the lengths of picture and sound are exact."""
    video_clock = rate.numerator
    while video_clock < 10_000:
        video_clock *= 2
    both = math.lcm(video_clock, audio_rate)
    return {
        "movflags": "+faststart",
        "fflags": "+bitexact",
        "video_track_timescale": str(video_clock),
        "movie_timescale": str(both if both < 2**31 else video_clock),
    }


def _video_stream(
    container: OutputContainer, rate: Fraction, width: int, height: int, settings: EncodeSettings
) -> VideoStream:
    import cv2

    options = {
        "crf": str(settings.crf),
        "preset": settings.preset,
        # Closed captions of the source would travel along unseen.
        "a53cc": "0",
    }
    if cv2.checkHardwareSupport(_AVX_512F):
        options["x264-params"] = "asm=avx2"
    stream = container.add_stream("libx264", rate=rate, options=options)
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    context = stream.codec_context
    context.time_base = 1 / rate
    context.gop_size = max(1, round(rate * Fraction(settings.keyframe_every_s)))
    context.thread_count = settings.threads
    return stream


def _pictures(
    frames: Iterable[VideoFrame | NDArray[np.uint8]], stream: VideoStream
) -> Iterator[VideoFrame]:
    """The frames as the encoder takes them; the first says the colours of the stream."""
    from av import VideoFrame
    from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

    context, reformatter, tagged = stream.codec_context, VideoReformatter(), False
    kernel = Interpolation.LANCZOS | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
    for given in frames:
        frame = given if isinstance(given, VideoFrame) else VideoFrame.from_ndarray(given, "rgb24")
        if not tagged:
            primaries, transfer, matrix = _description(frame)
            context.color_primaries, context.color_trc = primaries, transfer
            context.colorspace, context.color_range = matrix, ColorRange.MPEG
            tagged = True
        yield reformatter.reformat(
            frame,
            stream.width,
            stream.height,
            stream.pix_fmt,
            dst_colorspace=Colorspace.ITU709 if frame.format.is_rgb else None,
            interpolation=kernel | Interpolation.BITEXACT,
            dst_color_range=ColorRange.MPEG,
        )


def _description(frame: VideoFrame) -> tuple[int, int, int]:
    """Primaries, transfer and matrix of a frame; see `encode_clip`."""
    if frame.format.is_rgb:
        return _DESCRIPTIONS["bt709"]
    usual = _DESCRIPTIONS.get(matrix_of(frame), _DESCRIPTIONS["bt601"])
    said = (frame.color_primaries, frame.color_trc, frame.colorspace)
    primaries, transfer, matrix = (
        known if tag == _UNSPECIFIED else int(tag) for tag, known in zip(said, usual, strict=True)
    )
    return primaries, transfer, matrix
