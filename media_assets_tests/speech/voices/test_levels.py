"""Levels are where the sound is, whatever its rate."""

import numpy as np
import pytest

from media_assets.speech.voices.levels import SILENCE_DB, frame_levels


@pytest.mark.parametrize("rate", [11_025, 16_000, 22_050, 44_100, 48_000])
def test_a_click_is_in_its_frame_however_late(rate: int) -> None:
    samples = np.zeros(20 * rate, np.float32)
    samples[round(19.505 * rate)] = 1
    levels = frame_levels(samples, rate)
    assert len(levels) == 2000
    # A frame is two hops long.
    assert np.flatnonzero(levels > SILENCE_DB).tolist() == [1949, 1950]


def test_of_no_sound_there_is_no_level() -> None:
    assert frame_levels(np.zeros(0, np.float32), 48_000).shape == (0,)
