"""The door of `superres/`: from masters in UHD and HD to patches for super-resolution."""

from dataclasses import asdict
from typing import Any

import polars as pl

from media_assets.ingest.schema import MASTERS, PROBE
from media_assets.media.index_file import frame_index_path, kept_frame_index, read_frame_index
from media_assets.previews import table as as_table
from media_assets.superres import plan
from media_assets.superres.card import README, preview, write_card
from media_assets.superres.checks import (
    area_lies_in_the_picture,
    files_of_patches_exist,
    no_patch_is_missing,
    plan_meets_its_targets,
    planned_patches_are_written_or_missing,
    windows_lie_in_the_film_and_apart,
)
from media_assets.superres.jobs import Master
from media_assets.superres.library_checks import (
    clips_are_whole,
    files_are_those_of_the_tables,
    planned_patches_stand_or_are_missing,
    shares_are_exact_to_rounding,
    standing_patches_are_clips,
)
from media_assets.superres.patch import Patch, Source
from media_assets.superres.pictures import area_picture, patch_sheet, plan_table
from media_assets.superres.schema import (
    PATCH_PLAN,
    PATCH_SOURCE,
    PATCH_TARGETS,
    PATCHES,
    SEPTUPLETS,
    SUPERRES_REPORT,
)
from media_assets.superres.septuplets import missing_files as missing_clips
from media_assets.superres.septuplets import write_septuplets
from media_assets.superres.settings import PatchSettings, PlanSettings, SourceSettings
from media_assets.superres.source import source_row
from media_assets.superres.stale_files import remove_departed
from media_assets.superres.statistics import (
    FOLDER,
    STATISTICS,
    report,
    settings_of,
    statistics,
    write_statistics,
)
from media_assets.superres.work import make_patches
from media_assets.table_assets import Episode, Library, episode_table, library_table
from resources.home import ALL, Home
from resources.problems import NotApplicable
from resources.samples import Rows
from resources.tables import read_footer


@episode_table(
    PATCH_SOURCE,
    group="superres",
    code_version="1",
    inputs=[PROBE],
    use="superres",
    settings=SourceSettings,
    external=lambda registration, home: asdict(registration.patch_wishes),
    checks=[area_lies_in_the_picture],
    preview=area_picture,
    kinds=["ffmpeg", "opencv"],
)
def patch_source(ep: Episode, probe: pl.DataFrame, config: SourceSettings) -> pl.DataFrame:
    """From packets and some key frames; a picture within 1920x1080, never enlarged."""
    (facts,) = probe.iter_rows(named=True)
    stream = facts["video_stream"]
    if stream is None:
        raise NotApplicable("the master has no video")
    path = frame_index_path(ep.home.files, facts["sha256"], stream)
    index = kept_frame_index(path, ep.master, stream)
    name, wishes = ep.registration.relative_path, ep.registration.patch_wishes
    row = source_row(ep.master, name, facts, wishes, config, index)
    row |= {"episode_id": ep.id, "index_path": ep.home.relative(path)}
    return PATCH_SOURCE.frame([row])


@episode_table(
    PATCH_PLAN,
    group="superres",
    code_version="1",
    inputs=[PATCH_SOURCE],
    use="superres",
    settings=PlanSettings,
    checks=[windows_lie_in_the_film_and_apart],
    preview=plan_table,
)
def patch_plan(ep: Episode, patch_source: pl.DataFrame, config: PlanSettings) -> pl.DataFrame:
    """From the frame index alone: windows over the whole film, each with formats and crops."""
    (row,) = patch_source.iter_rows(named=True)
    index = read_frame_index(ep.home.root / row["index_path"])
    return plan.plan_patches(row, index, config)[1]


def _plan_settings(home: Home, episode: str) -> dict[str, Any] | None:
    """The settings that the plan which stands was made with."""
    footer = read_footer(home.table(PATCH_PLAN.name, episode))
    return footer.made_from["config"] if footer else None


@episode_table(
    PATCH_TARGETS,
    group="superres",
    code_version="1",
    inputs=[PATCH_SOURCE, PATCH_PLAN],
    use="superres",
    external=lambda registration, home: _plan_settings(home, registration.episode_id),
    checks=[plan_meets_its_targets],
    preview=lambda home, frame: as_table(frame.drop("episode_id"), rows=frame.height),
)
def patch_targets(
    ep: Episode, patch_source: pl.DataFrame, patch_plan: pl.DataFrame
) -> pl.DataFrame:
    """With the settings of the plan, so that there is one place to set them."""
    (row,) = patch_source.iter_rows(named=True)
    return plan.patch_targets(row, PlanSettings(**_plan_settings(ep.home, ep.id) or {}))


# Each extraction takes all cores it may have; a second one at once would only halve both. A pool
# without a limit of its own has the default limit of dagster.yaml, 1.
@episode_table(
    PATCHES,
    group="superres",
    code_version="1",
    inputs=[PATCH_SOURCE, PATCH_PLAN],
    use="superres",
    settings=PatchSettings,
    checks=[
        planned_patches_are_written_or_missing,
        files_of_patches_exist,
        no_patch_is_missing,
    ],
    preview=patch_sheet,
    kinds=["ffmpeg", "opencv"],
    pool="superres",
)
def patches(
    ep: Episode, patch_source: pl.DataFrame, patch_plan: pl.DataFrame, config: PatchSettings
) -> Rows:
    """Cut, tone mapped and scaled down by worker processes; a stop loses no finished window."""
    (row,) = patch_source.iter_rows(named=True)
    index = ep.home.root / row["index_path"]
    master = Master(ep.id, ep.master, index, row["sha256"], row["title"], Source.of(row))
    planned = [Patch.of(place) for place in patch_plan.iter_rows(named=True)]
    version = ep.params["code_version"]
    return make_patches(master, planned, config, ep.home, version, ep.previous)


def _card_facts(home: Home) -> dict[str, Any]:
    """What the card says besides the tables' rows, and which of its files are gone."""
    episodes = sorted(path.stem for path in home.episodes.glob("*.json"))
    footer = read_footer(home.table(SUPERRES_REPORT.name, ALL))
    made = footer is not None and footer.status == "ok"
    files = [home.exports / FOLDER / name for name in (STATISTICS, README)]
    gone = [path.name for path in files if made and not path.exists()]
    return {"settings": settings_of(home, episodes), "gone": gone}


@library_table(
    SUPERRES_REPORT,
    group="superres",
    code_version="1",
    over=[MASTERS, PATCH_SOURCE, PATCH_TARGETS, PATCHES],
    external=_card_facts,
    checks=[
        planned_patches_stand_or_are_missing,
        shares_are_exact_to_rounding,
        files_are_those_of_the_tables,
    ],
    preview=lambda home, table: preview(table),
    kinds=["json", "markdown"],
)
def superres_report(
    lib: Library,
    masters: pl.LazyFrame,
    patch_source: pl.LazyFrame,
    patch_targets: pl.LazyFrame,
    patches: pl.LazyFrame,
) -> pl.DataFrame:
    """Also as exports/superres/statistics.json and README.md, the dataset card.

    Removes the patches of episodes that were removed or no longer serve super-resolution.
    """
    if removed := remove_departed(lib.home):
        lib.log(f"{removed} files of episodes that give no patches any more removed")
    table, root = report(patch_targets, patches), lib.home.exports / FOLDER
    if table.is_empty():
        for name in (STATISTICS, README):
            (root / name).unlink(missing_ok=True)
        raise NotApplicable("no episode has patches planned")
    source = patch_source.collect()
    facts = statistics(
        table, source, patches, masters.collect(), settings_of(lib.home, lib.episodes)
    )
    write_statistics(root, facts)
    write_card(root, facts)
    return table


@library_table(
    SEPTUPLETS,
    group="superres",
    code_version="1",
    over=[PATCHES],
    external=missing_clips,
    checks=[standing_patches_are_clips, clips_are_whole],
    preview=lambda home, table: as_table(table),
    kinds=["opencv"],
)
def septuplets(lib: Library, patches: pl.LazyFrame) -> Rows:
    """Writes exports/septuplets; rows computed are the clips whose frames are new or changed."""
    written = write_septuplets(lib.home, patches)
    lib.log(f"{written.placed} clips new or changed, {written.removed} removed")
    if written.table.is_empty():
        raise NotApplicable(
            "no patch has seven frames of ground truth; in config.yaml set gt_frames of patches "
            "to all"
        )
    return Rows(written.table, written.placed, written.table.height - written.placed)
