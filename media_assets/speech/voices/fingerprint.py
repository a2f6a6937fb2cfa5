"""A coarse picture of a sound by which two copies of one recording are known."""

from itertools import pairwise

import numpy as np

from media_assets.media.audio import Samples

# 8 stretches of time by 24 bands of equal width on the mel scale, 100 Hz to 5 kHz: enough to tell
# most takes of a sentence apart, coarse enough that cutting 20 ms elsewhere changes little.
STRETCHES, BANDS = 8, 24
LOWEST_HZ, HIGHEST_HZ = 100.0, 5000.0
FRAME_S = 0.032
FLOOR_DB = 40.0


def fingerprint(samples: Samples, rate: int) -> list[float]:
    """Unit vector of `STRETCHES` x `BANDS` log energies less their mean; empty for silence.

    samples: shape (n,). The dot product of two fingerprints is 1 for the same sound at any gain.
    """
    from scipy.signal import ShortTimeFFT, get_window

    length = round(FRAME_S * rate)
    if len(samples) < length * 2 or not np.any(samples):
        return []
    stft = ShortTimeFFT(get_window("hann", length), length // 2, rate)
    power = stft.spectrogram(np.asarray(samples, np.float64))
    edges = _hz(np.linspace(_mel(LOWEST_HZ), _mel(HIGHEST_HZ), BANDS + 1))
    bands = [power[(stft.f >= low) & (stft.f < high)].sum(0) for low, high in pairwise(edges)]
    stretches = np.array_split(np.array(bands), STRETCHES, axis=1)
    energy = np.array([part.mean(1) for part in stretches if part.shape[1]])
    db = 10 * np.log10(np.maximum(energy, energy.max() * 10 ** (-FLOOR_DB / 10)))
    flat = (db - db.mean()).ravel()
    size = float(np.linalg.norm(flat))
    return [round(float(v) / size, 5) for v in flat] if size else []


def _mel(hz: float) -> float:
    return float(2595 * np.log10(1 + hz / 700))


def _hz(mel: np.ndarray) -> np.ndarray:
    hz: np.ndarray = 700 * (10 ** (mel / 2595) - 1)
    return hz
