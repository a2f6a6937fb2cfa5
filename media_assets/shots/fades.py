"""Fades: a whole picture scaled towards one shade, black, white or any other, or out of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from media_assets.shots.feature_table import FeatureTable, runs
from media_assets.shots.kinds import Transition, TransitionConfig


@dataclass(frozen=True)
class Fades:
    """Fades of whole pictures, and marks on other frames.

    empty: what is monochrome or on its way there. titles: lines of text that fade, with the
    monochrome frames that they come from or go to.
    """

    found: list[Transition]
    empty: np.ndarray
    titles: np.ndarray


def find_fades(table: FeatureTable, config: TransitionConfig, cut: np.ndarray) -> Fades:
    """The fades in a table; `cut` marks the frames at which a ramp must stop."""
    empty, titles = np.zeros(table.count, bool), np.zeros(table.count, bool)
    fades: list[Transition] = []
    for low, high, mono in _troughs(table, config):
        shade = (
            float(table.mean[low:high].mean()) if mono else _aimed_shade(table, config, low, high)
        )
        out = _ramp(table, config, cut, low, -1, shade)
        into = _ramp(table, config, cut, high - 1, 1, shade)
        if mono:
            empty[low:high] = True
            for ramp in (out, into):
                if ramp:
                    empty[ramp.start : ramp.end] = True
                if ramp and ramp.scaled and not ramp.picture:
                    titles[min(low, ramp.start) : max(high, ramp.end)] = True
        shown_out = out if out and out.picture else None
        shown_into = into if into and into.picture else None
        if shown_out and shown_into and high - low <= config.fade_hold_frames:
            sure = min(shown_out.confidence, shown_into.confidence)
            fades.append(Transition(shown_out.start, shown_into.end, "fade", sure))
        elif mono:
            if shown_out:
                fades.append(
                    Transition(shown_out.start, shown_out.end, "fade_out", shown_out.confidence)
                )
            if shown_into:
                fades.append(
                    Transition(shown_into.start, shown_into.end, "fade_in", shown_into.confidence)
                )
    return Fades(_first_come(fades), empty, titles)


def _first_come(fades: list[Transition]) -> list[Transition]:
    kept: list[Transition] = []
    for fade in fades:
        if not kept or fade.start_frame >= kept[-1].end_frame:
            kept.append(fade)
    return kept


def _troughs(table: FeatureTable, config: TransitionConfig) -> list[tuple[int, int, bool]]:
    """Runs [low, high) where a fade may turn, and whether they are monochrome.

    A quick fade may turn before it reaches its shade: a deep low of contrast counts as well.
    """
    mono = (table.std <= config.mono_std) & (table.drawn <= config.mono_drawn)
    reach = config.fade_turn_around
    around = np.lib.stride_tricks.sliding_window_view(
        np.pad(table.std, reach, mode="edge"), 2 * reach + 1
    )
    sides = np.minimum(around[:, :reach].max(1), around[:, -reach:].max(1))
    turn = (table.std <= 1.05 * around.min(1)) & (table.std <= config.fade_turn_depth * sides)
    turns = [
        (low, high, False)
        for low, high in runs(turn & ~mono)
        if not mono[max(0, low - reach) : high + reach].any()
    ]
    return sorted([*((low, high, True) for low, high in runs(mono)), *turns])


def _aimed_shade(table: FeatureTable, config: TransitionConfig, low: int, high: int) -> float:
    """The shade both sides of a turn head for, NaN if they do not head for the same.

    The mean of a picture scaled towards a shade is a straight line over its contrast.
    """
    shades = []
    for side in (slice(max(low - 4, 0), low + 1), slice(high - 1, high + 4)):
        contrast, mean = table.std[side], table.mean[side]
        if len(contrast) < 3 or np.ptp(contrast) < 1:
            return float("nan")
        shades.append(float(np.polyfit(contrast, mean, 1)[1]))
    agree = abs(shades[0] - shades[1]) <= config.fade_turn_luma
    return sum(shades) / 2 if agree else float("nan")


@dataclass(frozen=True)
class _Ramp:
    """Frames [start, end) over which a picture grows out of a shade or sinks into it.

    scaled: what is there was scaled as a whole; an object did not just pass the lens. picture:
    and it is a picture, not a line of text.
    """

    start: int
    end: int
    scaled: bool
    picture: bool
    confidence: float


def _ramp(
    table: FeatureTable,
    config: TransitionConfig,
    cut: np.ndarray,
    edge: int,
    way: int,
    shade: float,
) -> _Ramp | None:
    """The ramp that leaves frame `edge` backwards (`way` -1) or forwards (1) in time."""
    frames = np.arange(edge, table.count if way > 0 else -1, way)[: config.fade_longest]
    level = np.hypot(table.std[frames], table.mean[frames] - shade)
    # A cut lies before the frame it marks: walking backwards it is met one frame later.
    met = cut[frames] if way > 0 else np.concatenate([[False], cut[frames[:-1]]])
    last = _grown(level, met, config)
    run = level[: last + 1]
    peak = float(run[-1])
    if last < config.fade_frames or np.diff(run).max() > 0.5 * peak:
        return None
    # Its ends are where the straight part, a tenth to nine tenths, meets the shade and the picture.
    rising = np.maximum.accumulate(run)
    tenth, most = np.interp([0.1 * peak, 0.9 * peak], rising, np.arange(len(run)))
    spare = (most - tenth) / 8
    near, far = edge + way * round(max(tenth - spare, 0)), edge + way * round(most + spare)
    start, end = (near, far) if way > 0 else (far + 1, near + 1)
    full = frames[last]
    bend = _bend(table.std[frames[: last + 1]], table.mean[frames[: last + 1]])
    clear = np.sort(frames[: last + 1][run >= 0.3 * peak])
    steady = float(np.median(table.correlation(clear[:-1], clear[1:]))) if len(clear) > 1 else 1.0
    lit = (table.mean[full] - shade) ** 2 / peak**2
    scaled = bend <= config.fade_bend and steady >= config.fade_correlation
    large = table.drawn[full] >= config.picture_drawn or lit >= config.picture_lit
    picture = scaled and bool(large) and peak >= config.fade_rms
    sure = 1 - 0.5 * min(1.0, bend / config.fade_bend)
    return _Ramp(max(start, 0), min(end, table.count), scaled, picture, sure)


def _grown(level: np.ndarray, cut: np.ndarray, config: TransitionConfig) -> int:
    """How far a picture keeps growing, at a fair part of its pace so far."""
    last = 0
    for index in range(1, len(level)):
        if cut[index]:
            break
        ahead = min(index + 2, len(level) - 1)
        pace = (level[last] - level[0]) / max(last, 1)
        gain = level[ahead] - level[last]
        if level[index] > level[last] and gain > config.fade_pace * pace * (index + 2 - last):
            last = index
        elif index - last >= 3:
            break
    return last


def _bend(contrast: np.ndarray, mean: np.ndarray) -> float:
    """How far a run strays from a straight line of mean over contrast, as a share of its length.

    A scaled picture runs straight to its shade; a picture covered piece by piece does not.
    """
    across, up = contrast[-1] - contrast[0], mean[-1] - mean[0]
    stray = np.abs((contrast - contrast[0]) * up - (mean - mean[0]) * across)
    return float(stray.max() / max(across**2 + up**2, 1e-6))
