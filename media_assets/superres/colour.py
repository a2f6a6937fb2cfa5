"""What a master's samples mean, by its tags; what they leave open is assumed and said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from media_assets.media.color import Siting, hdr_kind, matrix_of, range_of, signal_peak, siting_of
from media_assets.superres.settings import SourceSettings
from resources.problems import BadInput

if TYPE_CHECKING:
    from av import VideoFrame

# Tags of ITU-T H.273, as the probe names them. Transfers that an SDR display shows as they are:
SDR_TRANSFERS = {
    *("bt709", "gamma22", "gamma28", "smpte170m", "smpte240m", "iec61966-2-4", "bt1361e"),
    *("iec61966-2-1", "bt2020-10", "bt2020-12"),
}
# Matrices that are known; `gbr` is RGB.
MATRICES = {
    *("gbr", "bt709", "fcc", "bt470bg", "smpte170m", "smpte240m", "bt2020nc", "bt2020c"),
}
# Primaries and matrices that HDR has, and that SDR has too.
WIDE = {"bt2020", "bt2020nc", "bt2020c"}


@dataclass(frozen=True)
class Colour:
    """What of a video's colour must be known to show it; `assumed` names what was not tagged."""

    hdr: Literal["sdr", "pq", "hlg"]
    peak_nits: float | None
    peak_from: str | None
    matrix: str
    range: Literal["tv", "pc"]
    siting: Siting
    assumed: tuple[str, ...]


def colour_of(
    frame: VideoFrame, probe: Mapping[str, Any], where: str, settings: SourceSettings
) -> Colour:
    """The colour of a master by its first frame, which has the static HDR metadata, and its tags.

    Raises BadInput, naming the tag, where it cannot be told, and for what cannot be shown.
    """
    transfer, primaries, matrix = (
        probe[f"color_{name}"] for name in ("transfer", "primaries", "matrix")
    )
    hdr = hdr_kind(frame)
    if hdr == "dolby_vision":
        raise BadInput(
            "Dolby Vision without an HDR10 or HLG base layer (profile 5) cannot be shown",
            where=where,
            remedy="Convert the master to HDR10 or SDR.",
        )
    if transfer is None:
        hdr = _untagged(frame, probe, where, settings)
    elif hdr == "sdr" and transfer not in SDR_TRANSFERS:
        raise _unknown(where, "color_transfer", transfer)
    if matrix is not None and matrix not in MATRICES:
        raise _unknown(where, "color_matrix", matrix)
    if hdr != "sdr" and primaries not in (None, "bt2020"):
        raise _unknown(where, "color_primaries", primaries)
    wide = hdr != "sdr" or primaries in WIDE
    peak = signal_peak(frame) if hdr != "sdr" else None
    untagged = {
        "transfer": transfer is None,
        "matrix": matrix is None and not frame.format.is_rgb,
        "range": probe["color_range"] is None and range_of(frame) == "tv",
    }
    return Colour(
        hdr=hdr,
        peak_nits=peak.nits if peak else None,
        peak_from=peak.told_by if peak else None,
        matrix="bt2020" if wide and matrix is None else matrix_of(frame),
        range=range_of(frame),
        siting=siting_of(frame),
        assumed=tuple(name for name, missing in untagged.items() if missing),
    )


def _untagged(
    frame: VideoFrame, probe: Mapping[str, Any], where: str, settings: SourceSettings
) -> Literal["sdr", "pq", "hlg"]:
    """What a master without a transfer is: SDR if it has 8 bits or colours that only SDR has."""
    known = {probe["color_primaries"], probe["color_matrix"]} - {None, "gbr"}
    bits = probe["bit_depth"]
    if not known & WIDE and (known or bits <= 8):
        return "sdr"
    if settings.untagged is not None:
        return settings.untagged
    held = "colours of BT.2020" if known & WIDE else f"{bits} bits"
    raise BadInput(
        f"its transfer (color_transfer) is not tagged, and {held} may be SDR, PQ or HLG",
        where=where,
        remedy="Say which in config.yaml, patch_source.untagged: sdr, pq or hlg.",
    )


def _unknown(where: str, field: str, value: str) -> BadInput:
    return BadInput(
        f"{field} {value} is not converted",
        where=where,
        remedy="Convert the master to BT.709, HDR10 or HLG.",
    )
