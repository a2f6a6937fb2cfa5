"""Typed transitions in a table of frame features, and the shots between them.

Each kind is found by the measure that answers its question best: does the picture change for good
between two frames (`cuts`), does it scale towards one shade (`fades`), does it turn into another
by mixing or by parts (`mixes`). Detection is a pure function of a run of feature rows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from media_assets.shots.cuts import find_cuts, find_flashes
from media_assets.shots.fades import find_fades
from media_assets.shots.feature_table import FeatureTable
from media_assets.shots.kinds import Transition, TransitionConfig, TransitionKind
from media_assets.shots.mixes import find_dissolves, find_wipes

__all__ = [
    "ShotSpan",
    "Transition",
    "TransitionConfig",
    "detect_transitions",
    "shots_from_transitions",
]

DEFAULTS = TransitionConfig()


def detect_transitions(
    features: pl.DataFrame, config: TransitionConfig = DEFAULTS
) -> list[Transition]:
    """All transitions in consecutive rows of `FEATURE_SCHEMA`, in order, never overlapping."""
    if len(features) < 2:
        return []
    table = FeatureTable(features)
    flashes = find_flashes(table, config)
    lit = table.marked(flashes)
    # The frame after a flash is a step too, back to the picture before it.
    cuts = [
        cut
        for cut in find_cuts(table, config)
        if not lit[cut.start_frame] and not lit[cut.start_frame - 1]
    ]
    fades = find_fades(table, config, table.marked(cuts))
    faded = table.marked(fades.found)
    cuts = [cut for cut in cuts if not faded[cut.start_frame]]
    taken = fades.empty | faded | table.marked(cuts)
    dissolves = find_dissolves(table, config, taken)
    wipes = find_wipes(table, config, taken | table.marked(dissolves))
    sure = table.marked([*fades.found, *dissolves, *wipes])
    flashes = [f for f in flashes if not sure[f.start_frame : f.end_frame].any()]
    first = int(features["frame"][0])
    return [
        replace(t, start_frame=t.start_frame + first, end_frame=t.end_frame + first)
        for t in sorted([*fades.found, *cuts, *dissolves, *wipes, *flashes])
    ]


@dataclass(frozen=True)
class ShotSpan:
    """A shot, frames [start_frame, end_frame), and how it begins and ends.

    `transition_in` and `transition_out` are None at the ends of the master; `confidence` is that of
    the less certain of the two.
    """

    start_frame: int
    end_frame: int
    transition_in: TransitionKind | None
    transition_out: TransitionKind | None
    confidence: float


def shots_from_transitions(
    transitions: list[Transition], n_frames: int, *, min_frames: int = 4
) -> list[ShotSpan]:
    """The shots of a master of `n_frames`, in order, never overlapping.

    Frames of a gradual transition belong to no shot; a flash belongs to the shot it interrupts.
    Fewer than `min_frames` between two transitions are no shot: nothing can be seen in a sixth of a
    second, and they are mostly the blended frames of a converted master. They stay a gap.
    """
    spans: list[ShotSpan] = []
    start = 0
    before: Transition | None = None
    for after in [*(t for t in transitions if t.kind != "flash"), None]:
        end = after.start_frame if after else n_frames
        if end - start >= min_frames:
            sure = min(t.confidence if t else 1.0 for t in (before, after))
            opening, closing = (t.kind if t else None for t in (before, after))
            spans.append(ShotSpan(start, end, opening, closing, sure))
        if after:
            start, before = after.end_frame, after
    return spans
