"""What the samples of a decoded picture mean: matrix, range, transfer, siting, brightest light."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from media_assets.media.filters import chain_of
from resources.problems import BadInput

if TYPE_CHECKING:
    from av import VideoFrame

HdrKind = Literal["sdr", "pq", "hlg", "dolby_vision"]
Siting = Literal["left", "center", "topleft", "top", "bottomleft", "bottom"]

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
# The luminance of diffuse white in SDR (ITU-R BT.2035), in cd/m2.
NOMINAL_PEAK_NITS = 100.0
# The peak that vf_tonemap.c assumes without metadata: a display of 1000 cd/m2.
DEFAULT_PEAK_NITS = 1000.0


@dataclass(frozen=True)
class Peak:
    """The brightest light of a video in cd/m2, and what tells it."""

    nits: float
    told_by: Literal["max_cll", "mastering", "default"]


@dataclass(frozen=True)
class Look:
    """What of a video's colour must be known to show it.

    hdr: what its samples mean.
    peak: brightest light over the white of SDR (`NOMINAL_PEAK_NITS`); without meaning for `sdr`.
    matrix, range: in FFmpeg's words.
    siting: where chroma samples lie among those of luma.
    """

    hdr: Literal["sdr", "pq", "hlg"]
    peak: float
    matrix: str
    range: Literal["tv", "pc"]
    siting: Siting = "left"


def look_of(frame: VideoFrame, where: str) -> Look:
    """The look of frames like this one, by its tags; to be asked once per stream.

    Raises BadInput for Dolby Vision without a common base layer; `where` names the video.
    """
    kind = hdr_kind(frame)
    if kind == "dolby_vision":
        raise BadInput(
            "Dolby Vision without an HDR10 or HLG base layer cannot be shown",
            where=where,
            remedy="Convert the master to HDR10 or SDR.",
        )
    peak = signal_peak(frame).nits / NOMINAL_PEAK_NITS
    return Look(kind, peak, matrix_of(frame), range_of(frame), siting_of(frame))


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
    """The picture's YCbCr matrix in FFmpeg's words.

    Untagged: BT.2020 with a transfer of ITU-R BT.2100, else BT.601 for SD and BT.709 for HD.
    """
    known = MATRICES.get(int(frame.colorspace))
    if known:
        return known
    if frame.color_trc in (TRANSFER_PQ, TRANSFER_HLG):
        return "bt2020"
    is_hd = frame.width > SD_MAX_WIDTH or frame.height > SD_MAX_HEIGHT
    return "bt709" if is_hd else "bt601"


def range_of(frame: VideoFrame) -> Literal["tv", "pc"]:
    """`pc` for full range, else `tv`; an untagged picture is limited unless its format says."""
    full = frame.color_range == 2 or frame.format.name.startswith("yuvj") or frame.format.is_rgb
    return "pc" if full else "tv"


def siting_of(frame: VideoFrame) -> Siting:
    """Where the picture's chroma samples lie, by its tag; `left` without one, as in MPEG-2 to HEVC.

    PyAV does not expose the tag (AVFrame.chroma_location); libavfilter's showinfo prints it.
    """
    from av import logging

    graph = chain_of(frame, [("showinfo", "checksum=0")])
    level = logging.get_level()
    logging.set_level(logging.INFO)
    try:
        with logging.Capture() as lines:
            graph.push(frame)
            graph.pull()
    finally:
        logging.set_level(level)
    found = re.search(r" cl:(\w+)", "".join(text for _, name, text in lines if name == "showinfo"))
    match found and found[1]:
        case "center" | "topleft" | "top" | "bottomleft" | "bottom" as tagged:
            return tagged
    return "left"


def signal_peak(frame: VideoFrame) -> Peak:
    """The brightest light: MaxCLL, else the mastering display's, else a default.

    As `ff_determine_signal_peak` of libavfilter (colorspace.c).
    """
    from av.sidedata.sidedata import Type

    data = {item.type: bytes(item) for item in frame.side_data}
    light = np.frombuffer(data.get(Type.CONTENT_LIGHT_LEVEL, b"")[:4], np.uint32)
    if light.size and light[0]:
        return Peak(float(light[0]), "max_cll")
    # AVMasteringDisplayMetadata: 16 integers of chromaticities, min and max luminance, two flags.
    mastering = np.frombuffer(data.get(Type.MASTERING_DISPLAY_METADATA, b""), np.int32)
    if mastering.size >= 22 and mastering[21] and mastering[18] > 0:
        return Peak(float(mastering[18]) / float(mastering[19]), "mastering")
    return Peak(DEFAULT_PEAK_NITS, "default")
