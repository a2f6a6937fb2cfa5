"""Low resolution is a third of the ground truth, stacked in the order of time."""

from typing import Literal

import cv2
import numpy as np
import pytest

from media_assets.superres.degrade import degrade, stack
from media_assets.superres.formats import FORMATS
from media_assets_tests.superres.pictures import scene


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_three_times_as_large_as_its_low_resolution(name: str) -> None:
    size = FORMATS[name]
    low = degrade(np.zeros((size.height_px, size.width_px, 3), np.uint8), "lanczos4")
    assert (3 * low.shape[0], 3 * low.shape[1]) == (size.height_px, size.width_px)


def test_low_resolution_is_what_opencv_makes_of_the_crop() -> None:
    crop = scene(height=540, width=540)
    expected = cv2.resize(crop, (180, 180), interpolation=cv2.INTER_LANCZOS4)
    assert np.array_equal(degrade(crop, "lanczos4"), expected)


@pytest.mark.parametrize(("lr_filter", "grey"), [("lanczos4", False), ("area", True)])
def test_lines_finer_than_a_low_pixel_average_out_only_with_area(
    lr_filter: Literal["lanczos4", "area"], grey: bool
) -> None:
    # Every third column is lit: a low pixel has one lit column of its three.
    lines = np.zeros((540, 540, 3), np.uint8)
    lines[:, ::3] = 255
    low = degrade(lines, lr_filter)[10:-10, 10:-10]
    assert bool((low == 85).all()) is grey


def test_the_earliest_frame_is_on_top() -> None:
    stacked = stack([np.full((180, 180, 3), n, np.uint8) for n in range(5)])
    assert stacked.shape == (900, 180, 3)
    assert stacked[90::180, 0, 0].tolist() == [0, 1, 2, 3, 4]
