"""Rejected patches are tried at other places, apart from all others, the same for whoever asks."""

import random
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_assets.media.index import FrameIndex
from media_assets.superres.again import places_again
from media_assets.superres.formats import FORMATS
from media_assets.superres.patch import Outcome, Patch, Source
from media_assets.superres.plan import plan_patches
from media_assets.superres.settings import PatchSettings, PlanSettings

SOURCE = Source(
    frames=0,
    fps=24.0,
    coded_width_px=1920,
    coded_height_px=1080,
    pixel_format="yuv420p",
    area_x_px=0,
    area_y_px=0,
    area_width_px=1920,
    area_height_px=1080,
    pixel_aspect=Fraction(1),
    transpose=False,
    mirror_x=False,
    mirror_y=False,
    width_px=1920,
    height_px=1080,
    hdr="sdr",
    peak_nits=None,
    matrix="bt709",
    range="tv",
    siting="left",
)
HALVES = {"general": 0.5, "toon": 0.5}


def index_of(pts: Sequence[int], time_base: Fraction = Fraction(1, 24)) -> FrameIndex:
    none = np.array([], np.int64)
    return FrameIndex(0, time_base, Fraction(0), np.array(pts, np.int64), none, none, 1, None)


def planned(index: FrameIndex, limit: int, categories: dict[str, float]) -> list[Patch]:
    source = {
        "episode_id": "ep",
        "sha256": "a film",
        "title": "A Film",
        "categories": [{"category": c, "weight": w} for c, w in categories.items()],
        "frames": len(index),
        "width_px": 1920,
        "height_px": 1080,
    }
    plan = plan_patches(source, index, PlanSettings(0, limit))[1]
    return [Patch.of(row) for row in plan.iter_rows(named=True)]


def rejected(patches: Sequence[Patch]) -> list[Outcome]:
    return [Outcome(patch, "rejected", "black") for patch in patches]


def share_no_frame(patches: Sequence[Patch]) -> bool:
    """Whether all windows are apart, but for those of one window and attempt."""
    places = {(patch.window, patch.attempt): patch.frames for patch in patches}
    held = [frame for frames in places.values() for frame in frames]
    together = all(patch.frames == places[patch.window, patch.attempt] for patch in patches)
    return together and len(held) == len(set(held))


@settings(deadline=None, max_examples=60)
@given(
    frames=st.integers(7, 3000),
    limit=st.integers(1, 60),
    steps=st.lists(st.integers(1, 60), min_size=1, max_size=40),
    skip=st.floats(0, 30),
    halves=st.booleans(),
    luck=st.randoms(use_true_random=False),
)
def test_any_round_keeps_its_promises(
    frames: int, limit: int, steps: list[int], skip: float, halves: bool, luck: random.Random
) -> None:
    pts = np.cumsum([steps[n % len(steps)] for n in range(frames)]).tolist()
    index = index_of(pts)
    patch_settings = PatchSettings(max_retry_attempts=3, retry_skip_seconds=skip)
    plan = planned(index, limit, HALVES if halves else {"general": 1.0})
    tried: list[Outcome] = []
    patches = plan
    for attempt in range(5):
        assert {patch.attempt for patch in patches} <= {attempt}
        tried += [
            Outcome(patch, "rejected", "black")
            if luck.random() < 0.7
            else Outcome(patch, "written")
            for patch in patches
        ]
        patches = places_again(plan, tried, index, SOURCE, patch_settings)
        shuffled = luck.sample(tried, len(tried))
        assert patches == places_again(plan, shuffled, index, SOURCE, patch_settings)
        assert share_no_frame([*(outcome.patch for outcome in tried), *patches])
        waiting = {(o.patch.window, o.patch.category) for o in tried if o.status == "rejected"}
        done = {(o.patch.window, o.patch.category) for o in tried if o.status == "written"}
        assert {(patch.window, patch.category) for patch in patches} <= waiting - done
        for patch in patches:
            assert patch.frames == tuple(range(patch.start_frame, patch.start_frame + 7))
            assert patch.frames[-1] < frames
            assert patch.start_pts == pts[patch.start_frame]
            size = FORMATS[patch.format]
            assert (patch.crop_width_px, patch.crop_height_px) == (size.width_px, size.height_px)
            assert 0 <= patch.crop_x_px <= 1920 - size.width_px
            assert 0 <= patch.crop_y_px <= 1080 - size.height_px
    assert patches == []


def test_places_are_far_from_where_the_patch_was_rejected_and_all_over_the_film() -> None:
    index = index_of(range(24 * 600))
    plan = planned(index, 100, {"general": 1.0})
    tried = rejected(plan)
    for _ in range(5):
        tried += rejected(places_again(plan, tried, index, SOURCE, PatchSettings()))
    assert len(tried) == 600
    for window in range(100):
        starts = sorted(o.patch.start_s for o in tried if o.patch.window == window)
        assert np.diff(starts).min() >= 5
    moved = np.array([o.patch.start_s for o in tried if o.patch.attempt])
    assert np.histogram(moved, 10, (0, 600))[0].min() > 25


def test_in_a_short_film_places_may_be_near() -> None:
    index = index_of(range(40))
    plan = planned(index, 2, {"general": 1.0})
    again = places_again(plan, rejected(plan), index, SOURCE, PatchSettings())
    assert len(again) == 2
    assert share_no_frame([*plan, *again])


def test_in_a_full_film_there_is_no_other_place() -> None:
    index = index_of(range(70))
    plan = planned(index, 10, {"general": 1.0})
    assert places_again(plan, rejected(plan), index, SOURCE, PatchSettings()) == []


def test_what_was_written_or_tried_often_enough_is_left_alone() -> None:
    index = index_of(range(5000))
    plan = planned(index, 10, {"general": 1.0})
    one_written = [Outcome(plan[0], "written"), *rejected(plan[1:])]
    again = places_again(plan, one_written, index, SOURCE, PatchSettings())
    assert [patch.window for patch in again] == list(range(1, 10))
    none = PatchSettings(max_retry_attempts=0)
    assert places_again(plan, one_written, index, SOURCE, none) == []
    assert places_again(plan, [], index, SOURCE, PatchSettings()) == []


def test_patches_of_one_window_go_on_together_until_one_is_written() -> None:
    index = index_of(range(5000))
    plan = planned(index, 7, HALVES)
    (shared,) = {p.window for p in plan if sum(o.window == p.window for o in plan) == 2}
    first = places_again(plan, rejected(plan), index, SOURCE, PatchSettings())
    general, toon = (patch for patch in first if patch.window == shared)
    assert general.frames == toon.frames
    assert (general.crop_x_px, general.crop_y_px) != (toon.crop_x_px, toon.crop_y_px)
    tried = [*rejected(plan), Outcome(general, "written"), *rejected([toon])]
    second = places_again(plan, tried, index, SOURCE, PatchSettings())
    assert [patch.category for patch in second if patch.window == shared] == ["toon"]


def test_name_format_and_draw_stay_and_the_crop_is_drawn_anew() -> None:
    index = index_of(range(50_000))
    plan = planned(index, 200, {"general": 1.0})
    again = places_again(plan, rejected(plan), index, SOURCE, PatchSettings())
    for before, after in zip(plan, again, strict=True):
        for name in ("episode_id", "window", "category", "format", "file_name", "draw"):
            assert getattr(before, name) == getattr(after, name)
    moved = [
        (a.crop_x_px, a.crop_y_px) != (b.crop_x_px, b.crop_y_px)
        for a, b in zip(plan, again, strict=True)
    ]
    assert sum(moved) > 195


@pytest.mark.parametrize("skip", [5.0, 3600.0, 100_000.0])
def test_thousands_of_rejections_in_a_long_film_find_places(skip: float) -> None:
    index = index_of(range(24 * 7200))
    plan = planned(index, 3000, {"general": 1.0})
    patch_settings = PatchSettings(retry_skip_seconds=skip)
    again = places_again(plan, rejected(plan), index, SOURCE, patch_settings)
    assert len(again) == 3000
    assert share_no_frame([*plan, *again])
