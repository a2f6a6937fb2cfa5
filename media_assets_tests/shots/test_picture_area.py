"""What is measured of a picture with bars."""

from pathlib import Path

import numpy as np
import pytest

from media_assets.media.index import read_index
from media_assets.shots.picture_area import SOFT, WHOLE, Area, bars_area, picture_area


def bars(*shares: float) -> np.ndarray:
    return np.array(shares)


def test_bars_of_all_pictures_are_left_out_with_their_soft_edge() -> None:
    area = bars_area([bars(0.12, 0.12, 0, 0), bars(0.13, 0.12, 0, 0.2), bars(0.12, 0.2, 0, 0)])
    assert area == Area(0.12 + SOFT, 0.12 + SOFT, 0, 0)


def test_one_picture_that_fills_the_frame_means_no_bars() -> None:
    assert bars_area([bars(0.12, 0.12, 0, 0)] * 5 + [bars(0, 0, 0, 0)]) == WHOLE


def test_cards_on_black_and_black_frames_say_nothing() -> None:
    cards = [bars(0.45, 0.42, 0.3, 0.3), bars(1, 1, 1, 1)]
    assert bars_area([bars(0.12, 0.12, 0, 0)] * 3 + cards).top > 0.12
    assert bars_area([bars(0.12, 0.12, 0, 0)] * 2 + cards) == WHOLE


def test_an_area_is_the_same_part_of_planes_of_any_resolution() -> None:
    area = Area(0.25, 0.125, 0.5, 0)
    luma = np.arange(64 * 32).reshape(32, 64)
    assert np.array_equal(area.of(luma)[::2, ::2], area.of(luma[::2, ::2]))
    assert area.of(luma).shape == (20, 32)


@pytest.mark.parametrize(
    ("film", "rows"),
    [
        ("animation/sintel_trailer_720p_vp8_opus.webm", 88 / 720),
        ("animation/big_buck_bunny_0_30_720p.webm", 0),
        ("composite/dev/dev_lecture.mkv", 0),
        ("hostile/made_dev/all_black_silent.mp4", 0),
        ("hostile/corrupted.mp4", 0),
    ],
)
def test_letterbox_of_real_films(media_dir: Path, film: str, rows: float) -> None:
    path = media_dir / film
    area = picture_area(path, read_index(path))
    assert (area.top, area.bottom) == (
        pytest.approx(rows, abs=2 * SOFT),
        pytest.approx(rows, abs=2 * SOFT),
    )
    assert (area.left, area.right) == (0, 0)
