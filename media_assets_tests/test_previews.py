"""Previews are small and show what is there."""

import base64
import re

import numpy as np
import polars as pl
import pytest

from media_assets import previews


@pytest.mark.parametrize("count", [1, 7, 42])
def test_a_sheet_of_noise_stays_small(count: int) -> None:
    import cv2

    noise = np.random.default_rng(0).integers(0, 256, (count, 90, 160, 3), np.uint8)
    text = previews.sheet(list(noise), [f"{n}" for n in range(count)])
    assert len(text) < 50_000
    found = re.search(r"base64,([^)]*)\)", text)
    assert found
    picture = cv2.imdecode(np.frombuffer(base64.b64decode(found[1]), np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape[1] > picture.shape[0] or count > 30


def test_a_table_shows_the_first_rows_and_says_how_many_more() -> None:
    frame = pl.DataFrame({"a": range(20), "b": ["x|y\nz"] * 20})
    text = previews.table(frame, rows=3)
    assert text.splitlines()[2] == "| 0 | x\\|y / z |"
    assert "17 more rows" in text
    assert previews.table(frame.clear()) == "*no rows*"
