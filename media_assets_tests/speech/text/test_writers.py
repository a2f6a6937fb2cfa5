"""Written files are read again by readers that others wrote: pysubs2, textgrid, our own truth."""

from pathlib import Path
from typing import Any

import polars as pl
import pysubs2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assets.ingest.subtitle_files import read_subtitles
from media_assets.ingest.subtitles import SubtitleSettings, repaired
from media_assets.scoring.extra import bench
from media_assets.scoring.truth import read_rttm, read_srt, read_textgrid
from media_assets.speech.schema import DIARIZATION, LINES, PHONES, UTTERANCES, WORDS
from media_assets.speech.text.files import SpeechFile, SpeechFileSettings, speech_files_of, told
from media_assets.speech.text.writers.nist import ctm, field, rttm
from media_assets.speech.text.writers.subtitles import srt, vtt
from media_assets.speech.text.writers.textgrid import textgrid

ODD = [
    'She said "no" — twice',
    "one\n\n  two",
    "🎬 Łódź — 東京 <3 & more",
    "Open 10:30 --> 11:00",
    "a --> b",
    "1984",
    "I <i>mean</i> it; x < y > z &amp; &lt;",
    "WEBVTT",
    "NOTE this",
]


def turns(*rows: tuple[float, float, str], exclusive: bool = False) -> pl.DataFrame:
    return DIARIZATION.frame(
        {
            "episode_id": "ep",
            "turn_id": str(n),
            "start_s": start,
            "end_s": end,
            "speaker": speaker,
            "exclusive": exclusive,
            "backend": "b",
        }
        for n, (start, end, speaker) in enumerate(rows)
    )


def words(*rows: tuple[str, float, float, float | None]) -> pl.DataFrame:
    return WORDS.frame(
        {
            "episode_id": "ep",
            "word_id": f"s.{n:03d}",
            "segment_id": "s",
            "word_index": n,
            "word": word,
            "start_s": start,
            "end_s": end,
            "score": score,
            "method": "aligned" if score is not None else "proportional",
        }
        for n, (word, start, end, score) in enumerate(rows)
    )


def lines(*rows: tuple[float, float, str, str | None], **given: Any) -> pl.DataFrame:
    facts = {"source": "subtitles", "status": "aligned", "language": None, "score": 1.0} | given
    return LINES.frame(
        {
            "episode_id": "ep",
            "line_id": f"{n:03d}",
            "segment_id": f"{n:03d}",
            "start_s": start,
            "end_s": end,
            "text": text,
            "speaker": speaker,
            "character": None,
            "overlap": False,
            "reason": None,
            **facts,
        }
        for n, (start, end, text, speaker) in enumerate(rows)
    )


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def test_turns_may_overlap_and_add_up_to_the_millisecond(tmp_path: Path) -> None:
    table = turns((0.1004, 2.3456, "SPEAKER_00"), (1.5, 3.0, "SPEAKER_01"), (9.0, 9.0001, "Dr. No"))
    text = rttm("ep 1", table)
    assert text.splitlines()[0] == ("SPEAKER ep_1 1 0.100 2.246 <NA> <NA> SPEAKER_00 <NA> <NA>")
    read = read_rttm(put(tmp_path, "ep.rttm", text))
    assert [
        tuple(round(v, 3) if isinstance(v, float) else v for v in row) for row in read.rows()
    ] == [
        (0.1, 2.346, "SPEAKER_00"),
        (1.5, 3.0, "SPEAKER_01"),
        (9.0, 9.001, "Dr._No"),
    ]


def test_real_turns_come_back_as_they_were(tmp_path: Path, media_dir: Path) -> None:
    truth = read_rttm(media_dir / "composite" / "dev" / "dev_episode_a.rttm")
    table = turns(*truth.rows())
    read = read_rttm(put(tmp_path, "ep.rttm", rttm("ep", table)))
    assert read["speaker"].to_list() == truth["speaker"].to_list()
    for column in ("start_s", "end_s"):
        assert read[column].to_list() == pytest.approx(truth[column].to_list(), abs=0.00051)


def test_a_word_time_marked_is_one_line_of_five_or_six_fields() -> None:
    table = words(("late", 2.0, 2.5, None), ("New York,", 0.5, 1.0, 0.876), ("", 1.0, 1.1, 0.0))
    assert ctm("ep", table) == (
        "ep 1 0.500 0.500 New_York, 0.88\nep 1 1.000 0.100 <NA> 0.00\nep 1 2.000 0.500 late\n"
    )


@given(st.text())
def test_a_field_is_never_empty_and_has_no_blank(value: str) -> None:
    assert len(field(value).split()) == 1


@pytest.mark.parametrize("write", [srt, vtt])
def test_odd_texts_come_back_from_subtitles(write: Any, tmp_path: Path) -> None:
    table = lines(*((n + 0.25, n + 1.0, text, None) for n, text in enumerate(ODD)))
    path = put(tmp_path, f"ep.{write.__name__}", write(table))
    cues = repaired(read_subtitles(path), None, SubtitleSettings())
    expected = [text.replace("\n\n  ", "\n").replace("-->", "→") for text in ODD]
    if write is srt:  # which has no way to write what looks like markup
        expected[6] = "I mean it; x < y > z & <"
    assert [cue.marked for cue in cues] == expected
    assert [(cue.start_ms, cue.end_ms) for cue in cues] == [
        (n * 1000 + 250, n * 1000 + 1000) for n in range(len(ODD))
    ]
    assert len(pysubs2.load(str(path)).events) == len(ODD)


def test_webvtt_names_the_voices() -> None:
    table = lines((1.0, 2.0, "Hi & bye", "SPEAKER_00"), (3661.5, 3662.0, "So", None))
    assert vtt(table) == (
        "WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000\n<v SPEAKER_00>Hi &amp; bye\n"
        "\n2\n01:01:01.500 --> 01:01:02.000\nSo\n"
    )
    named = table.with_columns(character=pl.lit("Mi>na\nLamb"))
    assert "<v Mi na Lamb>Hi" in vtt(named)


def test_the_voices_of_webvtt_are_the_speakers_of_subtitles(tmp_path: Path) -> None:
    table = lines((0.0, 1.0, "Hi", "SPEAKER_01"), (0.5, 2.0, "Ho", "SPEAKER_00"))
    cues = read_subtitles(put(tmp_path, "ep.vtt", vtt(table)))
    assert [(c.marked, c.speaker) for c in cues] == [("Hi", "SPEAKER_01"), ("Ho", "SPEAKER_00")]


def test_real_subtitles_come_back_as_they_were(tmp_path: Path, media_dir: Path) -> None:
    truth = read_srt(media_dir / "composite" / "dev" / "dev_episode_a.srt")
    table = lines(*((start, end, text, None) for start, end, text in truth.rows()))
    assert read_srt(put(tmp_path, "ep.srt", srt(table))).equals(truth)


def grid(text: str, folder: Path) -> dict[str, list[tuple[float, float, str]]]:
    """The intervals with a label, by tier."""
    read = bench("textgrid").TextGrid.fromFile(str(put(folder, "ep.TextGrid", text)))
    return {
        tier.name: [(i.minTime, i.maxTime, i.mark) for i in tier.intervals if i.mark]
        for tier in read.tiers
    }


def test_a_textgrid_has_tiers_of_words_phones_and_speakers(tmp_path: Path) -> None:
    said = words(('"Hi"', 0.5, 0.9, 1.0), ("you", 0.9, 1.25, 1.0))
    phones = PHONES.frame(
        {
            "episode_id": "ep",
            "word_id": "s.000",
            "phone_index": n,
            "phone": phone,
            "start_s": start,
            "end_s": end,
        }
        for n, (phone, start, end) in enumerate([("HH", 0.5, 0.7), ("AY", 0.7, 0.9)])
    )
    table = lines((0.5, 1.25, '"Hi"\nyou 🎬', "SPEAKER_00"), (2.0, 3.0, "No.", None))
    assert grid(textgrid(said, phones, table, 5.0), tmp_path) == {
        "words": [(0.5, 0.9, '"Hi"'), (0.9, 1.25, "you")],
        "phones": [(0.5, 0.7, "HH"), (0.7, 0.9, "AY")],
        "SPEAKER_00": [(0.5, 1.25, '"Hi" you 🎬')],
        "no speaker": [(2.0, 3.0, "No.")],
    }


def test_words_that_overlap_stand_in_tiers_of_their_own(tmp_path: Path) -> None:
    said = words(("a", 0.0, 2.0, 1.0), ("b", 1.0, 3.0, 1.0), ("c", 2.0, 4.0, 1.0))
    text = textgrid(said, PHONES.empty(), LINES.empty(), 1.0)
    assert grid(text, tmp_path) == {
        "words": [(0.0, 2.0, "a"), (2.0, 4.0, "c")],
        "2 - words": [(1.0, 3.0, "b")],
        "phones": [],
    }
    read = read_textgrid(tmp_path / "ep.TextGrid")["words"]
    assert read["word"].to_list() == ["a", "b", "c"]


def test_a_real_textgrid_comes_back_as_it_was(tmp_path: Path, media_dir: Path) -> None:
    truth = read_textgrid(media_dir / "speech" / "mfa" / "acoustic_corpus.TextGrid")["words"]
    said = words(*((word, start, end, 1.0) for word, start, end in truth.rows()))
    text = textgrid(said, PHONES.empty(), LINES.empty(), 26.72)
    assert read_textgrid(put(tmp_path, "ep.TextGrid", text))["words"].equals(truth)


TIMES = st.integers(0, 50).map(lambda n: n / 10)
SPANS = st.lists(st.tuples(TIMES, TIMES, st.sampled_from(["A", "B", None])), max_size=12)


@given(SPANS, st.floats(0.001, 9))
def test_the_intervals_of_every_tier_fill_the_time_without_overlap(
    spans: list[tuple[float, float, str | None]], duration_s: float
) -> None:
    table = lines(*((start, start + length, "x", who) for start, length, who in spans))
    text = textgrid(WORDS.empty(), PHONES.empty(), table, duration_s)
    values = [row.split(" = ") for row in text.splitlines() if " = " in row]
    end = next(value for key, value in values if key == "xmax")
    at, labelled = end, 0
    for key, value in values:
        if key == " " * 12 + "xmin":
            assert value == ("0.000000" if at == end else at)
        elif key == " " * 12 + "xmax":
            at = value
        elif key == " " * 8 + "name":
            assert at == end
        elif key == " " * 12 + "text":
            labelled += value == '"x"'
    assert at == end
    assert labelled == sum(length > 0 for _, length, _ in spans)


def written(**given: pl.DataFrame) -> dict[str, SpeechFile]:
    """The files of an episode of which only the given tables have rows."""
    tables = {t.name: t.empty() for t in (DIARIZATION, WORDS, PHONES, LINES, UTTERANCES)}
    return {f.format: f for f in speech_files_of("ep", tables | given, 2.0)}


def test_empty_tables_give_files_that_say_so(tmp_path: Path) -> None:
    files = written()
    assert {name: file.entries for name, file in files.items()} == dict.fromkeys(
        ("rttm", "ctm", "srt", "vtt", "textgrid", "utterances", "who_spoke"), 0
    )
    assert [files[name].text for name in ("rttm", "ctm", "srt", "vtt")] == ["", "", "", "WEBVTT\n"]
    assert files["utterances"].text == "[]\n"
    assert grid(files["textgrid"].text, tmp_path) == {"words": [], "phones": []}


def test_a_draft_is_told_only_if_asked_for() -> None:
    both = pl.concat(
        [
            lines((0.0, 1.0, "written", None)).with_columns(segment_id=pl.lit("s0")),
            lines((2.0, 3.0, "heard", None), source="draft").with_columns(segment_id=pl.lit("s1")),
        ]
    )
    said = pl.concat(
        [
            words(("written", 0.0, 1.0, None)).with_columns(segment_id=pl.lit("s0")),
            words(("heard", 2.0, 3.0, None)).with_columns(segment_id=pl.lit("s1")),
        ]
    )
    others = {t.name: t.empty() for t in (DIARIZATION, PHONES, UTTERANCES)}
    for drafts in (False, True):
        shown = told(others | {"lines": both, "words": said}, SpeechFileSettings(drafts))
        files = written(**shown)
        for name in ("srt", "vtt", "ctm", "textgrid"):
            assert ("heard" in files[name].text) is drafts, name
            assert "written" in files[name].text, name


def test_only_the_standard_set_of_turns_is_written() -> None:
    both = pl.concat([turns((0.0, 1.0, "A")), turns((0.0, 0.5, "B"), exclusive=True)])
    file = written(diarization=both)["rttm"]
    assert (file.entries, file.text.count("SPEAKER ")) == (1, 1)


def test_a_file_that_says_the_same_is_not_touched(tmp_path: Path) -> None:
    file = written()["vtt"]
    path = file.write(tmp_path / "ep")
    before = path.stat().st_mtime_ns
    assert file.write(tmp_path / "ep") == path
    assert path.stat().st_mtime_ns == before
    assert [p.name for p in path.parent.iterdir()] == ["ep.vtt"]
