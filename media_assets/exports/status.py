"""The state of every table of every episode, read from the footers alone."""

from collections.abc import Iterable

import polars as pl

from media_assets.exports.schema import EPISODE_STATUS, RECORDS
from media_assets.library import registrations
from resources.home import Home
from resources.tables import read_footer, read_table


def episode_states(home: Home, episodes: Iterable[str], tables: Iterable[str]) -> pl.DataFrame:
    """Rows of `EPISODE_STATUS`, the tables of an episode in the given order."""
    tables = list(tables)
    return EPISODE_STATUS.frame(
        _state(home, episode, table) for episode in episodes for table in tables
    )


def episode_overview(home: Home) -> list[tuple[str, int, int, str]]:
    """Per registered episode: its id, tables that stand, clips kept, and its state in words."""
    return [_overview(home, episode) for episode in registrations(home)]


def _overview(home: Home, episode: str) -> tuple[str, int, int, str]:
    footers = [
        footer
        for path in sorted(home.tables.glob(f"*/{episode}.parquet"))
        if (footer := read_footer(path))
    ]
    problem = next((f"{f.status}: {f.reason}" for f in footers if f.status == "bad_input"), None)
    path = home.table(RECORDS.name, episode)
    record = read_footer(path)
    kept = int(read_table(path)["kept"].sum()) if record and record.rows else 0
    state = problem or (record.reason or "ok" if record else "not done yet")
    return episode, len(footers), kept, state


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
