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
from media_assets.shots.features import LAGS
from media_assets.shots.kinds import Transition, TransitionConfig, TransitionKind
from media_assets.shots.mixes import find_dissolves, find_wipes

__all__ = [
    "LOOKAHEAD",
    "ShotSpan",
    "Transition",
    "TransitionConfig",
    "TransitionStream",
    "detect_transitions",
    "shots_from_transitions",
]

LOOKAHEAD = 2 * LAGS
"""Frames after which a transition is settled: a window over it, and one overlapping that."""

LOOKBACK = 256
"""Frames before the unsettled ones that detection still reads: the longest fade, and margins."""

DETECT_EVERY = 192
"""New rows between two detections of a stream; each reads `LOOKBACK` + `LOOKAHEAD` rows again."""

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
    fades, empty = find_fades(table, config, table.marked(cuts))
    faded = table.marked(fades)
    cuts = [cut for cut in cuts if not faded[cut.start_frame]]
    taken = empty | faded | table.marked(cuts)
    dissolves = find_dissolves(table, config, taken)
    wipes = find_wipes(table, config, taken | table.marked(dissolves))
    sure = table.marked([*fades, *dissolves, *wipes])
    flashes = [f for f in flashes if not sure[f.start_frame : f.end_frame].any()]
    first = int(features["frame"][0])
    return [
        replace(t, start_frame=t.start_frame + first, end_frame=t.end_frame + first)
        for t in sorted([*fades, *cuts, *dissolves, *wipes, *flashes])
    ]


class TransitionStream:
    """Transitions as they settle, while features are still being measured.

    Gives what `detect_transitions` gives on the whole table, `LOOKAHEAD` to `LOOKAHEAD` +
    `DETECT_EVERY` frames late, from the last few hundred rows only.
    """

    def __init__(self, config: TransitionConfig = DEFAULTS) -> None:
        self._config = config
        self._rows: list[pl.DataFrame] = []
        self._unread = 0
        self._settled = 0

    @property
    def settled_frame(self) -> int:
        """Every transition that ends up to this frame has been given out."""
        return self._settled

    def push(self, features: pl.DataFrame) -> list[Transition]:
        """Take in the next rows; gives the transitions that have settled since."""
        if not len(features):
            return []
        self._rows.append(features)
        self._unread += len(features)
        if self._unread < DETECT_EVERY:
            return []
        return self._detect(LOOKAHEAD)

    def finish(self) -> list[Transition]:
        """The remaining transitions, once all rows are in."""
        return self._detect(0) if self._rows else []

    def _detect(self, lookahead: int) -> list[Transition]:
        table = pl.concat(self._rows)
        end = int(table["frame"][-1]) + 1
        settled = max(self._settled, end - lookahead)
        found = [
            transition
            for transition in detect_transitions(table, self._config)
            if self._settled < transition.end_frame <= settled
        ]
        self._rows = [table.tail(end - settled + LOOKBACK)]
        self._settled, self._unread = settled, 0
        return found


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
