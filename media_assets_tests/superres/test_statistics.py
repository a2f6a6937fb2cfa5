import json
import math
import re
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import assume, given
from hypothesis import strategies as st

from media_assets.superres.card import README, preview, write_card
from media_assets.superres.schema import PATCH_PLAN, PATCH_SOURCE, PATCH_TARGETS, PATCHES
from media_assets.superres.statistics import (
    STATISTICS,
    miscounted,
    report,
    settings_of,
    statistics,
    unaccounted,
    uneven,
    windows_given,
    write_statistics,
)
from media_assets_tests.superres.patch_home import (
    Row,
    planned,
    put_nothing,
    put_patches,
    put_plan,
    rejected,
    written,
)
from resources.home import Home
from resources.problems import NotApplicable
from resources.tables import TableSchema


def scan(home: Home, schema: TableSchema) -> pl.LazyFrame:
    return pl.scan_parquet(sorted((home.tables / schema.name).glob("*.parquet")))


def two_masters(home: Home) -> None:
    """One whose patches stand but for one, and one that is planned alone."""
    plan = [*planned(6), *planned(4, "space", "xlarge_1440")]
    version = put_plan(home, "one", plan)
    lost = [rejected(plan[0], attempt, "scene_difference") for attempt in range(3)]
    moved = [rejected(plan[1]), written(plan[1], 1)]
    put_patches(home, "one", [*lost, *moved, *(written(row) for row in plan[2:])], version)
    put_plan(home, "two", planned(5))


def told(home: Home) -> dict[str, Any]:
    masters = pl.DataFrame(
        {"episode_id": ["one", "two"], "path": ["a/one.mkv", "two.mkv"], "rights_holder": None},
        schema={"episode_id": pl.String, "path": pl.String, "rights_holder": pl.String},
    )
    patches = scan(home, PATCHES)
    return statistics(
        report(scan(home, PATCH_TARGETS), patches),
        scan(home, PATCH_SOURCE).collect(),
        patches,
        masters,
        settings_of(home, ["one", "two"]),
    )


def test_the_report_counts_patches_against_their_target(home: Home):
    two_masters(home)
    table = report(scan(home, PATCH_TARGETS), scan(home, PATCHES))
    general, space = table.to_dicts()
    assert general == {
        "category": "general",
        "format": "small_540",
        "target": 11,
        "written": 5,
        "missing": 1,
        "tried": 9,
        "reasons": [
            {"reason": "scene_difference", "places": 3},
            {"reason": "cut_inside", "places": 1},
        ],
        "bytes": 5000,
    }
    assert (space["target"], space["written"], space["missing"]) == (4, 4, 0)


def test_what_is_planned_stands_or_is_missing(home: Home):
    two_masters(home)
    targets = scan(home, PATCH_TARGETS).collect()
    patches = scan(home, PATCHES)
    assert unaccounted(targets, patches).is_empty()
    lost = patches.filter(pl.col("window") != 5)
    assert unaccounted(targets, lost).select("category", "target", "made").rows() == [
        ("general", 6, 5)
    ]
    foreign = patches.with_columns(format=pl.lit("large_720"))
    assert unaccounted(targets, foreign).height == 4


@given(
    st.integers(1, 3000),
    st.lists(st.integers(1, 100), min_size=1, max_size=4),
    st.lists(st.integers(1, 100), min_size=1, max_size=5),
)
def test_a_split_by_largest_remainders_is_exact_and_one_more_is_not(
    windows: int, weights: list[int], shares: list[int]
):
    rows, source = split(windows, weights, shares)
    # Of exactly a half both neighbours are right.
    assume(abs(source["categories"][0]["weight"] * windows % 1 - 0.5) > 1e-6)
    of_masters = pl.DataFrame([source])
    given = pl.DataFrame({"episode_id": ["one"], "windows": [windows]})
    assert uneven(PATCH_TARGETS.frame(rows), of_masters, given).is_empty()
    more = [dict(row) for row in rows]
    more[0]["target"] += 1
    assert "c0" in uneven(PATCH_TARGETS.frame(more), of_masters, given)["category"]


def test_a_category_of_which_no_format_fits_takes_no_windows(home: Home):
    rows, source = split(10, [1, 1], [1])
    rows[1] |= {"share": 0.0, "target": 0}
    windows = pl.DataFrame({"episode_id": ["one"], "windows": [10]})
    assert uneven(PATCH_TARGETS.frame(rows), pl.DataFrame([source]), windows).is_empty()


def test_a_short_master_gives_the_windows_that_fit_in(home: Home):
    two_masters(home)
    put_plan(home, "three", planned(5))
    put_nothing(home, PATCH_PLAN, "three", NotApplicable("no format fits"))
    source = scan(home, PATCH_SOURCE).collect()
    given = dict(windows_given(home, source).iter_rows())
    assert given == {"one": 10, "two": 5}


def split(windows: int, weights: list[int], shares: list[int]) -> tuple[list[Row], Row]:
    categories = [{"category": f"c{i}", "weight": w / sum(weights)} for i, w in enumerate(weights)]
    rows = []
    for category in categories:
        own = math.floor(category["weight"] * windows + 0.5)
        exact = [own * share / sum(shares) for share in shares]
        counts = [int(x) for x in exact]
        rest = sorted(range(len(shares)), key=lambda i: counts[i] - exact[i])
        for i in rest[: own - sum(counts)]:
            counts[i] += 1
        rows += [
            {
                "episode_id": "one",
                "category": category["category"],
                "format": f"f{i}",
                "share": share / sum(shares),
                "target": count,
                "reason": None,
            }
            for i, (share, count) in enumerate(zip(shares, counts, strict=True))
        ]
    return rows, {"episode_id": "one", "categories": categories}


def test_files_are_counted_where_the_tables_name_them(home: Home):
    two_masters(home)
    patches = scan(home, PATCHES)
    names = [
        name
        for column in ("gt_path", "lr5_path", "lr7_path")
        for name in patches.select(column).drop_nulls().collect()[column]
    ]
    for name in names:
        (home.root / name).parent.mkdir(parents=True, exist_ok=True)
        (home.root / name).touch()
    own = home.exports / "superres" / "general" / "Val" / "GT" / "mine.png"
    own.parent.mkdir(parents=True)
    own.touch()
    assert miscounted(home, patches) == {}
    (home.root / names[0]).unlink()
    stray = Path(names[-1]).parent / "stray.png"
    (home.root / stray).touch()
    assert miscounted(home, patches) == {
        str(Path(names[0]).parent): (4, 5),
        str(stray.parent): (5, 4),
    }


def test_statistics_json_says_the_same_as_the_tables(home: Home, tmp_path: Path):
    two_masters(home)
    write_statistics(tmp_path, told(home))
    facts = json.loads((tmp_path / STATISTICS).read_text())
    assert facts["patches"] == {
        "target": 15,
        "written": 9,
        "missing": 1,
        "tried": 13,
        "not_tried_yet": 5,
        "success_rate": round(9 / 13, 4),
        "bytes": 9000,
    }
    assert facts["categories"][0]["reasons"] == {"scene_difference": 3, "cut_inside": 1}
    one, two = facts["masters"]
    assert (one["written"], one["missing"], two["written"]) == (9, 1, 0)
    assert one["categories"] == {"general": 0.6, "space": 0.4}
    assert facts["settings"]["patch_plan"] == [{"seed": 7, "base_frame_limit": 10}]


def test_the_card_names_sources_settings_and_what_low_resolution_is(home: Home, tmp_path: Path):
    two_masters(home)
    facts = told(home)
    write_card(tmp_path, facts)
    card = (tmp_path / README).read_text()
    assert "9 of 15 planned patches from 2 masters" in card
    assert "| general | small_540 | 11 | 5 | 1 | 9 | 0.0 |" in card
    assert "| scene_difference | 3 |" in card
    assert "PQ, peak 1000 nits (max_cll)" in card
    assert "INTER_LANCZOS4" in card
    assert "INTER_AREA" not in card
    assert '"seed": 7' in card
    assert all(master["sha256"] in card for master in facts["masters"])
    assert not re.search(r"[(\s|`\"]/\w", card), "an absolute path"


def test_writing_the_same_again_touches_nothing(home: Home, tmp_path: Path):
    two_masters(home)
    identities = []
    for _ in range(2):
        write_statistics(tmp_path, told(home))
        write_card(tmp_path, told(home))
        identities.append([path.stat().st_ino for path in sorted(tmp_path.glob("*.*"))])
    assert identities[0] == identities[1]
    assert len(identities[0]) == 2


def test_the_preview_is_small_and_holds_a_plot(home: Home):
    two_masters(home)
    shown = preview(report(scan(home, PATCH_TARGETS), scan(home, PATCHES)))
    assert shown.startswith("![patches written against target](data:image/png;base64,")
    assert "| general | small_540 | 11 | 5 | 1 | 9 | scene_difference 3, cut_inside 1 |" in shown
    assert len(shown) < 50_000
