"""Any part of a picture is scaled as if the whole had been."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from media_assets.media.lanczos import resample, taps

PICTURE = np.random.default_rng(7).integers(0, 256, (90, 130, 3), dtype=np.uint8)
HEIGHT, WIDTH = PICTURE.shape[:2]


def part(x: int, y: int, width: int, height: int, size: tuple[int, int]) -> np.ndarray:
    columns, rows = taps(x, width, WIDTH, size[0]), taps(y, height, HEIGHT, size[1])
    return resample(PICTURE[rows.start : rows.stop, columns.start : columns.stop], columns, rows)


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_a_part_is_bit_for_bit_the_same_part_of_pillows_whole_picture(data: st.DataObject) -> None:
    size = data.draw(st.tuples(st.integers(20, 200), st.integers(20, 200)))
    width, height = (data.draw(st.integers(1, length)) for length in size)
    x, y = data.draw(st.integers(0, size[0] - width)), data.draw(st.integers(0, size[1] - height))
    # In two steps, because Pillow begins with whichever axis is less work.
    flat = Image.fromarray(PICTURE).resize((WIDTH, size[1]), Image.Resampling.LANCZOS)
    whole = np.asarray(flat.resize(size, Image.Resampling.LANCZOS))
    assert np.array_equal(part(x, y, width, height, size), whole[y : y + height, x : x + width])


def test_only_the_samples_within_three_lobes_are_needed() -> None:
    # At half the size a sum reaches six samples to both sides of its centre.
    axis = taps(100, 50, 1000, 500)
    assert (axis.start, axis.stop) == (195, 305)


@pytest.mark.parametrize(("start", "count"), [(0, 500), (3, 1), (450, 50)])
def test_nothing_beyond_the_ends_of_the_axis_is_needed(start: int, count: int) -> None:
    axis = taps(start, count, 1000, 500)
    assert axis.start >= 0
    assert axis.stop <= 1000
    assert (axis.first >= 0).all()
    assert (axis.first + axis.weights.shape[1] <= axis.stop - axis.start).all()


def test_at_scale_one_pixels_are_left_alone_and_no_others_needed() -> None:
    axis = taps(5, 20, 130, 130)
    assert (axis.start, axis.stop, axis.weights.shape) == (5, 25, (20, 1))
    assert np.array_equal(part(5, 7, 20, 30, (WIDTH, HEIGHT)), PICTURE[7:37, 5:25])


def test_a_flat_picture_stays_flat() -> None:
    flat = np.full((60, 60, 3), 201, np.uint8)
    axis = taps(0, 23, 60, 23)
    assert (resample(flat, axis, axis) == 201).all()
