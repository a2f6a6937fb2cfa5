"""PocketSphinx places words that are said, and says so where they are not."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from media_assets.media.audio import read_audio
from resources.models.interfaces import RATE, Samples
from resources.models.pocketsphinx_aligner import PocketSphinxAligner
from resources.models.pocketsphinx_decoder import base, decoder, learn
from resources.models.pocketsphinx_g2p import pronounce
from resources.models.pocketsphinx_recognizer import PocketSphinxRecognizer

JFK = [
    "and",
    "so",
    "my",
    "fellow",
    "americans",
    "ask",
    "not",
    "what",
    "your",
    "country",
    "can",
    "do",
    "for",
    "you",
]


@pytest.fixture(scope="module")
def jfk(media_dir: Path) -> Samples:
    """The first 8 seconds: `JFK`."""
    return read_audio(media_dir / "speech/jfk.flac", 0, 8, rate=RATE, channels=1)[:, 0]


def test_every_word_has_a_place_and_phones_that_fill_it(jfk: Samples) -> None:
    placed = PocketSphinxAligner().place(jfk, JFK, "en")
    assert placed is not None
    words = [word for word in placed if word]
    assert len(words) == len(JFK)
    for word in words:
        assert word.phones[0].start_s == word.start_s
        assert word.phones[-1].end_s == pytest.approx(word.end_s)
    assert all(a.end_s <= b.start_s + 1e-9 for a, b in itertools.pairwise(words))
    assert [phone.phone for phone in words[4].phones] == [
        "AH",
        "M",
        "EH",
        "R",
        "AH",
        "K",
        "AH",
        "N",
        "Z",
    ]
    assert np.mean([word.score for word in words]) > 0.8


def test_what_was_placed_before_changes_nothing(jfk: Samples) -> None:
    aligner = PocketSphinxAligner()
    first = aligner.place(jfk, JFK, "en")
    aligner.place(jfk[: 3 * RATE], ["Nautilax", "xylotrope"], "en")
    assert aligner.place(jfk, JFK, "en") == first


def test_loudness_plays_no_part(jfk: Samples) -> None:
    aligner = PocketSphinxAligner()
    loud, quiet = aligner.place(jfk, JFK, "en"), aligner.place(jfk / 200, JFK, "en")
    assert loud is not None
    assert quiet is not None
    pairs = [(a, b) for a, b in zip(loud, quiet, strict=True) if a and b]
    assert max(abs(a.start_s - b.start_s) for a, b in pairs) <= 0.02


def test_speech_before_and_after_the_text_is_passed_over(jfk: Samples) -> None:
    aligner = PocketSphinxAligner()
    whole, part = aligner.place(jfk, JFK, "en"), aligner.place(jfk, JFK[5:9], "en")
    assert whole is not None
    assert part is not None
    for a, b in zip(whole[5:9], part, strict=True):
        assert a is not None
        assert b is not None
        assert abs(a.start_s - b.start_s) < 0.1


@pytest.mark.parametrize(
    "wrong",
    [
        [
            "the",
            "cabbage",
            "juice",
            "changes",
            "color",
            "depending",
            "on",
            "how",
            "acidic",
            "the",
            "chemical",
            "is",
        ],
        JFK[::-1],
    ],
)
def test_text_that_is_not_said_scores_low_or_has_no_path(jfk: Samples, wrong: list[str]) -> None:
    placed = PocketSphinxAligner().place(jfk, wrong, "en")
    assert placed is None or np.mean([word.score for word in placed if word]) < 0.5


def test_silence_holds_no_words() -> None:
    silence = np.zeros(5 * RATE, np.float32)
    placed = PocketSphinxAligner().place(silence, ["hello", "there"], "en")
    assert placed is None or max(word.score for word in placed if word) < 0.5
    assert PocketSphinxRecognizer().words([silence, silence[:0]], "en") == [[], []]
    assert PocketSphinxRecognizer().words([silence], "en", ["hello", "there"]) == [[]]


def test_a_sound_too_short_for_its_text_has_no_path(jfk: Samples) -> None:
    aligner = PocketSphinxAligner()
    assert aligner.place(jfk[:800], ["hello"], "en") is None
    assert aligner.place(jfk[:0], ["hello"], "en") is None


def test_what_nobody_can_say_has_no_place(jfk: Samples) -> None:
    assert PocketSphinxAligner().place(jfk, ["—", "…"], "en") == [None, None]
    placed = PocketSphinxAligner().place(jfk, [*JFK[:5], "—", *JFK[5:]], "en")
    assert placed is not None
    assert [index for index, word in enumerate(placed) if word is None] == [5]


def test_only_english_is_supported() -> None:
    aligner = PocketSphinxAligner()
    assert [aligner.supports(code) for code in ("en", "en-GB", None, "de")] == [
        True,
        True,
        True,
        False,
    ]


def test_text_of_an_unnamed_language_that_is_not_english_has_no_path(jfk: Samples) -> None:
    words = ["vielleicht", "schwimmt", "das", "kleine", "Krokodil", "zurück"]
    # Once more, for by then the words have been learnt.
    assert [PocketSphinxAligner().place(jfk, words, None) for _ in range(2)] == [None, None]


@pytest.mark.parametrize("first", ["qtnx", "QTNX"])
def test_what_was_learnt_of_a_word_does_not_say_its_capitals(first: str) -> None:
    search = decoder()
    learn(search, [first])
    (small, spelt) = learn(search, ["qtnx", "QTNX"])
    assert search.lookup_word(spelt) == "K Y UW T IY EH N EH K S"
    assert search.lookup_word(small) != search.lookup_word(spelt)
    assert [base(name) for name in (small, spelt, "the(2)")] == ["qtnx", "qtnx", "the"]


def test_of_a_text_that_nobody_can_say_nothing_is_heard(jfk: Samples) -> None:
    assert PocketSphinxRecognizer().words([jfk], None, ["привет", "мир"]) == [[]]


def test_a_given_text_helps_to_hear_it(jfk: Samples) -> None:
    heard = PocketSphinxRecognizer().words([jfk], "en", JFK)[0]
    assert {word.word for word in heard} <= set(JFK)
    assert len(heard) >= 10
    assert all(0 <= word.start_s < word.end_s <= 8 and 0 <= word.score <= 1 for word in heard)


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("sintra", "S IH N T R AH"),
        ("Sintra's", "S IH N T R AH Z"),
        ("Trixes", "T R IH K S IH Z"),
        ("Cabbatch's", "K AE B CH IH Z"),
        ("—", ""),
        ("日本", ""),
    ],
)
def test_words_of_no_dictionary_are_pronounced_by_their_letters(word: str, phones: str) -> None:
    assert " ".join(pronounce(word)) == phones
