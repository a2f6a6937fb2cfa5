"""Measures of the tables `shots` and `clips` against a cuts file, ready for JSON."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl

from media_assets.scoring.shots import (
    Counts,
    ShotTruth,
    contaminated,
    read_truth,
    score_cuts,
    score_gradual,
)
from media_assets.shots.kinds import Transition
from resources.problems import BadInput


def transitions_of(shots: pl.DataFrame, n_frames: int) -> list[Transition]:
    """The transitions that a table of shots implies, in a master of `n_frames`.

    A gap is one gradual transition, or a fade if one shot fades out and the next fades in. Where a
    shot ends by one kind and the next begins by another, the shots do not say where the one gives
    way to the other: a cut lies at its own end of the gap, any other kind fills the gap.
    """
    rows = shots.sort("start_frame").select(
        "start_frame", "end_frame", "transition_in", "transition_out", "confidence"
    )
    ends = [(0, 0, None, "start", 1.0), *rows.rows(), (n_frames, n_frames, "end", None, 1.0)]
    found = []
    for (_, gap_start, _, out, sure), (gap_end, _, into, _, also) in pairwise(ends):
        confidence = min(sure, also)
        for start, end, kind in _in_gap(gap_start, gap_end, out, into):
            found.append(Transition(start, end, kind, confidence))
    return found


def _in_gap(start: int, end: int, out: str, into: str) -> Iterator[tuple[int, int, Any]]:
    if start == end:
        if "cut" in (out, into):
            yield start, start, "cut"
        return
    if out == "cut":
        yield start, start, "cut"
    kinds = [kind for kind in dict.fromkeys((out, into)) if kind not in ("cut", "start", "end")]
    if kinds == ["fade_out", "fade_in"]:
        kinds = ["fade"]
    for kind in kinds:
        yield start, end, kind
    if into == "cut":
        yield end, end, "cut"


def score_shots(cuts: Path, shots: pl.DataFrame) -> dict[str, Any]:
    """Precision, recall and F1 of `cuts` at the frame, within one frame, and of `gradual`.

    gradual: matched at an overlap (IoU) of at least one half; by_kind: the same by kind.
    """
    truth = _truth(cuts)
    found = transitions_of(shots, truth.n_frames)
    gradual = score_gradual(found, truth)
    return {
        "cuts": _rates(score_cuts(found, truth)),
        "cuts_within_1_frame": _rates(score_cuts(found, truth, tolerance=1)),
        "gradual": _rates(gradual.counts),
        "by_kind": {kind: _rates(counts) for kind, counts in sorted(gradual.by_kind.items())},
    }


def score_clips(cuts: Path, clips: pl.DataFrame) -> dict[str, Any]:
    """How many kept clips span a labelled cut or reach into a labelled transition."""
    spans = clips.select("start_frame", "end_frame").rows()
    return {"clips": len(spans), "contaminated": len(contaminated(spans, _truth(cuts)))}


def pool_shots(scores: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """One score over several episodes, from what `score_shots` gives: counts add up."""
    scores = list(scores)
    parts = ("cuts", "cuts_within_1_frame", "gradual")
    pooled: dict[str, Any] = {part: _sum(score[part] for score in scores) for part in parts}
    kinds = sorted({kind for score in scores for kind in score["by_kind"]})
    pooled["by_kind"] = {
        kind: _sum(score["by_kind"][kind] for score in scores if kind in score["by_kind"])
        for kind in kinds
    }
    return pooled


def pool_clips(scores: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """One score over several episodes, from what `score_clips` gives."""
    scores = list(scores)
    return {key: sum(score[key] for score in scores) for key in ("clips", "contaminated")}


def _truth(cuts: Path) -> ShotTruth:
    try:
        return read_truth(cuts)
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(
            f"is no cuts file ({type(error).__name__}: {error})",
            where=cuts.name,
            remedy="It needs `frames` and `hard_cuts`, frames counted from 0.",
        ) from None


def _rates(counts: Counts) -> dict[str, float | int]:
    rates = {"precision": counts.precision, "recall": counts.recall, "f1": counts.f1}
    return rates | asdict(counts)


def _sum(rates: Iterable[dict[str, Any]]) -> dict[str, float | int]:
    total = Counts()
    for each in rates:
        total += Counts(each["hits"], each["false"], each["missed"])
    return _rates(total)
