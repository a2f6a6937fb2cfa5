"""Fundamental frequency and harmonicity of speech."""

import numpy as np
from numpy.typing import NDArray

from resources.models.interfaces import RATE

Floats = NDArray[np.float64]

HOP = RATE // 100  # every contour of the prosody room has a value each 10 ms
LOWEST_HZ, HIGHEST_HZ = 60.0, 600.0  # from a low man's creak to an angry woman
# Boersma 1993, section 4, and the defaults that its author gives for a step of 10 ms.
SILENCE, VOICING = 0.03, 0.45
OCTAVE_COST, OCTAVE_JUMP_COST, VOICING_CHANGE_COST = 0.01, 0.35, 0.14
CANDIDATES = 8


def frames(samples: Floats, length: int) -> Floats:
    """Windows centred at every hop, shape (frames, length); silence beyond the ends."""
    padded = np.pad(samples, (length // 2, length // 2))
    return np.lib.stride_tricks.sliding_window_view(padded, length)[::HOP]


def autocorrelation(windows: Floats, window: Floats) -> Floats:
    """Normalised autocorrelation of each frame freed from that of the window, lags to half."""
    size = 2 ** int(np.ceil(np.log2(2 * len(window))))
    lags = len(window) // 2
    raw = np.fft.irfft(np.abs(np.fft.rfft(windows * window, size)) ** 2)[:, :lags]
    own = np.fft.irfft(np.abs(np.fft.rfft(window, size)) ** 2)[:lags]
    freed: Floats = raw / np.maximum(raw[:, :1], 1e-12) / (own / own[0])
    return freed


def track_pitch(samples: Floats) -> tuple[Floats, Floats]:
    """F0 in Hz (0 where unvoiced) and harmonicity (0 to 1) per frame.

    The path of least cost through the peaks of each frame's autocorrelation (P. Boersma,
    "Accurate short-term analysis of the fundamental frequency and the harmonics-to-noise ratio of
    a sampled sound", 1993).
    """
    length = int(3 / LOWEST_HZ * RATE)
    windows = frames(samples, length)
    windows = windows - windows.mean(1, keepdims=True)
    frequencies, harmonicity = _candidates(autocorrelation(windows, np.hanning(length)))
    strengths = harmonicity + OCTAVE_COST * np.log2(np.maximum(frequencies, 1) / LOWEST_HZ)
    loudness = np.abs(windows).max(1) / max(float(np.abs(samples).max()), 1e-9)
    strengths[:, 0] = VOICING + np.maximum(0, 2 - loudness / SILENCE * (1 + VOICING))
    strengths[(frequencies == 0) & (np.arange(CANDIDATES) > 0)] = -np.inf
    path = _best_path(frequencies, strengths)
    each = np.arange(len(path))
    return frequencies[each, path], harmonicity[each, path]


def _candidates(correlation: Floats) -> tuple[Floats, Floats]:
    """Frequency and height of the highest peaks, shape (frames, CANDIDATES); first: unvoiced."""
    shortest, longest = int(RATE / HIGHEST_HZ), int(RATE / LOWEST_HZ) + 1
    before = correlation[:, shortest - 1 : longest - 1]
    here = correlation[:, shortest:longest]
    after = correlation[:, shortest + 1 : longest + 1]
    height = np.where((here > before) & (here >= after), here, -np.inf)
    best = np.argsort(-height, axis=1, kind="stable")[:, : CANDIDATES - 1]
    a, b, c, found = (np.take_along_axis(x, best, 1) for x in (before, here, after, height))
    shift = 0.5 * (a - c) / np.minimum(a - 2 * b + c, -1e-12)  # the parabola through the peak
    peak = np.clip(b - 0.25 * (a - c) * shift, 0, 1 - 1e-6)
    exists = np.isfinite(found)
    frequencies = np.zeros((len(correlation), CANDIDATES))
    harmonicity = np.zeros_like(frequencies)
    frequencies[:, 1:] = np.where(exists, RATE / (best + shortest + np.clip(shift, -1, 1)), 0)
    harmonicity[:, 1:] = np.where(exists, peak, 0)
    return frequencies, harmonicity


def _best_path(frequencies: Floats, strengths: Floats) -> NDArray[np.intp]:
    """Index of the candidate per frame (Viterbi)."""
    voiced = frequencies > 0
    octaves = np.log2(np.where(voiced, frequencies, 1))
    total = strengths[0]
    back = np.zeros(frequencies.shape, np.intp)
    for t in range(1, len(frequencies)):
        jump = OCTAVE_JUMP_COST * np.abs(octaves[t][:, None] - octaves[t - 1])
        jump *= voiced[t][:, None] & voiced[t - 1]
        jump += VOICING_CHANGE_COST * (voiced[t][:, None] ^ voiced[t - 1])
        reached = total - jump
        back[t] = reached.argmax(1)
        total = reached.max(1) + strengths[t]
    path = np.zeros(len(frequencies), np.intp)
    path[-1] = total.argmax()
    for t in range(len(path) - 1, 0, -1):
        path[t - 1] = back[t, path[t]]
    return path
