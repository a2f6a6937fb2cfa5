"""The state of every table of every episode, read from the footers alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from media_assets.exports.schema import EPISODE_STATUS, RECORDS
from media_assets.library import Registration, registrations
from media_assets.speech.schema import UTTERANCES
from media_assets.superres.schema import PATCHES
from resources.home import Home
from resources.tables import TableSchema, read_footer, read_table


def episode_states(home: Home, episodes: Iterable[str], tables: Iterable[str]) -> pl.DataFrame:
    """Rows of `EPISODE_STATUS`, the tables of an episode in the given order."""
    tables = list(tables)
    return EPISODE_STATUS.frame(
        _state(home, episode, table) for episode in episodes for table in tables
    )


@dataclass(frozen=True)
class Overview:
    """Where an episode stands: tables made, clips kept, patches written, its state in words."""

    episode: str
    tables: int
    clips: int
    patches: int
    state: str


def episode_overview(home: Home) -> list[Overview]:
    """Where every registered episode stands."""
    return [_overview(home, entry) for entry in registrations(home).values()]


def _overview(home: Home, entry: Registration) -> Overview:
    episode = entry.episode_id
    footers = [
        footer
        for path in sorted(home.tables.glob(f"*/{episode}.parquet"))
        if (footer := read_footer(path))
    ]
    problem = next((f"{f.status}: {f.reason}" for f in footers if f.status == "bad_input"), None)
    clips = _rows_with(home.table(RECORDS.name, episode), pl.col("kept"))
    patches = _rows_with(home.table(PATCHES.name, episode), pl.col("status") == "written")
    made = {footer.table: footer for footer in footers}
    told = [
        made[table.name].reason if table.name in made else f"no {table.name} yet"
        for table in _last_tables(entry)
    ]
    told += [text for footer in footers for text in footer.warnings]
    state = problem or "; ".join(filter(None, told)) or "ok"
    return Overview(episode, len(footers), clips, patches, state)


def _last_tables(entry: Registration) -> list[TableSchema]:
    """The tables to which the uses of a master lead."""
    lead = {"video": RECORDS, "speech": UTTERANCES, "superres": PATCHES}
    return [lead[use] for use in entry.uses if use in lead]


def _rows_with(path: Path, condition: pl.Expr) -> int:
    footer = read_footer(path)
    return read_table(path).filter(condition).height if footer and footer.rows else 0


def _state(home: Home, episode: str, table: str) -> dict[str, object]:
    footer = read_footer(home.table(table, episode))
    status, rows, reason = ("missing", 0, "not made yet")
    if footer:
        status, rows, reason = footer.status, footer.rows, footer.reason
    return {
        "episode_id": episode,
        "asset": table,
        "status": status,
        "rows": rows,
        "reason": reason,
    }
