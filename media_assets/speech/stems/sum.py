"""Whether voice and background add up to the mix."""

from pathlib import Path

import numpy as np

from media_assets.media.audio import read_wav
from media_assets.speech.stems.separate import wav_blocks


def largest_difference(voice: Path, background: Path, mix: Path) -> float:
    """The largest |voice + background - mix| over all samples, in units in the last place.

    The unit is that of the largest of the three in float32: 0.5 is what rounding the background
    costs. Infinite if the files differ in length, or hold what is no number.
    """
    worst, at = 0.0, 0
    for block in wav_blocks(mix):
        end = at + len(block)
        parts = [read_wav(path, at, end)[0] for path in (voice, background)]
        if any(part.shape != block.shape for part in parts):
            return float("inf")
        largest = np.maximum(np.abs(block), np.maximum(*np.abs(parts)))
        error = np.abs(parts[0].astype(np.float64) + parts[1] - block) / np.spacing(largest)
        worst = max(worst, float(np.nan_to_num(error.max(initial=0), nan=np.inf)))
        at = end
    longer = any(len(read_wav(path, at)[0]) for path in (voice, background))
    return float("inf") if longer else worst
