"""What is not in the dataset, and why: every clip of every episode is kept or accounted for."""

import polars as pl

from media_assets.captions.schema import ANNOTATIONS, CAPTIONS
from media_assets.exports.schema import RECORDS, REJECT_LEDGER
from media_assets.ingest.schema import MASTERS, PROBE
from media_assets.shots.schema import (
    CLIP_FILES,
    CLIP_QUALITY,
    CLIPS,
    FRAME_MEASURES,
    REFERENCE_FRAMES,
    SHOTS,
)
from resources.home import Home
from resources.tables import read_footer

CHAIN = (
    *(MASTERS, PROBE, FRAME_MEASURES, SHOTS, CLIPS, CLIP_QUALITY, CLIP_FILES, REFERENCE_FRAMES),
    *(ANNOTATIONS, CAPTIONS, RECORDS),
)
"""From master to record; where an episode is out, the first of these says why."""


def rejects(home: Home, episodes: tuple[str, ...], records: pl.LazyFrame) -> pl.DataFrame:
    """Rows of `REJECT_LEDGER`: rejected clips, and one row for each episode that is out."""
    out = [row for episode in episodes if (row := whole_episode(home, episode))]
    clips = records.filter(~pl.col("kept")).select(list(REJECT_LEDGER.columns)).collect()
    return pl.concat([clips, REJECT_LEDGER.frame(out)]).sort("episode_id", "clip_id")


def whole_episode(home: Home, episode: str) -> dict[str, object] | None:
    """The ledger's row of an episode without a single clip to judge, else None."""
    footers = {table.name: read_footer(home.table(table.name, episode)) for table in CHAIN}
    final = footers[RECORDS.name]
    if final and final.status == "ok" and final.rows:
        return None
    for name, footer in footers.items():
        if footer and footer.status != "ok":
            return _out(episode, name, footer.reason)
    for name, footer in footers.items():
        if footer is None:
            return _out(episode, name, "not made yet")
    return _out(episode, CLIPS.name, "no clip in any shot")


def unaccounted(clips: pl.DataFrame, dataset: pl.DataFrame, ledger: pl.DataFrame) -> pl.DataFrame:
    """Clips that are not exactly once in the dataset or the ledger.

    Columns: episode_id, clip_id, times (in how many places the clip is).
    clips: all clips (episode_id, clip_id). An episode whose ledger has a row without clip is out
    as a whole, with its clips.
    """
    out = ledger.filter(pl.col("clip_id").is_null()).select("episode_id").unique()
    accounts = pl.concat(
        [
            dataset.select("episode_id", "clip_id"),
            ledger.filter(pl.col("clip_id").is_not_null()).select("episode_id", "clip_id"),
        ]
    )
    times = accounts.group_by("episode_id", "clip_id").agg(times=pl.len().cast(pl.Int64))
    return (
        clips.select("episode_id", "clip_id")
        .join(out, on="episode_id", how="anti")
        .join(times, on=["episode_id", "clip_id"], how="full", coalesce=True)
        .join(clips.select("clip_id", known=pl.lit(True)), on="clip_id", how="left")
        .with_columns(pl.col("times").fill_null(0))
        .filter((pl.col("times") != 1) | pl.col("known").is_null())
        .select("episode_id", "clip_id", "times")
        .sort("episode_id", "clip_id")
    )


def _out(episode: str, stage: str, reason: str) -> dict[str, object]:
    return {"episode_id": episode, "clip_id": None, "stage": stage, "reasons": [reason]}
