"""The text-to-video dataset of 000 on disk: media, manifest and what LTX-2 and Wan trainers read.

    manifest.json         JSON list of the clip records, the source of truth
    ltx2_dataset.json     JSON list of {caption, media_path, location, scene_type}
    ltx2_dataset.jsonl    the same, one object per line, all keys on every line
    wan21_metadata.json   JSON list of {caption, media_path, first_frame, duration, ...}
    clips/  frames/       the media; these two folders hold nothing else

Media come before the files that name them, and stale media go after, so that a reader never finds
a name without its file.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from media_assets.exports.files import (
    json_array,
    json_lines,
    place,
    remove_others,
    write_text,
)
from media_assets.exports.schema import DATASET
from resources.home import ALL, Home

FOLDER = "dataset"
CLIPS, FRAMES = "clips", "frames"
METADATA = ("manifest.json", "ltx2_dataset.json", "ltx2_dataset.jsonl", "wan21_metadata.json")

Record = dict[str, Any]


@dataclass(frozen=True)
class Written:
    """The table of the dataset and how many of its clips were new or changed."""

    table: pl.DataFrame
    placed: int
    removed: int


def folder(home: Home) -> Path:
    return home.exports / FOLDER


def media_path(clip_id: str) -> str:
    return f"{CLIPS}/{clip_id}.mp4"


def frame_path(clip_id: str, k: int) -> str:
    return f"{FRAMES}/{clip_id}_{k}.png"


def ltx2_item(clip_id: str, record: Record) -> Record:
    """What the LTX-2 trainer reads of a clip."""
    return {
        "caption": record["training_caption"],
        "media_path": media_path(clip_id),
        "location": record["location"],
        "scene_type": record["scene_type"],
    }


def wan21_item(clip_id: str, record: Record) -> Record:
    """What Wan trainers of 000 read of a clip."""
    return {
        "caption": record["training_caption"],
        "media_path": media_path(clip_id),
        "first_frame": frame_path(clip_id, 0),
        "duration": record["duration"],
        "location": record["location"],
        "scene_type": record["scene_type"],
    }


def write_dataset(home: Home, records: pl.LazyFrame, clip_files: pl.LazyFrame) -> Written:
    """Write the dataset of all kept records, touching only what differs.

    Raises `FileNotFoundError` naming the file that a table points to and that is gone.
    """
    kept = (
        records.filter("kept")
        .join(clip_files.select("clip_id", "bytes"), on="clip_id", how="left")
        .sort("episode_id", "clip_id")
        .collect()
    )
    root = folder(home)
    placed = sum(_place(home, root, row) for row in kept.iter_rows(named=True))

    def items(make: Callable[[str, Record], Record]) -> Iterator[Record]:
        for clip_id, text in kept.select("clip_id", "record").iter_rows():
            yield make(clip_id, json.loads(text))

    manifest, ltx2, ltx2_lines, wan21 = (root / name for name in METADATA)
    write_text(manifest, json_array(items(lambda _, record: record)))
    write_text(ltx2, json_array(items(ltx2_item)))
    write_text(ltx2_lines, json_lines(items(ltx2_item)))
    write_text(wan21, json_array(items(wan21_item)))
    table = DATASET.frame(_row(row) for row in kept.iter_rows(named=True))
    removed = remove_others(root / CLIPS, {Path(path).name for path in table["media_path"]})
    frames = {Path(path).name for row in kept.iter_rows(named=True) for path in _frames(row)}
    removed += remove_others(root / FRAMES, frames)
    return Written(table, placed, removed)


def missing_files(home: Home) -> list[str]:
    """Files that the table of the dataset names and that are gone, so that they are put back."""
    path = home.table(DATASET.name, ALL)
    if not path.exists():
        return []
    table = pl.read_parquet(path)
    frames = [
        frame_path(clip_id, k)
        for clip_id, count in table.select("clip_id", "reference_frames").iter_rows()
        for k in range(count)
    ]
    names = (*METADATA, *table["media_path"], *frames)
    return [name for name in names if not (folder(home) / name).exists()]


def _frames(row: dict[str, Any]) -> dict[str, str]:
    """Where each reference frame of a clip comes from, by its path in the dataset."""
    return {frame_path(row["clip_id"], k): path for k, path in enumerate(row["frame_paths"])}


def _place(home: Home, root: Path, row: dict[str, Any]) -> bool:
    sources = {media_path(row["clip_id"]): row["clip_path"]} | _frames(row)
    for source in sources.values():
        if not (home.root / source).exists():
            raise FileNotFoundError(f"{source} of clip {row['clip_id']} is gone")
    return sum(place(home.root / source, root / name) for name, source in sources.items()) > 0


def _row(row: dict[str, Any]) -> dict[str, Any]:
    record = json.loads(row["record"])
    return {
        "episode_id": row["episode_id"],
        "clip_id": row["clip_id"],
        "media_path": media_path(row["clip_id"]),
        "first_frame": frame_path(row["clip_id"], 0),
        "reference_frames": len(row["frame_paths"]),
        "clip_frames": round(record["duration"] * record["fps"]),
        "bytes": row["bytes"],
        "duration_s": record["duration"],
        "training_caption": record["training_caption"],
    }
