"""The tables of `exports/`."""

import polars as pl

from resources.tables import Column, TableSchema

EPISODE = Column(pl.String, "The episode.")

RECORDS = TableSchema(
    "records",
    "The clip record of 000 for every clip of an episode, exported or rejected.",
    {
        "episode_id": EPISODE,
        "clip_id": Column(pl.String, "`{episode_id}-{start in ms, 8 digits}`."),
        "record": Column(
            pl.String, "The record as JSON, keys in the order of 000; null if rejected.", True
        ),
        "clip_path": Column(pl.String, "Encoded clip, relative to the home.", True),
        "frame_paths": Column(
            pl.List(pl.String), "Reference frames, relative to the home, in order."
        ),
        "kept": Column(pl.Boolean, "Whether it is exported."),
        "stage": Column(pl.String, "The asset that rejected it.", True),
        "reasons": Column(pl.List(pl.String), "Why it was rejected."),
        "row_key": Column(pl.String, "What the row was made from."),
    },
    unique=("clip_id",),
)

REJECT_LEDGER = TableSchema(
    "reject_ledger",
    "Every clip that is not in the dataset, and why.",
    {
        "episode_id": EPISODE,
        "clip_id": Column(pl.String, "The clip; null where the whole episode is out.", True),
        "stage": Column(pl.String, "The asset that rejected it."),
        "reasons": Column(pl.List(pl.String), "Why."),
    },
    unique=("episode_id", "clip_id"),
)

DATASET = TableSchema(
    "dataset",
    "The clips of the exported text-to-video dataset, in the order of its manifest.",
    {
        "episode_id": EPISODE,
        "clip_id": Column(pl.String, "The clip."),
        "media_path": Column(pl.String, "Clip, relative to the dataset's folder."),
        "first_frame": Column(
            pl.String, "First reference frame, relative to the dataset's folder."
        ),
        "reference_frames": Column(pl.Int64, "Reference frames of the clip."),
        "clip_frames": Column(pl.Int64, "Frames of the clip by its record."),
        "bytes": Column(pl.Int64, "Size of the clip's file."),
        "duration_s": Column(pl.Float64, "Length of the clip."),
        "training_caption": Column(pl.String, "The caption."),
    },
    unique=("clip_id",),
)

SOURCE_MANIFEST = TableSchema(
    "source_manifest",
    "All licensed masters: exported as a JSON object and as CSV.",
    {
        "episode_id": EPISODE,
        "path": Column(pl.String, "The master, relative to its root."),
        "sha256": Column(pl.String, "Hash of the file; null where it could not be read.", True),
        "bytes": Column(pl.Int64, "Size of the file.", True),
        "duration_s": Column(pl.Float64, "Length of the longest stream.", True),
        "streams": Column(pl.List(pl.String), "Streams of the file."),
        "language": Column(pl.String, "Main language.", True),
        "rights_holder": Column(pl.String, "Who licenses it.", True),
        "show": Column(pl.String, "Name of the show.", True),
        "season": Column(pl.Int64, "Season.", True),
        "number": Column(pl.Int64, "Number in the season.", True),
        "title": Column(pl.String, "Title.", True),
        "uses": Column(pl.List(pl.String), "What it may be used for."),
        "status": Column(pl.String, "ok, not_applicable, bad_input or missing."),
        "reason": Column(pl.String, "What is wrong with it, if anything."),
    },
    unique=("episode_id",),
)

EPISODE_STATUS = TableSchema(
    "episode_status",
    "State of every table of every episode: rows, status, reason.",
    {
        "episode_id": EPISODE,
        "asset": Column(pl.String, "The table."),
        "status": Column(pl.String, "ok, not_applicable, bad_input or missing."),
        "rows": Column(pl.Int64, "Rows of the table."),
        "reason": Column(pl.String, "Why it is empty."),
    },
    unique=("episode_id", "asset"),
)

DATASET_REPORT = TableSchema(
    "dataset_report",
    "Numbers of the exported dataset at a glance; report.md has them with plots.",
    {
        "metric": Column(pl.String, "What is counted."),
        "value": Column(pl.Float64, "How many; null where nothing says it.", True),
        "total": Column(pl.Int64, "Of how many, where it is a share.", True),
        "unit": Column(pl.String, "clips, segments, frames, lines or minutes."),
    },
    unique=("metric",),
)

# Tables over all episodes; they never feed a table of one episode.
LIBRARY_TABLES = (REJECT_LEDGER, DATASET, SOURCE_MANIFEST, EPISODE_STATUS, DATASET_REPORT)
TABLES = (RECORDS, *LIBRARY_TABLES)
