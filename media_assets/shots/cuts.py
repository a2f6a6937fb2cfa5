"""Cuts, where the picture changes for good from one frame to the next, and flashes, where it does
not."""

from __future__ import annotations

import numpy as np

from media_assets.shots.feature_table import FeatureTable
from media_assets.shots.kinds import Transition, TransitionConfig


def find_cuts(table: FeatureTable, config: TransitionConfig) -> list[Transition]:
    """Cuts: every frame shortly before differs from every frame shortly after.

    The distance is blind to motion of two cells, and the least over all pairs within three frames,
    so one odd frame, a flash or a held drawing does not make a cut. What is left must exceed the
    steps around it, by more the smaller it is.
    """
    step = np.nan_to_num(table.envelope[:, 0])
    contrast = np.ones(table.count)
    contrast[1:] = np.sqrt((table.std[:-1] ** 2 + table.std[1:] ** 2) / 2 + 4)
    apart = _apart(table)
    reach = config.cut_around
    around = np.lib.stride_tricks.sliding_window_view(np.pad(step, reach), 2 * reach + 1)
    far = (apart >= config.cut_luma) & (apart >= config.cut_distance * contrast)
    cuts = []
    for frame in np.flatnonzero(far):
        second = np.sort(around[frame])[-3:]
        if step[frame] < second[-1]:
            continue
        # The largest is the cut itself and the next may be its other half, a blended frame.
        weight = apart[frame] / max(contrast[frame], config.cut_contrast)
        strength = weight * step[frame] / (second[0] + 0.01)
        alike = table.correlation(np.array([frame - 1]), np.array([frame]))[0]
        if strength >= config.cut_strength and alike < config.same_picture:
            sure = float(1 - 0.5 * config.cut_strength / strength)
            cuts.append(Transition(int(frame), int(frame), "cut", sure))
    return cuts


def _apart(table: FeatureTable) -> np.ndarray:
    """For each frame, the least distance between the three frames before and three from it on."""
    least = np.full(table.count, np.inf)
    for before in range(1, 4):
        for after in range(3):
            pair = np.full(table.count, np.nan)
            pair[: table.count - after] = table.envelope[after:, before + after - 1]
            least = np.fmin(least, pair)
    return np.where(np.isfinite(least), least, 0.0)


def find_flashes(table: FeatureTable, config: TransitionConfig) -> list[Transition]:
    """Flashes: the picture turns bright and, a few frames later, is what it was."""
    flashes: list[Transition] = []
    rise = np.diff(table.mean, prepend=table.mean[:1])
    for frame in np.flatnonzero(rise >= config.flash_luma).tolist():
        if flashes and frame < flashes[-1].end_frame:
            continue
        jump = table.rms[frame, 0]
        last = min(config.flash_frames, table.count - 1 - frame)
        for length in range(1, last + 1):
            back = table.rms[frame + length, length]
            if back <= config.flash_return * jump:
                sure = float(1 - back / jump)
                flashes.append(Transition(frame, frame + length, "flash", sure))
                break
    return flashes
