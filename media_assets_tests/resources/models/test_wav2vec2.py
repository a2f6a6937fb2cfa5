"""whisperx' alignment on a tiny CTC model with random weights."""

from pathlib import Path

import numpy as np
import pytest

from media_assets_tests.resources.models import tiny_wav2vec2
from resources.gpu import Gpu
from resources.models.checkpoints import MissingCheckpoint
from resources.models.interfaces import RATE, Samples
from resources.models.wav2vec2 import Wav2Vec2Aligner

pytest.importorskip("torch", reason="extra `models` is not installed")
pytest.importorskip("whisperx", reason="extra `models` is not installed")


def noise(seconds: float) -> Samples:
    return np.random.default_rng(8).normal(0, 0.1, round(seconds * RATE)).astype(np.float32)


@pytest.fixture
def aligner(root: Path, cpu: Gpu) -> Wav2Vec2Aligner:
    tiny_wav2vec2.save_model(root / "wav2vec2/en")
    return Wav2Vec2Aligner(gpu=cpu)


def test_words_and_their_characters_lie_in_order(aligner: Wav2Vec2Aligner) -> None:
    words = ["Don't", "—", "leave,", "Mr.", "Ångström!", "42", "..."]
    placed = aligner.place(noise(4.0), words, "en-GB")
    assert placed is not None
    assert [place is not None for place in placed] == [1, 0, 1, 1, 1, 1, 0]
    characters = [phone for place in placed if place for phone in place.phones]
    assert "".join(c.phone for c in characters) == "Don'tleaveMrÅngström42"
    times = [t for c in characters for t in (c.start_s, c.end_s)]
    assert times == sorted(times)
    assert 0 <= times[0] < times[-1] <= 4.0
    for place in filter(None, placed):
        assert (place.start_s, place.end_s) == (place.phones[0].start_s, place.phones[-1].end_s)
        assert 0 <= place.score <= 1


def test_sentences_stay_whole(aligner: Wav2Vec2Aligner) -> None:
    words = ["It", "is", "late.", "Dr.", "No", "left.", "Who", "knows?", "We", "do."]
    placed = aligner.place(noise(3.0), words, "en")
    assert placed is not None
    assert all(placed)
    assert len(placed) == len(words)


def test_more_words_than_sound_has_no_place(aligner: Wav2Vec2Aligner) -> None:
    assert aligner.place(noise(0.2), ["incomprehensibilities"] * 5, "en") is None
    assert aligner.place(noise(1.0), ["—", "..."], "en") == [None, None]


def test_a_language_that_should_be_here_is_an_error_and_others_are_not_supported(
    aligner: Wav2Vec2Aligner,
) -> None:
    assert aligner.supports("de")
    with pytest.raises(MissingCheckpoint, match=r"checkpoints/wav2vec2/de lacks config.json"):
        aligner.place(noise(1.0), ["Zug"], "de")
    assert not aligner.supports("tlh")
    assert not aligner.supports(None)
