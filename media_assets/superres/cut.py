"""What is kept of a decoded frame: a small gray picture for checks, the samples of the crops."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from media_assets.media.color import NOMINAL_PEAK_NITS, TRANSFER_HLG, TRANSFER_PQ, Look
from media_assets.media.planes import Region, decimated, region
from media_assets.media.tone import rgb
from media_assets.superres.geometry import Place, Rectangle, crop_of
from media_assets.superres.patch import Source

if TYPE_CHECKING:
    from av import VideoFrame

# About how many samples of a picture the checks see.
CHECKED_SAMPLES = 240 * 135


@dataclass(frozen=True, eq=False)
class Kept:
    """Of one frame: gray, uint8 (rows, columns), of the area; the samples of each region."""

    gray: NDArray[np.uint8]
    regions: Mapping[Rectangle, Region]


def keep(frame: VideoFrame, places: Sequence[Place], source: Source) -> Kept:
    """All that is needed of a frame, copied, so that it can be let go."""
    import cv2

    area = (source.area_x_px, source.area_y_px, source.area_width_px, source.area_height_px)
    step = max(1, round(math.sqrt(area[2] * area[3] / CHECKED_SAMPLES)))
    small = rgb(decimated(frame, *area, step), look(source))
    gray: NDArray[np.uint8] = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    wanted = {place.region for place in places}
    return Kept(
        gray,
        {
            part: region(frame, part.x, part.y, part.width, part.height, within=area)
            for part in wanted
        },
    )


def crops(kept: Sequence[Kept], place: Place, source: Source) -> list[NDArray[np.uint8]]:
    """The upright crops, RGB (height, width, 3), at one of the places in each frame."""
    return [crop_of(rgb(each.regions[place.region], look(source)), place, source) for each in kept]


def look(source: Source) -> Look:
    """What the source says of its colour; SDR has no peak, and none is looked at."""
    peak = (source.peak_nits or NOMINAL_PEAK_NITS) / NOMINAL_PEAK_NITS
    return Look(source.hdr, peak, source.matrix, source.range, source.siting)


def is_stored_as(source: Source, frame: VideoFrame) -> bool:
    """Whether size and format are the master's, and no tag says that its light means another."""
    stored = (source.coded_width_px, source.coded_height_px, source.pixel_format)
    hdr = {TRANSFER_PQ: "pq", TRANSFER_HLG: "hlg"}.get(frame.color_trc, source.hdr)
    return (frame.width, frame.height, frame.format.name, hdr) == (*stored, source.hdr)
