"""How loud a sound is from frame to frame, relative to the speech in it."""

from collections.abc import Iterable

import numpy as np

from media_assets.media.audio import Samples

# Frames of 20 ms every 10 ms, as speech analysis has them.
HOP_S = 0.01
FRAME_HOPS = 2
SILENCE_DB = -140.0
# Frames within 15.9 dB of the loud ones carry the speech: ITU-T P.56's margin for active speech.
ACTIVE_DB = 15.9
LOUD_PERCENTILE = 95
# Speech rings on, and detectors are late: this much beside it is no pause.
GUARD_S = 0.05
LEAST_PAUSE_S = 0.1
QUIET_PERCENTILE = 5


def frame_levels(samples: Samples, rate: int) -> np.ndarray:
    """Level in dBFS of the frame that begins at each hop, shape (hops,); samples: shape (n,)."""
    hops_per_s = round(1 / HOP_S)
    # Not every rate has a whole number of samples per hop.
    edges = np.arange(len(samples) * hops_per_s // rate + 1) * rate // hops_per_s
    if len(edges) < 2:
        return np.zeros(0)
    squares = np.square(samples[: edges[-1]], dtype=np.float64)
    power = np.add.reduceat(squares, edges[:-1]) / np.diff(edges)
    frames = np.convolve(power, np.full(FRAME_HOPS, 1 / FRAME_HOPS), "full")[FRAME_HOPS - 1 :]
    return 10 * np.log10(np.maximum(frames, 10 ** (SILENCE_DB / 10)))


def speech_level(levels: np.ndarray) -> float:
    """Mean power in dBFS of the frames that carry speech."""
    if not len(levels):
        return SILENCE_DB
    active = levels[levels >= np.percentile(levels, LOUD_PERCENTILE) - ACTIVE_DB]
    return float(10 * np.log10(np.mean(10 ** (active / 10))))


def pause_level(levels: np.ndarray, pauses: Iterable[tuple[float, float]]) -> float | None:
    """Root mean square in dBFS of the quieter half of the pauses; None for less than 100 ms.

    The louder half is breath, and the beginnings and ends that a voice detector leaves out.
    pauses: stretches in seconds from the first frame in which nobody speaks.
    """
    inside = np.zeros(len(levels), bool)
    for start, end in pauses:
        first = max(0, int(np.ceil((start + GUARD_S) / HOP_S)))
        last = int((end - GUARD_S) / HOP_S) - FRAME_HOPS + 1
        inside[first : max(first, last)] = True
    if inside.sum() * HOP_S < LEAST_PAUSE_S:
        return None
    quieter = np.sort(levels[inside])[: (inside.sum() + 1) // 2]
    return float(10 * np.log10(np.mean(10 ** (quieter / 10))))


def quiet_level(levels: np.ndarray) -> float:
    """The level in dBFS that a twentieth of the frames stay below: closures and short pauses."""
    return float(np.percentile(levels, QUIET_PERCENTILE)) if len(levels) else SILENCE_DB
