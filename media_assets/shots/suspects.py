"""What may be a transition inside a shot: a second look, with lower demands, for clips to avoid.

A transition between shots must be sure; a clip must be clean. What is not sure enough to end a
shot is still reason enough to leave these frames out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from media_assets.shots.fades import find_fades
from media_assets.shots.feature_table import FeatureTable, runs
from media_assets.shots.kinds import TransitionConfig
from media_assets.shots.mixes import mix_windows

RELAXED = replace(
    TransitionConfig(),
    mix_frames=TransitionConfig().mix_frames[2:],
    mix_correlation=0.82,
    dissolve_dip=(0.2, 0.9),
    dissolve_spread=0.25,
    dissolve_score=0.25,
)
"""What windows over most missed dissolves of the joins pass, both parts; a few pass no window."""


def suspected_spans(
    features: pl.DataFrame, pieces: Sequence[tuple[int, int]], least: float
) -> list[tuple[int, int]]:
    """Spans [start, end) inside the pieces that may be transitions, in order, never overlapping.

    Two kinds: dissolves whose score times spread is at least `least`, and fades of titles from and
    to monochrome frames, with these frames.
    """
    table = FeatureTable(features)
    outside = np.ones(table.count, bool)
    for start, end in pieces:
        outside[start + 1 : end] = False
    doubtful = np.zeros(table.count, bool)
    for window in mix_windows(table, RELAXED, outside):
        if window.score * window.spread >= least:
            doubtful[window.low + 1 : window.high] = True
    titles = find_fades(table, RELAXED, outside).titles
    for start, end in pieces:
        doubtful[start:end] |= titles[start:end]
    return runs(doubtful)
