"""Recordings brought to one level before voice activity and voices are looked for.

At -40 dB the voice activity model misses twice as much; rumble below the voice hides whole minutes
from it. So sound is high-passed, and lifted or lowered as a whole.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from resources.models.interfaces import RATE, Samples

# Of the levels between -15 and -36 dB the voice activity model finds the same speech at all; the
# lower half takes less music for speech. Resemblyzer's encoder was trained at -30 dBFS too.
LEVEL_DB = -30.0
# Gates of ITU-R BS.1770-4: blocks of 400 ms, above an absolute level, then above 10 dB below the
# mean of those. The absolute one is lower than there, for recordings that are 50 dB too quiet.
BLOCK, ABSOLUTE_GATE_DB, RELATIVE_GATE_DB = RATE * 2 // 5, -90.0, -10.0
# The voice begins above 80 Hz; rumble and offset lie below.
HIGH_PASS_HZ, HIGH_PASS_ORDER = 80, 4
# Samples that are filtered before those that count, so that the filter has settled.
LEAD = RATE // 10
MINUTE = 60 * RATE


def length(path: Path) -> int:
    """Samples of a WAV."""
    from scipy.io import wavfile

    return len(wavfile.read(path, mmap=True)[1])


def read_mono(path: Path, start: int, end: int) -> Samples:
    """Samples [start, end) of a mono WAV at 16 kHz; zeros beyond its ends."""
    from scipy.io import wavfile

    # The mapping is given up with every read, or all of the file would stay in memory.
    _, samples = wavfile.read(path, mmap=True)
    inside = np.array(samples[max(0, start) : max(0, end)], np.float32)
    before = max(0, min(end, 0) - start)
    return np.pad(inside, (before, end - start - before - len(inside)))


def read_levelled(path: Path, start: int, end: int, gain: float) -> Samples:
    """Samples [start, end), high-passed and amplified."""
    from scipy.signal import sosfilt

    filtered = sosfilt(_high_pass(), read_mono(path, start - LEAD, end))[LEAD:]
    levelled: Samples = (filtered * gain).astype(np.float32)
    return levelled


def level_gain(path: Path) -> float:
    """The factor that brings what is not silence to `LEVEL_DB` on average; 1 for silence."""
    powers = np.concatenate([np.zeros(0), *_block_powers(path)])
    powers = powers[powers > 10 ** (ABSOLUTE_GATE_DB / 10)]
    if not len(powers):
        return 1.0
    loud = powers[powers > powers.mean() * 10 ** (RELATIVE_GATE_DB / 10)]
    return float(10 ** (LEVEL_DB / 20) / np.sqrt(loud.mean()))


def _block_powers(path: Path) -> Iterator[NDArray[np.float64]]:
    total = length(path)
    for start in range(0, total, MINUTE):
        block = read_levelled(path, start, min(start + MINUTE, total), 1.0)
        whole = block[: len(block) // BLOCK * BLOCK].reshape(-1, BLOCK)
        yield np.mean((whole if len(whole) else block[None]).astype(np.float64) ** 2, axis=1)


@cache
def _high_pass() -> NDArray[np.float64]:
    from scipy.signal import butter

    sections: NDArray[np.float64] = butter(
        HIGH_PASS_ORDER, HIGH_PASS_HZ, "highpass", fs=RATE, output="sos"
    )
    return sections
