"""What of sound tells voices apart: mel spectra, and cepstra of them, every 10 ms."""

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from resources.models.interfaces import RATE
from resources.models.levelling import read_levelled

# Frames of 25 ms every 10 ms in 40 channels: Resemblyzer's (hparams.py), and common for speech.
WINDOW, HOP, MELS = RATE // 40, RATE // 100, 40
FRAMES_PER_S = RATE // HOP
# Cepstra 1 to 19 as in LIUM's and ICSI's diarization; without the 0th, the level.
CEPSTRA = 19
# Below this power a channel holds nothing: -70 dB under full scale, after levelling.
FLOOR = 1e-7
# Frames quieter than the loud ones of their stretch by more than this are pauses, not voice.
PAUSE_DB = 25.0


def read_mels(path: Path, start: int, end: int, gain: float) -> NDArray[np.float32]:
    """Mel power (frames, 40) of the frames [start, end) of a WAV; frame k lies around sample 160 k.

    As `librosa.feature.melspectrogram` makes it by default, of levelled sound: periodic Hann
    window, Slaney's mel scale, filters of equal area.
    """
    half = WINDOW // 2
    samples = read_levelled(path, start * HOP - half, (end - 1) * HOP + half, gain)
    return mel_power(samples)


def mel_power(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mel power of every whole window."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
    power = np.abs(np.fft.rfft(frames * window.astype(np.float32), axis=1)) ** 2
    mels: NDArray[np.float32] = (power @ _filters().T).astype(np.float32)
    return mels


def cepstra(mels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cepstra (frames, 19) of mel power: the cosine transform of its logarithm."""
    from scipy.fft import dct

    found: NDArray[np.float32] = dct(np.log(mels + FLOOR), axis=1, norm="ortho")[:, 1 : CEPSTRA + 1]
    return found


def voiced(mels: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which frames of a stretch hold voice rather than a pause."""
    level = 10 * np.log10(mels.sum(axis=1) + FLOOR)
    loud: NDArray[np.bool_] = level > np.percentile(level, 95) - PAUSE_DB
    return loud


@cache
def _filters() -> NDArray[np.float32]:
    """Filters (40, bins) on Slaney's scale: linear to 1 kHz, 27 channels per factor 6.4 above."""
    step = np.log(6.4) / 27

    def to_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
        hz: NDArray[np.float64] = np.where(
            mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * step)
        )
        return hz

    edges = to_hz(np.linspace(0, 15 + np.log(RATE / 2 / 1000) / step, MELS + 2))
    bins = np.fft.rfftfreq(WINDOW, 1 / RATE)
    rise = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    area = 2 / (edges[2:] - edges[:-2])
    filters: NDArray[np.float32] = (np.maximum(0, np.minimum(rise, fall)) * area[:, None]).astype(
        np.float32
    )
    return filters
