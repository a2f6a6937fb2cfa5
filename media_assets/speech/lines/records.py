"""What 002 hands out of the utterances: its fused records, and who spoke when."""

import json
from typing import Any

import polars as pl


def audio_path(utterance_id: str) -> str:
    """Where the sound of an utterance lies, relative to `utterances.json`."""
    return f"voices/{utterance_id}.wav"


def utterances_json(utterances: pl.DataFrame) -> bytes:
    """A JSON array with a record per utterance, in time order (002, section 8).

    Times to the millisecond; speaker is the character, else the label, else null.
    """
    records = [
        {
            "id": row["utterance_id"],
            "start": round(row["start_s"], 3),
            "end": round(row["end_s"], 3),
            "speaker": row["character"] or row["speaker"],
            "emotion": row["emotion"],
            "text": row["text"],
            "audio_path": audio_path(row["utterance_id"]),
        }
        for row in utterances.sort("start_s", "utterance_id").iter_rows(named=True)
    ]
    return _json(records)


def who_spoke(utterances: pl.DataFrame) -> pl.DataFrame:
    """speaker_id, character_name, t_start, t_end of each utterance (002, section 6), in time order.

    Utterances of which neither is known are left out: they say nothing of who spoke.
    """
    return (
        utterances.filter(pl.any_horizontal(pl.col("speaker", "character").is_not_null()))
        .sort("start_s", "utterance_id")
        .select(speaker_id="speaker", character_name="character", t_start="start_s", t_end="end_s")
    )


def who_spoke_json(utterances: pl.DataFrame) -> bytes:
    """`who_spoke` as a JSON array, times to the millisecond."""
    return _json(who_spoke(utterances).with_columns(pl.col("t_start", "t_end").round(3)).to_dicts())


def _json(records: list[dict[str, Any]]) -> bytes:
    return (json.dumps(records, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()
