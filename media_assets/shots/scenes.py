"""Scenes: runs of consecutive shots that share a place.

Overlapping links (Hanjalic, Lagendijk, Biemond 1999, "Automated high-level movie segmentation"):
two shots that look alike, with few shots between them, belong to one scene together with all that
lies between; a scene ends where no link reaches across.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl


@dataclass(frozen=True)
class SceneSettings:
    """reach: shots ahead that a link may span; a dialogue's cutting pattern repeats within a few.

    max_distance: mean difference of the colour layouts of two shots (8-bit values) that still
    counts as the same place. Set on the demo show, whose places are known, so that no scene joins
    two places: one place seen from two sides is rather two scenes than two places one.
    """

    reach: int = 3
    max_distance: float = 11.5


def layouts(shots: pl.DataFrame, measures: pl.DataFrame) -> list[np.ndarray]:
    """Per shot the colour layouts (mean Y, U, V on a 4x4 grid) of its first, middle, last frame."""
    colour = measures["colour_yuv"].to_numpy()
    found = []
    for start, end in shots.select("start_frame", "end_frame").iter_rows():
        found.append(colour[[start, (start + end) // 2, end - 1]].astype(np.float32))
    return found


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """Least mean absolute difference between any two layouts of two shots."""
    return float(np.abs(one[:, None] - other[None, :]).mean(2).min())


def scene_runs(looks: list[np.ndarray], settings: SceneSettings) -> list[tuple[int, int]]:
    """Scenes as (first, last) shot, inclusive, in order, covering every shot once."""
    runs = []
    first, reached = 0, 0
    for shot in range(len(looks)):
        if shot > reached:
            runs.append((first, shot - 1))
            first = reached = shot
        for ahead in range(shot + settings.reach, shot, -1):
            if ahead < len(looks) and (
                distance(looks[shot], looks[ahead]) <= settings.max_distance
            ):
                reached = max(reached, ahead)
                break
    if looks:
        runs.append((first, len(looks) - 1))
    return runs
