"""What must hold of the patches of all masters together."""

import polars as pl

from media_assets.checks import Check, table_check
from media_assets.superres.septuplets import torn_clips
from media_assets.superres.statistics import miscounted, unaccounted, uneven, windows_given
from resources.home import Home


@table_check(blocking=True)
def planned_patches_stand_or_are_missing(
    table: pl.DataFrame, patch_targets: pl.LazyFrame, patches: pl.LazyFrame
) -> Check:
    """Every planned patch of a master that was worked on stands, or every place was rejected."""
    lost = unaccounted(patch_targets.collect(), patches)
    written, missing, target = (int(table[k].sum()) for k in ("written", "missing", "target"))
    return Check(
        lost.is_empty(),
        f"{target} planned: {written} written, {missing} missing, "
        f"{target - written - missing} not tried yet; {lost.height} counts do not add up",
    )


@table_check(blocking=True)
def shares_are_exact_to_rounding(
    table: pl.DataFrame, patch_targets: pl.LazyFrame, patch_source: pl.LazyFrame
) -> Check:
    """Of each master's windows every category has its weight, of those each format its share."""
    source = patch_source.collect()
    off = uneven(patch_targets.collect(), source, windows_given(Home.current(), source))
    first = off.select("episode_id", "category").head(3).rows()
    return Check(off.is_empty(), f"{off.height} are off by more than rounding {first}")


@table_check(blocking=False)
def files_are_those_of_the_tables(table: pl.DataFrame, patches: pl.LazyFrame) -> Check:
    """Every folder of exports/superres holds as many pictures as the tables name."""
    off = miscounted(Home.current(), patches)
    told = [f"{name}: {there} there, {named} named" for name, (there, named) in off.items()]
    return Check(not off, f"{len(off)} folders differ {told[:3]}")


@table_check(blocking=True)
def clips_are_whole(table: pl.DataFrame) -> Check:
    """Every clip has seven frames of ground truth and of low resolution."""
    torn = torn_clips(Home.current(), table["clip"])
    return Check(not torn, f"{len(torn)} of {2 * table.height} clips are torn {torn[:3]}")


@table_check(blocking=True)
def standing_patches_are_clips(table: pl.DataFrame, patches: pl.LazyFrame) -> Check:
    """Every patch that stands is a clip, or has no seven frames of ground truth."""
    standing = patches.filter(pl.col("status") == "written").select(
        "episode_id", "window", "category", seven=pl.col("gt7_path").is_not_null()
    )
    known = standing.collect()
    key = ["episode_id", "window", "category"]
    lost = known.filter("seven").join(table, on=key, how="anti").height
    foreign = table.join(known.filter("seven"), on=key, how="anti").height
    without = int((~known["seven"]).sum())
    return Check(
        not (lost or foreign),
        f"{known.height} patches: {table.height} clips, {without} without seven frames of ground "
        f"truth; {lost} lost, {foreign} foreign",
    )
