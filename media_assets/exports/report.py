"""The dataset at a glance: the numbers of 000 for what was exported, as table and report.md."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from media_assets.exports.plots import Plot, bars, histogram
from media_assets.exports.schema import DATASET_REPORT

REJECTED = "Rejected clips"
MOST = 20
"""Rows of a distribution that are shown."""


@dataclass(frozen=True)
class Facts:
    """What the report counts.

    records: kept records in order; lines: per kept clip, per line, whether its speaker has a name;
    attributed: per level of `attribution` how many have a speaker, of how many rows (of clips the
    kept ones), levels without rows left out; shots_s: length of every shot; quality:
    `clip_quality` of the kept clips.
    """

    records: Sequence[Mapping[str, Any]]
    lines: Sequence[Sequence[bool]]
    attributed: Mapping[str, tuple[int, int]]
    shots_s: Sequence[float]
    quality: pl.DataFrame
    dataset: pl.DataFrame
    ledger: pl.DataFrame


def facts(
    records: pl.LazyFrame,
    annotations: pl.LazyFrame,
    attribution: pl.LazyFrame,
    clip_quality: pl.LazyFrame,
    shots: pl.LazyFrame,
    dataset: pl.LazyFrame,
    reject_ledger: pl.LazyFrame,
) -> Facts:
    kept = records.filter("kept").sort("episode_id", "clip_id").collect()
    lines = annotations.join(dataset.select("clip_id"), on="clip_id", how="semi").select(
        known=pl.col("lines").list.eval(pl.element().struct.field("speaker").is_not_null())
    )
    exported = dataset.select(id="clip_id", level=pl.lit("clip"))
    levels = pl.concat(
        [
            attribution.join(exported, on=["id", "level"], how="semi"),
            attribution.filter(level="segment"),
        ]
    )
    counts = levels.group_by("level").agg(pl.col("speaker").count(), total=pl.len()).collect()
    quality = (
        clip_quality.join(dataset.select("clip_id"), on="clip_id", how="semi")
        .sort("clip_id")
        .collect()
    )
    return Facts(
        records=[json.loads(text) for text in kept["record"]],
        lines=lines.collect()["known"].to_list(),
        attributed={level: (known, total) for level, known, total in counts.iter_rows()},
        shots_s=shots.select((pl.col("end_s") - pl.col("start_s")).alias("s"))
        .collect()["s"]
        .sort()
        .to_list(),
        quality=quality,
        dataset=dataset.collect(),
        ledger=reject_ledger.collect(),
    )


def numbers(known: Facts) -> pl.DataFrame:
    """Rows of `DATASET_REPORT`: the lines of 000's `Numbers at a glance`."""
    total = len(known.records)

    def clips(metric: str, key: str) -> dict[str, Any]:
        count = sum(is_known(flat(record)[key]) for record in known.records)
        return _number(metric, count, "clips", total)

    def attributed(level: str, of: int | None = None) -> dict[str, Any]:
        metric = f"Dialogue attributed ({level})"
        if level not in known.attributed:
            return _number(metric, None, f"{level}s")
        count, rows = known.attributed[level]
        return _number(metric, count, f"{level}s", of or rows)

    rejected = known.ledger.filter(pl.col("clip_id").is_not_null()).height
    return DATASET_REPORT.frame(
        [
            _number("Total clips", total, "clips"),
            _number("Duration", sum(r["duration"] for r in known.records) / 60, "minutes"),
            _number("Reference frames", sum(known.dataset["reference_frames"]), "frames"),
            clips("Training caption", "training_caption"),
            clips("Characters named", "characters"),
            clips("Outfit data", "outfits"),
            clips("Villain described", "caption_entities.villain_description"),
            clips("Location known", "location"),
            clips("Scene type", "scene_type"),
            clips("Shot framing", "shot_framing"),
            clips("Gadgets named", "caption_entities.gadgets"),
            clips("With dialogue", "transcript"),
            attributed("clip", total),
            attributed("segment"),
            _number(
                "Lines with a named speaker",
                sum(map(sum, known.lines)),
                "lines",
                sum(map(len, known.lines)),
            ),
            _number(REJECTED, rejected, "clips", total + rejected),
            _number(
                "Rejected episodes",
                known.ledger.filter(pl.col("clip_id").is_null()).height,
                "episodes",
            ),
        ]
    )


def flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record without nesting: `shot_annotation.motion` and so on; `outfits` stays whole."""
    fields: dict[str, Any] = {}
    for key, value in record.items():
        if key in ("shot_annotation", "caption_entities"):
            fields |= {f"{key}.{inner}": v for inner, v in value.items()}
        else:
            fields[key] = value
    return fields


def is_known(value: Any) -> bool:
    return value is not None and value not in ("", [], {})


def coverage(records: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many records know each field, fields in the order of the record."""
    counts: dict[str, int] = {}
    for record in records:
        for key, value in flat(record).items():
            counts[key] = counts.get(key, 0) + is_known(value)
    return counts


def draw(known: Facts, root: Path) -> list[Plot]:
    """The plots, written below `root`; none where there is nothing to show."""
    seconds = [record["duration"] for record in known.records]
    minutes: dict[str, float] = {}
    for record in known.records:
        minutes[record["episode_id"]] = minutes.get(record["episode_id"], 0.0) + (
            record["duration"] / 60
        )
    quality = {name: known.quality[name].to_list() for name in ("motion", "luma", "sharpness")}
    wanted = (
        ("duration", "Clip length", "s", seconds),
        ("shots", "Shot length", "s", known.shots_s),
        ("motion", "Motion of clips", "mean change between frames, 0 to 255", quality["motion"]),
        ("luma", "Brightness of clips", "mean luma, 0 to 255", quality["luma"]),
        (
            "sharpness",
            "Sharpness of clips",
            "mean squared step between pixels",
            quality["sharpness"],
        ),
    )
    plots = [histogram(root, *plot) for plot in wanted if plot[-1]]
    if minutes:
        longest = sorted(minutes.items(), key=lambda item: (-item[1], item[0]))[:MOST]
        plots.insert(0, bars(root, "episodes", "Minutes by episode", "min", dict(longest)))
    return plots


def markdown(known: Facts, table: pl.DataFrame, plots: Sequence[Plot]) -> str:
    """report.md; pictures are named relative to it."""
    total = len(known.records)
    fields = coverage(known.records)
    names = {record["episode_id"]: record["episode"] for record in known.records}
    episodes = (
        known.dataset.group_by("episode_id")
        .agg(clips=pl.len(), minutes=pl.col("duration_s").sum() / 60)
        .sort("episode_id")
    )
    rejects = known.ledger.filter(pl.col("clip_id").is_not_null())
    rejected = dict(rejects.group_by("episode_id").len().iter_rows())
    whole = known.ledger.filter(pl.col("clip_id").is_null())
    reasons = Counter(
        (stage, re.sub(r"\d+(\.\d+)?", "N", reason))
        for stage, given in rejects.select("stage", "reasons").iter_rows()
        for reason in given
    )
    people = Counter(name for record in known.records for name in record["characters"])
    parts = [
        "# Dataset report",
        _table(
            ("Metric", "Value"), [(r["metric"], _value(r)) for r in table.iter_rows(named=True)]
        ),
        "## Pictures",
        "\n".join(f"![{plot.alt}]({plot.path})" for plot in plots) or "None.",
        "## Episodes",
        _table(
            ("Episode", "Title", "Clips", "Minutes", "Rejected clips"),
            [
                (
                    row["episode_id"],
                    names[row["episode_id"]],
                    row["clips"],
                    f"{row['minutes']:.1f}",
                    rejected.get(row["episode_id"], 0),
                )
                for row in episodes.iter_rows(named=True)
            ],
        ),
        "## Scene types",
        _distribution("Scene type", Counter(r["scene_type"] for r in known.records), total),
        "## Locations",
        _distribution("Location", Counter(r["location"] for r in known.records), total),
        "## Characters",
        _distribution("Character", people, total),
        "## Fields",
        _table(("Field", "Known"), [(k, _share(count, total)) for k, count in fields.items()]),
        "## Remaining gaps",
        _table(
            ("Metric", "Missing"),
            [
                (row["metric"], f"{_share(int(row['total'] - row['value']), row['total'])}")
                for row in table.iter_rows(named=True)
                if row["total"] and row["value"] < row["total"] and row["metric"] != REJECTED
            ],
        ),
        "## Rejected clips",
        _table(
            ("Stage", "Reason", "Clips"),
            [(*key, count) for key, count in sorted(reasons.items(), key=lambda i: (-i[1], i[0]))],
        ),
        "## Episodes that are out",
        _table(
            ("Episode", "Stage", "Reason"),
            [
                (row["episode_id"], row["stage"], "; ".join(row["reasons"]))
                for row in whole.sort("episode_id").iter_rows(named=True)
            ],
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _number(
    metric: str, value: float | None, unit: str, total: int | None = None
) -> dict[str, Any]:
    known = None if value is None else float(value)
    return {"metric": metric, "value": known, "total": total, "unit": unit}


def _value(row: Mapping[str, Any]) -> str:
    if row["value"] is None:
        return "-"
    if row["total"] is not None:
        return f"{_share(int(row['value']), row['total'])} of {row['unit']}"
    return (
        f"{row['value']:,.1f} {row['unit']}"
        if row["unit"] == "minutes"
        else (f"{row['value']:,.0f} {row['unit']}")
    )


def _share(count: int, total: int) -> str:
    return f"{count:,} / {total:,} ({count / total:.0%})" if total else f"{count:,} / 0"


def _distribution(name: str, counts: Counter[Any], total: int) -> str:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))
    rows = [
        ("*unknown*" if key is None else key, count, f"{count / total:.0%}")
        for key, count in ordered[:MOST]
    ]
    if len(ordered) > MOST:
        rows.append((f"*{len(ordered) - MOST} more*", sum(c for _, c in ordered[MOST:]), ""))
    return _table((name, "Clips", "Share"), rows)


def _table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = [_line(row) for row in rows]
    return "\n".join([_line(header), "|---" * len(header) + "|", *lines]) if lines else "None."


def _line(cells: Sequence[Any]) -> str:
    return "| " + " | ".join(str(c).replace("|", "\\|").replace("\n", " ") for c in cells) + " |"
