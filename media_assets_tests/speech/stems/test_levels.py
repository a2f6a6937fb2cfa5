"""Levels do not depend on how a sound is cut into blocks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assets.speech.stems.levels import LevelMeter

RATE = 8000


def measured(samples: np.ndarray, cuts: list[int]) -> LevelMeter:
    meter = LevelMeter(RATE)
    for block in np.split(samples, sorted(cuts)):
        meter.push(block)
    return meter


@given(st.lists(st.integers(0, 8000), max_size=8))
def test_half_silence_whatever_the_blocks(cuts: list[int]) -> None:
    samples = np.zeros((8000, 2), np.float32)
    samples[4000:] = 0.1
    meter = measured(samples, cuts)
    assert meter.silence_ratio == 0.5
    assert meter.rms_db == pytest.approx(-20 - 3.0103, abs=1e-3)


def test_silence_has_no_level() -> None:
    assert measured(np.zeros((999, 2), np.float32), []).rms_db is None
    assert measured(np.zeros((0, 2), np.float32), []).silence_ratio == 1


def test_the_silence_level_is_60_db_below_full_scale() -> None:
    quiet = np.full((8000, 1), 0.0009, np.float32)
    assert measured(quiet, []).silence_ratio == 1
    assert measured(quiet * 1.2, []).silence_ratio == 0
