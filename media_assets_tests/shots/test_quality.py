"""Which clips are kept, and the picture inside its bars."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assets.shots.bars import Box, crop_boxes
from media_assets.shots.quality import QualitySettings, measure, reasons_against


def frames(count: int = 24, **columns: Any) -> pl.DataFrame:
    """Measures of a good clip, some columns replaced."""
    good = {
        "motion_luma": 3.0,
        "luma_mean": 120.0,
        "luma_std": 40.0,
        "sharpness_luma2": 60.0,
        "black_fraction": 0.0,
        "damaged": False,
    }
    values = {
        name: value if isinstance(value, list) else [value] * count
        for name, value in (good | columns).items()
    }
    return pl.DataFrame(values)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, []),
        ({"black_fraction": 1.0}, ["black"]),
        ({"motion_luma": 0.0}, ["static"]),
        ({"luma_std": 1.0}, ["flat"]),
        ({"damaged": [False] * 23 + [True]}, ["damaged"]),
    ],
)
def test_a_clip_is_kept_unless_something_speaks_against_it(
    change: dict[str, Any], reason: list[str]
) -> None:
    assert reasons_against(measure(frames(**change)), 1.0, 360, QualitySettings()) == reason


def test_the_cut_before_a_clip_is_not_its_motion() -> None:
    assert measure(frames(motion_luma=[90.0] + [2.0] * 23)).motion == pytest.approx(2.0)


def test_short_and_small_clips_are_not_kept() -> None:
    quality = measure(frames())
    assert reasons_against(quality, 0.99, 360, QualitySettings()) == ["too_short"]
    assert reasons_against(quality, 1.0, 63, QualitySettings()) == ["too_small"]


def episode(*clips: tuple[int, int, int, int]) -> tuple[pl.DataFrame, list[tuple[int, int]]]:
    """Measures of clips of 8 frames with constant black edges (top, bottom, left, right)."""
    names = [f"bar_{edge}_px" for edge in ("top", "bottom", "left", "right")]
    rows = [edges if k == 0 else (None,) * 4 for edges in clips for k in range(8)]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.Int32), orient="row")
    spans = [(8 * number, 8 * number + 8) for number in range(len(clips))]
    return frame.with_columns(black_fraction=pl.lit(0.2, pl.Float32)), spans


def test_an_episode_has_one_letterbox_whatever_noise_says() -> None:
    boxes = crop_boxes(*episode(*[(88, 86, 0, 0), (80, 83, 0, 0), (87, 88, 0, 0)] * 2), 1280, 720)
    assert boxes == [Box(0, 88, 1280, 544)] * 6


def test_a_title_card_on_black_is_cropped_as_the_rest() -> None:
    *rest, card = crop_boxes(*episode(*[(88, 88, 0, 0)] * 5, (144, 144, 146, 150)), 1280, 720)
    assert set(rest) == {card} == {Box(0, 88, 1280, 544)}


def test_a_clip_that_fills_the_picture_is_not_cropped() -> None:
    *rest, full = crop_boxes(*episode(*[(88, 88, 0, 0)] * 9, (0, 0, 0, 0)), 1280, 720)
    assert set(rest) == {Box(0, 88, 1280, 544)}
    assert full == Box(0, 0, 1280, 720)


def test_dark_edges_of_single_shots_are_no_bars() -> None:
    boxes = crop_boxes(*episode((0, 0, 0, 0), (200, 160, 90, 90), (0, 2, 0, 0)), 1280, 720)
    assert boxes == [Box(0, 0, 1280, 720)] * 3


def test_black_frames_say_nothing_of_bars() -> None:
    measures, spans = episode((360, 360, 640, 640))
    black = measures.with_columns(black_fraction=pl.lit(1.0, pl.Float32))
    assert crop_boxes(black, spans, 1280, 720) == [Box(0, 0, 1280, 720)]


@given(st.lists(st.tuples(*[st.integers(0, 400)] * 4), min_size=1, max_size=5))
def test_the_box_lies_inside_the_picture_on_even_edges(
    edges: list[tuple[int, int, int, int]],
) -> None:
    for box in crop_boxes(*episode(*edges), 640, 360):
        assert box.x % 2 == box.y % 2 == 0
        assert box.width > 0
        assert box.height > 0
        assert box.x * 2 + box.width == 640
        assert box.y * 2 + box.height == 360
