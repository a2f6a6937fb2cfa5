"""Where a crop of the upright, scaled picture lies in the stored one, and the way back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from media_assets.media.lanczos import Taps, resample, taps
from media_assets.superres.patch import Patch, Source


@dataclass(frozen=True)
class Rectangle:
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, eq=False)
class Place:
    """A crop in the stored picture.

    region: the stored pixels that its scaled ones are summed from; never beyond the picture's area.
    shown: as far as the crop itself reaches in the area, in shares: left, upper, right, lower.
    columns, rows: how the region is scaled.
    """

    region: Rectangle
    shown: tuple[float, float, float, float]
    columns: Taps
    rows: Taps


def place(patch: Patch, source: Source) -> Place:
    """The place of a patch's crop; pixels that are not square are squared by the same scaling."""
    crop = Rectangle(patch.crop_x_px, patch.crop_y_px, patch.crop_width_px, patch.crop_height_px)
    x, y, width, height = _as_stored(crop, source)
    scaled_width, scaled_height = source.width_px, source.height_px
    if source.transpose:
        scaled_width, scaled_height = scaled_height, scaled_width
    columns = taps(x, width, source.area_width_px, scaled_width)
    rows = taps(y, height, source.area_height_px, scaled_height)
    return Place(
        region=Rectangle(
            source.area_x_px + columns.start,
            source.area_y_px + rows.start,
            columns.stop - columns.start,
            rows.stop - rows.start,
        ),
        shown=(
            x / scaled_width,
            y / scaled_height,
            (x + width) / scaled_width,
            (y + height) / scaled_height,
        ),
        columns=columns,
        rows=rows,
    )


def crop_of(region: NDArray[np.uint8], place: Place, source: Source) -> NDArray[np.uint8]:
    """The upright crop from the RGB picture of its region."""
    return upright(resample(region, place.columns, place.rows), source)


def upright(picture: NDArray[np.uint8], source: Source) -> NDArray[np.uint8]:
    """A stored picture turned and mirrored as it is to be seen."""
    if source.transpose:
        picture = picture.swapaxes(0, 1)
    if source.mirror_x:
        picture = picture[:, ::-1]
    if source.mirror_y:
        picture = picture[::-1]
    return np.ascontiguousarray(picture)


def _as_stored(crop: Rectangle, source: Source) -> tuple[int, int, int, int]:
    """The crop in the scaled picture before it is turned upright: x, y, width, height."""
    x, y = crop.x, crop.y
    if source.mirror_y:
        y = source.height_px - y - crop.height
    if source.mirror_x:
        x = source.width_px - x - crop.width
    if source.transpose:
        return y, x, crop.height, crop.width
    return x, y, crop.width, crop.height
