"""Whisper on a tiny checkpoint that says what it is told to."""

from pathlib import Path

import numpy as np
import pytest

from media_assets_tests.resources.models import tiny_whisper
from resources.gpu import Gpu
from resources.models.faster_whisper import FasterWhisper
from resources.models.interfaces import RATE, Samples

pytest.importorskip("torch", reason="extra `models` is not installed")
pytest.importorskip("transformers", reason="extra `models` is not installed")

SENTENCE = tiny_whisper.WORDS


def spans(*seconds: float) -> list[Samples]:
    random = np.random.default_rng(7)
    return [random.normal(0, 0.1, round(s * RATE)).astype(np.float32) for s in seconds]


def saying(
    root: Path, cpu: Gpu, script: tuple[str, ...], no_speech: bool = False, sure: float = 30.0
) -> FasterWhisper:
    folder = root / "faster-whisper/large-v3"
    tiny_whisper.save_model(folder, script, no_speech, sure)
    return FasterWhisper(gpu=cpu)


def test_each_span_gets_its_words_within_its_own_time(root: Path, cpu: Gpu) -> None:
    adapter = saying(root, cpu, SENTENCE)
    lengths = (3.0, 1.00001, 5.3)
    heard = adapter.words(spans(*lengths), "en")
    for words, length in zip(heard, lengths, strict=True):
        assert [word.word for word in words] == list(SENTENCE)
        times = [t for word in words for t in (word.start_s, word.end_s)]
        assert times == sorted(times)
        assert 0 <= times[0] < times[-1] <= length
        assert all(0.99 < word.score <= 1 for word in words)
    assert adapter.words([], "en") == []
    (detected,) = adapter.words(spans(1.0), None)
    assert len(detected) == len(SENTENCE)
    # The hint, byte by byte, takes the first positions of the script.
    (hinted,) = adapter.words(spans(2.0), "en", likely=["noon"])
    assert [word.word for word in hinted] == list(SENTENCE[6:])


@pytest.mark.parametrize(
    ("script", "no_speech", "sure"),
    [(("la",) * 60, False, 30.0), (SENTENCE, True, 30.0), (SENTENCE, False, 8.0)],
    ids=["a loop", "no speech", "a guess"],
)
def test_what_looks_invented_is_dropped(
    root: Path, cpu: Gpu, script: tuple[str, ...], no_speech: bool, sure: float
) -> None:
    adapter = saying(root, cpu, script, no_speech, sure)
    assert adapter.words(spans(2.0, 4.0), "en") == [[], []]


def test_languages_are_those_of_its_tokenizer(root: Path, cpu: Gpu) -> None:
    adapter = saying(root, cpu, SENTENCE)
    assert all(adapter.supports(code) for code in ("en", "de-AT", "nb-NO", None))
    assert not adapter.supports("tlh")
