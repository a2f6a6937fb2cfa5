"""The two masters that super-resolution is measured on: UHD in HDR10 and HD in SDR, made of media.

Real footage plays back and forth under a slow pan and zoom, with film grain. Twelve seconds are
encoded; their packets follow one another five times, which gives a minute: an IDR picture every
twelve seconds, open groups of 48 frames in between, two cuts inside groups.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

GROUP = 48
LOOP, LOOPS = 288, 5
RATE = "24000/1001"
# Light of SDR's white when it is lifted into PQ: as graded material has it, under a 1000 nit peak.
WHITE_NITS = 400
LIFT = (
    "zscale=t=linear,format=gbrpf32le,zscale=p=bt2020,"
    f"zscale=t=smpte2084:npl={WHITE_NITS}:m=bt2020nc:r=tv"
)
# P3 primaries, 0.005 to 1000 nits; brightest pixel 1000, brightest mean 400.
HDR10 = (
    "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:range=limited:hdr10=1:"
    "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50):"
    "max-cll=1000,400:repeat-headers=1"
)
GROUPS = f"keyint={GROUP}:min-keyint={GROUP}:scenecut=0:open-gop=1"


@dataclass(frozen=True)
class Footage:
    """`frames` frames of a file from a time on, made `width` wide, and how long they are shown."""

    path: str
    start_s: float
    frames: int
    width: int
    shown: int
    filters: str = ""


@dataclass(frozen=True)
class Clip:
    """A master to be made; grain: standard deviation in codes."""

    name: str
    width: int
    height: int
    bits: int
    grain: float
    encoder: tuple[str, ...]
    footage: tuple[Footage, ...]


_ROOM = "hdr_uhd/sdr_hevc_8k.mp4"
UHD = Clip(
    "uhd_hdr10",
    3840,
    2160,
    10,
    6.0,
    (
        *("-c:v", "libx265", "-preset", "superfast", "-b:v", "40M", "-x265-params"),
        f"{GROUPS}:b-pyramid=1:bframes=7:b-adapt=0:{HDR10}:log-level=error",
    ),
    (
        Footage(_ROOM, 0, 8, 4800, 100, LIFT),
        Footage("hdr_uhd/hdr10_hevc_1080p_vfr.mp4", 0, 28, 1920, 94),
        Footage("hdr_uhd/hdr10_av1_1080p60_mdcv_clli.mp4", 0, 60, 1920, 94),
    ),
)
HD = Clip(
    "hd_sdr",
    1920,
    1080,
    8,
    1.5,
    (
        *("-c:v", "libx264", "-preset", "fast", "-crf", "18", "-x264-params"),
        f"{GROUPS}:b-pyramid=normal:bframes=3:colorprim=bt709:transfer=bt709:colormatrix=bt709",
    ),
    (
        Footage(_ROOM, 0, 8, 2400, 100),
        Footage("animation/popeye_p3_1080p_hevc_pgs.mkv", 14, 94, 1920, 94),
        Footage("animation/big_buck_bunny_0_30_720p.webm", 16, 94, 1280, 94),
    ),
)
CLIPS = (UHD, HD)


def cuts(clip: Clip) -> list[int]:
    """The frames of the whole master that begin another shot."""
    ends = np.cumsum([footage.shown for footage in clip.footage])
    return [int(end) + LOOP * loop for loop in range(LOOPS) for end in ends][:-1]


def made(clip: Clip, media: Path, work: Path) -> Path:
    """The clip's file in `work`; it is made where it is not there yet."""
    path = work / f"{clip.name}.mkv"
    if not path.exists():
        loop, half = work / f"{clip.name}.loop.mkv", work / f"{clip.name}.part.mkv"
        _encode(clip, media, loop)
        copy = ("-stream_loop", str(LOOPS - 1), "-i", str(loop), "-c", "copy", str(half))
        ffmpeg(*copy)
        loop.unlink()
        half.rename(path)
    return path


def ffmpeg(*arguments: str) -> None:
    """Run the FFmpeg that has zscale and x265."""
    subprocess.run(_command(*arguments), check=True)


def _command(*arguments: str) -> list[str]:
    import imageio_ffmpeg

    return [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-y", *arguments]


def _encode(clip: Clip, media: Path, path: Path) -> None:
    raw = ("-f", "rawvideo", "-pix_fmt", _format(clip), "-s", f"{clip.width}x{clip.height}")
    command = _command(*raw, "-r", RATE, "-i", "-", *clip.encoder, str(path))
    with subprocess.Popen(command, stdin=subprocess.PIPE) as encoder:
        assert encoder.stdin is not None
        for planes in _pictures(clip, media):
            for plane in planes:
                encoder.stdin.write(plane.tobytes())
        encoder.stdin.close()
    if encoder.returncode:
        raise RuntimeError(f"{clip.name}: encoding failed")


def _format(clip: Clip) -> str:
    return "yuv420p10le" if clip.bits > 8 else "yuv420p"


Planes = list[NDArray[np.uint8]] | list[NDArray[np.uint16]]


def _pictures(clip: Clip, media: Path) -> Iterator[Planes]:
    """Y, Cb and Cr of the frames of one loop."""
    import cv2

    draw = np.random.default_rng(4)
    margin = 256
    size = (clip.height + margin, clip.width + margin)
    grain = cv2.GaussianBlur(draw.standard_normal(size, np.float32), (0, 0), 0.7)
    grain = np.rint(grain * (clip.grain / grain.std())).astype(np.int16)
    top = (1 << clip.bits) - 1
    for footage in clip.footage:
        frames = _frames(clip, media, footage)
        for number in range(footage.shown):
            planes = _moved(clip, frames[_back_and_forth(number, len(frames))], number)
            y, x = draw.integers(0, margin, 2)
            luma = planes[0].astype(np.int16) + grain[y : y + clip.height, x : x + clip.width]
            planes[0] = np.clip(luma, 0, top).astype(planes[0].dtype)
            yield planes


def _back_and_forth(number: int, count: int) -> int:
    at = number % (2 * count - 2)
    return min(at, 2 * count - 2 - at)


def _moved(clip: Clip, planes: Planes, number: int) -> Planes:
    """The picture under a camera that comes nearer and swings to the right and down."""
    import cv2

    height, width = planes[0].shape
    scale = min(width / clip.width, height / clip.height) * (0.95 - 0.0015 * number)
    x = (width - clip.width * scale) / 2 * (1 + 0.8 * np.sin(number / 40))
    y = (height - clip.height * scale) / 2 * (1 + 0.8 * np.sin(number / 55))
    out = []
    for plane, part in zip(planes, (1, 2, 2), strict=True):
        matrix = np.array([[scale, 0, x / part], [0, scale, y / part]])
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        size = (clip.width // part, clip.height // part)
        out.append(cv2.warpAffine(plane, matrix, size, flags=flags, borderMode=cv2.BORDER_REFLECT))
    return out


def _frames(clip: Clip, media: Path, footage: Footage) -> list[Planes]:
    """The footage's frames in the clip's pixel format, in its own size."""
    height = footage.width * 9 // 16
    frame = f"scale={footage.width}:{height}:flags=lanczos"
    filters = ",".join(filter(None, (frame, footage.filters, f"format={_format(clip)}")))
    raw = subprocess.check_output(
        _command(
            *("-ss", str(footage.start_s), "-i", str(media / footage.path), "-an", "-vf", filters),
            *("-frames:v", str(footage.frames), "-fps_mode", "passthrough", "-f", "rawvideo", "-"),
        )
    )
    samples = np.frombuffer(raw, np.uint16 if clip.bits > 8 else np.uint8)
    luma = footage.width * height
    sizes = np.array([luma, luma // 4, luma // 4])
    frames = []
    for one in samples.reshape(-1, sizes.sum()):
        y, u, v = np.split(one, sizes.cumsum()[:-1])
        half = (height // 2, footage.width // 2)
        frames.append([y.reshape(height, -1), u.reshape(half), v.reshape(half)])
    return frames
