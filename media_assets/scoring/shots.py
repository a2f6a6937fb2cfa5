"""How well shot transitions and clips agree with a labelled truth.

The truth is a JSON object: `hard_cuts` (first frames of new shots), `gradual` (`start`, `end`,
`type`), `not_cuts` (frames or ranges that only look like one) and `ambiguous` (frames or ranges
that count neither way). All frames are 0-based, all ranges half-open.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from media_assets.shots.kinds import Transition

HOLD = 12
"""Monochrome frames between a labelled fade out and fade in that make them one `fade` for us."""


@dataclass(frozen=True)
class LabelledGradual:
    """A gradual transition of the truth; `kind` is None where its type has no word of ours."""

    start_frame: int
    end_frame: int
    kind: str | None


@dataclass(frozen=True)
class ShotTruth:
    """Labels of one episode."""

    n_frames: int
    fps: float
    hard_cuts: tuple[int, ...]
    gradual: tuple[LabelledGradual, ...] = ()
    ambiguous: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Counts:
    """Hits, false alarms and misses; sums pool several episodes."""

    hits: int = 0
    false: int = 0
    missed: int = 0

    def __add__(self, other: Counts) -> Counts:
        sums = (getattr(self, f.name) + getattr(other, f.name) for f in fields(self))
        return Counts(*sums)

    @property
    def precision(self) -> float:
        """Share of what was found that is true, 1 where nothing was found."""
        found = self.hits + self.false
        return self.hits / found if found else 1.0

    @property
    def recall(self) -> float:
        """Share of the truth that was found, 1 where there is none."""
        true = self.hits + self.missed
        return self.hits / true if true else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = 2 * self.hits + self.false + self.missed
        return 2 * self.hits / total if total else 1.0


@dataclass(frozen=True)
class GradualScore:
    """Gradual transitions matched at IoU >= 0.5, as counts, and by kind of the truth.

    `alien` counts false ones that touch no labelled transition at all; the others lie on one but
    differ in extent.
    """

    counts: Counts
    by_kind: Mapping[str, Counts]
    alien: int
    minutes: float

    @property
    def false_per_minute(self) -> float:
        """Found gradual transitions that lie on no labelled one, per minute."""
        return self.alien / self.minutes if self.minutes else 0.0


def read_truth(path: Path) -> ShotTruth:
    """The labels in a truth file."""
    return parse_truth(json.loads(path.read_text(encoding="utf-8")))


def parse_truth(labels: Mapping[str, Any]) -> ShotTruth:
    """The labels of a decoded truth object. Raises `KeyError` without `frames` or `hard_cuts`."""
    return ShotTruth(
        n_frames=int(labels["frames"]),
        fps=float(labels.get("fps", 24)),
        hard_cuts=tuple(sorted(int(cut) for cut in labels["hard_cuts"])),
        gradual=tuple(
            LabelledGradual(int(g["start"]), int(g["end"]), _kind(str(g.get("type", ""))))
            for g in labels.get("gradual", [])
        ),
        ambiguous=tuple(_range(entry) for entry in labels.get("ambiguous", [])),
    )


def _kind(label: str) -> str | None:
    words = label.replace("_", " ").lower()
    if words in ("fade in", "fade out", "fade", "dissolve", "wipe"):
        return words.replace(" ", "_")
    return None


def _range(entry: Mapping[str, Any]) -> tuple[int, int]:
    if "range" in entry:
        low, high = entry["range"]
        return int(low), int(high)
    return int(entry["frame"]), int(entry["frame"]) + 1


def score_cuts(found: Iterable[Transition], truth: ShotTruth, tolerance: int = 0) -> Counts:
    """Hard cuts, each matched to at most one label within `tolerance` frames, nearest first.

    What lies on an ambiguous frame is neither a hit nor false, and an ambiguous label no miss.
    """
    cuts = sorted(t.start_frame for t in found if t.kind == "cut")
    labels = [cut for cut in truth.hard_cuts if not _is_ambiguous(cut, truth, 0)]
    pairs = sorted(
        (abs(cut - label), i, j)
        for i, cut in enumerate(cuts)
        for j, label in enumerate(labels)
        if abs(cut - label) <= tolerance
    )
    used: set[int] = set()
    met: set[int] = set()
    for _, i, j in pairs:
        if i not in used and j not in met:
            used.add(i)
            met.add(j)
    rest = [cut for i, cut in enumerate(cuts) if i not in used]
    false = sum(not _is_ambiguous(cut, truth, tolerance) for cut in rest)
    return Counts(len(used), false, len(labels) - len(met))


def _is_ambiguous(frame: int, truth: ShotTruth, tolerance: int) -> bool:
    return any(low - tolerance <= frame < high + tolerance for low, high in truth.ambiguous)


def score_gradual(found: Iterable[Transition], truth: ShotTruth) -> GradualScore:
    """Gradual transitions, each matched to at most one label of IoU >= 0.5, best first.

    A fade out and a fade in with at most `HOLD` frames between them count as one fade, on both
    sides, since truths are labelled either way.
    """
    ours = _joined(
        LabelledGradual(t.start_frame, t.end_frame, t.kind)
        for t in found
        if t.kind not in ("cut", "flash")
    )
    ours = [g for g in ours if not _lies_in_ambiguous(g, truth)]
    labels = _joined(truth.gradual)
    pairs = sorted(
        ((_iou(a, b), -i, -j) for i, a in enumerate(ours) for j, b in enumerate(labels)),
        reverse=True,
    )
    matched: dict[int, int] = {}
    for iou, i, j in pairs:
        if iou >= 0.5 and -i not in matched.values() and -j not in matched:
            matched[-j] = -i
    rest = [g for i, g in enumerate(ours) if i not in matched.values()]
    by_kind: dict[str, Counts] = {}
    for j, label in enumerate(labels):
        kind = label.kind or "other"
        hit = j in matched and (label.kind is None or ours[matched[j]].kind == label.kind)
        by_kind[kind] = by_kind.get(kind, Counts()) + Counts(int(hit), 0, int(not hit))
    for gradual in rest:
        kind = gradual.kind or "other"
        by_kind[kind] = by_kind.get(kind, Counts()) + Counts(0, 1, 0)
    alien = sum(all(_overlap(g, label) == 0 for label in labels) for g in rest)
    counts = Counts(len(matched), len(rest), len(labels) - len(matched))
    return GradualScore(counts, by_kind, alien, truth.n_frames / truth.fps / 60)


def _joined(graduals: Iterable[LabelledGradual]) -> list[LabelledGradual]:
    joined: list[LabelledGradual] = []
    for gradual in sorted(graduals, key=lambda g: (g.start_frame, g.end_frame)):
        last = joined[-1] if joined else None
        if (
            last
            and (last.kind, gradual.kind) == ("fade_out", "fade_in")
            and gradual.start_frame - last.end_frame <= HOLD
        ):
            joined[-1] = LabelledGradual(last.start_frame, gradual.end_frame, "fade")
        else:
            joined.append(gradual)
    return joined


def _lies_in_ambiguous(gradual: LabelledGradual, truth: ShotTruth) -> bool:
    return any(
        low < gradual.end_frame and gradual.start_frame < high for low, high in truth.ambiguous
    )


def _overlap(a: LabelledGradual, b: LabelledGradual) -> int:
    return max(0, min(a.end_frame, b.end_frame) - max(a.start_frame, b.start_frame))


def _iou(a: LabelledGradual, b: LabelledGradual) -> float:
    common = _overlap(a, b)
    total = (a.end_frame - a.start_frame) + (b.end_frame - b.start_frame) - common
    return common / total if total else 0.0


def contaminated(clips: Iterable[tuple[int, int]], truth: ShotTruth) -> list[tuple[int, int]]:
    """The clips [start, end) that span a labelled cut or reach into a labelled transition."""
    return [
        (start, end)
        for start, end in clips
        if any(start < cut < end for cut in truth.hard_cuts)
        or any(start < g.end_frame and g.start_frame < end for g in truth.gradual)
    ]
