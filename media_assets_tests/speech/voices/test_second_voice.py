"""Two pitches are told from one, and from noise."""

import numpy as np

from media_assets.speech.voices.second_voice import second_voice_share

RATE = 16_000
TIME_S = np.arange(2 * RATE) / RATE


def voice(pitch_hz: float) -> np.ndarray:
    """A buzz with a glide, as vowels have it."""
    phase = 2 * np.pi * (pitch_hz * TIME_S + 0.03 * pitch_hz * np.sin(2 * np.pi * 1.3 * TIME_S))
    return sum(np.sin(k * phase) / k for k in range(1, 15))


def test_one_voice_has_one_pitch():
    for pitch_hz in (90, 130, 210, 300):
        assert second_voice_share(voice(pitch_hz), RATE) < 0.02


def test_two_voices_have_two():
    for first, second in ((100, 170), (120, 220), (210, 137)):
        assert second_voice_share(voice(first) + 0.6 * voice(second), RATE) > 0.3


def test_noise_and_silence_have_none():
    noise = np.random.default_rng(1).standard_normal(2 * RATE)
    assert second_voice_share(noise, RATE) < 0.02
    assert second_voice_share(np.zeros(RATE), RATE) == 0
    assert second_voice_share(np.zeros(10), RATE) == 0
