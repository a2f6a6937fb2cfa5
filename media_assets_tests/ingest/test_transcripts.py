import codecs
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assets.ingest.transcripts import (
    LARGEST_BYTES,
    TranscriptSettings,
    is_wrapped,
    transcript_lines,
    transcript_rows,
)
from media_assets_tests.ingest.conftest import Ingest
from resources.problems import BadInput

SETTINGS = TranscriptSettings()
REMEDY = "Save what is said as plain text in UTF-8, subtitles as .srt, or remove the file."


def lines(text: str, *names: str, language: str | None = "en") -> list[tuple[str | None, str]]:
    return list(transcript_lines(text, names, language, SETTINGS))


def rows(folder: Path, language: str | None = None, duration_s: float | None = None) -> list[str]:
    told: list[str] = []
    made = transcript_rows(
        folder / "film.wav",
        language=language,
        duration_s=duration_s,
        names=(),
        settings=SETTINGS,
        log=told.append,
    )
    return [row["text"] for row in made] or told


def problem(folder: Path, duration_s: float | None = None) -> str:
    with pytest.raises(BadInput) as raised:
        rows(folder, duration_s=duration_s)
    message = str(raised.value)
    assert message.endswith(REMEDY)
    assert str(folder) not in message
    return message.removesuffix(REMEDY).strip()


def test_every_sentence_is_a_line_with_its_speaker() -> None:
    text = """MINA: Dr. Lamb is here. Shall I let him in?
He looks cold.
TOM: [door opens] Come in!

- Sit down.
- Thank you, <i>thank</i> you.
"""
    assert lines(text) == [
        ("MINA", "Dr. Lamb is here."),
        ("MINA", "Shall I let him in?"),
        ("MINA", "He looks cold."),
        ("TOM", "Come in!"),
        (None, "Sit down."),
        (None, "Thank you, thank you."),
    ]


def test_a_prefix_that_comes_again_is_a_name_and_a_single_one_is_text() -> None:
    text = "Diane: Hello?\nSpeaker 2: Hello?\nDiane: I heard a beep.\nSpeaker 2: Note: so did I."
    assert lines(text) == [
        ("Diane", "Hello?"),
        ("Speaker 2", "Hello?"),
        ("Diane", "I heard a beep."),
        ("Speaker 2", "Note: so did I."),
    ]
    assert lines("Remember: it rains.") == [(None, "Remember: it rains.")]
    assert lines("Mina: it rains.", "Mina") == [("Mina", "it rains.")]


def test_a_name_may_stand_on_a_line_of_its_own() -> None:
    assert lines("MINA:\nCome in.\n\nTOM:\nThanks.") == [("MINA", "Come in."), ("TOM", "Thanks.")]


def test_a_text_in_capitals_names_nobody() -> None:
    assert lines("IF THE READER: EXCUSES ME\nI WILL GO") == [
        (None, "IF THE READER: EXCUSES ME"),
        (None, "I WILL GO"),
    ]


def test_wrapped_lines_are_put_together_and_lines_of_a_poem_are_not() -> None:
    wrapped = (
        "From fairest creatures we desire increase, that\nthereby beauty's rose might never die, "
        "but as the\nriper should by time decease, his tender heir\nmight bear his memory.\n"
    )
    assert lines(wrapped) == [(None, " ".join(wrapped.split()))]
    poem = "From fairest creatures we desire increase,\nThat thereby beauty's rose might never die,"
    assert [text for _, text in lines(poem)] == poem.split("\n")


@given(st.lists(st.text("abc", min_size=1, max_size=9), min_size=60, max_size=90))
def test_what_was_wrapped_at_a_width_is_known_as_wrapped(words: list[str]) -> None:
    assert is_wrapped([textwrap.fill(" ".join(words), 60)]) or len(" ".join(words)) < 180


def test_times_at_the_lines_are_no_text_but_a_time_that_is_said_stays() -> None:
    assert lines("0:00\nhello there\n0:07\nand welcome") == [
        (None, "hello there"),
        (None, "and welcome"),
    ]
    assert lines("[00:01.50] Hello.\n[00:03.00] Bye.") == [(None, "Hello."), (None, "Bye.")]
    said = "When?\nAt night.\n7:30 is too early.\nWhy?\nBecause."
    assert (None, "7:30 is too early.") in lines(said)


@pytest.mark.parametrize(
    "data",
    [
        "Café für Ärger".encode(),
        codecs.BOM_UTF8 + "Café für Ärger".encode(),
        "Café für Ärger".encode("utf-16"),
        codecs.BOM_UTF16_BE + "Café für Ärger".encode("utf-16-be"),
        "Café für Ärger".encode("latin-1"),
        "Café für Ärger\r\n\r\n".encode("cp1252"),
    ],
)
def test_any_encoding_is_read(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "film.txt").write_bytes(data)
    assert rows(tmp_path) == ["Café für Ärger"]


def test_the_language_in_the_name_tells_the_code_page(tmp_path: Path) -> None:
    (tmp_path / "film.ru.txt").write_bytes("Кто там? Это я.".encode("cp1251"))
    assert rows(tmp_path, "ru") == ["Кто там?", "Это я."]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "film.txt: the file is empty."),
        (b" \n\n\t", "film.txt: the file is empty."),
        (bytes(range(256)) * 9, "film.txt: it is no text but binary data."),
        (b"{\\rtf1\\ansi Hello}", "film.txt: it is Rich Text, not plain text."),
        (b"<!DOCTYPE html><p>Hello", "film.txt: it is HTML, not plain text."),
        (b"%PDF-1.7 Hello", "film.txt: it is PDF, not plain text."),
        (b"PK\x03\x04word", "film.txt: it is a packed document, not plain text."),
        (b"1\n00:00:01,0 --> 00:00:02,0\nHi", "film.txt: its lines are times and labels."),
        (b"0 2500000 sil\n2500000 3700000 ah", "film.txt: its lines are times and labels."),
        (b"[music]\n(applause)", "film.txt: there are no words in it."),
    ],
)
def test_what_is_no_transcript_is_bad_input_with_a_remedy(
    tmp_path: Path, content: bytes, told: str
) -> None:
    (tmp_path / "film.txt").write_bytes(content)
    assert problem(tmp_path) == told


def test_a_huge_file_is_not_even_read(tmp_path: Path) -> None:
    with (tmp_path / "film.txt").open("wb") as file:
        file.truncate(LARGEST_BYTES + 1)
    assert problem(tmp_path) == "film.txt: 16,777,217 bytes are too many for a transcript."


def test_a_whole_book_beside_one_chapter_is_no_transcript_of_it(tmp_path: Path) -> None:
    (tmp_path / "film.txt").write_text("word " * 1000)
    assert problem(tmp_path, 60.0) == "film.txt: nobody says 4,987 characters in 60.0 s."
    assert len(rows(tmp_path, duration_s=300.0)) == 13


def test_a_file_that_can_not_be_used_gives_way_to_the_next(tmp_path: Path) -> None:
    (tmp_path / "film.lab").mkdir()
    (tmp_path / "film.txt").write_text("Hello.")
    assert rows(tmp_path) == ["Hello."]


def test_translations_and_notes_are_not_what_is_said(tmp_path: Path) -> None:
    (tmp_path / "film.de.txt").write_text("Hallo.")
    (tmp_path / "film.readme.txt").write_text("CC BY 4.0")
    assert rows(tmp_path, "en") == [
        "film.de.txt is not used: it is in de, the dialogue in en",
        "film.readme.txt is not used: readme",
    ]
    (tmp_path / "film.en.txt").write_text("Hello.")
    assert rows(tmp_path, "en") == ["Hello."]


def test_sounds_that_are_left_out_are_told(tmp_path: Path) -> None:
    told: list[str] = []
    list(transcript_lines("[rain] Hello. [thunder]", (), "en", SETTINGS, told.append))
    assert told == ["2 sounds and signs are left out, such as '[rain]'"]


def test_an_audio_master_with_a_transcript_is_an_episode(
    ingest_room: Ingest, media_dir: Path
) -> None:
    speech = media_dir / "speech" / "mfa"
    master = ingest_room.add(speech / "acoustic_corpus.wav", "talk.wav")
    sidecar = master.with_suffix(".lab")
    sidecar.write_bytes((speech / "acoustic_corpus.lab").read_bytes())
    assert ingest_room.run()["transcripts"] == 1
    (row,) = ingest_room.table("transcripts").iter_rows(named=True)
    assert row["line_id"] == "t00000"
    assert row["text"].startswith("this is the acoustic corpus i'm talking")
    assert (row["speaker"], row["language"], row["source"]) == (None, None, "talk.lab")
    assert ingest_room.run()["transcripts"] == 0
    sidecar.write_text("MINA: Hello. Who is there?")
    assert ingest_room.run()["transcripts"] == 2
    assert ingest_room.table("transcripts")["line_id"].to_list() == ["t00000", "t00001"]
    sidecar.write_bytes(b"")
    ingest_room.run()
    footer = ingest_room.footer("transcripts")
    assert (footer.status, footer.rows) == ("bad_input", 0)
    assert footer.reason.startswith("talk.lab: the file is empty. ")
    assert ingest_room.footer("probe").status == "ok"
