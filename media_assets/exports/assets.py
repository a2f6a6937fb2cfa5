"""The assets of `exports/`."""

import json
import warnings
from typing import Any

import dagster as dg
import pandas as pd
import polars as pl

from media_assets import previews
from media_assets.captions.schema import ANNOTATIONS, CAPTIONS
from media_assets.checks import Check, table_check
from media_assets.exports.dataset import folder, missing_files, write_dataset
from media_assets.exports.files import csv_text, json_text, write_text
from media_assets.exports.frame import MANIFEST_FRAME, ManifestFrameIO, typed_manifest
from media_assets.exports.ledger import rejects, unaccounted, whole_episode
from media_assets.exports.masters import manifest, source_rows
from media_assets.exports.record import record_facts, record_rows
from media_assets.exports.report import draw, facts, markdown, numbers
from media_assets.exports.schema import (
    DATASET,
    DATASET_REPORT,
    EPISODE_STATUS,
    LIBRARY_TABLES,
    RECORDS,
    REJECT_LEDGER,
    SOURCE_MANIFEST,
)
from media_assets.exports.status import episode_states
from media_assets.exports.tts.dataset import missing_files as missing_voices
from media_assets.exports.tts.dataset import write_tts_dataset
from media_assets.exports.tts.settings import TtsExport
from media_assets.ingest.schema import MASTERS, PROBE
from media_assets.library import registrations
from media_assets.schemas import TABLES
from media_assets.shots.schema import CLIP_FILES, CLIP_QUALITY, CLIPS, REFERENCE_FRAMES, SHOTS
from media_assets.speech.schema import ATTRIBUTION, STEMS, TTS_DATASET, TTS_QUALITY, UTTERANCES
from media_assets.superres.schema import LIBRARY_TABLES as OVER_PATCHES
from media_assets.table_assets import Episode, Library, episode_table, library_table
from resources.home import ALL, Home
from resources.problems import NotApplicable
from resources.samples import Rows
from resources.tables import version_of

PREVIEW_FRAMES = 12


def records_preview(home: Home, table: pl.DataFrame) -> str:
    """The first frames of kept clips, then what each clip became, as Markdown."""
    import cv2

    shown = table.filter("kept").head(PREVIEW_FRAMES)
    pictures = {}
    for clip_id, paths in shown.select("clip_id", "frame_paths").iter_rows():
        if (picture := cv2.imread(str(home.root / paths[0]))) is not None:
            pictures[clip_id] = picture[..., ::-1]
    captions = table.select(
        "clip_id",
        caption=pl.col("record").str.json_path_match("$.training_caption"),
        rejected=pl.col("stage"),
        reasons=pl.col("reasons").list.join("; "),
    )
    labels = [clip_id[-8:] for clip_id in pictures]
    sheet = previews.sheet(list(pictures.values()), labels)
    return f"{sheet}\n\n{previews.table(captions)}\n"


@table_check(blocking=True)
def every_clip_is_kept_or_rejected(table: pl.DataFrame, clips: pl.DataFrame) -> Check:
    """Every clip has one row, with a record or with a reason."""
    unlike = set(table["clip_id"]) ^ set(clips["clip_id"])
    silent = table.filter(
        (pl.col("kept") != pl.col("record").is_not_null())
        | (pl.col("kept") != (pl.col("reasons").list.len() == 0))
    )
    return Check(
        not unlike and silent.is_empty(),
        f"{table['kept'].sum()} of {table.height} clips kept; {len(unlike)} unaccounted for",
    )


@episode_table(
    RECORDS,
    group="records",
    code_version="1",
    inputs=[
        MASTERS,
        CLIPS,
        CLIP_QUALITY,
        CLIP_FILES,
        REFERENCE_FRAMES,
        ANNOTATIONS,
        CAPTIONS,
    ],
    use="video",
    checks=[every_clip_is_kept_or_rejected],
    preview=records_preview,
)
def records(ep: Episode, **tables: pl.DataFrame) -> Rows:
    """Joins what every room knows of a clip; keys and order of 000."""
    return ep.rows(record_facts(**tables), record_rows)


@table_check(blocking=True)
def media_are_what_the_tables_say(table: pl.DataFrame, clip_files: pl.LazyFrame) -> Check:
    """Every clip and first frame is there, with the size and the frames that encoding recorded."""
    root = folder(Home.current())
    made = clip_files.select("clip_id", made="frames", size="bytes").collect()
    faults = [
        row["media_path"]
        for row in table.join(made, on="clip_id", how="left").iter_rows(named=True)
        if not (root / row["media_path"]).is_file()
        or not (root / row["first_frame"]).is_file()
        or (root / row["media_path"]).stat().st_size != row["size"]
        or row["clip_frames"] != row["made"]
    ]
    return Check(not faults, f"{len(faults)} of {table.height} clips differ {faults[:3]}")


@table_check(blocking=True)
def names_and_captions_are_usable(table: pl.DataFrame) -> Check:
    """No two clips share a stem (trainers would take them for one), and no caption is empty."""
    stems = table["media_path"].str.extract(r"([^/]+)\.[^.]+$").str.to_lowercase()
    shared = int(stems.is_duplicated().sum())
    empty = int((table["training_caption"].str.strip_chars() == "").sum())
    return Check(shared + empty == 0, f"{shared} shared stems, {empty} empty captions")


@library_table(
    DATASET,
    group="exports",
    code_version="1",
    over=[RECORDS, CLIP_FILES],
    external=missing_files,
    checks=[media_are_what_the_tables_say, names_and_captions_are_usable],
    preview=lambda home, table: previews.table(
        table.select("media_path", "duration_s", "training_caption")
    ),
    kinds=["json"],
)
def dataset(lib: Library, records: pl.LazyFrame, clip_files: pl.LazyFrame) -> Rows:
    """Writes exports/dataset; rows computed are the clips whose media are new or changed."""
    written = write_dataset(lib.home, records, clip_files)
    lib.log(f"{written.placed} clips new or changed, {written.removed} files removed")
    return Rows(written.table, written.placed, written.table.height - written.placed)


@table_check(blocking=True)
def clips_in_are_clips_kept_plus_clips_rejected(
    table: pl.DataFrame, clips: pl.LazyFrame, dataset: pl.LazyFrame
) -> Check:
    """Every clip of every episode is once in the dataset or in the ledger."""
    known = clips.select("episode_id", "clip_id").collect()
    kept = dataset.select("episode_id", "clip_id").collect()
    lost = unaccounted(known, kept, table)
    rejected = table["clip_id"].drop_nulls().len()
    return Check(
        lost.is_empty(),
        f"{known.height} clips: {kept.height} kept, {rejected} rejected; "
        f"{lost.height} do not add up {lost['clip_id'].head(3).to_list()}",
    )


def _gone(table: str, *names: str) -> Any:
    """An `external`: those of an asset's files that are gone, once its table stands."""
    return lambda home: [
        name
        for name in names
        if home.table(table, ALL).exists() and not (folder(home) / name).exists()
    ]


@library_table(
    REJECT_LEDGER,
    group="exports",
    code_version="1",
    over=[CLIPS, RECORDS],
    beside=[DATASET],
    external=lambda home: [
        _gone("reject_ledger", "reject_ledger.csv")(home),
        [whole_episode(home, episode) for episode in registrations(home)],
    ],
    checks=[clips_in_are_clips_kept_plus_clips_rejected],
    preview=lambda home, table: previews.table(table, rows=40),
    kinds=["csv"],
)
def reject_ledger(
    lib: Library, clips: pl.LazyFrame, records: pl.LazyFrame, dataset: pl.LazyFrame
) -> pl.DataFrame:
    """Also as exports/dataset/reject_ledger.csv and .json."""
    table = rejects(lib.home, lib.episodes, records)
    rows = table.to_dicts()
    write_text(folder(lib.home) / "reject_ledger.csv", csv_text(table.columns, rows))
    write_text(folder(lib.home) / "reject_ledger.json", [json_text(rows), "\n"])
    return table


@library_table(
    SOURCE_MANIFEST,
    group="exports",
    code_version="1",
    over=[MASTERS, PROBE],
    external=lambda home: [
        _gone("source_manifest", "source_manifest.json", "source_manifest.csv")(home),
        {id: [entry.relative_path, entry.uses] for id, entry in registrations(home).items()},
    ],
    preview=lambda home, table: previews.table(
        table.select("episode_id", "path", "duration_s", "language", "rights_holder", "status")
    ),
    kinds=["json", "csv"],
)
def source_manifest(lib: Library, masters: pl.LazyFrame, probe: pl.LazyFrame) -> pl.DataFrame:
    """Also as exports/dataset/source_manifest.json and .csv."""
    table = source_rows(lib.home, lib.episodes, masters)
    root = folder(lib.home)
    write_text(root / "source_manifest.json", [json_text(manifest(table)), "\n"])
    write_text(root / "source_manifest.csv", csv_text(table.columns, table.to_dicts()))
    return table


@library_table(
    DATASET_REPORT,
    group="exports",
    code_version="2",
    over=[RECORDS, ANNOTATIONS, ATTRIBUTION, CLIP_QUALITY, SHOTS],
    beside=[DATASET, REJECT_LEDGER],
    external=_gone("dataset_report", "report.md"),
    preview=lambda home, table: (folder(home) / "report.md").read_text().split("## Pictures")[0],
    kinds=["markdown"],
)
def dataset_report(lib: Library, **tables: pl.LazyFrame) -> pl.DataFrame:
    """Also as exports/dataset/report.md with plots/."""
    known = facts(**tables)
    table = numbers(known)
    root = folder(lib.home)
    write_text(root / "report.md", [markdown(known, table, draw(known, root))])
    return table


@table_check(blocking=True)
def utterances_in_are_kept_plus_rejected(table: pl.DataFrame, utterances: pl.LazyFrame) -> Check:
    """Every utterance is there once: with a split and a sound, or with a reason."""
    unlike = set(table["utterance_id"]) ^ set(utterances.collect()["utterance_id"])
    silent = table.filter(
        (pl.col("kept") != pl.col("split").is_not_null())
        | (pl.col("kept") != (pl.col("reasons").list.len() == 0))
    )
    return Check(
        not unlike and silent.is_empty(),
        f"{table['kept'].sum()} of {table.height} utterances kept; {len(unlike)} unaccounted for",
    )


@table_check(blocking=True)
def no_group_is_in_two_splits(table: pl.DataFrame) -> Check:
    """Near-duplicates are in one split, and so is an episode that is split as a whole."""
    kept = table.filter("kept")
    whole = kept.filter(split_by="episode")
    torn = [
        name
        for frame, column in ((kept, "group"), (whole, "episode_id"))
        for name, splits in frame.group_by(column).agg(pl.col("split").n_unique()).iter_rows()
        if splits > 1
    ]
    return Check(not torn, f"{len(torn)} torn apart {sorted(torn)[:3]}")


@library_table(
    TTS_DATASET,
    group="exports",
    code_version="1",
    over=[UTTERANCES, TTS_QUALITY, STEMS, MASTERS],
    external=missing_voices,
    settings=TtsExport,
    checks=[utterances_in_are_kept_plus_rejected, no_group_is_in_two_splits],
    preview=lambda home, table: previews.table(
        table.select("utterance_id", "speaker", "split", "duration_s", "text", "reasons")
    ),
    kinds=["huggingface"],
)
def tts_dataset(lib: Library, config: TtsExport, **tables: pl.LazyFrame) -> Rows:
    """Writes exports/tts; rows computed are the utterances whose sound is new or changed."""
    written = write_tts_dataset(lib.home, config=config, **tables)
    if written.table.is_empty():
        raise NotApplicable("no episode has an utterance; exports/tts is empty")
    return Rows(written.table, written.placed, written.table.height - written.placed)


def _states(home: Home) -> pl.DataFrame:
    library = {table.name for table in (*LIBRARY_TABLES, TTS_DATASET, *OVER_PATCHES)}
    tables = [name for name in TABLES if name not in library]
    return episode_states(home, registrations(home), tables)


@library_table(
    EPISODE_STATUS,
    group="exports",
    code_version="1",
    beside=[REJECT_LEDGER],
    external=lambda home: version_of(_states(home)),
    preview=lambda home, table: previews.table(table.filter(pl.col("status") != "ok"), rows=40),
)
def episode_status(lib: Library, reject_ledger: pl.LazyFrame) -> pl.DataFrame:
    """From what the tables say of themselves; made last, whatever else was selected."""
    return _states(lib.home)


with warnings.catch_warnings():
    warnings.simplefilter("ignore", dg.BetaWarning)  # io_manager_def

    @dg.asset(
        deps=["dataset"],
        group_name="exports",
        kinds={"pandas", "parquet"},
        dagster_type=MANIFEST_FRAME,
        io_manager_def=ManifestFrameIO(),
        code_version="1",
    )
    def manifest_frame() -> pd.DataFrame:
        """The manifest for pandas users, typed and checked: exports/dataset/manifest.parquet."""
        return typed_manifest(json.loads((folder(Home.current()) / "manifest.json").read_text()))
