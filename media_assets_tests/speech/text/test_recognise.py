import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assets.media.audio import stream_audio, write_wav
from media_assets.speech.schema import RECOGNITION
from media_assets.speech.text.recognise import (
    BATCH,
    RecognitionSettings,
    quietest,
    reader,
    recognised,
    spans_to_recognise,
    written,
)
from resources.models.interfaces import RATE, HeardWord, Samples, Span
from resources.models.pocketsphinx_recognizer import PocketSphinxRecognizer

SETTINGS = RecognitionSettings()


def loud(start_s: float, end_s: float) -> Samples:
    return np.ones(round((end_s - start_s) * RATE), np.float32)


@dataclass
class Hears:
    """Says one word per second of what it gets, in English alone."""

    backend: str = "fake"
    draft: bool = True
    calls: list[int] = field(default_factory=list)
    score: float = 0.9

    def supports(self, language: str | None) -> bool:
        return language in (None, "en")

    def words(
        self, spans: Sequence[Samples], language: str | None, likely: Sequence[str] = ()
    ) -> list[list[HeardWord]]:
        self.calls.append(len(spans))
        return [
            [HeardWord(f"w{n}", n, n + 0.5, self.score) for n in range(len(span) // RATE)]
            for span in spans
        ]


def spans(activity: list[tuple[float, float]], *covered: tuple[float, float]) -> list[Span]:
    return spans_to_recognise(
        [Span(*one) for one in activity], [Span(*one) for one in covered], loud, SETTINGS
    )


def test_speech_under_subtitles_is_left_alone_and_the_rest_is_not() -> None:
    assert spans([(0, 4), (10, 14), (20, 24)], (0.2, 3.6), (9, 12)) == [
        Span(12.5, 14),
        Span(20, 24),
    ]


def test_what_sticks_out_of_a_subtitle_a_little_belongs_to_it() -> None:
    assert spans([(1.0, 5.0)], (1.4, 4.6)) == []


def test_speech_is_joined_over_short_pauses_but_never_over_a_subtitle() -> None:
    assert spans([(0, 2), (2.4, 4), (5, 6)]) == [Span(0, 4), Span(5, 6)]
    assert len(spans([(0, 2), (2.4, 4)], (2.1, 2.2))) == 2


def test_long_speech_is_cut_where_it_is_quietest() -> None:
    def read(start_s: float, end_s: float) -> Samples:
        samples = loud(start_s, end_s)
        at = round((25.0 - start_s) * RATE)
        samples[at : at + RATE // 10] = 0
        return samples

    cut = spans_to_recognise([Span(0, 50)], [], read, SETTINGS)
    assert [len(cut), cut[0].start_s, cut[1].end_s] == [2, 0, 50]
    assert 25.0 < cut[0].end_s == cut[1].start_s < 25.1


TIMES = st.tuples(st.floats(0, 100), st.floats(0.01, 40)).map(lambda t: Span(t[0], t[0] + t[1]))


@given(st.lists(TIMES, max_size=8), st.lists(TIMES, max_size=8))
def test_spans_are_short_in_order_and_free_of_subtitles(
    activity: list[Span], covered: list[Span]
) -> None:
    found = spans_to_recognise(activity, covered, loud, SETTINGS)
    assert all(0 < one.end_s - one.start_s <= SETTINGS.longest_s + 1e-9 for one in found)
    assert all(one.end_s <= other.start_s for one, other in itertools.pairwise(found))
    assert not any(
        s.start_s < one.end_s and one.start_s < s.end_s for s in covered for one in found
    )
    if not covered:
        heard = sum(one.end_s - one.start_s for one in found)
        ends = sorted({time for one in activity for time in (one.start_s, one.end_s)})
        spoken = sum(
            b - a
            for a, b in itertools.pairwise(ends)
            if any(one.start_s <= a and b <= one.end_s for one in activity)
        )
        assert heard >= spoken - 1e-6


def test_rows_say_what_was_heard_and_by_whom() -> None:
    model = Hears()
    rows = list(recognised([Span(1, 3), Span(5, 5.5)], "en", model, loud, SETTINGS))
    frame = RECOGNITION.frame(row | {"episode_id": "ep", "row_key": ""} for row in rows)
    assert frame.drop("episode_id", "row_key", "pieces").rows() == [
        (1.0, 3.0, "w0 w1", True, "en", 0.9, True, [], "fake"),
        (5.0, 5.5, "", True, "en", None, False, ["nothing was recognised"], "fake"),
    ]


def test_a_text_is_cut_at_pauses_and_where_sentences_end() -> None:
    said = [("Dr.", 0.0), ("Who", 0.4), ("left.", 0.8), ("“Why?”", 1.2), ("so", 3.0), ("on", 3.3)]

    class Says(Hears):
        def words(self, spans: Any, language: Any, likely: Any = ()) -> list[list[HeardWord]]:
            return [[HeardWord(word, start, start + 0.3, 0.9) for word, start in said]]

    (row,) = recognised([Span(10, 14)], "en", Says(), loud, SETTINGS)
    assert [(p["text"], p["start_s"], p["end_s"]) for p in row["pieces"]] == [
        ("Dr. Who left.", 10.0, pytest.approx(11.1)),
        ("“Why?”", 11.2, pytest.approx(11.5)),
        ("so on", 13.0, pytest.approx(13.6)),
    ]


def test_in_a_language_that_the_model_does_not_know_nothing_is_invented() -> None:
    model = Hears()
    (row,) = recognised([Span(0, 9)], "ja", model, loud, SETTINGS)
    assert (row["text"], row["score"], row["kept"]) == ("", None, False)
    assert row["reasons"] == ["the recognizer does not know ja"]
    assert model.calls == []


def test_a_guess_is_not_kept_but_can_be_read() -> None:
    (row,) = recognised([Span(0, 2)], "en", Hears(score=0.1), loud, SETTINGS)
    assert (row["text"], row["kept"]) == ("w0 w1", False)
    assert row["reasons"] == ["low confidence: mean log probability -2.30"]


def test_models_get_spans_in_batches_so_that_memory_does_not_grow() -> None:
    model = Hears()
    rows = list(recognised([Span(n, n + 1) for n in range(40)], None, model, loud, SETTINGS))
    assert len(rows) == 40
    assert model.calls == [BATCH, BATCH, 40 - 2 * BATCH]


@pytest.mark.parametrize(
    ("language", "text"), [("ja", "そうだ"), ("en", "そう だ"), (None, "そう だ")]
)
def test_words_are_written_as_their_language_does(language: str | None, text: str) -> None:
    heard = [HeardWord("そう", 0, 1, 1.0), HeardWord(" だ", 1, 2, 1.0)]
    assert written(heard, language) == text


def test_the_quietest_place_of_silence_is_its_first() -> None:
    assert quietest(np.zeros(RATE, np.float32)) == 400


def test_the_embedded_recognizer_hears_english_and_says_nothing_of_german(
    media_dir: Path, tmp_path: Path
) -> None:
    source = media_dir / "speech" / "ljspeech" / "LJ002-0020.wav"
    samples = stream_audio(source, rate=RATE, channels=1)
    seconds = write_wav(tmp_path / "a.wav", samples, RATE, 1) / RATE
    model, read = PocketSphinxRecognizer(), reader(tmp_path / "a.wav")
    (row,) = recognised([Span(0, seconds)], "en", model, read, SETTINGS)
    assert "thirteen" in row["text"]
    assert 0 < row["score"] <= 1
    assert row["backend"] == model.backend
    (row,) = recognised([Span(0, seconds)], "de", model, read, SETTINGS)
    assert (row["text"], row["kept"]) == ("", False)
