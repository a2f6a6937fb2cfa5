"""Colour of decoded pictures: matrix and range, kinds of high dynamic range, tone mapping.

Tone mapping follows one chain: `zscale=t=linear:npl=100, zscale=p=bt709, tonemap=mobius,
zscale=t=bt709`. FFmpeg builds without zimg lack zscale, so its steps are written out here.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from av import VideoFrame

HdrKind = Literal["sdr", "pq", "hlg", "dolby_vision"]

# Code points of ITU-T H.273, tables 3 and 4: transfer characteristics and matrix coefficients.
TRANSFER_PQ, TRANSFER_HLG = 16, 18
BT709 = 1
MATRICES = {
    1: "bt709",
    4: "fcc",
    5: "bt601",
    6: "bt601",
    7: "smpte240m",
    9: "bt2020",
    10: "bt2020",
}
# Untagged pictures larger than this are taken for HD, as mpv does (video/csputils.c).
SD_MAX_WIDTH, SD_MAX_HEIGHT = 1279, 576

# The chain's `npl`: the luminance that becomes 1.0, diffuse white of SDR (ITU-R BT.2035), in cd/m2.
NOMINAL_PEAK_NITS = 100.0
# Defaults of libavfilter's tonemap (vf_tonemap.c): mobius transition point and desaturation start.
MOBIUS_KNEE = 0.3
DESATURATE_ABOVE = 2.0
# The peak that vf_tonemap.c assumes without metadata, over nominal: a 1000 cd/m2 display.
DEFAULT_PEAK = 10.0
# ITU-R BT.2087: linear RGB of BT.2020 primaries to those of BT.709.
BT2020_TO_BT709 = np.array(
    [
        [1.660491, -0.587641, -0.072850],
        [-0.124550, 1.132900, -0.008349],
        [-0.018151, -0.100579, 1.118730],
    ],
    np.float32,
)
LUMA_BT709 = np.array([0.2126, 0.7152, 0.0722], np.float32)
LUMA_BT2020 = np.array([0.2627, 0.6780, 0.0593], np.float32)
# Rows mapped at a time: intermediate float pictures stay small whatever the picture's size.
STRIP_ROWS = 64


def hdr_kind(frame: VideoFrame) -> HdrKind:
    """What the picture's samples mean: by its transfer tag (containers often say otherwise).

    Dolby Vision with a PQ or HLG base layer counts as that; `dolby_vision` is what only its own
    metadata can decode (profile 5). To be asked once per stream, like `signal_peak`: a frame whose
    side data were looked at stays in memory until Python collects cycles.
    """
    from av.sidedata.sidedata import Type

    if frame.color_trc == TRANSFER_PQ:
        return "pq"
    if frame.color_trc == TRANSFER_HLG:
        return "hlg"
    dolby = {Type.DOVI_METADATA, Type.DOVI_RPU_BUFFER}
    unspecified = frame.color_trc in (0, 2)
    if unspecified and any(data.type in dolby for data in frame.side_data):
        return "dolby_vision"
    return "sdr"


def matrix_of(frame: VideoFrame) -> str:
    """The picture's YCbCr matrix in FFmpeg's words; untagged SD is BT.601, untagged HD BT.709."""
    known = MATRICES.get(int(frame.colorspace))
    if known:
        return known
    is_hd = frame.width > SD_MAX_WIDTH or frame.height > SD_MAX_HEIGHT
    return "bt709" if is_hd else "bt601"


def range_of(frame: VideoFrame) -> str:
    """`pc` for full range, else `tv`; an untagged picture is limited unless its format says."""
    full = frame.color_range == 2 or frame.format.name.startswith("yuvj") or frame.format.is_rgb
    return "pc" if full else "tv"


def signal_peak(frame: VideoFrame) -> float:
    """The brightest light over nominal peak: MaxCLL, else the mastering display's, else a default.

    As `ff_determine_signal_peak` of libavfilter (colorspace.c).
    """
    from av.sidedata.sidedata import Type

    data = {item.type: bytes(item) for item in frame.side_data}
    light = np.frombuffer(data.get(Type.CONTENT_LIGHT_LEVEL, b"")[:4], np.uint32)
    if light.size and light[0]:
        return float(light[0]) / NOMINAL_PEAK_NITS
    # AVMasteringDisplayMetadata: 16 integers of chromaticities, min and max luminance, two flags.
    mastering = np.frombuffer(data.get(Type.MASTERING_DISPLAY_METADATA, b""), np.int32)
    if mastering.size >= 22 and mastering[21] and mastering[18] > 0:
        return float(mastering[18]) / float(mastering[19]) / NOMINAL_PEAK_NITS
    return DEFAULT_PEAK


def tone_map(
    rgb: NDArray[np.uint16], kind: HdrKind, peak: float = DEFAULT_PEAK
) -> NDArray[np.uint8]:
    """SDR R'G'B' of BT.709 from HDR R'G'B' of BT.2020; both (H, W, 3), full range.

    kind: `pq` (SMPTE ST 2084) or `hlg` (ARIB STD-B67, shown on a 1000 cd/m2 display).
    peak: brightest light of the whole video over 100 cd/m2 (`signal_peak`).
    """
    out = np.empty(rgb.shape, np.uint8)
    for top in range(0, rgb.shape[0], STRIP_ROWS):
        rows = slice(top, top + STRIP_ROWS)
        light = _linear_table(kind)[rgb[rows]]
        if kind == "hlg":
            light *= _hlg_system_gain(light)
        light = light @ BT2020_TO_BT709.T
        light = mobius(light, peak)
        out[rows] = _encode_bt1886(light)
    return out


def mobius(light: NDArray[np.float32], peak: float) -> NDArray[np.float32]:
    """Linear light up to `peak` brought under 1.0, as libavfilter's `tonemap=mobius`.

    Overbright colours fade to grey, then the brightest component follows a line up to the knee
    and a Moebius curve above; the others keep their ratio to it.
    """
    luma = (light @ LUMA_BT709)[..., None]
    overbright = np.maximum(luma - DESATURATE_ABOVE, 1e-6) / np.maximum(luma, 1e-6)
    light = light + (luma - light) * overbright
    signal = np.maximum(light.max(axis=-1, keepdims=True), 1e-6)
    knee = MOBIUS_KNEE
    a = -knee * knee * (peak - 1) / (knee * knee - 2 * knee + peak)
    b = (knee * knee - 2 * knee * peak + peak) / max(peak - 1, 1e-6)
    scale = (b * b + 2 * b * knee + knee * knee) / (b - a)
    mapped = np.where(signal <= knee, signal, scale * (signal + a) / (signal + b))
    toned: NDArray[np.float32] = light * (mapped / signal)
    return toned


@cache
def _linear_table(kind: HdrKind) -> NDArray[np.float32]:
    """Light for each 16-bit code: of PQ over 100 cd/m2, of HLG the scene's, 0 to 1."""
    code = np.linspace(0, 1, 65536)
    if kind == "pq":
        m1, m2 = 2610 / 16384, 2523 / 4096 * 128
        c1, c2, c3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
        root = code ** (1 / m2)
        nits = 10000 * (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1)
        return (nits / NOMINAL_PEAK_NITS).astype(np.float32)
    if kind == "hlg":
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        low, high = code**2 / 3, (np.exp((code - c) / a) + b) / 12
        return np.where(code <= 0.5, low, high).astype(np.float32)
    raise ValueError(f"no tone mapping for {kind}")


def _hlg_system_gain(scene: NDArray[np.float32]) -> NDArray[np.float32]:
    """What scene light is multiplied by to be display light: ITU-R BT.2100, gamma 1.2."""
    luma = np.maximum(scene @ LUMA_BT2020, 1e-6)[..., None]
    gain: NDArray[np.float32] = 1000 / NOMINAL_PEAK_NITS * luma**0.2
    return gain


def _encode_bt1886(light: NDArray[np.float32]) -> NDArray[np.uint8]:
    """8-bit codes of an SDR display (ITU-R BT.1886, gamma 2.4; what zscale's t=bt709 encodes)."""
    index = np.sqrt(np.clip(light, 0, 1)) * np.float32(65535) + np.float32(0.5)
    return _gamma_table()[index.astype(np.uint16)]


@cache
def _gamma_table() -> NDArray[np.uint8]:
    """8-bit code for the square root of light in 16 bits (the root spends bits where eyes do)."""
    root = np.linspace(0, 1, 65536)
    return np.rint(255 * root ** (2 / 2.4)).astype(np.uint8)
