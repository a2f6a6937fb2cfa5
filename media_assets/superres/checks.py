"""What must hold of the plan before anything is cut, and of the patches afterwards."""

import polars as pl

from media_assets.checks import Check, table_check
from media_assets.superres.formats import FIT_HEIGHT_PX, FIT_WIDTH_PX
from media_assets.superres.stale_files import PATHS
from resources.home import Home


@table_check(blocking=True)
def area_lies_in_the_picture(table: pl.DataFrame) -> Check:
    """The area lies in the stored picture and what is cut from fits in 1920x1080."""
    (row,) = table.iter_rows(named=True)
    fits = row["width_px"] <= FIT_WIDTH_PX and row["height_px"] <= FIT_HEIGHT_PX
    inside = all(
        row[f"area_{at}_px"] >= 0
        and row[f"area_{size}_px"] > 0
        and row[f"area_{at}_px"] + row[f"area_{size}_px"] <= row[f"coded_{size}_px"]
        for at, size in (("x", "width"), ("y", "height"))
    )
    return Check(fits and inside, f"{row['width_px']}x{row['height_px']} to cut from")


@table_check(blocking=True)
def windows_lie_in_the_film_and_apart(table: pl.DataFrame, patch_source: pl.DataFrame) -> Check:
    """Windows share no frame and crops lie in the picture."""
    (source,) = patch_source.iter_rows(named=True)
    windows = table.select("window", "frames").unique().explode("frames")
    shared = int(windows["frames"].is_duplicated().sum())
    outside = windows.filter(~pl.col("frames").is_between(0, source["frames"] - 1)).height
    across = pl.col("crop_x_px") + pl.col("crop_width_px") <= source["width_px"]
    down = pl.col("crop_y_px") + pl.col("crop_height_px") <= source["height_px"]
    beyond = table.filter(~(across & down)).height
    return Check(
        not (shared or outside or beyond),
        f"{shared} frames in two windows, {outside} outside the film, {beyond} crops outside",
    )


@table_check(blocking=True)
def plan_meets_its_targets(table: pl.DataFrame, patch_plan: pl.DataFrame) -> Check:
    """As many patches of each category and format are planned as their target says."""
    planned = patch_plan.group_by("category", "format").agg(planned=pl.len().cast(pl.Int64))
    both = table.join(planned, on=["category", "format"], how="full", coalesce=True)
    differ = both.filter(pl.col("target").fill_null(0) != pl.col("planned").fill_null(0))
    return Check(differ.is_empty(), f"{differ.height} of {both.height} targets are missed")


@table_check(blocking=True)
def planned_patches_are_written_or_missing(table: pl.DataFrame, patch_plan: pl.DataFrame) -> Check:
    """Each was tried from its planned place on, until it was written or no place was left."""
    tried = table.group_by("window", "category").agg(
        in_order=(pl.col("attempt").sort() == pl.int_range(pl.len())).all(),
        written=(pl.col("status") == "written").sum(),
        ended=(pl.col("status").sort_by("attempt").last() == "written"),
    )
    sound = pl.col("in_order") & (pl.col("written") == pl.col("ended").cast(pl.UInt32))
    planned = patch_plan.select("window", "category")
    faults = tried.filter(~sound).height
    faults += planned.join(tried, on=["window", "category"], how="anti").height
    faults += tried.join(planned, on=["window", "category"], how="anti").height
    written = int(tried["ended"].sum())
    told = f"{planned.height} planned, {written} written, {planned.height - written} missing"
    return Check(not faults, told + (f", {faults} without account" if faults else ""))


@table_check(blocking=True)
def files_of_patches_exist(table: pl.DataFrame) -> Check:
    """Every file that the table names lies in the exports."""
    root = Home.current().root
    named = [path for name in PATHS for path in table[name].drop_nulls()]
    gone = [path for path in named if not (root / path).is_file()]
    return Check(not gone, f"{len(gone)} of {len(named)} files are gone")


@table_check(blocking=False)
def no_patch_is_missing(table: pl.DataFrame, patch_plan: pl.DataFrame) -> Check:
    """For every planned patch a place was found; with the reasons of places that were rejected."""
    written = table.filter(pl.col("status") == "written").height
    reasons = table.group_by("reason").len("places").drop_nulls()
    counted = reasons.sort("places", "reason", descending=[True, False])
    missing = patch_plan.height - written
    told = ", ".join(f"{reason} {places}" for reason, places in counted.iter_rows())
    said = f"{missing} of {patch_plan.height} patches are missing"
    return Check(
        not missing,
        f"{said}; places rejected: {told}" if told else said,
        {"success_rate": round(written / max(1, table.height), 4)} | dict(counted.iter_rows()),
    )
