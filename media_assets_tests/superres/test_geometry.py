"""A crop is what the same part of the whole upright, scaled picture would be."""

from fractions import Fraction

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_assets.superres.geometry import crop_of, place, upright
from media_assets.superres.patch import Source
from media_assets_tests.superres.pictures import patch, source

STORED = np.random.default_rng(5).integers(0, 256, (80, 120, 3), dtype=np.uint8)


def cut(stored: np.ndarray, src: Source, x: int, y: int, width: int, height: int) -> np.ndarray:
    where = place(patch(x, y, (width, height)), src)
    r = where.region
    return crop_of(stored[r.y : r.y + r.height, r.x : r.x + r.width], where, src)


@st.composite
def sources(draw: st.DrawFn) -> Source:
    x, y = draw(st.integers(0, 40)), draw(st.integers(0, 30))
    turned = draw(st.booleans())
    width, height = draw(st.integers(20, 120 - x)), draw(st.integers(20, 80 - y))
    scaled = [max(4, round(n * draw(st.floats(0.3, 1.0)))) for n in (width, height)]
    return source(
        120,
        80,
        area_x_px=x,
        area_y_px=y,
        area_width_px=width,
        area_height_px=height,
        transpose=turned,
        mirror_x=draw(st.booleans()),
        mirror_y=draw(st.booleans()),
        width_px=scaled[turned],
        height_px=scaled[not turned],
    )


@settings(deadline=None, max_examples=80)
@given(src=sources(), data=st.data())
def test_a_crop_is_bit_for_bit_the_same_part_of_the_whole_picture(
    src: Source, data: st.DataObject
) -> None:
    width, height = (data.draw(st.integers(1, n)) for n in (src.width_px, src.height_px))
    x = data.draw(st.integers(0, src.width_px - width))
    y = data.draw(st.integers(0, src.height_px - height))
    whole = cut(STORED, src, 0, 0, src.width_px, src.height_px)
    assert whole.shape == (src.height_px, src.width_px, 3)
    crop = cut(STORED, src, x, y, width, height)
    assert np.array_equal(crop, whole[y : y + height, x : x + width])


@settings(deadline=None, max_examples=40)
@given(src=sources())
def test_bars_around_the_picture_do_not_bleed_in(src: Source) -> None:
    stored = np.full((80, 120, 3), 255, np.uint8)
    rows = slice(src.area_y_px, src.area_y_px + src.area_height_px)
    stored[rows, src.area_x_px : src.area_x_px + src.area_width_px] = 100
    assert (cut(stored, src, 0, 0, src.width_px, src.height_px) == 100).all()


def test_a_picture_that_is_not_scaled_keeps_its_pixels() -> None:
    assert np.array_equal(cut(STORED, source(120, 80), 30, 20, 60, 40), STORED[20:60, 30:90])


@pytest.mark.parametrize(
    ("turn", "quarters", "flipped"),
    [
        ((False, False, False), 0, False),
        ((True, True, False), 1, False),
        ((False, True, True), 2, False),
        ((True, False, True), 3, False),
        ((False, True, False), 0, True),
    ],
)
def test_a_turned_picture_comes_out_upright(
    turn: tuple[bool, bool, bool], quarters: int, flipped: bool
) -> None:
    # Turned clockwise by so many quarters to be upright, then left and right change places.
    transpose, mirror_x, mirror_y = turn
    size = (80, 120) if transpose else (120, 80)
    src = source(
        120,
        80,
        transpose=transpose,
        mirror_x=mirror_x,
        mirror_y=mirror_y,
        width_px=size[0],
        height_px=size[1],
    )
    shown = np.rot90(STORED, -quarters)
    shown = shown[:, ::-1] if flipped else shown
    assert np.array_equal(upright(STORED, src), shown)
    assert np.array_equal(cut(STORED, src, 7, 11, 40, 50), shown[11:61, 7:47])


@pytest.mark.parametrize(
    ("aspect", "stored_size"), [(Fraction(2), (200, 400)), (Fraction(4, 3), (300, 400))]
)
def test_a_disc_stored_in_narrow_pixels_is_round(
    aspect: Fraction, stored_size: tuple[int, int]
) -> None:
    width, height = stored_size
    stored = np.zeros((height, width, 3), np.uint8)
    radius = 150
    axes = round(radius / aspect), radius
    cv2.ellipse(stored, (width // 2, height // 2), axes, 0, 0, 360, (255, 255, 255), -1)
    # Squared by shrinking the side with more samples.
    src = source(
        width, height, pixel_aspect=aspect, width_px=width, height_px=round(height / aspect)
    )
    lit = cut(stored, src, 0, 0, src.width_px, src.height_px)[..., 0] > 127
    assert abs(np.ptp(np.flatnonzero(lit.any(0))) - np.ptp(np.flatnonzero(lit.any(1)))) <= 2


def test_only_the_crop_and_the_reach_of_the_filter_are_needed() -> None:
    src = source(3840, 2160, width_px=1920, height_px=1080)
    r = place(patch(500, 300), src).region
    assert (r.x, r.y, r.width, r.height) == (995, 595, 1090, 1090)
