import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_assets.speech.lines.attribute import AttributionSettings, attribute
from media_assets.speech.lines.split import LineSettings, lines, pieces
from media_assets_tests.speech.lines.tables import clips, segments, turns, words

SETTINGS = AttributionSettings()
TWO = turns((0, 2, "SPEAKER_00"), (2, 4, "SPEAKER_01"))
TEXT = "Come here! - I am here."
SPOKEN = (
    ("Come", 0.2, 0.8),
    ("here!", 0.9, 1.5),
    ("I", 2.2, 2.4),
    ("am", 2.5, 2.7),
    ("here.", 2.8, 3.4),
)


def made(said, spans, spoken, characters=(), **known) -> list[dict]:  # type: ignore[type-arg, no-untyped-def]
    of = segments(*spans, **known)
    table = attribute("e", said, of, spoken, clips(), SETTINGS)
    return lines(said, of, spoken, table, dict(characters), LineSettings()).to_dicts()


def test_a_segment_is_split_between_words_where_the_speaker_changes():
    first, second = made(TWO, [(0.0, 4.0, TEXT)], words(*SPOKEN))
    assert (first["line_id"], first["text"], first["speaker"]) == (
        "s0.1",
        "Come here! -",
        "SPEAKER_00",
    )
    assert (second["line_id"], second["text"], second["speaker"]) == (
        "s0.2",
        "I am here.",
        "SPEAKER_01",
    )
    assert (first["start_s"], first["end_s"]) == (0.2, 1.5)
    assert (second["start_s"], second["end_s"]) == (2.2, 3.4)
    assert first["score"] == pytest.approx((0.5 + 0.51) / 2)
    assert {first["segment_id"], second["segment_id"]} == {"s0"}


def test_a_segment_of_one_speaker_is_one_line_with_its_own_id_and_times():
    (line,) = made(turns((0, 4, "SPEAKER_00")), [(0.1, 3.9, TEXT)], words(*SPOKEN))
    assert (line["line_id"], line["start_s"], line["end_s"]) == ("s0", 0.1, 3.9)
    assert (line["text"], line["speaker"], line["reason"]) == (TEXT, "SPEAKER_00", None)


def test_words_that_nobody_was_found_for_stay_with_those_before_them():
    gap = turns((0, 1.6, "SPEAKER_00"), (2.75, 4, "SPEAKER_01"))
    spoken = words(*SPOKEN[:2], ("I", 2.0, 2.1), ("am.", 2.2, 2.3), ("Here.", 3.0, 3.5))
    first, second = made(gap, [(0.0, 4.0, "Come here! I am. Here.")], spoken)
    assert (first["text"], second["text"]) == ("Come here! I am.", "Here.")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("And I'm Sheila.", ["And I'm Sheila."]),
        ("Oh. I'm Sheila.", ["Oh.", "I'm Sheila."]),
    ],
)
def test_a_scrap_of_a_sentence_is_no_line_but_a_short_sentence_is(text, said):
    spoken = words(*zip(text.split(), (1.7, 2.1, 2.4), (1.95, 2.3, 2.9), strict=True))
    assert [line["text"] for line in made(TWO, [(1.7, 2.9, text)], spoken)] == said


@pytest.mark.parametrize("known", [{"named_speaker": "Mina"}, {"status": "proportional"}])
def test_what_one_named_person_says_and_what_was_only_spread_is_not_split(known):
    method = "proportional" if "status" in known else "aligned"
    spoken = words(*SPOKEN, method=method)
    longer = turns((0, 2, "SPEAKER_00"), (2, 4.5, "SPEAKER_01"))
    (line,) = made(longer, [(0.0, 4.5, TEXT)], spoken, **known)
    assert (line["text"], line["speaker"], line["overlap"]) == (TEXT, "SPEAKER_01", True)


def test_a_line_whose_speaker_speaks_less_than_thirty_percent_of_it_has_none():
    spoken = words(("Far", 1.1, 1.2), ("away.", 4.0, 4.5))
    (line,) = made(turns((0, 1, "SPEAKER_00")), [(1.1, 4.5, "Far away.")], spoken)
    assert (line["speaker"], line["reason"]) == (None, "nobody speaks in it")


def test_a_segment_without_words_follows_the_turns():
    (line,) = made(TWO, [(0.0, 2.5, "Hm")], words(), status="failed")
    assert (line["speaker"], line["status"]) == ("SPEAKER_00", "failed")


def test_a_name_in_the_text_decides_the_character_and_then_the_label():
    people = {"mina": "Mina", "speaker_00": "Bram"}
    span = [(0.0, 2.0, "Look!")]
    named, *_ = made(TWO, span, words(), people, named_speaker="MINA")
    assert (named["character"], named["speaker"]) == ("Mina", "SPEAKER_00")
    (by_label,) = made(TWO, span, words(), people)
    assert by_label["character"] == "Bram"
    (stranger,) = made(TWO, [(2.0, 4.0, "Look!")], words(), people, named_speaker="GUARD")
    assert (stranger["character"], stranger["speaker"]) == (None, "SPEAKER_01")


def test_a_mark_on_a_line_of_its_own_does_not_keep_a_text_whole():
    assert pieces("Wait.\n-- What?", ["Wait. --", "What?"], [1]) == ["Wait.\n--", "What?"]


def test_words_that_are_not_in_the_text_leave_it_whole():
    assert pieces("Look there!", ["Look", "here!"], [1]) is None
    spoken = words(("eighteen", 0.2, 1.0), ("thirteen", 2.5, 3.0))
    (line,) = made(TWO, [(0.0, 4.0, "1813")], spoken)
    assert line["text"] == "1813"


TOKENS = st.lists(st.sampled_from(["a", "ab", "aa!", "b.", "…", "I'm"]), min_size=1, max_size=9)


@settings(deadline=None)
@given(TOKENS, st.data())
def test_the_pieces_are_the_text_and_every_word_stays_whole(tokens, data):
    text = data.draw(st.sampled_from([" ", "  ", " - ", ""])).join(tokens)
    ends = sorted(data.draw(st.sets(st.integers(1, max(1, len(tokens) - 1)))) if tokens[1:] else ())
    parts = pieces(text, tokens, ends)
    assert parts is not None
    assert "".join("".join(parts).split()) == "".join(text.split())
    bounds = [0, *ends, len(tokens)]
    for part, first, end in zip(parts, bounds, bounds[1:], strict=False):
        assert pieces(part, tokens[first:end], []) == [part]


def test_no_segment_makes_no_line():
    assert made(TWO, [], words()) == []
    assert made(turns(), [], words()) == []
