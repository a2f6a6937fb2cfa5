"""The manifest of the licensed masters: what there is, whose it is, and what is wrong with it."""

from typing import Any

import polars as pl

from media_assets.exports.schema import SOURCE_MANIFEST
from media_assets.ingest.schema import MASTERS, PROBE
from media_assets.library import load
from resources.home import Home
from resources.tables import read_footer


def source_rows(home: Home, episodes: tuple[str, ...], masters: pl.LazyFrame) -> pl.DataFrame:
    """Rows of `SOURCE_MANIFEST`, one per registered episode, unusable masters too."""
    known = {row["episode_id"]: row for row in masters.collect().iter_rows(named=True)}
    return SOURCE_MANIFEST.frame(
        _row(home, episode, known.get(episode, {})) for episode in episodes
    )


def manifest(rows: pl.DataFrame) -> dict[str, Any]:
    """The JSON object: totals, then each master under its episode."""
    usable = rows.filter(pl.col("status") == "ok")
    return {
        "masters": rows.height,
        "usable": usable.height,
        "duration_s": round(usable["duration_s"].sum(), 3),
        "episodes": {
            row["episode_id"]: {key: value for key, value in row.items() if key != "episode_id"}
            for row in rows.iter_rows(named=True)
        },
    }


def _row(home: Home, episode: str, known: dict[str, Any]) -> dict[str, Any]:
    registration = load(home, episode)
    footers = [read_footer(home.table(table.name, episode)) for table in (PROBE, MASTERS)]
    latest = next((footer for footer in footers if footer), None)  # what is bad stays bad
    row = {name: known.get(name) for name in SOURCE_MANIFEST.columns}
    return row | {
        "episode_id": episode,
        "path": registration.relative_path,
        "streams": known.get("streams") or [],
        "uses": list(registration.uses),
        "status": latest.status if latest else "missing",
        "reason": latest.reason if latest else "not read yet",
    }
