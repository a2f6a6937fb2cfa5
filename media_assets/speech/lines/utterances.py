"""Utterances: lines with how they are said and the sound of their voice, cut to the sample."""

from pathlib import Path
from typing import Any

import polars as pl

from media_assets.media.audio import read_wav, sample_at, write_wav
from media_assets.media.ids import told_apart
from media_assets.speech.schema import UTTERANCES
from resources.tables import digest


def utterance_facts(
    lines: pl.DataFrame, emotion: pl.DataFrame, stems: pl.DataFrame
) -> pl.DataFrame:
    """Per line, in order, what its utterance depends on and nothing else.

    Columns of `UTTERANCES` but path and samples, then voice (path of the stem), first_sample and
    end_sample in it.
    """
    (voice,) = stems.filter(stem="voice").iter_rows(named=True)
    rate = voice["rate_hz"]
    spans = [
        (sample_at(start, rate), max(sample_at(start, rate) + 1, sample_at(end, rate)))
        for start, end in lines.select("start_s", "end_s").iter_rows()
    ]
    return lines.join(
        emotion.select("line_id", "emotion", emotion_confidence="confidence"),
        on="line_id",
        how="left",
        maintain_order="left",
    ).select(
        "episode_id",
        pl.Series("utterance_id", _ids(lines)),
        *("line_id", "start_s", "end_s", "text", "speaker", "character"),
        *("emotion", "emotion_confidence", "overlap", "language", "source", "status", "score"),
        rate_hz=pl.lit(rate),
        channels=pl.lit(voice["channels"]),
        voice=pl.lit(voice["path"]),
        first_sample=pl.Series([first for first, _ in spans], dtype=pl.Int64),
        end_sample=pl.Series([end for _, end in spans], dtype=pl.Int64),
    )


def cut_utterances(facts: pl.DataFrame, root: Path, folder: Path) -> pl.DataFrame:
    """Rows of `UTTERANCES` for `facts` (as `utterance_facts` gives them), in order.

    root: what paths in tables are relative to; folder: where the files go, named by what they
    hold. One that is there is not written again: a new label does not change the sound.
    """
    return UTTERANCES.frame(
        {name: value for name, value in row.items() if name in UTTERANCES.columns}
        | {
            "path": _cut(row, root, folder).relative_to(root).as_posix(),
            "samples": row["end_sample"] - row["first_sample"],
            "row_key": "",
        }
        for row in facts.iter_rows(named=True)
    )


def _cut(row: dict[str, Any], root: Path, folder: Path) -> Path:
    """The file with the samples of an utterance; silence where the voice stem has ended."""
    import numpy as np

    first, end = row["first_sample"], row["end_sample"]
    path = folder / f"{digest([row['voice'], first, end])}.wav"
    if not path.exists():
        voice, rate = read_wav(root / row["voice"], first, end)
        silence = np.zeros((end - first - len(voice), row["channels"]), np.float32)
        write_wav(path, [voice, silence], rate, row["channels"])
    return path


def _ids(lines: pl.DataFrame) -> list[str]:
    """`{episode_id}-{start in ms, 8 digits}`, then b, c ... for lines that share it."""
    return told_apart(
        f"{episode}-{round(start * 1000):08d}"
        for episode, start in lines.select("episode_id", "start_s").iter_rows()
    )
