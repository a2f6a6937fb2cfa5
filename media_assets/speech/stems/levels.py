"""Levels of a sound that goes by in blocks."""

import math

import numpy as np

from media_assets.media.audio import Samples

# FFmpeg's `silencedetect` takes -60 dBFS for silence by default.
SILENCE_DB = -60.0
FRAME_S = 0.02


class LevelMeter:
    """Measures RMS and the share of silent frames (20 ms), whatever the blocks' lengths."""

    def __init__(self, rate: int):
        self._size = max(1, round(FRAME_S * rate))
        self._rest = np.zeros(0)  # power per sample of the frame that has just begun
        self._energy, self._samples = 0.0, 0
        self._frames, self._silent = 0, 0

    def push(self, block: Samples) -> None:
        """block: shape (samples, channels), full scale 1."""
        powers = np.square(block, dtype=np.float64).mean(1)
        self._energy += float(powers.sum())
        self._samples += len(powers)
        powers = np.concatenate([self._rest, powers])
        whole = len(powers) // self._size * self._size
        self._count(powers[:whole].reshape(-1, self._size).mean(1))
        self._rest = powers[whole:]

    def _count(self, frames: np.ndarray) -> None:
        self._frames += len(frames)
        self._silent += int((frames < 10 ** (SILENCE_DB / 10)).sum())

    @property
    def rms_db(self) -> float | None:
        """Root mean square over samples and channels in dBFS; None for digital silence."""
        return 10 * math.log10(self._energy / self._samples) if self._energy else None

    @property
    def silence_ratio(self) -> float:
        """Share of whole frames whose mean power is below the silence level; 1 if there is none."""
        return self._silent / self._frames if self._frames else 1.0
