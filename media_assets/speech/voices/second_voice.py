"""Whether two people speak at once in one sound: a second pitch that the first leaves over.

A voiced sound repeats with its period, so less itself one period earlier little is left of it. Of
two voices one period leaves the second voice, which its own period then cancels; of noise any two
periods leave much (A. de Cheveigne, "Separation of concurrent harmonic sounds", JASA 93, 1993).
"""

from math import gcd

import numpy as np

from media_assets.media.audio import Samples

# Pitches of 75 to 400 Hz, in lags at 6 kHz: harmonics to 3 kHz hold the voiced energy of speech.
RATE = 6000
SHORTEST, LONGEST = 15, 80
# 64 ms hold five periods of the deepest voice; every 10 ms.
WINDOW, HOP = 384, 60
# Quieter frames than this below the loudest tell little of either voice.
RANGE_DB = 20.0
# Two voices: one period leaves more than `ONE_LEAVES` of the power, two leave less than `TWO_LEAVE`
# of that, in so many frames in a row. Chosen on the tuning half of benchmarks/voices.py.
ONE_LEAVES, TWO_LEAVE = 0.2, 0.3
LEAST_RUN = 2


def second_voice_share(samples: Samples, rate: int) -> float:
    """Share of the louder frames, 0 to 1, that two periods explain and one does not.

    samples: shape (n,). 0 for what is too short to hold a frame.
    """
    frames = _frames(samples, rate)
    power = (frames**2).sum(1)
    loud = power > power.max(initial=0) * 10 ** (-RANGE_DB / 10)
    if not loud.any() or not power.any():
        return 0.0
    two_voices = np.zeros(len(frames), bool)
    two_voices[loud] = _two_voices(frames[loud])
    return _in_runs(two_voices) / int(loud.sum())


def _two_voices(frames: np.ndarray) -> np.ndarray:
    r = _autocorrelation(frames)
    one = 1 - r[:, SHORTEST : LONGEST + 1].max(1)
    found = one > ONE_LEAVES
    two_voices: np.ndarray = found.copy()
    two_voices[found] = _two_periods(r[found]) < TWO_LEAVE * one[found]
    return two_voices


def _in_runs(found: np.ndarray) -> int:
    """Count of frames in runs of at least `LEAST_RUN`."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], found.astype(np.int8), [0]])))
    lengths = edges[1::2] - edges[::2]
    return int(lengths[lengths >= LEAST_RUN].sum())


def _frames(samples: Samples, rate: int) -> np.ndarray:
    from scipy.signal import resample_poly

    common = gcd(rate, RATE)
    low = resample_poly(np.asarray(samples, np.float64), RATE // common, rate // common)
    if len(low) < WINDOW:
        return np.zeros((0, WINDOW))
    frames: np.ndarray = np.lib.stride_tricks.sliding_window_view(low, WINDOW)[::HOP]
    windowed: np.ndarray = (frames - frames.mean(1, keepdims=True)) * np.hanning(WINDOW)
    return windowed


def _autocorrelation(frames: np.ndarray) -> np.ndarray:
    """By lag, relative to lag 0, freed of the window's own (Boersma 1993, equation 9)."""
    from scipy import fft

    def of(x: np.ndarray) -> np.ndarray:
        spectrum = np.abs(fft.rfft(x, 2 * WINDOW)) ** 2
        r: np.ndarray = fft.irfft(spectrum)[..., : 2 * LONGEST + 1]
        r /= r[..., :1].copy()
        return r

    r = of(frames)
    r /= of(np.hanning(WINDOW))
    return r


def _two_periods(r: np.ndarray) -> np.ndarray:
    """Share of the power that the best pair of unlike periods leaves, 0 to 1 for noise.

    The power of x less itself one period a and one period b earlier is, by expansion,
    4 r(0) - 4 r(a) - 4 r(b) + 2 r(a + b) + 2 r(b - a); noise leaves 4 r(0).
    """
    a, b = _unlike_periods()
    power = 4 - 4 * r[:, a] - 4 * r[:, b] + 2 * r[:, a + b] + 2 * r[:, b - a]
    best: np.ndarray = power.min(1) / 4
    return best


def _unlike_periods() -> tuple[np.ndarray, np.ndarray]:
    """Pairs a < b in which neither explains the other: no small ratio between them."""
    a, b = (grid.ravel() for grid in np.mgrid[SHORTEST : LONGEST + 1, SHORTEST : LONGEST + 1])
    ratio = b / a
    alike = np.zeros(len(a), bool)
    for simple in (1, 1.5, 2, 3, 4, 5):
        alike |= np.abs(ratio / simple - 1) < 0.06
    keep = (b > a) & ~alike
    return a[keep], b[keep]
