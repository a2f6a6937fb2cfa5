"""Loudness as the standards define it, on signals whose loudness they state."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_assets.speech.voices.loudness import integrated_lufs, true_peak

RATES = (8000, 16000, 22050, 24000, 44100, 48000)


def tone(db: float, rate: int, seconds: float, channels: int = 2) -> np.ndarray:
    """A sine of 1 kHz with this peak level."""
    wave = 10 ** (db / 20) * np.sin(2 * np.pi * 1000 * np.arange(round(seconds * rate)) / rate)
    return np.stack([wave.astype(np.float32)] * channels, axis=1)


@pytest.mark.parametrize("rate", RATES)
def test_ebu_reference_tone(rate: int) -> None:
    """EBU Tech 3341, test 1: a stereo sine of 1 kHz at -23 dBFS reads -23.0 +-0.1 LUFS."""
    assert integrated_lufs(tone(-23, rate, 20), rate) == pytest.approx(-23.0, abs=0.1)
    assert integrated_lufs(tone(-33, rate, 20), rate) == pytest.approx(-33.0, abs=0.1)


def test_full_scale_tone_on_one_channel() -> None:
    """BS.1770-4, annex 1: a sine of 997 Hz at 0 dBFS on one channel reads -3.01 LUFS."""
    wave = np.sin(2 * np.pi * 997 * np.arange(20 * 48000) / 48000).astype(np.float32)
    assert integrated_lufs(wave, 48000) == pytest.approx(-3.01, abs=0.05)
    left = np.stack([wave, np.zeros_like(wave)], axis=1)
    assert integrated_lufs(left, 48000) == pytest.approx(-3.01, abs=0.05)


def test_quiet_stretches_do_not_count() -> None:
    """EBU Tech 3341, tests 3 and 4: the gates leave the loud middle alone to count."""
    quiet, loud, silent = tone(-36, 48000, 10), tone(-23, 48000, 60), tone(-72, 48000, 10)
    three = np.concatenate([quiet, loud, quiet])
    five = np.concatenate([silent, three, silent])
    assert integrated_lufs(three, 48000) == pytest.approx(-23.0, abs=0.1)
    assert integrated_lufs(five, 48000) == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize("samples", [np.zeros(16000), np.zeros(0), np.zeros((500, 2)), np.ones(99)])
def test_silence_and_snippets_have_no_loudness(samples: np.ndarray) -> None:
    assert integrated_lufs(samples.astype(np.float32), 16000) is None


@settings(max_examples=25, deadline=None)
@given(
    level=st.floats(-40, 6),  # noise at -14 dB; below -70 LUFS is silence to BS.1770
    seconds=st.floats(0.4, 3),
    gain_db=st.floats(-10, 10),
    rate=st.sampled_from(RATES),
    seed=st.integers(0, 99),
)
def test_a_gain_is_heard_as_that_gain(
    level: float, seconds: float, gain_db: float, rate: int, seed: int
) -> None:
    noise = np.random.default_rng(seed).normal(0, 0.2, round(seconds * rate) + 1)
    sound = (noise * 10 ** (level / 20)).astype(np.float32)
    louder = sound * np.float32(10 ** (gain_db / 20))
    before, after = integrated_lufs(sound, rate), integrated_lufs(louder, rate)
    assert before is not None
    assert after == pytest.approx(before + gain_db, abs=0.15)  # gates and tenths of FFmpeg


def test_peaks_between_samples_count() -> None:
    """A sine at a quarter of the rate, 45 degrees off, peaks 3 dB above its samples."""
    rate = 48000
    ramp = np.minimum(1, np.arange(rate) / 4800)
    wave = (ramp * np.sin(np.pi / 2 * np.arange(rate) + np.pi / 4)).astype(np.float32)
    samples_db = 20 * np.log10(np.abs(wave).max())
    assert 20 * np.log10(true_peak(wave)) == pytest.approx(samples_db + 3.01, abs=0.3)
    assert true_peak(np.zeros(100, np.float32)) == 0
