"""Windows over the whole film, categories and formats exact to rounding, places that stay."""

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_assets.media.index import FrameIndex
from media_assets.superres.draws import below, draw_of
from media_assets.superres.formats import CATEGORIES, FORMATS
from media_assets.superres.plan import (
    patch_targets,
    patches_of,
    plan_patches,
    quotas,
    spread,
    window_count,
)
from media_assets.superres.settings import PlanSettings
from resources.problems import BadInput, NotApplicable


def index_of(frames: int, step: int = 1001) -> FrameIndex:
    none = np.array([], np.int64)
    pts = np.arange(frames, dtype=np.int64) * step
    return FrameIndex(0, Fraction(1, 24000), Fraction(0), pts, none, none, step, None)


def source(
    frames: int,
    categories: Mapping[str, float] | None = None,
    size: tuple[int, int] = (1920, 1080),
    sha256: str = "a film",
) -> dict[str, Any]:
    wishes = categories or {"general": 1.0}
    return {
        "episode_id": "ep",
        "sha256": sha256,
        "title": "A Film",
        "categories": [{"category": c, "weight": w} for c, w in wishes.items()],
        "frames": frames,
        "width_px": size[0],
        "height_px": size[1],
    }


GOLDEN = [
    (0, "general", "medium_169", 99, 147, 5),
    (1, "toon", "small_540", 360, 205, 410),
    (2, "general", "small_540", 778, 190, 423),
    (2, "toon", "medium_169", 778, 755, 279),
]


def planned(frames: int, settings: PlanSettings | None = None, **about: Any) -> pl.DataFrame:
    return plan_patches(source(frames, **about), index_of(frames), settings or PlanSettings())[1]


weights = st.dictionaries(
    st.sampled_from(list(CATEGORIES)), st.integers(1, 100), min_size=1, max_size=3
).map(lambda parts: {c: float(Fraction(n, sum(parts.values()))) for c, n in parts.items()})
sizes = st.sampled_from([(1920, 1080), (1920, 800), (1280, 720), (608, 1080), (1440, 810)])


@settings(deadline=None, max_examples=60)
@given(
    frames=st.integers(7, 30_000),
    limit=st.integers(1, 400),
    seed=st.integers(0, 2**63),
    categories=weights,
    size=sizes,
)
def test_any_plan_keeps_its_promises(
    frames: int, limit: int, seed: int, categories: dict[str, float], size: tuple[int, int]
) -> None:
    row = source(frames, categories, size)
    count = min(limit, frames // 7)
    if not any(patches_of(weight, count) for weight in categories.values()):
        with pytest.raises(NotApplicable, match="too few for any category's share"):
            plan_patches(row, index_of(frames), PlanSettings(seed, limit))
        return
    targets, plan = plan_patches(row, index_of(frames), PlanSettings(seed, limit))
    # Windows: each inside its part of the film, of 7 frames, none in two.
    for window, start, held in plan.select("window", "start_frame", "frames").iter_rows():
        assert held == list(range(start, start + 7))
        assert window * frames // count <= start
        assert start + 7 <= (window + 1) * frames // count
    # Categories: exactly their share, formats exactly their quota.
    got = Counter(plan.select("category", "format").iter_rows())
    want = {(r["category"], r["format"]): r["target"] for r in targets.iter_rows(named=True)}
    assert {key: n for key, n in want.items() if n} == dict(got)
    for category, weight in categories.items():
        its = [r for r in targets.iter_rows(named=True) if r["category"] == category]
        assert sum(r["target"] for r in its) == patches_of(weight, count)
        exact = [(r["target"], r["share"] * patches_of(weight, count)) for r in its]
        assert all(abs(target - share) < 1 + 1e-6 for target, share in exact)
    # Crops: of their format's size, inside the picture.
    for x, y, w, h, name in plan.select(
        "crop_x_px", "crop_y_px", "crop_width_px", "crop_height_px", "format"
    ).iter_rows():
        assert (w, h) == (FORMATS[name].width_px, FORMATS[name].height_px)
        assert 0 <= x <= size[0] - w
        assert 0 <= y <= size[1] - h


@given(st.integers(1, 3000), st.lists(st.floats(0, 1), min_size=1, max_size=5), st.data())
def test_categories_are_spread_evenly_and_exactly(
    windows: int, shares: list[float], data: st.DataObject
) -> None:
    counts = {str(n): round(share * windows) for n, share in enumerate(shares)}
    served = spread(counts, windows)
    assert {c: len(s) for c, s in served.items()} == counts
    load = Counter(window for its in served.values() for window in its)
    per_window = {load[window] for window in range(windows)}
    assert max(per_window) - min(per_window) <= 1
    for its in served.values():
        assert its == sorted(set(its))
        assert all(0 <= window < windows for window in its)


@pytest.mark.parametrize(
    "shares", [(1.0,), (0.5, 0.5), (0.3, 0.4, 0.3), (0.9, 0.1), (0.34, 0.33, 0.33), (0.97, 0.02)]
)
@pytest.mark.parametrize("windows", [7, 100, 2999, 3000])
def test_no_category_is_ever_two_windows_off_its_even_pace(
    shares: tuple[float, ...], windows: int
) -> None:
    counts = {str(n): patches_of(share, windows) for n, share in enumerate(shares)}
    for category, its in spread(counts, windows).items():
        pace = np.arange(1, len(its) + 1) * windows / max(counts[category], 1)
        done = np.searchsorted(its, pace - 1, "right")
        assert np.abs(done - np.arange(1, len(its) + 1)).max(initial=0) < 2


def test_a_weight_counts_as_it_is_written() -> None:
    # As a binary fraction 0.145 is below, 0.285 times 100 as floats 28.499999999999996.
    assert patches_of(0.145, 100) == 15
    assert patches_of(0.285, 100) == 29
    assert [patches_of(0.5, windows) for windows in (1, 2, 3)] == [1, 1, 2]


def test_when_both_halves_round_up_one_window_serves_two() -> None:
    plan = planned(49, PlanSettings(), categories={"general": 0.5, "toon": 0.5})
    assert plan["category"].value_counts().sort("category").rows() == [("general", 4), ("toon", 4)]
    assert plan["window"].n_unique() == 7
    both = plan.filter(pl.col("window").is_duplicated())
    assert both["start_frame"].n_unique() == 1
    assert both["crop_x_px"].n_unique() == 2


def test_when_all_thirds_round_down_one_window_serves_none() -> None:
    third = {"general": 0.334, "space": 0.333, "toon": 0.333}
    plan = planned(70, PlanSettings(), categories=third)
    assert plan.height == plan["window"].n_unique() == 9


@given(st.integers(0, 5000), st.lists(st.integers(1, 100), min_size=1, max_size=5))
def test_quotas_are_exact_and_less_than_one_off(total: int, parts: list[int]) -> None:
    shares = {str(n): Fraction(part, sum(parts)) for n, part in enumerate(parts)}
    found = quotas(total, shares)
    assert sum(found.values()) == total
    assert all(abs(found[name] - share * total) < 1 for name, share in shares.items())


def test_formats_that_do_not_fit_leave_their_share_to_the_others_and_say_so() -> None:
    wishes = {"space": 0.5, "toon": 0.5}
    targets = patch_targets(source(10_000_000, wishes, (1920, 800)), PlanSettings())
    rows = targets.select("category", "format", "share", "target", "reason").rows()
    assert rows == [
        ("space", "small_540", 1.0, 1500, None),
        ("space", "xlarge_1440", 0.0, 0, "1440x810 do not fit in 1920x800"),
        ("space", "fullhd_1920", 0.0, 0, "1920x1080 do not fit in 1920x800"),
        ("toon", "small_540", 0.65, 975, None),
        ("toon", "medium_169", 0.35, 525, None),
    ]


def test_a_category_for_which_nothing_fits_gets_nothing_and_the_others_their_share() -> None:
    formats = {"general": {"small_540": 1.0}, "space": {"fullhd_1920": 1.0}}
    row = source(7000, {"general": 0.5, "space": 0.5}, (1280, 720))
    targets, plan = plan_patches(row, index_of(7000), PlanSettings(0, 100, formats))
    assert targets["target"].to_list() == [50, 0]
    assert targets["reason"].to_list() == [None, "1920x1080 do not fit in 1280x720"]
    assert plan["category"].unique().to_list() == ["general"]


def test_a_short_film_gives_the_windows_that_it_holds_and_says_why() -> None:
    targets, plan = plan_patches(source(69), index_of(69), PlanSettings())
    assert plan.height == window_count(69, 3000) == 9
    reasons = targets.filter(pl.col("target") > 0)["reason"].unique().to_list()
    assert reasons == ["69 frames hold 9 windows of 7, not 3000"]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (source(6), "6 frames are less than a window's 7"),
        (source(7000, size=(640, 360)), "no format that is asked for fits in 640x360"),
    ],
)
def test_a_master_that_can_give_nothing_is_marked(row: dict[str, Any], told: str) -> None:
    with pytest.raises(NotApplicable, match=told):
        plan_patches(row, index_of(row["frames"]), PlanSettings())


def test_a_category_without_formats_is_named() -> None:
    with pytest.raises(BadInput, match=r"A Film: category 'sport' has no formats\. .*patch_plan"):
        planned(7000, categories={"sport": 1.0})


def test_windows_are_spread_over_the_whole_film_and_lie_by_chance_in_their_parts() -> None:
    starts = planned(300_000)["start_frame"].to_numpy()
    offsets = starts - np.arange(3000) * 100
    # Uniform from 0 to 93: the mean of 3000 lies within 4 standard errors, both ends are met.
    assert abs(offsets.mean() - 46.5) < 4 * 27.1 / np.sqrt(3000)
    assert (offsets.min(), offsets.max()) == (0, 93)
    assert abs(np.corrcoef(offsets[:-1], offsets[1:])[0, 1]) < 0.08


def test_formats_follow_no_pattern() -> None:
    plan = planned(300_000, categories={"general": 0.5, "space": 0.5})
    for category in ("general", "space"):
        small = (plan.filter(category=category)["format"] == "small_540").to_numpy().astype(float)
        small -= small.mean()
        for lag in range(1, 12):
            assert abs(np.mean(small[lag:] * small[:-lag]) / small.var()) < 0.12
        halves = np.array_split(small, 4)
        assert all(abs(part.mean()) < 0.12 for part in halves)


def test_the_plan_is_the_same_for_ever() -> None:
    """Another plan for the same film would waste what was extracted: versions count, not luck."""
    plan = planned(1000, PlanSettings(7, 3), categories={"general": 0.5, "toon": 0.5})
    columns = ("window", "category", "format", "start_frame", "crop_x_px", "crop_y_px")
    assert plan.select(columns).rows() == GOLDEN
    assert plan["draw"][0] == draw_of(7, "a film", 0, "general")
    assert plan["file_name"][0] == "patch_A_Film_idx0_med169.png"


def test_seed_and_content_change_the_plan_and_nothing_else_does() -> None:
    one = planned(20_000)
    assert one.equals(planned(20_000))
    assert not one.equals(planned(20_000, PlanSettings(seed=1)))
    assert not one.equals(planned(20_000, sha256="another film"))


def test_windows_and_most_crops_stay_when_only_the_weights_change() -> None:
    before = planned(100_000, categories={"general": 0.5, "toon": 0.5})
    after = planned(100_000, categories={"general": 0.6, "toon": 0.4})
    both = before.join(after, on=("window", "category"))
    assert both["start_frame"].equals(both["start_frame_right"], check_names=False)
    same = both.filter(pl.col("format") == pl.col("format_right"))
    assert same.height > 0.75 * both.height
    for column in ("crop_x_px", "crop_y_px"):
        assert same[column].equals(same[f"{column}_right"], check_names=False)


@given(st.integers(1, 2000), st.text())
def test_a_draw_is_below_its_bound(bound: int, what: str) -> None:
    assert 0 <= below(bound, what) < bound


def test_draws_are_even() -> None:
    counts = Counter(below(10, number) for number in range(10_000))
    # Chi-squared with 9 degrees of freedom: 27.9 has a chance of 0.1 %.
    assert sum((counts[n] - 1000) ** 2 / 1000 for n in range(10)) < 27.9
