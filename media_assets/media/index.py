"""Which frames a video stream shows and when: the index that gives frames their numbers.

A frame is known by its number in presentation order and by its PTS. Seconds are on the episode
clock, which starts at the container's start time for video, audio and subtitles alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import islice, pairwise, takewhile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from resources.problems import BadInput, NotApplicable

if TYPE_CHECKING:
    from av import Packet
    from av.container import InputContainer
    from av.video.stream import VideoStream

# Film, television and screen rates; each also divided by 1.001 where NTSC has it (SMPTE ST 428-11,
# ITU-R BT.2020 table 2, ATSC A/53), and the lower rates of web and phone video.
STANDARD_RATES = tuple(
    sorted(
        {Fraction(n) for n in (5, 6, 8, 10, 12, 15, 16, 18, 20, 24, 25, 30, 48, 50, 60, 100, 120)}
        | {Fraction(n * 1000, 1001) for n in (12, 15, 24, 30, 48, 60, 120)}
        | {Fraction(25, 2), Fraction(240)}
    )
)
# Frames within a quarter of a frame of a constant grid fall on its slots one to one, with margin.
GRID_TOLERANCE_FRAMES = 0.25
# A stream slower than this beside a faster one is a series of stills (a phone's "top shots").
SLIDES_BELOW_FPS = 5
# How far a B-frame can stand from its place (the largest picture buffer of H.264 and HEVC), and how
# many frames tell whether they do.
MAX_REORDER_FRAMES = 16
JUMBLE_PROBED_FRAMES = 50


@contextmanager
def open_media(path: Path | str) -> Iterator[InputContainer]:
    """The file as an open container.

    Raises BadInput where FFmpeg finds no media in it.
    """
    import av

    path = Path(path)
    if path.stat().st_size == 0:
        raise BadInput("the file is empty", where=path.name, remedy="Copy it again.")
    try:
        container = av.open(str(path), metadata_errors="replace")
    except av.error.FFmpegError as error:
        if isinstance(error, (FileNotFoundError, PermissionError)):
            raise
        raise BadInput(
            f"no readable media ({error.strerror})",
            where=path.name,
            remedy="The copy is incomplete or no video: copy it again or remove it.",
        ) from error
    # FFmpeg's messages go nowhere, which is PyAV's default, whatever other libraries asked for.
    # With a log level (torchvision sets one) a decoder thread that has something to say waits for
    # Python's lock, while closing the decoder, which holds the lock, waits for the thread.
    silence = partial(av.logging.set_level, None)
    with container:
        silence()
        try:
            yield container
        finally:
            silence()


def clock_start(container: InputContainer) -> Fraction:
    """Seconds of the container's clock at which the episode clock is zero."""
    return Fraction(container.start_time or 0, 1_000_000)


def choose_video_stream(container: InputContainer, where: str) -> VideoStream:
    """The stream that is the film: the default one, moving rather than stills, then the largest.

    Cover pictures do not count. Raises NotApplicable without video, BadInput if the codec of the
    only video is unknown.
    """
    from av.stream import Disposition

    cover = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
    videos = [s for s in container.streams.video if not s.disposition & cover]
    if not videos:
        raise NotApplicable(f"{where} has no video")
    known = [s for s in videos if s.codec_context is not None]
    if not known:
        raise BadInput(
            "the video's codec is unknown to FFmpeg",
            where=where,
            remedy="Convert the master to H.264, HEVC or ProRes.",
        )
    return max(
        known,
        key=lambda stream: (
            bool(stream.disposition & Disposition.default),
            (stream.average_rate or 0) >= SLIDES_BELOW_FPS,
            stream.width * stream.height,
            -stream.index,
        ),
    )


def video_stream(container: InputContainer, number: int) -> VideoStream:
    """The container's stream of this number; ValueError if it is no video."""
    from av.video.stream import VideoStream

    stream = container.streams[number]
    if not isinstance(stream, VideoStream):
        raise ValueError(f"stream {number} is no video")
    return stream


@dataclass(frozen=True, eq=False)
class FrameIndex:
    """The frames that one video stream shows, in presentation order.

    pts: strictly increasing, in units of `time_base`, one per frame.
    seek_pts, seek_dts: of the shown frames that are marked as entry points, increasing.
    last_duration: of the last frame, in units of `time_base`.
    clock_start: the container's start time in seconds, zero of the episode clock.
    declared_rate: what the container says of the rate.
    restamped: the file's own times are missing or jump, so `pts` are the times of the decoded
        frames in order, made continuous; such a file can only be read from its start.
    """

    stream: int
    time_base: Fraction
    clock_start: Fraction
    pts: NDArray[np.int64]
    seek_pts: NDArray[np.int64]
    seek_dts: NDArray[np.int64]
    last_duration: int
    declared_rate: Fraction | None
    restamped: bool = False

    def __len__(self) -> int:
        return len(self.pts)

    def seconds(self, frame: int) -> float:
        """When a frame begins on the episode clock; for the frame after the last, the end."""
        if frame == len(self):
            return self.seconds_of(int(self.pts[-1]) + self.last_duration)
        if not 0 <= frame < len(self):
            raise IndexError(f"frame {frame} of {len(self)}")
        return self.seconds_of(int(self.pts[frame]))

    def seconds_of(self, pts: int) -> float:
        """A PTS on the episode clock."""
        return float(pts * self.time_base - self.clock_start)

    @property
    def all_seconds(self) -> NDArray[np.float64]:
        """When every frame begins on the episode clock."""
        return np.array([self.seconds_of(pts) for pts in self.pts.tolist()])

    def position(self, pts: int) -> int:
        """The number of the frame with this PTS; KeyError if none has it."""
        frame = int(np.searchsorted(self.pts, pts))
        if frame == len(self) or self.pts[frame] != pts:
            raise KeyError(pts)
        return frame

    @property
    def is_variable(self) -> bool:
        """Whether some frame is a quarter of a frame or more off every constant rate's grid."""
        return not self._rate()[1]

    def nominal_rate(self) -> Fraction:
        """Frames per second as a sane fraction.

        With a constant rate: the standard rate whose grid the frames keep best; where rounding
        of the time base hides the difference, the declared one. With a variable rate: the
        standard rate nearest to the usual (median) spacing.
        """
        return self._rate()[0]

    def _rate(self) -> tuple[Fraction, bool]:
        if len(self) < 2:
            return self.declared_rate or Fraction(25), True
        times = (self.pts - self.pts[0]).astype(np.float64) * float(self.time_base)
        spacing = float(np.median(np.diff(times)))
        mean = (len(self) - 1) / times[-1]
        candidates = set(STANDARD_RATES)
        if self.declared_rate:
            candidates.add(self.declared_rate)
        near = [rate for rate in candidates if abs(float(rate) * spacing - 1) < 0.5]
        off = {rate: _off_grid(times, float(rate)) for rate in near}
        kept = {rate: frames for rate, frames in off.items() if frames < GRID_TOLERANCE_FRAMES}
        if kept:
            standard = {rate: frames for rate, frames in kept.items() if rate in STANDARD_RATES}
            kept = standard or kept
            tick = float(self.time_base) * max(float(rate) for rate in kept)
            best = min(kept.values())
            alike = [rate for rate, frames in kept.items() if frames <= best + tick / 2]
            if self.declared_rate in alike:
                return self.declared_rate, True
            return min(alike, key=lambda rate: abs(float(rate) - mean)), True
        usual = 1 / spacing
        nearest = min(STANDARD_RATES, key=lambda rate: abs(float(rate) / usual - 1))
        if abs(float(nearest) / usual - 1) < 0.05:
            return nearest, False
        return Fraction(usual).limit_denominator(1001), False


def _off_grid(times: NDArray[np.float64], rate: float) -> float:
    """How far from its slot of a constant grid the worst frame is, in frames, at the best phase."""
    off = times * rate - np.arange(len(times))
    return float(off.max() - off.min()) / 2


def read_index(path: Path | str, stream: int | None = None) -> FrameIndex:
    """The frames of a video stream, read from its packets without decoding.

    What edit lists cut off and what a codec decodes without showing is not in it. Only where
    packets lack times or two have the same is the stream decoded once. The index says what the
    file promises: of a damaged file fewer frames may decode.

    stream: index in the container, or None for the main one (`choose_video_stream`).
    Raises BadInput if there is no readable frame, NotApplicable without video.
    """
    path = Path(path)
    with open_media(path) as container:
        video = (
            choose_video_stream(container, path.name)
            if stream is None
            else video_stream(container, stream)
        )
        shown: list[int | None] = []
        durations: list[int | None] = []
        first_key: int | None = None
        seek: dict[int, int] = {}
        # A film of 12 hours has a million packets: each attribute is asked for once at most.
        may_hide = video.codec_context.name == "vp8"
        for packet in packets(container, video):
            pts = packet.pts
            is_key = packet.is_keyframe
            if is_key and first_key is None:
                first_key = pts
            if packet.is_discard or (may_hide and _is_hidden(packet)):
                continue
            shown.append(pts)
            durations.append(packet.duration)
            if is_key and pts is not None:
                dts = packet.dts
                seek[pts] = pts if dts is None else dts
        if not shown:
            raise no_frames(path.name)
        time_base, start = video.time_base, clock_start(container)
        assert time_base is not None, "a stream that has packets has a time base"
        rate = video.average_rate or video.guessed_rate
        step = max(1, round(1 / (rate * time_base))) if rate else 1
        number, reorders = video.index, video.codec_context.reorder_depth > 0
    times, restamped = _presentation(path, number, shown, first_key, step, reorders)
    entries = [] if restamped else sorted(seek.items())
    last = dict(zip(shown, durations, strict=True)).get(int(times[-1])) or 0
    return FrameIndex(
        stream=number,
        time_base=time_base,
        clock_start=start,
        pts=times,
        seek_pts=np.array([key for key, _ in entries], np.int64),
        seek_dts=np.array([dts for _, dts in entries], np.int64),
        last_duration=_last_duration(times, last) or step,
        declared_rate=Fraction(rate) if rate else None,
        restamped=restamped,
    )


def packets(container: InputContainer, video: VideoStream) -> Iterator[Packet]:
    """The stream's packets up to the end or to where the file breaks off; no flush packets."""
    import av

    try:
        for packet in container.demux(video):
            if packet.size:
                yield packet
    except av.error.InvalidDataError:
        return


def no_frames(where: str) -> BadInput:
    return BadInput(
        "no frame of the video can be decoded", where=where, remedy="Get the master again."
    )


def _is_hidden(packet: Packet) -> bool:
    """Whether a VP8 packet only feeds later frames: its show_frame bit (RFC 6386, 9.1) is unset.

    Other codecs put such frames into the packet of a shown one.
    """
    return not memoryview(packet)[0] & 0x10


def _presentation(
    path: Path,
    stream: int,
    shown: list[int | None],
    first_key: int | None,
    step: int,
    reorders: bool,
) -> tuple[NDArray[np.int64], bool]:
    """PTS in presentation order, and whether they had to be made up."""
    from media_assets.media.video import decode_stream

    known = [pts for pts in shown if pts is not None]
    pts = sorted(known)
    unique = len(known) == len(shown) == len(set(known))
    if unique and not (reorders and pts == known and _is_jumbled(path, stream)):
        if first_key is not None and pts[0] < first_key:
            head = _decodable_head(path, stream, first_key)
            pts = [value for value in pts if value >= first_key or value in head]
        return np.array(pts, np.int64), False
    decoded: list[int | None] = [frame.pts for frame in decode_stream(path, stream)]
    if not decoded:
        raise no_frames(path.name)
    pts = _continuous(decoded, step)
    reliable = pts == decoded and set(decoded) <= set(known)
    return np.array(pts, np.int64), not reliable


def _last_duration(pts: NDArray[np.int64], said: int) -> int:
    """What the file says, unless it is less than half the usual distance of frames: a guess."""
    usual = round(float(np.median(np.diff(pts)))) if len(pts) > 1 else 0
    return said if 2 * said >= usual else usual


def _is_jumbled(path: Path, stream: int) -> bool:
    """Whether the decoder shows frames against their PTS: AVI stores B-frames without times."""
    from media_assets.media.video import decode_stream

    pts = [frame.pts for frame in islice(decode_stream(path, stream), JUMBLE_PROBED_FRAMES)]
    return any(after <= before for before, after in pairwise(pts))


def _decodable_head(path: Path, stream: int, first_key: int) -> set[int]:
    """PTS before the first entry point that do decode (a recording may begin inside a group)."""
    from media_assets.media.video import decode_stream

    head = takewhile(
        lambda frame: frame.pts is None or frame.pts < first_key, decode_stream(path, stream)
    )
    return {frame.pts for frame in head if frame.pts is not None and not frame.is_corrupt}


def _continuous(decoded: list[int | None], step: int) -> list[int]:
    """Increasing times for frames in this order.

    Times that are only shuffled within the reach of B-frames are sorted; else a missing time and
    a jump back become one frame's step.
    """
    if None not in decoded and len(set(decoded)) == len(decoded):
        order = np.argsort(np.array(decoded))
        if np.abs(order - np.arange(len(order))).max() <= MAX_REORDER_FRAMES:
            return sorted(pts for pts in decoded if pts is not None)
    pts: list[int] = []
    offset = 0
    for raw in decoded:
        expected = pts[-1] + step if pts else (raw or 0)
        if raw is None:
            pts.append(expected)
            continue
        if pts and raw + offset <= pts[-1]:
            offset = expected - raw
        pts.append(raw + offset)
    return pts
