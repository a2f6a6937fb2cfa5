"""What share of given stretches of time each speaker speaks.

Times count in whole microseconds: sums are exact, and nothing depends on where second 0 is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

TICKS_PER_S = 1_000_000
Ticks = NDArray[np.int64]


@dataclass(frozen=True)
class Stretches:
    """Stretches [start, end) of time in ticks, in any order; they may overlap."""

    start: Ticks
    end: Ticks

    @classmethod
    def of(cls, frame: pl.DataFrame) -> "Stretches":
        """Those of the columns start_s and end_s."""
        return cls(*(ticks(frame[column]) for column in ("start_s", "end_s")))

    @property
    def length(self) -> Ticks:
        length: Ticks = np.maximum(self.end - self.start, 0)
        return length

    def __getitem__(self, rows: NDArray[np.bool_]) -> "Stretches":
        return Stretches(self.start[rows], self.end[rows])


@dataclass(frozen=True)
class Shares:
    """Per stretch and speaker the share of the stretch, 0 to 1, in which the speaker speaks.

    of: shape (stretches, speakers).
    """

    speakers: Sequence[str]
    of: NDArray[np.float64]

    @property
    def largest(self) -> NDArray[np.float64]:
        """Per stretch the largest share."""
        largest: NDArray[np.float64] = self.of.max(axis=1, initial=0.0)
        return largest

    def most(self) -> NDArray[np.int64]:
        """Per stretch the place of the speaker who has it; -1 where it is 0 or two have it."""
        if not self.speakers:
            return np.full(len(self.of), -1)
        one = (self.of == self.largest[:, None]).sum(axis=1) == 1
        return np.where(one & (self.largest > 0), self.of.argmax(axis=1), -1)


def ticks(seconds: pl.Series) -> Ticks:
    """Seconds as whole microseconds."""
    counted: Ticks = np.rint(seconds.to_numpy() * TICKS_PER_S).astype(np.int64)
    return counted


def shares(
    stretches: Stretches,
    turns: pl.DataFrame,
    speakers: Sequence[str],
    whole: Ticks | None = None,
) -> Shares:
    """How the `speakers` of `turns` (start_s, end_s, speaker) share the stretches.

    Turns of one speaker that overlap count once. whole: what a share is a share of, per stretch;
    its length if None. Costs turns x log(turns) + stretches x speakers x log(turns).
    """
    whole = stretches.length if whole is None else whole
    of = np.zeros((len(whole), len(speakers)))
    for column, speaker in enumerate(speakers):
        heard = spoken(stretches, turns.filter(pl.col("speaker") == speaker))
        of[:, column] = np.divide(heard, whole, out=of[:, column], where=whole > 0)
    return Shares(speakers, of)


def spoken(stretches: Stretches, turns: pl.DataFrame) -> Ticks:
    """How much of each stretch the turns cover, whoever speaks in them."""
    covered = merged(Stretches.of(turns))
    edges = np.stack([covered.start, covered.end], axis=1).ravel()
    if not len(edges):
        return np.zeros_like(stretches.start)
    # Speech up to each edge: it grows inside turns and stands still between them. Whole numbers
    # below 2**53, so that the interpolation is exact.
    until = np.repeat(np.append(0, np.cumsum(covered.length)), 2)[1:-1]
    end = np.maximum(stretches.end, stretches.start)
    heard = np.interp(end, edges, until) - np.interp(stretches.start, edges, until)
    whole: Ticks = heard.astype(np.int64)
    return whole


def merged(stretches: Stretches) -> Stretches:
    """The same time in stretches that neither overlap nor touch, in order."""
    some = stretches[stretches.end > stretches.start]
    if not len(some.start):
        return some
    order = np.argsort(some.start, kind="stable")
    start, until = some.start[order], np.maximum.accumulate(some.end[order])
    apart = start[1:] > until[:-1]
    return Stretches(start[np.append(True, apart)], until[np.append(apart, True)])
