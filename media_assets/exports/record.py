"""The clip record of 000, and which clips have one.

Every clip of an episode gets a row: with its record, or with the asset that lacks it and why.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from media_assets.exports.schema import RECORDS

Record = dict[str, Any]

ABSENT = (
    ("clip_path", "clip_files", "not encoded"),
    ("frame_paths", "reference_frames", "no reference frame"),
    ("annotated", "annotations", "not annotated"),
    ("training_caption", "captions", "no caption"),
)
"""What a record can not do without: column of `record_facts`, asset, reason."""


def record_facts(
    masters: pl.DataFrame,
    clips: pl.DataFrame,
    clip_quality: pl.DataFrame,
    clip_files: pl.DataFrame,
    reference_frames: pl.DataFrame,
    annotations: pl.DataFrame,
    captions: pl.DataFrame,
) -> pl.DataFrame:
    """Per clip, in order, what its record depends on and nothing else; null if a table lacks it."""
    frames = (
        reference_frames.sort("clip_id", "k")
        .group_by("clip_id", maintain_order=True)
        .agg(frame_paths="path")
    )
    facts = clips.join(masters.select("episode_id", "title"), on="episode_id", how="left")
    for part in (
        clip_quality.select("clip_id", "kept", "reasons"),
        clip_files.select("clip_id", clip_path="path", clip_frames="frames"),
        frames,
        annotations.drop("episode_id", "backend", "row_key").with_columns(annotated=pl.lit(True)),
        captions.select("clip_id", "caption", "structured_caption", "training_caption"),
    ):
        facts = facts.join(part, on="clip_id", how="left")
    return facts.sort("start_s", "clip_id").drop(
        "shot_index", "scene_index", "start_frame", "end_frame", "end_s"
    )


def record_rows(facts: pl.DataFrame) -> pl.DataFrame:
    """Rows of `RECORDS` for the clips in `facts` (as `record_facts` gives them), in order."""
    return RECORDS.frame(_row(row) for row in facts.iter_rows(named=True))


def rejection(row: Mapping[str, Any]) -> tuple[str, list[str]] | None:
    """The asset that keeps a clip out and its reasons, or None."""
    if row["kept"] is None:
        return "clip_quality", ["not measured"]
    if not row["kept"]:
        return "clip_quality", row["reasons"] or ["no reason given"]
    for column, asset, reason in ABSENT:
        if not row[column]:
            return asset, [reason]
    if row["clip_frames"] != row["frames"]:
        return "clip_files", [f"{row['clip_frames']} of {row['frames']} frames"]
    return None


def clip_record(row: Mapping[str, Any]) -> Record:
    """The record with the keys of 000 in its order; unknown is null, [], {} or "" as there.

    Times to the millisecond; `duration` is that of the frames in the file.
    """
    characters = list(row["characters"])
    return {
        "clip": row["clip"],
        "episode": row["title"] or row["episode_id"],
        "episode_id": row["episode_id"],
        "shot_key": row["shot_key"],
        "start_s": round(row["start_s"], 3),
        "duration": round(row["frames"] * row["fps_den"] / row["fps_num"], 3),
        "width": row["width_px"],
        "height": row["height_px"],
        "fps": round(row["fps_num"] / row["fps_den"], 6),
        "scene_type": row["scene_type"],
        "shot_framing": row["shot_size"],
        "location": row["location"],
        "location_raw": row["location_raw"],
        "characters": characters,
        "outfits": {worn["character"]: worn["outfit"] for worn in row["outfits"]},
        "transcript": transcript(row["lines"]),
        "caption": row["caption"],
        "structured_caption": row["structured_caption"],
        "training_caption": row["training_caption"],
        "shot_annotation": {
            "shot_size": row["shot_size"],
            "camera_angle": row["camera_angle"],
            "composition": list(row["composition"]),
            "motion": list(row["motion"]),
        },
        "caption_entities": {
            "characters": characters,
            "locations": [row["location"]] if row["location"] else [],
            "gadgets": [],
            "villain_description": "",
        },
        "confidence_notes": list(row["notes"]),
    }


def transcript(lines: Iterable[Mapping[str, Any]]) -> str:
    """All lines in one string, as 000 has it: `Sam: Look! SPEAKER_02: Wow.`

    The character; else the label of the voice; else nothing but what is said.
    """
    said = ((line["speaker"] or line["label"], line["line"]) for line in lines)
    return " ".join(f"{who}: {line}" if who else line for who, line in said)


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    rejected = rejection(row)
    stage, reasons = rejected or (None, [])
    return {
        "episode_id": row["episode_id"],
        "clip_id": row["clip_id"],
        "record": None if rejected else json.dumps(clip_record(row), ensure_ascii=False),
        "clip_path": row["clip_path"],
        "frame_paths": row["frame_paths"] or [],
        "kept": rejected is None,
        "stage": stage,
        "reasons": reasons,
        "row_key": "",
    }
