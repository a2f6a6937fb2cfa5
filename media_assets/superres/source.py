"""What patches are cut from: the picture inside its bars, its size when upright, its colour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any

from media_assets.library import PatchWishes
from media_assets.media.index import FrameIndex
from media_assets.media.video import decode_frames
from media_assets.superres.area import Glance, glances, picture_area
from media_assets.superres.colour import colour_of
from media_assets.superres.formats import FIT_HEIGHT_PX, FIT_WIDTH_PX
from media_assets.superres.settings import SourceSettings
from resources.problems import BadInput


def source_row(
    master: Path,
    name: str,
    probe: Mapping[str, Any],
    wishes: PatchWishes,
    settings: SourceSettings,
    index: FrameIndex,
) -> dict[str, Any]:
    """The row of PATCH_SOURCE without `episode_id` and `index_path`.

    name: of the master in messages. probe: its row of PROBE. index: of the stream that it names.
    Raises BadInput where it is interlaced, its colour cannot be told (`colour_of`) or nothing of it
    decodes.
    """
    if probe["interlaced"]:
        raise BadInput(
            "interlaced: half of the lines of a deinterlaced frame are made up, no ground truth",
            where=name,
            remedy="Use a progressive master; if only its flag is wrong, remux it without.",
        )
    colour = colour_of(next(decode_frames(master, index)), probe, name, settings)
    seen = list(glances(master, index, colour.range == "pc"))
    coded_width, coded_height, pixel_format = _usual(seen, probe)
    area = picture_area(seen, coded_width, coded_height)
    aspect = Fraction(probe["pixel_aspect"])
    # The inverse of what the probe makes of the display matrix.
    transpose, mirror_y = probe["rotation_deg"] in (90, 270), probe["rotation_deg"] >= 180
    width, height = fitted_size(area.width, area.height, aspect, transpose)
    return {
        "sha256": probe["sha256"],
        "title": wishes.title,
        "categories": [
            {"category": category, "weight": weight}
            for category, weight in sorted(wishes.categories.items())
        ],
        "frames": len(index),
        "fps": float(index.nominal_rate()),
        "coded_width_px": coded_width,
        "coded_height_px": coded_height,
        "area_x_px": area.x,
        "area_y_px": area.y,
        "area_width_px": area.width,
        "area_height_px": area.height,
        "pixel_aspect": probe["pixel_aspect"],
        "transpose": transpose,
        "mirror_x": probe["mirrored"] ^ transpose ^ mirror_y,
        "mirror_y": mirror_y,
        "width_px": width,
        "height_px": height,
        "pixel_format": pixel_format,
        **asdict(colour) | {"assumed": list(colour.assumed)},
    }


def fitted_size(
    width: int, height: int, pixel_aspect: Fraction, transpose: bool
) -> tuple[int, int]:
    """Width and height of a picture upright, with square pixels, within 1920x1080.

    Scaled uniformly but for rounding, and never enlarged, not in one direction either: made-up
    samples are no ground truth. So a 720p master gives 1280x720, and pixels that are not square are
    squared by shrinking their longer side: 1440x1080 of 4:3 becomes 1440x810.

    width, height: of the stored picture inside its bars.
    """
    across, down = Fraction(width), Fraction(height)
    if pixel_aspect >= 1:
        down /= pixel_aspect
    else:
        across *= pixel_aspect
    if transpose:
        across, down = down, across
    scale = min(Fraction(1), FIT_WIDTH_PX / across, FIT_HEIGHT_PX / down)
    return max(1, round(across * scale)), max(1, round(down * scale))


def _usual(seen: Sequence[Glance], probe: Mapping[str, Any]) -> tuple[int, int, str]:
    """Size and pixel format that most frames have: a recording may begin or end with another."""
    looks = Counter((one.width, one.height, one.pixel_format) for one in seen)
    first = probe["coded_width_px"], probe["coded_height_px"], probe["pixel_format"]
    return max([first, *looks], key=lambda look: looks[look])
