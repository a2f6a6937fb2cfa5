"""A home in which work on patches was done, is going on or has stopped: tables and journals."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from media_assets.superres.formats import FORMATS, file_name
from media_assets.superres.schema import PATCH_PLAN, PATCH_SOURCE, PATCH_TARGETS, PATCHES
from resources.home import Home
from resources.problems import Unusable
from resources.storage import Made
from resources.tables import TableSchema, digest, write_table

BLANK = {pl.String: "", pl.Int64: 0, pl.Float64: 0.0, pl.Boolean: False}
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

Row = dict[str, Any]


def add(home: Home, episode: str, uses: Sequence[str] = ("superres",)) -> None:
    home.episodes.mkdir(parents=True, exist_ok=True)
    record = {"master": f"/films/{episode}.mkv", "root": "/films", "uses": uses, "show": None}
    (home.episodes / f"{episode}.json").write_text(json.dumps(record))


def put(
    home: Home,
    schema: TableSchema,
    episode: str,
    rows: Iterable[Mapping[str, Any]],
    made_from: Mapping[str, Any] | None = None,
) -> str:
    """Write a table as its asset would, columns that are left out blank; its version."""
    blank = {
        name: None if column.nullable else BLANK.get(column.dtype, [])
        for name, column in schema.columns.items()
    }
    frame = schema.frame(blank | {"episode_id": episode} | dict(row) for row in rows)
    made = Made.of(schema, frame, digest(frame.to_dicts()), dict(made_from or {}))
    write_table(home.table(schema.name, episode), made.frame, made.footer)
    return made.footer.version


def put_nothing(home: Home, schema: TableSchema, episode: str, problem: Unusable) -> None:
    made = Made.nothing(schema, problem, digest(str(problem)), {})
    write_table(home.table(schema.name, episode), made.frame, made.footer)


def planned(windows: int, category: str = "general", fmt: str = "small_540") -> list[Row]:
    size = FORMATS[fmt]
    return [
        {
            "window": window,
            "category": category,
            "format": fmt,
            "start_frame": 100 * window,
            "frames": list(range(100 * window, 100 * window + 7)),
            "crop_width_px": size.width_px,
            "crop_height_px": size.height_px,
        }
        for window in range(windows)
    ]


def put_plan(home: Home, episode: str, plan: Sequence[Row]) -> str:
    """Source, targets and plan of an episode; the plan's version."""
    counts: dict[tuple[str, str], int] = {}
    for row in plan:
        kind = row["category"], row["format"]
        counts[kind] = counts.get(kind, 0) + 1
    of_category = {c: sum(n for (k, _), n in counts.items() if k == c) for c, _ in counts}
    weights = [{"category": c, "weight": n / len(plan)} for c, n in of_category.items()]
    source = {
        "title": f"The {episode}",
        "sha256": digest(episode),
        "categories": weights,
        "frames": 7 * len(plan) + 6,
        "hdr": "pq",
        "peak_nits": 1000.0,
        "peak_from": "max_cll",
    }
    put(home, PATCH_SOURCE, episode, [source])
    put(
        home,
        PATCH_TARGETS,
        episode,
        [
            {"category": c, "format": f, "target": n, "share": n / of_category[c]}
            for (c, f), n in counts.items()
        ],
    )
    return put(home, PATCH_PLAN, episode, plan, {"config": {"seed": 7, "base_frame_limit": 10}})


def written(row: Row, attempt: int = 0, size: int = 1000) -> Row:
    """The row of a patch that stands; its files are named as they would be."""
    name = file_name("x", row["window"], row["format"])
    folder = f"exports/superres/{row['category']}/{FORMATS[row['format']].directory}"
    paths = {"gt_path": "GT", "lr5_path": "LR_5frames", "lr7_path": "LR_7frames"}
    return _tried(row, attempt) | {
        "status": "written",
        "reason": None,
        "bytes": size,
        **{column: f"{folder}/{side}/{name}" for column, side in paths.items()},
    }


def rejected(row: Row, attempt: int = 0, reason: str = "cut_inside") -> Row:
    return _tried(row, attempt) | {"status": "rejected", "reason": reason, "bytes": 0}


def _tried(row: Row, attempt: int) -> Row:
    return row | {"attempt": attempt, "row_key": f"{row['category']}-{row['window']}-{attempt}"}


def put_patches(
    home: Home, episode: str, rows: Iterable[Row], plan_version: str | None = None
) -> None:
    inputs = {"patch_plan": plan_version} if plan_version else {}
    config = {"lr_filter": "lanczos4", "naming": "LR_5frames"}
    put(home, PATCHES, episode, rows, {"inputs": inputs, "config": config})


def line(at: datetime, **entry: Any) -> bytes:
    """A line of a journal as it lies on disk."""
    return json.dumps({"at": at.isoformat(), **entry}).encode() + b"\n"


def header(at: datetime, episode: str, total: int) -> bytes:
    told = {"asset": "patches", "episode": episode, "key": "k", "total": total, "planned": []}
    return line(at, header=told)


def entry(at: datetime, row: Row, settles: bool = True) -> bytes:
    return line(at, row=row, computed=True, settles=settles)


def heartbeat(at: datetime) -> bytes:
    taken = {"workers": 4, "cpu_percent": 380.0, "memory_bytes": 3_000_000_000}
    return line(at, heartbeat=taken)


def put_journal(home: Home, episode: str, *lines: bytes) -> Path:
    path = home.journal(PATCHES.name, episode)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(lines))
    return path


def minutes_ago(count: float, now: datetime = NOON) -> datetime:
    return now - timedelta(minutes=count)
