"""Frame features as arrays, with what any two frames within reach of each other have in common."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl

from media_assets.shots.kinds import Transition
from media_assets.shots.thumbs import ENVELOPE_LAGS


class FeatureTable:
    """The columns of a run of consecutive frames; frames count from the first row."""

    def __init__(self, features: pl.DataFrame) -> None:
        self.count = len(features)
        self.mean = features["luma_mean"].to_numpy().astype(np.float64)
        self.std = features["luma_std"].to_numpy().astype(np.float64)
        self.detail = features["detail_luma2"].to_numpy().astype(np.float64)
        self.drawn = features["drawn_fraction"].to_numpy()
        self.drift = features["drift_luma"].to_numpy()
        self.rms = features["rms_luma"].to_numpy()
        # The first rows of a slice measure against frames that are not in it.
        within = np.arange(self.count)[:, None] >= np.arange(1, ENVELOPE_LAGS + 1)
        self.envelope = np.where(within, features["envelope_luma"].to_numpy(), np.nan)

    def squared(self, low: int, high: int) -> np.ndarray:
        """Squared rms distances between all frames of [low, high), at most `LAGS` + 1 of them."""
        index = np.arange(high - low)
        lag = index[:, None] - index[None, :]
        rms = self.rms[low:high][index[:, None], np.maximum(lag, 1) - 1].astype(np.float64)
        below: np.ndarray = np.where(lag > 0, rms**2, 0)
        both: np.ndarray = below + below.T
        return both

    def correlation(self, earlier: np.ndarray, later: np.ndarray) -> np.ndarray:
        """Correlation of luma between frames, blind to a change of tone; 0 for monochrome ones."""
        square = self.rms[later, later - earlier - 1].astype(np.float64) ** 2
        shift = (self.mean[earlier] - self.mean[later]) ** 2
        spread = self.std[earlier] ** 2 + self.std[later] ** 2
        common = (spread + shift - square) / 2
        alike: np.ndarray = common / (self.std[earlier] * self.std[later] + 1.0)
        return alike

    def marked(self, transitions: Iterable[Transition]) -> np.ndarray:
        """Marks the frames of transitions; a cut marks the first frame of its new shot."""
        marks = np.zeros(self.count, bool)
        for transition in transitions:
            start = transition.start_frame
            marks[start : max(transition.end_frame, start + 1)] = True
        return marks


def runs(mask: np.ndarray) -> list[tuple[int, int]]:
    """The half-open stretches [low, high) in which a mask is true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(low), int(high)) for low, high in edges.reshape(-1, 2)]
