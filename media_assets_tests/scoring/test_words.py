"""Word and character error rates, and the boundaries of words."""

import sys
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_assets.scoring.truth import WORDS, find_truth
from media_assets.scoring.words import (
    match_words,
    normal_words,
    pool_text,
    score_text,
    score_words,
)
from resources.problems import BadInput


def words(rows: list[tuple[str, float, float]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=WORDS, orient="row")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hey, let me DOWN!", ["hey", "let", "me", "down"]),
        ("I’m 'quoted' and y'all's boys'", ["i'm", "quoted", "and", "y'all's", "boys"]),
        ("well-known – 10% [door] <unk> …", ["well", "known", "10"]),
        ("STRASSE Straße ﬁne", ["strasse", "strasse", "fine"]),
        ("Où est-ce ÉCOLE", ["où", "est", "ce", "école"]),
        ("हिन्दी में", ["हिन्दी", "में"]),  # vowel signs are part of the word
        ("می‌خواهم", ["میخواهم"]),  # and so are joiners
        ("字幕は、です。", ["字幕は", "です"]),
        ("♪ --- ♪", []),
    ],
)
def test_normal_words(text: str, expected: list[str]) -> None:
    assert normal_words(text) == expected


@given(st.text(max_size=60))
def test_the_normal_form_is_its_own_normal_form(text: str) -> None:
    once = normal_words(text)
    assert normal_words(" ".join(once)) == once


def edits(truth: list[str], found: list[str]) -> int:
    row = list(range(len(found) + 1))
    for i, one in enumerate(truth, start=1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(found, start=1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (one != other))
    return row[-1]


SENTENCE = st.lists(st.sampled_from(["a", "bb", "a-bb", "Cc"]), max_size=8).map(" ".join)


@settings(deadline=None)
@given(SENTENCE, SENTENCE)
def test_error_rates_are_the_fewest_edits(truth: str, found: str) -> None:
    score = score_text(truth, found)
    reference, hypothesis = normal_words(truth), normal_words(found)
    assert score.words == len(reference)
    assert score.substitutions + score.deletions + score.insertions == edits(reference, hypothesis)
    assert score.character_edits == edits(list(" ".join(reference)), list(" ".join(hypothesis)))
    assert (score.wer is None) == (not reference)
    assert (score.cer is None) == (not reference)


def test_error_rates_by_hand() -> None:
    score = score_text("What brings you to the land?", "what bring you two the the land")
    assert (score.substitutions, score.deletions, score.insertions) == (2, 0, 1)
    assert score.wer == pytest.approx(3 / 6)
    pooled = pool_text([score, score_text("one two three four", "one two three four")])
    assert pooled.wer == pytest.approx(3 / 10)
    assert pooled.as_dict()["words"] == 10


def test_a_phone_call_agrees_with_itself_in_capitals(media_dir: Path) -> None:
    text = find_truth(media_dir / "speech" / "phone", "sample", "sample.wav").text
    assert text is not None
    said = " ".join(text["text"])
    assert score_text(said, said.upper().replace(",", " -")).wer == 0
    assert score_text(said, "").wer == 1


@pytest.fixture(scope="module")
def spoken(media_dir: Path) -> pl.DataFrame:
    found = find_truth(media_dir / "speech" / "mfa", "acoustic_corpus", "acoustic_corpus.wav").words
    assert found is not None
    return found


def test_words_that_are_right_have_no_error(spoken: pl.DataFrame) -> None:
    score = score_words(spoken, spoken.with_columns(pl.col("word").str.to_uppercase() + ","))
    assert score == {
        "mean_s": 0,
        "p95_s": 0,
        "within_100_ms": 1,
        "precision": 1,
        "recall": 1,
        "matched": 58,
        "unmatched": 0,
        "unmatched_found": 0,
    }


def test_a_constant_delay_is_the_mean_error(spoken: pl.DataFrame) -> None:
    late = score_words(spoken, spoken.with_columns(pl.col("start_s", "end_s") + 0.15))
    assert late["mean_s"] == pytest.approx(0.15)
    assert late["p95_s"] == pytest.approx(0.15)
    assert (late["within_100_ms"], late["precision"], late["recall"]) == (0, 1, 1)
    later = score_words(spoken, spoken.with_columns(pl.col("end_s") + 0.25))
    assert later["mean_s"] == pytest.approx(0.125)
    assert (later["within_100_ms"], later["precision"]) == (0.5, 0)


def test_few_large_errors_show_in_p95_and_precision(spoken: pl.DataFrame) -> None:
    late = pl.when(pl.int_range(pl.len()) >= 52).then(1.0).otherwise(0.0)
    score = score_words(spoken, spoken.with_columns(pl.col("start_s", "end_s") + late))
    assert score["mean_s"] == pytest.approx(6 / 58)
    assert score["p95_s"] == pytest.approx(1.0)
    assert score["precision"] == pytest.approx(52 / 58)


def test_unmatched_words_are_reported_not_measured(spoken: pl.DataFrame) -> None:
    extra = words([("basically", 30.0, 30.4), ("--", 31.0, 31.2)])
    found = pl.concat([spoken[:10], spoken[15:], extra]).sample(fraction=1, shuffle=True, seed=1)
    score = score_words(spoken, found)
    assert (score["matched"], score["unmatched"], score["unmatched_found"]) == (53, 5, 1)
    assert score["mean_s"] == 0
    assert (score["precision"], score["recall"]) == (53 / 54, 53 / 58)


def test_pairs_are_the_same_word_in_the_same_order() -> None:
    truth = words([("the", 0, 1), ("cat", 1, 2), ("the", 2, 3), ("dog", 3, 4)])
    found = words([("a", 0, 1), ("cat", 1.1, 2.1), ("The", 2.1, 3.1), ("Dog.", 3.1, 4.1)])
    pairs = match_words(truth, found)
    assert pairs.rows() == [
        ("cat", 1.0, 2.0, 1.1, 2.1),
        ("the", 2.0, 3.0, 2.1, 3.1),
        ("dog", 3.0, 4.0, 3.1, 4.1),
    ]


@pytest.mark.parametrize("side", ["truth", "found"])
def test_without_words_there_is_nothing_to_measure(side: str) -> None:
    one, none = words([("a", 0, 1)]), words([])
    score = score_words(none, one) if side == "truth" else score_words(one, none)
    assert score["mean_s"] is None
    assert score["matched"] == 0
    assert (score["recall"], score["precision"]) == ((None, 0) if side == "truth" else (0, None))


def test_without_the_extra_the_pip_line_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jiwer", None)
    with pytest.raises(BadInput, match=r"pip install 'media-assets\[bench\]'"):
        score_text("a", "b")
