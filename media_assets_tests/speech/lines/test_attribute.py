from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_assets.scoring.truth import read_rttm, read_stm
from media_assets.speech.lines.attribute import (
    ALIKE,
    ISLAND,
    NEAREST,
    NOBODY,
    SENTENCE,
    AttributionSettings,
    attribute,
)
from media_assets_tests.speech.lines.tables import clips, segments, turns, words

SETTINGS = AttributionSettings()
MS = st.integers(0, 8000)
SPANS = st.lists(st.tuples(MS, st.integers(1, 4000)), min_size=1, max_size=5)
TURNS = st.lists(st.tuples(MS, st.integers(1, 4000), st.sampled_from("ABC")), max_size=8)


def levels(said, spans=(), spoken=(), shots=(), settings=SETTINGS) -> pl.DataFrame:  # type: ignore[no-untyped-def]
    return attribute("e", said, segments(*spans), words(*spoken), clips(*shots), settings)


def of_segment(said, start: float, end: float) -> dict:  # type: ignore[type-arg, no-untyped-def]
    return levels(said, [(start, end, "Look!")]).row(0, named=True)


def of_clip(said, start: float, end: float, settings=SETTINGS) -> dict:  # type: ignore[type-arg, no-untyped-def]
    return levels(said, shots=[(start, end)], settings=settings).row(0, named=True)


def of_words(said, *spoken) -> list[tuple[str | None, str | None]]:  # type: ignore[no-untyped-def]
    return levels(said, spoken=spoken).select("speaker", "reason").rows()


def both_sets(said) -> pl.DataFrame:  # type: ignore[no-untyped-def]
    """Turns (start, length, speaker) in ms; in the exclusive set those who begin first speak on."""
    standard, exclusive, until = [], [], 0
    for start, length, who in sorted(said, key=lambda turn: turn[0]):
        end = start + length
        standard.append((start / 1000, end / 1000, who))
        exclusive.append((max(start, until) / 1000, max(end, until) / 1000, who))
        until = max(until, end)
    return turns(*standard, exclusive=exclusive)


def all_levels(said: pl.DataFrame, spans, shift: float = 0.0) -> pl.DataFrame:  # type: ignore[no-untyped-def]
    """The levels of spans (start, length) in ms that are segments, words and clips at once."""
    times = [(a / 1000 + shift, (a + n) / 1000 + shift) for a, n in sorted(spans)]
    spoken = [(f"w{i % 3 * '.'}", a, b) for i, (a, b) in enumerate(times)]
    moved = said.with_columns(pl.col("start_s", "end_s") + shift)
    return levels(moved, [(a, b, "x") for a, b in times], spoken, times)


def test_a_segment_is_its_speakers_from_thirty_percent_on():
    exactly = of_segment(turns((0, 3, "A")), 0, 10)
    assert (exactly["speaker"], exactly["coverage"], exactly["margin"]) == ("A", 0.3, 0.3)
    below = of_segment(turns((0, 2.9, "A")), 0, 10)
    assert (below["speaker"], below["coverage"]) == (None, 0.29)
    assert below["reason"] == "nobody speaks 30% of it, the first speaks 29.0%"
    assert of_segment(turns((20, 30, "A")), 0, 10)["reason"] == NOBODY


def test_turns_of_one_speaker_add_up_and_count_once():
    row = of_segment(turns((0, 1, "A"), (0.5, 2, "A"), (3, 4, "A"), (0, 2.5, "B")), 0, 10)
    assert (row["speaker"], row["coverage"], row["margin"]) == ("A", 0.3, 0.05)


def test_a_second_speaker_with_thirty_percent_is_an_overlap():
    assert of_segment(turns((0, 8, "A"), (7, 10, "B")), 0, 10)["overlap"]
    assert not of_segment(turns((0, 8, "A"), (7.1, 10, "B")), 0, 10)["overlap"]


def test_between_two_who_speak_alike_nobody_is_chosen():
    row = of_segment(turns((0, 8, "A"), (0, 8, "B")), 0, 8)
    assert (row["speaker"], row["reason"], row["coverage"], row["margin"]) == (None, ALIKE, 1, 0)


def test_a_clip_is_measured_by_its_speech_or_by_its_length():
    said = turns((0, 2, "A"), (2, 3, "B"))
    by_speech = of_clip(said, 0, 10)
    assert (by_speech["speaker"], by_speech["overlap"]) == ("A", True)
    assert by_speech["coverage"] == pytest.approx(2 / 3, abs=1e-6)
    by_length = of_clip(said, 0, 10, AttributionSettings(clip_length=True))
    assert (by_length["speaker"], by_length["coverage"]) == (None, 0.2)


def test_a_word_goes_to_the_exclusive_turn_it_shares_most_time_with():
    said = turns((0, 5, "A"), (4, 9, "B"), exclusive=[(0, 4.4, "A"), (4.4, 9, "B")])
    assert of_words(said, ("one", 4.0, 4.5), ("two.", 4.3, 4.9)) == [("A", None), ("B", None)]


def test_a_word_stretched_over_a_pause_counts_with_its_first_second():
    said = turns((0, 1, "A"), (1.1, 9, "B"))
    assert of_words(said, ("well", 0.5, 6.0)) == [("A", None)]


def test_a_word_beside_the_turns_goes_to_the_nearest_within_a_quarter_second():
    said = turns((0, 1, "A"), (2, 3, "B"))
    heard = of_words(said, ("a.", 1.25, 1.4), ("b.", 1.6, 1.75), ("c.", 1.3, 1.7))
    assert heard == [("A", NEAREST), (None, NOBODY), ("B", NEAREST)]


def test_a_word_far_from_any_turn_goes_with_the_majority_of_its_sentence():
    said = turns((0, 1, "A"), (4, 5, "B"))
    spoken = [("We", 0.1, 0.4), ("know", 0.5, 0.9), ("that.", 2.0, 2.5), ("Do", 3.0, 3.3)]
    assert of_words(said, *spoken) == [("A", None), ("A", None), ("A", SENTENCE), (None, NOBODY)]


def test_a_short_island_inside_a_sentence_goes_to_those_around_it():
    said = turns((0, 1, "A"), (1, 1.3, "B"), (1.3, 3, "A"))
    around = [("I", 0.2, 0.5), ("mean", 1.0, 1.3), ("it.", 1.4, 1.7)]
    assert of_words(said, *around)[1] == ("A", ISLAND)
    ended = [("I.", 0.2, 0.5), ("Mean", 1.0, 1.3), ("it.", 1.4, 1.7)]
    assert of_words(said, *ended)[1] == ("B", None)
    longer = turns((0, 1, "A"), (1, 1.4, "B"), (1.4, 3, "A"))
    assert of_words(longer, ("I", 0.2, 0.5), ("mean", 1.0, 1.31), ("it.", 1.5, 1.7))[1] == (
        "B",
        None,
    )


@settings(deadline=None, max_examples=60)
@given(TURNS, SPANS)
def test_shares_are_shares_and_only_the_rules_assign(said, spans):
    table = all_levels(both_sets(said), spans)
    assert table.filter(~pl.col("coverage").is_between(0, 1)).is_empty()
    assert table.filter(pl.col("margin").abs() > 1).is_empty()
    assert table.height == 3 * len(spans)
    chosen = pl.col("speaker").is_not_null()
    wide = table.filter(pl.col("level") != "word")
    assert wide.filter(chosen != ((pl.col("coverage") >= 0.3) & (pl.col("margin") > 0))).is_empty()
    assert wide.filter(chosen == pl.col("reason").is_not_null()).is_empty()
    # The second speaker, where one was chosen, has what the first has less the margin.
    second = pl.col("coverage") - pl.col("margin") - 0.3
    assert wide.filter(pl.col("overlap") != (second >= 0), second.abs() > 2e-6).is_empty()


@settings(deadline=None, max_examples=60)
@given(TURNS, SPANS, st.integers(1, 7_200_000))
def test_the_place_on_the_clock_changes_nothing(said, spans, shift):
    turns_of_all = both_sets(said)
    later = all_levels(turns_of_all, spans, shift / 1000)
    assert all_levels(turns_of_all, spans).equals(later)


@settings(deadline=None, max_examples=60)
@given(TURNS, SPANS, st.data())
def test_a_turn_in_two_pieces_is_the_same_turn(said, spans, data):
    whole = both_sets(said)
    at = data.draw(st.lists(st.floats(0, 1), min_size=whole.height, max_size=whole.height))
    cut = pl.col("start_s") + (pl.col("end_s") - pl.col("start_s")) * pl.Series(
        at, dtype=pl.Float64
    )
    first, second = whole.with_columns(end_s=cut), whole.with_columns(start_s=cut)
    parts = pl.concat([first, second]).sort("exclusive", "start_s", maintain_order=True)
    assert all_levels(whole, spans).equals(all_levels(parts, spans))


@settings(deadline=None, max_examples=60)
@given(TURNS, SPANS, st.permutations("ABC"))
def test_other_labels_are_the_same_speakers(said, spans, labels):
    renamed = dict(zip("ABC", labels, strict=True))
    table = all_levels(both_sets(said), spans)
    expected = table.with_columns(pl.col("speaker").replace(renamed))
    again = all_levels(both_sets([(a, n, renamed[who]) for a, n, who in said]), spans)
    assert again.equals(expected)


def test_without_turns_nobody_is_chosen_and_every_row_says_why():
    said = turns()
    table = levels(said, [(0, 1, "Look!")], [("Look!", 0, 1)], [(0, 4)])
    assert table["level"].to_list() == ["word", "segment", "clip"]
    assert table["speaker"].null_count() == 3
    assert set(table["reason"]) == {NOBODY}
    assert levels(said).is_empty()


def test_every_line_of_a_real_telephone_call_has_its_true_speaker(media_dir: Path):
    call = media_dir / "speech" / "phone"
    truth = read_stm(call / "sample.stm")
    said = turns(*read_rttm(call / "sample.rttm").rows())
    spans = truth["text"].rows()
    table = levels(said, spans).filter(level="segment")
    true = ["speaker90" if who == "Diane" else "speaker91" for who in truth["turns"]["speaker"]]
    assert table["speaker"].to_list() == true
    # Diane is still speaking, and again, while Sheila says "Neither did I."
    overlapped = [text for (*_, text), both in zip(spans, table["overlap"], strict=True) if both]
    assert overlapped == ["Neither did I."]
