"""From samples to the colours that a BT.709 SDR display shows; high dynamic range is tone-mapped.

Tone mapping follows one chain of FFmpeg filters: `zscale=t=linear:npl=100, zscale=p=bt709,
tonemap=mobius, zscale=t=bt709`, with the luma weights of BT.2020 in `tonemap`, which vf_tonemap.c
means to take from the source (after a zscale that tags its RGB as such, it takes 1, 1, 1). FFmpeg
builds without zimg lack zscale, so the steps are written out here. As zimg has it: chroma is
interpolated linearly, HLG's system gamma is applied to each component (which is zscale's default;
`agamma=false` and BT.2100 apply it by luminance), the display is that of BT.1886.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from media_assets.media.color import NOMINAL_PEAK_NITS, Look, Siting
from media_assets.media.compiled import compiled
from media_assets.media.planes import Region
from media_assets.media.tone_kernel import convert

# Weights of red and blue in luma: ITU-T H.273, table 4.
LUMA_WEIGHTS = {
    "bt709": (0.2126, 0.0722),
    "fcc": (0.30, 0.11),
    "bt601": (0.299, 0.114),
    "smpte240m": (0.212, 0.087),
    "bt2020": (0.2627, 0.0593),
}
# ITU-R BT.2087: linear RGB of BT.2020 primaries to those of BT.709.
BT2020_TO_BT709 = np.array(
    [
        [1.660491, -0.587641, -0.072850],
        [-0.124550, 1.132900, -0.008349],
        [-0.018151, -0.100579, 1.118730],
    ]
)
# Defaults of libavfilter's tonemap (vf_tonemap.c): mobius transition point and desaturation start.
MOBIUS_KNEE = 0.3
DESATURATE_ABOVE = 2.0
# HLG is shown on a display of 1000 cd/m2 (ITU-R BT.2100), which makes its system gamma 1.2.
HLG_PEAK_NITS, HLG_GAMMA = 1000.0, 1.2
SDR_GAMMA = 2.4
# Intervals per unit in the table of light by signal, and how far it goes: limited range and
# interpolated chroma lead above 1. Linear interpolation errs by less than a 200th of an 8-bit code.
EOTF_STEPS, EOTF_TOP = 4096, 1.25
# Intervals in the table of codes by root of light: each is narrower than a code.
CODE_STEPS = 4096


def rgb(region: Region, look: Look) -> NDArray[np.uint8]:
    """R'G'B' of BT.709 in full range, (height, width, 3), for the samples of a region.

    SDR keeps its colours and primaries (those of BT.601 differ little from BT.709's); only matrix
    and range change. RGB samples are taken for full range.
    """
    middle = np.float32(0 if region.is_rgb else 1 << region.bits - 1)
    luma, *chroma = region.planes
    if not chroma:
        chroma = [np.full((1, 1), middle, np.uint16)] * 2
    width, height = region.size
    across, down = _lies(look.siting)
    columns = _between(width, chroma[0].shape[1], region.subsampling[0], region.offset[0], across)
    rows = _between(height, chroma[0].shape[0], region.subsampling[1], region.offset[1], down)
    matrix = "rgb" if region.is_rgb else look.matrix
    white = 255 if look.hdr == "sdr" else EOTF_STEPS
    tables = _matrix(matrix, look.range, region.bits, white), eotf(look.hdr), *_tone(look.peak)
    out = np.empty((height, width, 3), np.uint8)
    _kernel()(luma, *chroma, middle, *rows, *columns, *tables, *_codes(), out)
    return out


@cache
def _kernel() -> Callable[..., None]:
    return compiled(convert)


def _lies(siting: Siting) -> tuple[float, float]:
    """Where chroma lies in the samples that share it: 0 with the first, 1 with the last."""
    across = 0.0 if "left" in siting else 0.5
    down = 0.0 if "top" in siting else 1.0 if "bottom" in siting else 0.5
    return across, down


def _between(
    count: int, held: int, share: int, offset: int, lies: float
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]:
    """For each column or row: the chroma samples on both sides, and how far it is between them.

    count, held: columns (rows) of the region and of its chroma. Beyond the picture's edge its
    outermost sample goes on.
    """
    position = (np.arange(count) + offset - lies * (share - 1)) / share
    first = np.floor(position).astype(np.int32)
    way = (position - first).astype(np.float32)
    return first.clip(0, held - 1), (first + 1).clip(0, held - 1), way


@lru_cache
def _matrix(name: str, range_: str, bits: int, white: int) -> NDArray[np.float32]:
    """(3, 4) from luma, Cb, Cr (or R, G, B) and 1 to R'G'B' between 0 and `white`.

    ITU-T H.273, 8.3.
    """
    unit = 1 << bits - 8
    black, luma, chroma = 16 * unit, 219 * unit, 224 * unit
    if range_ == "pc" or name == "rgb":
        black, luma, chroma = 0, (1 << bits) - 1, (1 << bits) - 1
    if name == "rgb":
        rows = np.eye(3) / luma
    else:
        red, blue = LUMA_WEIGHTS[name]
        green = 1 - red - blue
        rows = np.array(
            [
                [1, 0, 2 * (1 - red)],
                [1, -2 * (1 - blue) * blue / green, -2 * (1 - red) * red / green],
                [1, 2 * (1 - blue), 0],
            ]
        ) / [luma, chroma, chroma]
    matrix: NDArray[np.float32] = (np.c_[rows, -black * rows[:, 0]] * white).astype(np.float32)
    return matrix


@cache
def eotf(kind: str) -> NDArray[np.float32]:
    """Light over SDR white for each step of signal, float32; empty for SDR."""
    signal = np.arange(0, EOTF_TOP + 0.5 / EOTF_STEPS, 1 / EOTF_STEPS)
    if kind == "sdr":
        signal = signal[:0]
    light = pq_nits(signal) if kind == "pq" else hlg_nits(signal)
    return (light / NOMINAL_PEAK_NITS).astype(np.float32)


def pq_nits(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Luminance in cd/m2 for a PQ signal, 0 to 1: SMPTE ST 2084."""
    m1, m2 = 2610 / 16384, 2523 / 4096 * 128
    c1, c2, c3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
    root = signal ** (1 / m2)
    nits: NDArray[np.float64] = 10000 * (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1)
    return nits


def hlg_nits(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Luminance in cd/m2 for an HLG signal, 0 to 1: ARIB STD-B67, system gamma by component."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)
    nits: NDArray[np.float64] = HLG_PEAK_NITS * scene**HLG_GAMMA
    return nits


@lru_cache
def _tone(peak: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The matrix to BT.709 primaries, and what the kernel's curve is made of.

    Overbright colours fade to grey, then the brightest component follows a line up to the knee and
    a Moebius curve above, which takes the peak to 1; the others keep their ratio to it. A peak
    that is no brighter than SDR white needs no curve.
    """
    red, blue = LUMA_WEIGHTS["bt2020"]
    knee, peak = MOBIUS_KNEE, max(peak, 1.0)
    a = -knee * knee * (peak - 1) / (knee * knee - 2 * knee + peak)
    b = (knee * knee - 2 * knee * peak + peak) / max(peak - 1, 1e-6)
    scale = (b * b + 2 * b * knee + knee * knee) / (b - a)
    curve = [red, 1 - red - blue, blue, DESATURATE_ABOVE, knee, scale, a, b]
    return BT2020_TO_BT709.astype(np.float32), np.array(curve, np.float32)


@cache
def _codes() -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """The 8-bit code (ITU-R BT.1886) by root of light, and for each code the root where it ends.

    The root spends bits where eyes do. A step's code may end within the step, no second one does.
    """
    edges = (((np.arange(256) + 0.5) / 255) ** (SDR_GAMMA / 2)).astype(np.float32)
    steps = np.arange(CODE_STEPS + 1, dtype=np.float32) / np.float32(CODE_STEPS)
    return np.searchsorted(edges, steps, "right").astype(np.uint8), edges
