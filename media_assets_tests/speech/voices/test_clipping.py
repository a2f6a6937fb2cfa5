"""Flat tops are found, whatever their level; clean speech has none."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assets.media.audio import read_audio
from media_assets.speech.voices.clipping import clipped_share

CLEAN = [
    "speech/jfk.flac",
    "speech/librispeech/libri-1088-134315-0000.wav",
    "speech/ljspeech/LJ002-0020.wav",
    "speech/mfa/acoustic_corpus.wav",
    "speech/emodb_dev/03a01Wa.wav",
]


@pytest.mark.parametrize("name", CLEAN)
def test_clean_speech_has_no_flat_tops_and_clipped_speech_has(media_dir: Path, name: str) -> None:
    speech = read_audio(media_dir / name, 0, 30, channels=1)
    peak = np.abs(speech).max()
    clipped = np.clip(speech, -peak / 2, peak / 2)
    assert clipped_share(speech) < 2e-5
    assert clipped_share(clipped) > 1e-3
    assert clipped_share(clipped * 0.1) == pytest.approx(clipped_share(clipped))


@given(st.integers(3, 50), st.sampled_from([1, -1]), st.floats(0.01, 2))
def test_a_run_at_the_peak_counts_sample_by_sample(run: int, sign: int, level: float) -> None:
    sound = np.zeros(1000, np.float32)
    sound[100 : 100 + run] = sign * level
    assert clipped_share(sound) == run / 1000


def test_a_single_peak_and_silence_are_not_clipped() -> None:
    peak = np.zeros((1000, 2), np.float32)
    assert clipped_share(peak) == 0
    peak[500] = 1
    assert clipped_share(peak) == 0
    assert clipped_share(np.zeros(0, np.float32)) == 0
