"""Where each utterance goes: near-duplicate groups, then splits, with what stood before."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from media_assets.exports.tts.groups import near_duplicates
from media_assets.exports.tts.settings import TtsExport
from media_assets.exports.tts.splits import LEAST_EPISODES, Candidate, assign


@dataclass(frozen=True)
class Plan:
    """By utterance: its split, its group, or the split that its near-duplicate is in.

    split_by: `episode` or `group`, by episode.
    """

    split: Mapping[str, str]
    group: Mapping[str, str]
    rejected: Mapping[str, str]
    split_by: Mapping[str, str]


def join_tables(
    utterances: pl.LazyFrame, tts_quality: pl.LazyFrame, stems: pl.LazyFrame
) -> pl.DataFrame:
    """One row per utterance, in order: what is said, how good it is, where its voice lies."""
    voices = stems.filter(stem="voice").select("episode_id", voice="path")
    quality = tts_quality.select(
        *("utterance_id", "loudness_lufs", "peak_db", "fingerprint", "kept", "reasons"),
        *("start_s", "end_s", "duration_s"),
    )
    return (
        utterances.select(
            *("episode_id", "utterance_id", "text", "speaker", "character", "emotion"),
            "language",
            said_s=pl.col("end_s") - pl.col("start_s"),
        )
        .join(quality, on="utterance_id", how="left")
        .join(voices, on="episode_id", how="left")
        .with_columns(
            pl.col("kept").fill_null(False),
            pl.col("reasons").fill_null(["not judged yet"]),
            pl.col("duration_s").fill_null(pl.col("said_s")),
        )
        .sort("episode_id", "utterance_id")
        .collect()
    )


def plan_splits(
    known: pl.DataFrame,
    previous: pl.DataFrame,
    sources: pl.DataFrame,
    config: TtsExport,
    episodes: Mapping[str, str] | None = None,
) -> Plan:
    """The plan for all utterances; what `previous` (a `tts_dataset`) has in a split stays there.

    known: as `join_tables` gives it; sources: `masters` of the library; episodes: splits that
    whole episodes once were in.
    """
    good = known.filter("kept")
    names = good["utterance_id"].to_list()
    fingerprints = [np.asarray(one, np.float32) for one in good["fingerprint"]]
    groups = near_duplicates(names, good["text"].to_list(), fingerprints)
    candidates = [
        Candidate(name, episode, group, duration_s)
        for (episode, name, duration_s), group in zip(
            good.select("episode_id", "utterance_id", "duration_s").iter_rows(),
            groups,
            strict=True,
        )
    ]
    before = {row["utterance_id"]: row for row in previous.filter("kept").iter_rows(named=True)}
    split_by = _split_by(known, before, sources)
    units = {
        one.utterance_id: one.episode_id if split_by[one.episode_id] == "episode" else one.group
        for one in candidates
    }
    splits, rejected = assign(
        candidates,
        units,
        {name: row["split"] for name, row in before.items()},
        dict(episodes or {}) | _units_before(before, units),
        config,
    )
    return Plan(splits, dict(zip(names, groups, strict=True)), rejected, split_by)


def _split_by(
    known: pl.DataFrame, before: Mapping[str, dict[str, Any]], sources: pl.DataFrame
) -> dict[str, str]:
    """What is split as a whole, by episode; an episode keeps to what it was split by."""
    modes = {row["episode_id"]: row["split_by"] for row in before.values()}
    audio_only = not any("video" in uses for uses in sources["uses"])
    new = "group" if audio_only and sources.height < LEAST_EPISODES else "episode"
    return dict.fromkeys(known["episode_id"], new) | modes


def _units_before(before: Mapping[str, dict[str, Any]], units: Mapping[str, str]) -> dict[str, str]:
    """The split of every unit that has one: episodes by any utterance, groups by a member."""
    found = {
        row["episode_id"]: row["split"] for row in before.values() if row["split_by"] == "episode"
    }
    for name in sorted(before.keys() & units.keys()):
        found.setdefault(units[name], before[name]["split"])
    return found
