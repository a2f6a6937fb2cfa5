import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assets.ingest.subtitle_text import is_shouted, plain_text, utterances


def said(text: str, **given: object) -> list[tuple[str, str | None]]:
    return [(u.text, u.speaker) for u in utterances(text, **given) if u.spoken]  # type: ignore[arg-type]


def unspoken(text: str) -> list[str]:
    return [u.text for u in utterances(text) if not u.spoken]


@pytest.mark.parametrize(
    ("marked", "text"),
    [
        (r"{\an8}Up here", "Up here"),
        ("<i>So</i> <b>it</b> <u>is</u>", "So it is"),
        ('<font color="#ffff00" face=Arial>Yellow</font>', "Yellow"),
        ("<c.yellow.bg_blue>Yellow</c>", "Yellow"),
        ("<00:00:01.000>One <00:00:02.500>two", "One two"),
        ("Q&amp;A &lt;3 &nbsp;caf&eacute; &#9834;", "Q&A <3 café ♪"),
        ("I <3 you, a < b > c", "I <3 you, a < b > c"),
        (r"one\Ntwo\hthree", "one\ntwo three"),
        ("  a   b \n\n \n c<br/>d ", "a b\nc\nd"),
        ("\ufeff\u202bשלום\u202c", "שלום"),
        ("Cafe\u0301", "Café"),
        ("{y:i}MicroDVD", "MicroDVD"),
    ],
)
def test_markup_is_not_text(marked: str, text: str) -> None:
    assert plain_text(marked) == text


@given(st.text(max_size=80))
def test_plain_text_has_single_blanks_and_no_empty_line(marked: str) -> None:
    text = plain_text(marked)
    for line in text.split("\n") if text else []:
        assert line == " ".join(line.split()) != ""


@pytest.mark.parametrize(
    "text",
    ["[screams]", "(door slams)", "♪ la la\nla ♪", "♪", "# Happy birthday #", "*sighs*", "..."],
)
def test_sounds_songs_and_dots_are_not_spoken(text: str) -> None:
    assert said(text) == []
    assert unspoken(text) == [text]


def test_a_sound_inside_a_line_is_a_row_of_its_own() -> None:
    assert said("[gasps] Oh no!") == [("Oh no!", None)]
    assert unspoken("[gasps] Oh no!") == ["[gasps]"]
    assert said("♪ la la ♪\nWho sings?") == [("Who sings?", None)]


def test_round_brackets_within_a_sentence_belong_to_it() -> None:
    assert said("that it (the dog) ran") == [("that it (the dog) ran", None)]


def test_a_name_in_capitals_before_a_colon_is_the_speaker() -> None:
    assert said("MINA: Hello") == [("Hello", "MINA")]
    assert said("DR. NO (on the phone):\nYes?") == [("Yes?", "DR. NO")]
    assert said("Remember: be kind") == [("Remember: be kind", None)]
    assert said("It is 10:30 now") == [("It is 10:30 now", None)]


def test_a_known_name_is_the_speaker_however_it_is_written() -> None:
    assert said("Mina: Hello", names=["Mina"]) == [("Hello", "Mina")]
    assert said("[Mina] Hello", names=["Mina"]) == [("Hello", "Mina")]


def test_in_a_file_of_capitals_only_known_names_are_speakers() -> None:
    assert is_shouted(["THE END", "OF McX"])
    assert not is_shouted(["The End", "1984"])
    assert said("LISTEN: I GO", shouted=True) == [("LISTEN: I GO", None)]
    assert said("MINA: I GO", names=["Mina"], shouted=True) == [("I GO", "MINA")]


@pytest.mark.parametrize("dash", ["-", "- ", "– ", "‐", ">> "])
def test_dashes_part_the_voices(dash: str) -> None:
    assert said(f"{dash}Hi.\n{dash}Hello\nthere.") == [("Hi.", None), ("Hello\nthere.", None)]
    assert said(f"Hi.\n{dash}Hello.") == [("Hi.", None), ("Hello.", None)]
    assert said(f"{dash}Hi.") == [("Hi.", None)]


def test_a_minus_and_a_pause_are_no_dashes() -> None:
    assert said("-5 degrees") == [("-5 degrees", None)]
    assert said("I was - well,\nlate") == [("I was - well,\nlate", None)]


def test_speakers_part_the_voices_too() -> None:
    assert said("MINA: Hi.\nTOM: Hello.") == [("Hi.", "MINA"), ("Hello.", "TOM")]


def test_the_speaker_of_the_file_counts_unless_the_text_names_another() -> None:
    assert said("Hello", speaker="Mina") == [("Hello", "Mina")]
    assert said("TOM: Hello", speaker="Mina") == [("Hello", "TOM")]


LETTERS = "aB5 .:-[]()♪#*>\n"


@given(st.text(alphabet=LETTERS, max_size=40))
def test_no_letter_is_lost_and_none_is_said_twice(text: str) -> None:
    text = plain_text(text)
    found = [u.text + (u.speaker or "") for u in utterances(text)]
    assert sorted(c for part in found for c in part if c.isalnum()) == sorted(
        c for c in text if c.isalnum()
    )
