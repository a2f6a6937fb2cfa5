import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assets.ingest.subtitle_files import decode_text, read_subtitles
from resources.problems import BadInput

SRT = "1\n00:00:01,000 --> 00:00:02,500\n{}\n\n2\n00:00:03,000 --> 00:00:04,000\nAgain\n"


def file(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def texts(path: Path, language: str | None = None) -> list[str]:
    return [cue.marked for cue in read_subtitles(path, language)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("line", ["Élan vital, Žižek", "左に見えるのは", "Plain"])
def test_unicode_is_read_however_it_is_stored(tmp_path: Path, encoding: str, line: str) -> None:
    assert texts(file(tmp_path, "a.srt", SRT.format(line), encoding)) == [line, "Again"]


@pytest.mark.parametrize(
    ("language", "encoding"),
    [("sv", "cp1252"), ("ru", "cp1251"), ("ja", "cp932"), ("ar", "cp1256")],
)
def test_real_captions_in_a_legacy_code_page_are_read_by_their_language(
    media_dir: Path, tmp_path: Path, language: str, encoding: str
) -> None:
    original = media_dir / "subtitles" / f"elephants_dream.captions.{language}.vtt"
    legacy = file(tmp_path, "legacy.vtt", original.read_text(), encoding)
    assert texts(legacy, language) == texts(original)


def test_a_broken_byte_does_not_turn_utf_8_into_something_else(
    media_dir: Path, tmp_path: Path
) -> None:
    original = media_dir / "subtitles" / "elephants_dream.captions.ru.vtt"
    broken = tmp_path / "broken.vtt"
    broken.write_bytes(original.read_bytes().rstrip()[:-1])
    assert texts(broken, "ru")[:-1] == texts(original)[:-1]


@given(st.binary(max_size=60))
def test_every_file_gives_a_text(data: bytes) -> None:
    assert isinstance(decode_text(data, "ja"), str)


def test_numbers_that_are_said_are_not_taken_for_numbers_of_events(tmp_path: Path) -> None:
    srt = file(tmp_path, "a.srt", "1\n00:00:01,000 --> 00:00:02,000\nIn the year\n1984")
    assert texts(srt) == ["In the year\n1984"]
    vtt = file(
        tmp_path,
        "a.vtt",
        "WEBVTT\n\n00:01.000 --> 00:02.000\nIn\n1984\n\n00:03.000 --> 00:04.000\nB",
    )
    assert texts(vtt) == ["In\n1984", "B"]


def test_notes_styles_and_names_of_cues_are_no_text_of_a_webvtt_file(tmp_path: Path) -> None:
    path = file(
        tmp_path,
        "a.vtt",
        "WEBVTT - title\nKind: captions\n\nSTYLE\n::cue { color: red }\n\nNOTE\nnot this\n\n"
        "opening\n00:01.000 --> 00:02.000 align:start line:0\n<v Mina>Hello</v> <v.loud Tom>Hi\n\n"
        "NOTE nor this\n\n100:00:03.000 --> 100:00:04.000\nLate",
    )
    cues = read_subtitles(path)
    assert [(c.speaker, c.marked.strip()) for c in cues] == [
        ("Mina", "Hello"),
        ("Tom", "Hi"),
        (None, "Late"),
    ]
    assert (cues[0].start_ms, cues[2].start_ms) == (1000, 360_003_000)


def test_the_content_says_what_a_file_is(tmp_path: Path) -> None:
    assert texts(file(tmp_path, "a.srt", "WEBVTT\n\n00:01.000 --> 00:02.000\nHello")) == ["Hello"]


def test_substation_alpha_tells_speakers_signs_comments_and_drawings_apart(tmp_path: Path) -> None:
    head = (
        "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname\n"
        "Style: Default,Arial\nStyle: Signs,Arial\n\n[Events]\n"
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
    )
    events = (
        "Dialogue: 0,0:00:01.00,0:00:02.00,Default,Mina,0,0,0,,{\\i1}Hel{note}lo\\Nyou, there\n"
        "Comment: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,not this\n"
        "Dialogue: 0,0:00:02.00,0:00:03.00,Signs,,0,0,0,,{\\pos(1,2)}EXIT\n"
        "Dialogue: 0,0:00:02.00,0:00:03.00,Signs,,0,0,0,,{\\p1}m 0 0 l 9 9{\\p0}\n"
    )
    cues = read_subtitles(file(tmp_path, "a.ass", head + events))
    assert [(c.marked, c.speaker, c.sign) for c in cues] == [
        (r"{\i1}Hello\Nyou, there", "Mina", False),
        (r"{\pos(1,2)}EXIT", None, True),
    ]


def test_a_cue_with_broken_times_is_left_out_and_spoils_no_other(tmp_path: Path) -> None:
    path = file(
        tmp_path,
        "a.srt",
        "1\n00:00:01,000 --> 00:00:02,000\nGood\n\n2\n00:00:0x,000 --> 00:00:04,000\nBroken\n\n"
        "3\n00:00:05,000 --> 00:00:06,000\nGood again\n",
    )
    told: list[str] = []
    assert [cue.marked for cue in read_subtitles(path, log=told.append)] == ["Good", "Good again"]
    assert told == ["a.srt: 1 cues with unreadable times are left out"]


@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
def test_line_ends_of_all_systems_are_read(tmp_path: Path, line_end: str) -> None:
    path = file(tmp_path, "a.srt", SRT.format("One\nTwo").replace("\n", line_end))
    assert texts(path) == ["One\nTwo", "Again"]


@pytest.mark.parametrize("text", ["", " \n", "no subtitles here", "WEBVTT\n", "{", "\0\1\2"])
def test_a_file_without_subtitles_is_bad_input_by_its_name(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadInput, match=r"^bad\.srt: .*SubRip") as problem:
        read_subtitles(file(tmp_path, "bad.srt", text))
    assert str(tmp_path) not in str(problem.value)


@given(st.binary(max_size=200) | st.text(alphabet="0123456789:,.-> \nWEBVT[]{}\\aS", max_size=200))
def test_no_file_is_a_surprise(tmp_path_factory: pytest.TempPathFactory, data: bytes | str) -> None:
    path = tmp_path_factory.mktemp("any") / "any.srt"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    with contextlib.suppress(BadInput):
        assert read_subtitles(path)
