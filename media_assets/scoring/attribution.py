"""How well words, segments and clips are given to those who speak them."""

from collections.abc import Iterable
from typing import Any

import polars as pl

from media_assets.scoring.extra import bench
from media_assets.scoring.turns import annotation

Score = dict[str, Any]

LEVELS = ("word", "segment", "clip")
MARGINS = (0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0, -1.0)
"""Where the risk-coverage curve is read; the last trusts whatever was assigned."""


def score_attribution(truth: pl.DataFrame, found: pl.DataFrame, items: pl.DataFrame) -> Score:
    """Per level how many items got a speaker and how many of these the true one, ready for JSON.

    truth, found: turns (start_s, end_s, speaker). items: level, id, start_s, end_s, speaker (label
    of `found`; null where the rules abstain), margin. A label means the true speaker with whom it
    shares most time, one each, as for the diarization error rate. The true speaker of an item is
    who speaks most of it; an item that two speak alike is not scored.

    Gives per level: items; assigned, correct; silent (items in which nobody speaks),
    silent_assigned; accuracy (of the assigned), coverage (assigned, of those in which somebody
    speaks); curve: assigned, correct, risk and coverage of what has at least a `margin`.
    """
    meaning = _meaning(truth, found)
    judged = items.join(_true_speakers(truth, items), on=["level", "id"], how="left").filter(
        ~pl.col("alike").fill_null(False)
    )
    named = pl.col("speaker").replace_strict(meaning, default=None, return_dtype=pl.String)
    judged = judged.with_columns(
        assigned=pl.col("speaker").is_not_null(),
        correct=named.eq(pl.col("true")).fill_null(False),
        silent=pl.col("true").is_null(),
    )
    levels = {level: judged.filter(level=level) for level in LEVELS}
    return {level: _rates(_counts(rows)) for level, rows in levels.items() if rows.height}


def pool_attribution(scores: Iterable[Score]) -> Score:
    """One score over several episodes: counts add up."""
    pooled: Score = {}
    for score in scores:
        for level, counts in score.items():
            pooled[level] = _sum(pooled[level], counts) if level in pooled else counts
    return {level: _rates(counts) for level, counts in pooled.items()}


def _meaning(truth: pl.DataFrame, found: pl.DataFrame) -> dict[str, str]:
    metric = bench("pyannote.metrics.diarization").DiarizationErrorRate(collar=0.0)
    return dict(metric.optimal_mapping(annotation(truth), annotation(found)))


def _true_speakers(truth: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """level, id, true, alike (whether a second speaks as much) of items in which somebody speaks.

    Overlapping turns of one speaker count once.
    """
    spoken = [(span.start, span.end, who) for span, _, who in annotation(truth).itertracks(True)]
    turns = pl.DataFrame(
        spoken, schema={"from_s": pl.Float64, "to_s": pl.Float64, "true": pl.String}, orient="row"
    )
    length = pl.min_horizontal("end_s", "to_s") - pl.max_horizontal("start_s", "from_s")
    return (
        items.select("level", "id", "start_s", "end_s")
        .join_where(turns, pl.col("start_s") < pl.col("to_s"), pl.col("end_s") > pl.col("from_s"))
        .group_by("level", "id", "true")
        .agg(spoken_s=length.sum().round(6))
        .sort("spoken_s", "true", descending=[True, False])
        .group_by("level", "id", maintain_order=True)
        .agg(
            pl.col("true").first(),
            alike=(pl.col("spoken_s") == pl.col("spoken_s").first()).sum() > 1,
        )
    )


def _counts(rows: pl.DataFrame) -> Score:
    def trusted(margin: float) -> Score:
        some = rows.filter("assigned", pl.col("margin") >= margin)
        return {"margin": margin, "assigned": some.height, "correct": int(some["correct"].sum())}

    silent = rows.filter("silent")
    return {
        "items": rows.height,
        "assigned": int(rows["assigned"].sum()),
        "correct": int(rows["correct"].sum()),
        "silent": silent.height,
        "silent_assigned": int(silent["assigned"].sum()),
        "curve": [trusted(margin) for margin in MARGINS],
    }


def _sum(one: Score, other: Score) -> Score:
    names = ("items", "assigned", "correct", "silent", "silent_assigned")
    points = [
        {"margin": a["margin"]} | {name: a[name] + b[name] for name in ("assigned", "correct")}
        for a, b in zip(one["curve"], other["curve"], strict=True)
    ]
    return {name: one[name] + other[name] for name in names} | {"curve": points}


def _rates(counts: Score) -> Score:
    """The counts with accuracy and coverage, and risk and coverage of every point."""
    heard = counts["items"] - counts["silent"]

    def share(count: int, total: int) -> float | None:
        return count / total if total else None

    points = [
        point
        | {
            "coverage": share(point["assigned"], counts["items"]),
            "risk": share(point["assigned"] - point["correct"], point["assigned"]),
        }
        for point in counts["curve"]
    ]
    return counts | {
        "accuracy": share(counts["correct"], counts["assigned"]),
        "coverage": share(counts["assigned"] - counts["silent_assigned"], heard),
        "curve": points,
    }
