"""Pictures of shots and clips for the UI."""

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from media_assets.previews import sheet, table
from media_assets.shots.kept_frames import kept_frames
from resources.home import Home

if TYPE_CHECKING:
    import numpy as np

# Shots and clips on one sheet: more would be too small to tell apart in 50 KB.
MAX_SHOTS = 42
MAX_CLIPS = 14


def shot_sheet(shots: pl.DataFrame, kept_at: Path) -> str:
    """One picture of every shot, at most `MAX_SHOTS` spread over the episode, as Markdown.

    Pictures come from the frames set aside in the decode; where they are gone there is a table.
    """
    every = -(-shots.height // MAX_SHOTS) if shots.height else 1
    shown = shots[::every]
    pictures: dict[int, np.ndarray] = {}
    for number, frame in kept_frames(kept_at):
        for shot, start, end in shown.select("shot_index", "start_frame", "end_frame").iter_rows():
            # The frames of a shot come in order; the second of three is its middle.
            if start <= number < end and (shot not in pictures or number < (start + end) / 2 + 12):
                pictures[shot] = frame.to_ndarray(format="rgb24")
    labels = [
        f"{row['shot_index']} {row['transition_in']} {row['start_s']:.1f}s"
        for row in shown.iter_rows(named=True)
        if row["shot_index"] in pictures
    ]
    columns = ("shot_index", "start_frame", "end_frame", "start_s", "transition_in", "confidence")
    sheeted = sheet([pictures[shot] for shot in sorted(pictures)], labels) if pictures else ""
    return f"{shots.height} shots\n\n{sheeted}\n\n{table(shots.select(columns))}"


def clip_strip(home: Home, frames: pl.DataFrame) -> str:
    """First, middle and last frame of clips spread over the episode, two clips a row."""
    import cv2

    ids = frames["clip_id"].unique(maintain_order=True)
    every = -(-len(ids) // MAX_CLIPS) if len(ids) else 1
    shown = frames.filter(pl.col("clip_id").is_in(ids[::every].implode()))
    pictures, labels = [], []
    for clip_id, k, path in shown.select("clip_id", "k", "path").iter_rows():
        picture = cv2.imread(str(home.root / path))
        if picture is not None:
            pictures.append(picture[..., ::-1])
            labels.append(f"{clip_id[-8:]} {k}")
    return f"{len(ids)} clips\n\n{sheet(pictures, labels)}"
