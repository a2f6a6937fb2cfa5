"""Tone mapping: how near to FFmpeg's chain of filters, and how fast.

python -m benchmarks.tone_map [--media DIR]

The chain is that of 004 with luma weights of BT.2020 in `tonemap`. It takes them from the frame's
tag, and zscale, at least of FFmpeg 9, tags its RGB as such: `setparams` brings the weights back.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmarks import given_media
from media_assets.media.color import Look, look_of
from media_assets.media.planes import Region, region
from media_assets.media.tone import (
    BT2020_TO_BT709,
    DESATURATE_ABOVE,
    LUMA_WEIGHTS,
    MOBIUS_KNEE,
    hlg_nits,
    pq_nits,
    rgb,
)

if TYPE_CHECKING:
    from av import VideoFrame

CLIPS = (
    "hdr_uhd/hdr10_hevc_1080p_vfr.mp4",
    "hdr_uhd/hdr10_av1_1080p60_mdcv_clli.mp4",
    "hdr_uhd/hlg_hevc_1080p_editlist.mp4",
)
# Frames that are compared of each clip.
COMPARED = (0, 12, 24)
# The clip whose first frame is timed, and how often; the least time counts.
TIMED, ROUNDS = CLIPS[0], 7
TRANSFERS = {"pq": "smpte2084", "hlg": "arib-std-b67"}
Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Clip:
    """A clip against the chain: the least PSNR of its frames, the largest difference in codes."""

    name: str
    hdr: str
    peak_nits: float
    psnr_db: float
    difference: int


@dataclass(frozen=True)
class Greys:
    """All codes of a grey 10-bit ramp against the chain: largest difference, and how many differ"""

    hdr: str
    difference: int
    differing: int


@dataclass(frozen=True)
class Speed:
    """What one CPU second converts of a 10-bit 4:2:0 picture."""

    what: str
    megapixels: float


def measure(media: Path) -> tuple[list[Clip], list[Greys], list[Speed]]:
    """The whole comparison, in one run."""
    greys = [_greys(hdr) for hdr in TRANSFERS]
    return [_clip(media, name) for name in CLIPS], greys, _speeds(first_frame(media / TIMED))


def main() -> None:
    """Print the tables."""
    clips, greys, speeds = measure(given_media(__doc__))
    print("| clip | transfer | peak, cd/m2 | PSNR against the chain, dB | largest difference |")
    print("|---|---|---|---|---|")
    for clip in clips:
        print(
            f"| {Path(clip.name).name} | {clip.hdr} | {clip.peak_nits:.0f} "
            f"| {clip.psnr_db:.1f} | {clip.difference} |"
        )
    print("\n| greys | largest difference | differing of 1024 |\n|---|---|---|")
    for grey in greys:
        print(f"| {grey.hdr} | {grey.difference} | {grey.differing} |")
    print("\n| 10-bit 4:2:0 to RGB | megapixels per CPU second | tone map to this |\n|---|---|---|")
    for speed in speeds:
        ratio = speeds[0].megapixels / speed.megapixels
        print(f"| {speed.what} | {speed.megapixels:.1f} | {ratio:.2f}x |")


def first_frame(path: Path) -> VideoFrame:
    return next(frames(path))


def frames(path: Path) -> Iterator[VideoFrame]:
    import av

    with av.open(str(path)) as container:
        yield from container.decode(video=0)


def psnr_db(one: Picture, other: Picture) -> float:
    """Peak signal to noise over all components of two pictures; infinite for equal ones."""
    error = np.mean((one.astype(np.float64) - other) ** 2)
    return float(10 * np.log10(255**2 / error)) if error else float("inf")


def difference(one: Picture, other: Picture) -> int:
    """The largest difference of two pictures, in codes."""
    return int(np.abs(one.astype(int) - other).max())


def chain(frame: VideoFrame, look: Look) -> Picture:
    """The frame (planar, of 8 to 16 bits) as FFmpeg's filters show it, RGB (height, width, 3)."""
    import imageio_ffmpeg

    tags = {"bt2020": "bt2020nc", "bt601": "smpte170m"}
    matrix = tags.get(look.matrix, look.matrix)
    transfer = TRANSFERS.get(look.hdr, "bt709")
    primaries = "bt709" if look.hdr == "sdr" else "bt2020"
    filters = [
        f"setparams=color_trc={transfer}:color_primaries={primaries}:colorspace={matrix}"
        f":range={look.range}"
    ]
    if look.hdr == "sdr":
        filters += [f"zscale=r=full:cin={look.siting}"]
    else:
        filters += [
            f"zscale=t=linear:npl=100:cin={look.siting}",
            "format=gbrpf32le",
            "zscale=p=bt709",
            "setparams=colorspace=bt2020nc",
            f"tonemap=tonemap=mobius:peak={look.peak}",
            "zscale=t=bt709:m=bt709:r=full",
        ]
    size = f"{frame.width}x{frame.height}"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-f", "rawvideo"]
    command += ["-pix_fmt", frame.format.name, "-s", size, "-i", "-"]
    command += ["-vf", ",".join([*filters, "format=gbrp"]), "-f", "rawvideo", "-"]
    shown = subprocess.run(command, input=_raw(frame), capture_output=True, check=True).stdout
    green, blue, red = np.frombuffer(shown, np.uint8).reshape(3, frame.height, frame.width)
    return np.stack([red, green, blue], -1)


def in_numpy(picture: Region, look: Look) -> Picture:
    """What `tone.rgb` does, as the documents have it, in double precision."""
    light, *chroma = (plane.astype(np.float64) for plane in picture.planes)
    width, height = picture.size
    if picture.is_rgb:
        signal = np.stack([light, *chroma], -1) / ((1 << picture.bits) - 1)
    else:
        unit = 1 << picture.bits - 8
        full = look.range == "pc"
        scale, colour_scale = [256 * unit - 1] * 2 if full else [219 * unit, 224 * unit]
        grey = (light - (0 if full else 16 * unit)) / scale
        cb, cr = (
            (_widened(plane, picture, look.siting, width, height) - 128 * unit) / colour_scale
            for plane in chroma or [np.full((1, 1), 128.0 * unit)] * 2
        )
        kr, kb = LUMA_WEIGHTS[look.matrix]
        red, blue = grey + 2 * (1 - kr) * cr, grey + 2 * (1 - kb) * cb
        signal = np.stack([red, (grey - kr * red - kb * blue) / (1 - kr - kb), blue], -1)
    if look.hdr != "sdr":
        nits = (pq_nits if look.hdr == "pq" else hlg_nits)(signal.clip(0, 1.25))
        signal = mobius(nits / 100 @ BT2020_TO_BT709.T, look.peak).clip(0, 1) ** (1 / 2.4)
    codes: Picture = np.floor(255 * signal.clip(0, 1) + 0.5).astype(np.uint8)
    return codes


def mobius(light: NDArray[np.float64], peak: float) -> NDArray[np.float64]:
    """Linear light up to `peak` brought under 1, as libavfilter's tonemap=mobius (vf_tonemap.c)."""
    red, blue = LUMA_WEIGHTS["bt2020"]
    luma = (light @ [red, 1 - red - blue, blue])[..., None]
    over = np.maximum(luma - DESATURATE_ABOVE, 1e-6) / np.maximum(luma, 1e-6)
    light = light + over * (luma - light)
    most = np.maximum(light.max(-1, keepdims=True), 1e-6)
    j, peak = MOBIUS_KNEE, max(peak, 1 + 1e-9)
    a = -j * j * (peak - 1) / (j * j - 2 * j + peak)
    b = (j * j - 2 * j * peak + peak) / (peak - 1)
    curved = (b * b + 2 * b * j + j * j) / (b - a) * (most + a) / (most + b)
    toned: NDArray[np.float64] = light * np.where(most > j, curved, most) / most
    return toned


def _widened(
    plane: NDArray[np.float64], picture: Region, siting: str, width: int, height: int
) -> NDArray[np.float64]:
    """Chroma at every sample of luma, linear between its samples."""
    across, down = picture.subsampling
    x = {"left": 0.0, "topleft": 0.0, "bottomleft": 0.0}.get(siting, (across - 1) / 2)
    y = {"top": 0.0, "bottom": down - 1.0}.get(siting.removesuffix("left"), (down - 1) / 2)
    columns = (np.arange(width) + picture.offset[0] - x) / across
    rows = (np.arange(height) + picture.offset[1] - y) / down
    wide = np.stack([np.interp(columns, np.arange(plane.shape[1]), line) for line in plane])
    return np.stack([np.interp(rows, np.arange(len(wide)), line) for line in wide.T], -1)


def _clip(media: Path, name: str) -> Clip:
    look = look_of(first_frame(media / name), name)
    every = islice(frames(media / name), COMPARED[-1] + 1)
    pairs = [
        (_shown(frame, look), chain(frame, look))
        for number, frame in enumerate(every)
        if number in COMPARED
    ]
    least = min(psnr_db(*pair) for pair in pairs)
    return Clip(name, look.hdr, 100 * look.peak, least, max(difference(*pair) for pair in pairs))


def _greys(hdr: str) -> Greys:
    """A ramp through all codes; HLG and PQ on a display of 1000 cd/m2."""
    frame, look = grey_ramp(), Look(hdr, 10.0, "bt2020", "tv")
    ours, theirs = _shown(frame, look), chain(frame, look)
    differing = int((ours != theirs).any((0, 2)).sum())
    return Greys(hdr, difference(ours, theirs), differing)


def grey_ramp() -> VideoFrame:
    """All codes of 10 bits without colour, from left to right."""
    from av import VideoFrame

    frame = VideoFrame(1024, 16, "yuv420p10le")
    for plane, codes in zip(frame.planes, (np.arange(1024), 512, 512), strict=True):
        rows = np.zeros((plane.height, plane.line_size // 2), "<u2")
        rows[:, : plane.width] = codes
        plane.update(rows.tobytes())
    frame.pts, frame.time_base = 0, Fraction(1, 24)
    return frame


def _speeds(frame: VideoFrame) -> list[Speed]:
    look = look_of(frame, TIMED)
    picture = region(frame, 0, 0, frame.width, frame.height)
    ways: dict[str, Callable[[], object]] = {
        "tone map": lambda: _shown(frame, look),
        "the same in NumPy, float64": lambda: in_numpy(picture, look),
        "matrix and range alone": lambda: _shown(frame, replace(look, hdr="sdr")),
        "swscale, matrix and range alone": lambda: frame.reformat(format="rgb24"),
        "swscale, the same to 16 bits": lambda: frame.reformat(format="rgb48le"),
    }
    megapixels = frame.width * frame.height / 1e6
    least: dict[str, float] = {}
    for _ in range(ROUNDS):
        for what, way in ways.items():
            begin = time.process_time()
            way()
            least[what] = min(least.get(what, np.inf), time.process_time() - begin)
    return [Speed(what, megapixels / seconds) for what, seconds in least.items()]


def _shown(frame: VideoFrame, look: Look) -> Picture:
    return rgb(region(frame, 0, 0, frame.width, frame.height), look)


def _raw(frame: VideoFrame) -> bytes:
    """The planes of the frame one after the other, without padding."""
    size = 2 if frame.format.components[0].bits > 8 else 1
    return b"".join(
        np.frombuffer(plane, np.uint8)
        .reshape(-1, plane.line_size)[: plane.height, : plane.width * size]
        .tobytes()
        for plane in frame.planes
    )


if __name__ == "__main__":
    main()
