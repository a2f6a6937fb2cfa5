"""Patches of all masters against their target: counted, accounted for, and as statistics.json."""

import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from media_assets.superres.formats import kind_order
from media_assets.superres.plan import window_count
from media_assets.superres.schema import (
    PATCH_PLAN,
    PATCH_SOURCE,
    PATCHES,
    SUPERRES_REPORT,
)
from resources.home import Home
from resources.tables import atomic_write, read_footer

FOLDER, STATISTICS = "superres", "statistics.json"
KIND = ("category", "format")
# Of products of shares and counts up to a million.
ROUNDING = 1e-6


def report(targets: pl.LazyFrame, patches: pl.LazyFrame) -> pl.DataFrame:
    """Rows of `SUPERRES_REPORT`, categories and formats in the order of their definition.

    targets, patches: rows of `patch_targets` and of `patches`, all masters together.
    """
    target = targets.group_by(KIND).agg(pl.col("target").sum())
    made = (
        by_patch(patches)
        .group_by(KIND)
        .agg(
            written=pl.col("stands").sum(),
            missing=(~pl.col("stands")).sum(),
            tried=pl.col("tried").sum(),
            bytes=pl.col("bytes").sum(),
        )
    )
    counts = target.join(made, on=KIND, how="full", coalesce=True).collect()
    reasons = (
        patches.filter(pl.col("status") != "written")
        .group_by(*KIND, "reason")
        .agg(places=pl.len())
        .sort(pl.col("places"), pl.col("reason"), descending=[True, False])
        .collect()
    )
    rows = [
        row
        | {k: row[k] or 0 for k in ("target", "written", "missing", "tried", "bytes")}
        | {
            "reasons": reasons.filter(category=row["category"], format=row["format"])
            .select("reason", "places")
            .to_dicts()
        }
        for row in counts.iter_rows(named=True)
    ]
    return SUPERRES_REPORT.frame(
        sorted(rows, key=lambda row: kind_order(row["category"], row["format"]))
    )


def by_patch(patches: pl.LazyFrame) -> pl.LazyFrame:
    """One row per planned patch: whether it stands, the places tried for it, its bytes."""
    return patches.group_by("episode_id", "window", *KIND).agg(
        stands=(pl.col("status") == "written").any(),
        tried=pl.len(),
        bytes=pl.col("bytes").sum(),
    )


def unaccounted(targets: pl.DataFrame, patches: pl.LazyFrame) -> pl.DataFrame:
    """Masters' categories and formats of which not every planned patch stands or is missing.

    Masters whose patches were not extracted yet have no rows in `patches` and are left out.
    """
    made = by_patch(patches).group_by("episode_id", *KIND).agg(made=pl.len()).collect()
    begun = targets.join(made.select("episode_id").unique(), on="episode_id", how="semi")
    both = begun.join(made, on=["episode_id", *KIND], how="full", coalesce=True).fill_null(0)
    return both.filter(pl.col("target") != pl.col("made"))


def uneven(targets: pl.DataFrame, source: pl.DataFrame, windows: pl.DataFrame) -> pl.DataFrame:
    """Masters' categories whose patches are not their share, by more than rounding.

    Of the windows a category takes its weight, to a half; of those each format its share, to less
    than one. A category of which no format fits takes none.
    windows: per `episode_id` how many `windows` a master gives.
    """
    category = ["episode_id", "category"]
    formats = targets.with_columns(
        apart=pl.col("target") - pl.col("share") * pl.col("target").sum().over(category)
    )
    weights = source.select("episode_id", "categories").explode("categories").unnest("categories")
    categories = (
        targets.group_by(category)
        .agg(pl.col("target").sum(), fits=pl.col("share").sum() > 0)
        .join(weights, on=category, how="full", coalesce=True)
        .join(windows, on="episode_id")
        .fill_null(0)
        .with_columns(
            apart=pl.col("target")
            - pl.when("fits").then(pl.col("weight") * pl.col("windows")).otherwise(0)
        )
    )
    columns = [*category, "apart"]
    off = pl.col("apart").abs()
    return pl.concat(
        [
            formats.select(columns).filter(off >= 1),
            categories.select(columns).filter(off > 0.5 + ROUNDING),
        ]
    )


def windows_given(home: Home, source: pl.DataFrame) -> pl.DataFrame:
    """`episode_id` and `windows` of planned masters: the limit they were planned with, or less."""
    given = {}
    for episode, frames in source.select("episode_id", "frames").iter_rows():
        footer = read_footer(home.table(PATCH_PLAN.name, episode))
        if footer and footer.status == "ok":
            limit = footer.made_from["config"]["base_frame_limit"]
            given[episode] = window_count(frames, limit)
    schema = {"episode_id": pl.String, "windows": pl.Int64}
    return pl.DataFrame({"episode_id": given.keys(), "windows": given.values()}, schema=schema)


def miscounted(home: Home, patches: pl.LazyFrame) -> dict[str, tuple[int, int]]:
    """Folders below `exports/superres` whose files are not as many as the tables name.

    By folder relative to the home: files there, files in tables. `Val/` is the user's own.
    """
    named: Counter[str] = Counter()
    stands = patches.filter(pl.col("status") == "written")
    for column in ("gt_path", "lr5_path", "lr7_path", "gt7_path"):
        folders = stands.select(folder=pl.col(column).str.replace(r"/[^/]*$", "")).drop_nulls()
        named.update(dict(folders.group_by("folder").len().collect().iter_rows()))
    there: Counter[str] = Counter()
    for folder, names, files in os.walk(home.exports / FOLDER):
        if "Val" in names:
            names.remove("Val")
        if count := sum(name.endswith(".png") and not name.startswith(".") for name in files):
            there[home.relative(Path(folder))] = count
    return {
        folder: (there[folder], named[folder])
        for folder in sorted(named | there)
        if there[folder] != named[folder]
    }


def settings_of(home: Home, episodes: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """The settings that plans and patches were made by; more than one where masters differ."""
    found: dict[str, list[dict[str, Any]]] = {}
    for table in (PATCH_SOURCE, PATCH_PLAN, PATCHES):
        footers = [read_footer(home.table(table.name, episode)) for episode in episodes]
        configs = [f.made_from.get("config") or {} for f in footers if f and f.status == "ok"]
        found[table.name] = [c for i, c in enumerate(configs) if c not in configs[:i]]
    return found


def statistics(
    table: pl.DataFrame,
    source: pl.DataFrame,
    patches: pl.LazyFrame,
    masters: pl.DataFrame,
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    """What statistics.json says."""
    own = (
        by_patch(patches)
        .group_by("episode_id")
        .agg(written=pl.col("stands").sum(), missing=(~pl.col("stands")).sum())
    )
    rows = (
        source.join(own.collect(), on="episode_id", how="left")
        .join(masters.select("episode_id", "path", "rights_holder"), on="episode_id", how="left")
        .sort("episode_id")
    )
    totals = {name: int(table[name].sum()) for name in ("target", "written", "missing", "tried")}
    return {
        "made_by": f"media-assets {version('media-assets')}",
        "patches": totals
        | {
            "not_tried_yet": totals["target"] - totals["written"] - totals["missing"],
            "success_rate": round(totals["written"] / totals["tried"], 4)
            if totals["tried"]
            else None,
            "bytes": int(table["bytes"].sum()),
        },
        "categories": [
            row | {"reasons": {r["reason"]: r["places"] for r in row["reasons"]}}
            for row in table.iter_rows(named=True)
        ],
        "masters": [_master(row) for row in rows.iter_rows(named=True)],
        "settings": dict(settings),
    }


def _master(row: Mapping[str, Any]) -> dict[str, Any]:
    same = (
        *("episode_id", "title", "path", "sha256", "rights_holder"),
        *("coded_width_px", "coded_height_px", "width_px", "height_px", "pixel_format"),
        *("hdr", "peak_nits", "peak_from", "matrix", "range", "assumed"),
    )
    return {name: row[name] for name in same} | {
        "categories": {c["category"]: c["weight"] for c in row["categories"]},
        "written": row["written"] or 0,
        "missing": row["missing"] or 0,
    }


def write_statistics(root: Path, facts: Mapping[str, Any]) -> None:
    text = json.dumps(facts, indent=2, ensure_ascii=False) + "\n"
    atomic_write(root / STATISTICS, lambda file: file.write(text.encode()), unless_equal=True)
