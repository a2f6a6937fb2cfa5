"""Centre extraction: what lies in the centre comes out, and nothing is made worse."""

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resources.models.centre import CentreExtraction

RATE = 16_000


def voice_of(mix: np.ndarray, rate: int = RATE, cuts: Iterable[int] = ()) -> np.ndarray:
    return np.concatenate(list(CentreExtraction().voice(np.split(mix, sorted(cuts)), rate)))


def syllables(seconds: float, seed: int, rate: int = RATE, share: float = 0.5) -> np.ndarray:
    """Noise in bursts of a fifth of a second, with pauses for the rest of the time."""
    draw = np.random.default_rng(seed)
    count = round(seconds * rate)
    loud = np.repeat(draw.random(count // (rate // 5) + 1) < share, rate // 5)[:count]
    smooth = np.convolve(loud, np.hanning(rate // 20) / np.hanning(rate // 20).sum(), "same")
    return (0.1 * draw.normal(size=count) * smooth).astype(np.float32)


def backing(seconds: float, seed: int, rate: int = RATE) -> np.ndarray:
    """Steady noise that is wider than it is deep."""
    return np.random.default_rng(seed).normal(0, 0.03, (round(seconds * rate), 2)).astype("f4")


def si_sdr(truth: np.ndarray, found: np.ndarray) -> float:
    t, x = truth.ravel().astype(float), found.ravel().astype(float)
    kept = (t @ x) / (t @ t) * t
    return float(10 * np.log10(kept @ kept / ((x - kept) @ (x - kept))))


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000])
def test_a_centred_voice_is_taken_out_of_wide_music(rate: int) -> None:
    voice = np.repeat(syllables(12, 1, rate)[:, None], 2, axis=1)
    mix = voice + backing(12, 2, rate)
    assert si_sdr(voice, voice_of(mix, rate)) > si_sdr(voice, mix) + 4


@pytest.mark.parametrize("share", [0.1, 0.8])
def test_rare_and_constant_talk_both_gain(share: float) -> None:
    voice = np.repeat(syllables(30, 1, share=share)[:, None], 2, axis=1)
    mix = voice + backing(30, 2)
    assert si_sdr(voice, voice_of(mix)) > si_sdr(voice, mix) + 2


@pytest.mark.parametrize("gains", [(1.4, 0.0), (1.2, 0.7)], ids=["hard left", "left"])
def test_a_voice_beside_the_centre_is_left_in_the_mix(gains: tuple[float, float]) -> None:
    voice = np.outer(syllables(25, 1), gains).astype(np.float32)
    mix = voice + backing(25, 2)
    assert si_sdr(voice, voice_of(mix)) > si_sdr(voice, mix) - 0.1


def test_a_voice_in_stereo_reverberation_is_left_in_the_mix() -> None:
    from scipy.signal import fftconvolve

    dry = syllables(25, 1)
    decay = np.exp(-np.arange(RATE // 2) / 1500)[:, None]
    tail = np.random.default_rng(3).normal(0, 0.04, (RATE // 2, 2)) * decay
    voice = dry[:, None] + fftconvolve(dry[:, None], tail, axes=0)[: len(dry)]
    mix = (voice + 0.3 * backing(25, 2)).astype(np.float32)
    assert si_sdr(voice, voice_of(mix)) > si_sdr(voice, mix) - 0.1


def test_equal_channels_come_back_to_the_bit() -> None:
    one = np.repeat(syllables(25, 1)[:, None], 2, axis=1)
    assert np.array_equal(voice_of(one), one)
    # A lossy codec leaves a little between equal channels.
    coded = one + 1e-5 * backing(25, 2)
    assert np.array_equal(voice_of(coded), coded)
    assert np.array_equal(voice_of(one[:, :1]), one[:, :1])


def test_silence_comes_back_to_the_bit() -> None:
    silence = np.zeros((3 * RATE, 2), np.float32)
    assert np.array_equal(voice_of(silence), silence)


@settings(max_examples=15, deadline=None)
@given(length=st.integers(0, 90_000), cuts=st.lists(st.integers(0, 90_000), max_size=5))
def test_length_is_kept_and_blocks_do_not_matter(length: int, cuts: list[int]) -> None:
    mix = np.repeat(syllables(6, 1)[:length, None], 2, axis=1) + backing(6, 2)[:length]
    mix = mix[:length]
    whole = voice_of(mix) if length else mix
    assert whole.shape == mix.shape
    if length:
        assert np.array_equal(voice_of(mix, cuts=cuts), whole)


def test_segments_join_without_a_seam() -> None:
    """What the filter does not touch runs through the joins of segments (each 10 s) unchanged."""
    tone = np.sin(2 * np.pi * 440 * np.arange(45 * RATE) / RATE).astype(np.float32)
    mix = np.stack([tone, tone], axis=1) + 0.01 * backing(45, 2)
    error = voice_of(mix)[:, 0] - tone
    joins = np.concatenate([error[s - 200 : s + 200] for s in range(0, len(mix), 10 * RATE) if s])
    assert np.abs(joins).max() < 3 * np.abs(error).mean() + 2e-3
