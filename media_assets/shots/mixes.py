"""Dissolves and wipes: one picture gives way to another over a few dozen frames."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from media_assets.shots.feature_table import FeatureTable
from media_assets.shots.kinds import Transition, TransitionConfig
from media_assets.shots.thumbs import DRIFT_LAG, LAGS


@dataclass(frozen=True, order=True)
class MixWindow:
    """Frames from `low` to `high`, both pure, and how well those between are a mix of them, 0 to 1.

    spread: how evenly the change lies over the picture, 1 all over, 0 at a point.
    """

    score: float
    low: int
    high: int
    spread: float


def find_dissolves(
    table: FeatureTable, config: TransitionConfig, taken: np.ndarray
) -> list[Transition]:
    """Dissolves outside the frames marked `taken`.

    Many windows see the same dissolve and differ about its ends while both pictures move. Those
    nearly as good as the best are asked, and the longer ones believed: a shot had better lose a
    clean frame than keep a mixed one.
    """
    windows = sorted(mix_windows(table, config, taken), reverse=True)
    found: list[Transition] = []
    for best in windows:
        if _overlaps(found, best.low, best.high):
            continue
        near = [
            window
            for window in windows
            if window.score >= config.dissolve_near * best.score
            and window.low < best.high
            and best.low < window.high
            and not _overlaps(found, window.low, window.high)
        ]
        # The best of each length: its neighbours say the same.
        by_length = {window.high - window.low: window for window in reversed(near)}
        fits = [_mixed_frames(table, config, window, taken) for window in by_length.values()]
        starts, ends = np.quantile(fits, 0.25, axis=0)[0], np.quantile(fits, 0.75, axis=0)[1]
        start_frame, end_frame = int(starts), int(np.ceil(ends))
        if not _overlaps(found, start_frame, end_frame):
            found.append(Transition(start_frame, end_frame, "dissolve", best.score))
    return found


def mix_windows(
    table: FeatureTable, config: TransitionConfig, taken: np.ndarray
) -> Iterator[MixWindow]:
    """Windows outside the frames marked `taken` that may hold a dissolve.

    Where two unrelated pictures are mixed half and half, half of their fine detail is lost. That
    holds while both move, which is where a straight mix of the first and last frame fails.
    """
    for length, start, detail in _windows(table, config, taken):
        dips = (detail >= config.dissolve_dip[0]) & (detail <= config.dissolve_dip[1])
        for low in start[dips].tolist():
            high = low + length
            spread = _spread(table, low, high)
            if spread < config.dissolve_spread:
                continue
            score = _mix_score(table, config, low, high)
            if score >= config.dissolve_score:
                yield MixWindow(score, low, high, spread)


def find_wipes(
    table: FeatureTable, config: TransitionConfig, taken: np.ndarray
) -> list[Transition]:
    """Wipes between still pictures outside the frames marked `taken`.

    Each part of the frame shows one picture or the other, so the squared distances to both add up
    to the squared distance between them, and the first grows evenly as the edge moves on.
    """
    candidates: list[tuple[float, int, int]] = []
    still = config.wipe_still_frames
    for length, start, _ in _windows(table, config, taken):
        end = start + length
        within = (start >= still) & (end + still < table.count)
        start, end = start[within], end[within]
        whole = table.rms[end, length - 1]
        moved = np.maximum(table.rms[start, still - 1], table.rms[end + still, still - 1])
        calm = moved <= config.wipe_still * whole
        start, end, whole = start[calm, None], end[calm, None], whole[calm, None] ** 2
        inner = np.arange(1, length)
        done = table.rms[start + inner, inner - 1] ** 2 / whole
        left = table.rms[end, length - inner - 1] ** 2 / whole
        uneven = np.abs(done - inner / length).max(1)
        misfit = np.maximum(np.abs(done + left - 1).max(1), uneven)
        for low, miss in zip(start[:, 0], misfit, strict=True):
            if miss <= config.wipe_misfit:
                sure = 1 - 0.5 * float(miss) / config.wipe_misfit
                candidates.append((sure, int(low), int(low + length)))
    found: list[Transition] = []
    for sure, low, high in sorted(candidates, reverse=True):
        if not _overlaps(found, low, high):
            found.append(Transition(low + 1, high, "wipe", sure))
    return found


def _overlaps(found: list[Transition], low: int, high: int) -> bool:
    return any(low < t.end_frame and t.start_frame < high for t in found)


def _windows(
    table: FeatureTable, config: TransitionConfig, taken: np.ndarray
) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """For each length, the first frames of windows between two different pictures, and how much
    fine detail their middle third has as a share of the mean of both ends."""
    blocked = np.concatenate([[0], np.cumsum(taken)])
    total = np.concatenate([[0.0], np.cumsum(table.detail)])
    for length in config.mix_frames:
        if length >= table.count:
            return
        # Longer windows need not be tried at every frame: the next one sees nearly the same.
        start = np.arange(0, table.count - length, max(1, length // 16))
        far = table.rms[start + length, length - 1] >= config.mix_rms
        start = start[far & (blocked[start + length + 1] == blocked[start + 1])]
        start = start[table.correlation(start, start + length) <= config.mix_correlation]
        middle, third = start + length // 2, max(1, round(length / 6))
        inner = (total[middle + third + 1] - total[middle - third]) / (2 * third + 1)
        ends = (table.detail[start] + table.detail[start + length]) / 2
        yield length, start, inner / (ends + 1.0)


def _mix_score(table: FeatureTable, config: TransitionConfig, low: int, high: int) -> float:
    """How well the frames between two pure frames are a mix of them, 0 to 1."""
    if max(table.drawn[low], table.drawn[high]) < config.picture_drawn:
        return 0.0
    if high - low < config.mix_frames[0]:
        return 0.0
    share = np.linspace(0, 1, high - low + 1)
    detail = table.detail[low : high + 1]
    # Fine detail of two pictures is unrelated: its energy adds with the squares of the shares.
    mixed = (1 - share) ** 2 * detail[0] + share**2 * detail[-1]
    moving = (1 - share) * detail[0] + share * detail[-1]
    misfit = np.square(detail - mixed).mean() / (np.square(detail - moving).mean() + 1e-6)
    return _straightness(table.squared(low, high + 1)) * max(0.0, 1 - float(np.sqrt(misfit)))


def _spread(table: FeatureTable, low: int, high: int) -> float:
    """How evenly the change in a window lies over the frame: 1 all over, 0 at a point."""
    late = (low + high) // 2 + DRIFT_LAG // 2
    first, last = min(low + DRIFT_LAG, late - 2), max(high, late + 2)
    around = slice(max(first, DRIFT_LAG), min(last + 1, table.count))
    rms = table.rms[around, DRIFT_LAG - 1]
    return float((table.drift[around].sum() / max(rms.sum(), 1e-6)) ** 2)


def _straightness(square: np.ndarray) -> float:
    """Share of a window's change over time that a straight ramp of every cell explains."""
    count = len(square)
    weight = np.arange(count) - (count - 1) / 2
    ramp = -0.5 * weight @ square @ weight / (weight @ weight)
    return float(ramp / max(square.sum() / (2 * count), 1e-6))


def _mixed_frames(
    table: FeatureTable, config: TransitionConfig, window: MixWindow, taken: np.ndarray
) -> tuple[int, int]:
    """The mixed frames [start, end) of the dissolve that a window sees: a fit of a ramp, or the
    window where what the ramp spans is no mix."""
    start, end = _ramp_frames(table, window.low, window.high, taken)
    if _mix_score(table, config, start - 1, end) < window.score / 2:
        return window.low + 1, window.high
    return start, end


def _ramp_frames(table: FeatureTable, low: int, high: int, taken: np.ndarray) -> tuple[int, int]:
    """The frames between two levels of a ramp.

    How far each frame is on the way from the pictures before to the pictures after is a ramp
    between two levels; the ramp that fits best ends where the mix does.
    """
    margin = max(3, min((high - low) // 3, (LAGS - (high - low)) // 2))
    first, last = low, high
    while first > max(0, low - margin, high - LAGS) and not taken[first]:
        first -= 1
    while last < min(table.count - 1, high + margin, first + LAGS) and not taken[last + 1]:
        last += 1
    square = table.squared(first, last + 1)
    mean = square.mean(0)
    inner = -0.5 * (square - mean[None, :] - mean[:, None] + square.mean())
    count, ends = len(square), max(1, min(low - first, last - high, 3))
    away = np.zeros(count)
    away[:ends], away[-ends:] = -1 / ends, 1 / ends
    along = inner @ away
    along = (along - along[:ends].mean()) / (along[-ends:].mean() - along[:ends].mean())
    start, stop = _best_ramp(along)
    return first + start + 1, first + stop


def _best_ramp(along: np.ndarray) -> tuple[int, int]:
    """The last index at 0 and the first at 1 of the ramp that fits best, at least two apart."""
    count = len(along)
    index = np.arange(count)
    start, stop = index[:, None], index[None, :]
    # Sums over the values before each index; those between start and stop are differences of two.
    sums, moments, squares = (
        np.concatenate([[0.0], np.cumsum(part)]) for part in (along, index * along, along**2)
    )
    above = np.concatenate([[0.0], np.cumsum((1 - along) ** 2)])
    inside = stop - start - 1
    length = np.maximum(stop - start, 1)
    total = sums[stop] - sums[start + 1]
    moment = moments[stop] - moments[start + 1] - start * total
    ramp_squares = inside * (inside + 1) * (2 * inside + 1) / 6 / length**2
    error = squares[stop] - 2 * moment / length + ramp_squares + above[-1] - above[stop]
    error[stop < start + 2] = np.inf
    best = np.unravel_index(error.argmin(), error.shape)
    return int(best[0]), int(best[1])
