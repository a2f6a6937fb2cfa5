"""Truth files, real ones first, then those that people get wrong."""

import json
import sys
import unicodedata
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from media_assets.scoring.truth import (
    TURNS,
    Truth,
    find_truth,
    read_rttm,
    read_srt,
    read_stm,
    read_textgrid,
    read_uem,
)
from resources.problems import BadInput

TURN = "SPEAKER {} 1 {} {} <NA> <NA> {} <NA> <NA>\n"


def write(folder: Path, name: str, content: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding=encoding)
    return path


def test_one_rttm_of_several_recordings_gives_each_its_own_turns(media_dir: Path) -> None:
    folder = media_dir / "speech" / "ami"
    counts = {}
    for master in sorted(folder.glob("*.wav")):
        truth = find_truth(folder, f"episode-{len(counts)}", master.name)
        assert truth.files == {"turns": "dev.rttm", "scored": "dev.uem"}
        assert truth.turns is not None
        assert truth.scored is not None
        assert truth.turns.schema == pl.Schema(TURNS)
        assert truth.scored.rows() == [(0.0, 30.0)]
        counts[unicodedata.normalize("NFC", master.stem)] = truth.turns.height
    assert counts == {"trn01": 6, "trn02": 1, "trn03": 2, "trn04": 7, "trñ00": 14}


def test_speaker_names_keep_their_accents(media_dir: Path) -> None:
    folder = media_dir / "speech" / "ami"
    turns = find_truth(folder, "trn00", "trñ00.wav").turns
    assert turns is not None
    assert sorted(turns["speaker"].unique()) == ["MEE067", "MEE068", "MÉO069"]
    assert turns.row(0) == (3.168, pytest.approx(3.968), "MÉO069")


def test_a_decomposed_file_name_is_the_same_name(tmp_path: Path) -> None:
    write(tmp_path, "all.rttm", TURN.format("trñ00", 1, 2, "A") + TURN.format("x", 1, 2, "B"))
    truth = find_truth(tmp_path, "one", unicodedata.normalize("NFD", "trñ00.wav"))
    assert truth.turns is not None
    assert truth.turns["speaker"].to_list() == ["A"]


def test_stm_is_the_text_and_rttm_the_turns_of_a_phone_call(media_dir: Path) -> None:
    truth = find_truth(media_dir / "speech" / "phone", "sample", "sample.wav")
    assert truth.files == {"turns": "sample.rttm", "text": "sample.stm"}
    assert truth.turns is not None
    assert truth.text is not None
    assert (truth.turns.height, truth.text.height) == (10, 13)
    assert truth.text.row(-1) == (28.445, 29.987, "Oh, I don't hear that in New Jersey now.")
    stm = read_stm(media_dir / "speech" / "phone" / "sample.stm")
    assert sorted(stm["turns"]["speaker"].unique()) == ["Diane", "Sheila"]


def test_a_short_textgrid_gives_words_and_leaves_phones_alone(media_dir: Path) -> None:
    truth = find_truth(media_dir / "speech" / "mfa", "acoustic_corpus", "acoustic_corpus.wav")
    assert truth.turns is None
    assert truth.words is not None
    assert truth.text is not None
    assert truth.words.height == 58
    assert truth.words.row(0) == ("this", 1.05, 1.2)
    assert truth.words.row(-1) == ("thanks", 24.95, 25.25)
    assert " ".join(truth.text["text"]).startswith("this is the acoustic corpus i'm talking")


def test_a_long_textgrid_gives_the_turns_of_its_speaker_tiers(media_dir: Path) -> None:
    parts = read_textgrid(media_dir / "speech" / "mfa" / "michaelandsickmichael.TextGrid")
    assert set(parts) == {"turns", "text"}
    assert parts["turns"]["speaker"].to_list() == ["michael"] * 3 + ["sickmichael"] * 4
    assert parts["turns"].row(0)[:2] == pytest.approx((1.059223, 7.541484))
    # The line break inside a label is a blank.
    assert parts["text"]["text"][0].endswith("but who cares")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("name", ["acoustic_corpus", "michaelandsickmichael"])
def test_a_textgrid_says_the_same_in_any_encoding(
    media_dir: Path, tmp_path: Path, name: str, encoding: str, newline: str
) -> None:
    original = media_dir / "speech" / "mfa" / f"{name}.TextGrid"
    text = original.read_text().rstrip("\n").replace("\n", newline)
    copy = tmp_path / original.name
    copy.write_bytes(text.encode(encoding))
    expected, found = read_textgrid(original), read_textgrid(copy)
    assert set(found) == set(expected)
    for part, frame in expected.items():
        assert_frame_equal(found[part], frame)


def test_aligner_tiers_of_several_speakers_are_words_and_silence_is_none(tmp_path: Path) -> None:
    def tier(name: str, *labels: str) -> str:
        spans = "\n".join(f'{i}\n{i + 1}\n"{label}"' for i, label in enumerate(labels))
        return f'"IntervalTier"\n"{name}"\n0\n4\n{len(labels)}\n{spans}\n'

    grid = 'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n4\n<exists>\n3\n'
    grid += tier("Zoë - words", "sil", "say &quot;", "", "spn") + tier("Zoë - phones", "sil", "s")
    grid += tier("transcription", "", "say it")
    parts = read_textgrid(write(tmp_path, "a.TextGrid", grid))
    assert parts["words"].rows() == [("say &quot;", 1.0, 2.0)]
    assert parts["text"].rows() == [(1.0, 2.0, "say it")]
    assert "turns" not in parts


def test_composite_episodes_are_matched_by_stem(media_dir: Path) -> None:
    folder = media_dir / "composite" / "dev"
    truth = find_truth(folder, "lecture", "dev_lecture.mkv")
    assert truth.files == {
        "cuts": "dev_lecture.json",
        "turns": "dev_lecture.rttm",
        "text": "dev_lecture.srt",
    }
    assert truth.cuts == folder / "dev_lecture.json"
    assert truth.turns is not None
    assert truth.turns["speaker"].to_list() == ["MICHAEL", "FLEURS_EN0", "FLEURS_EN3"]


def test_json_without_hard_cuts_is_no_truth(media_dir: Path) -> None:
    folder = media_dir / "composite" / "dev"
    assert find_truth(folder, "x", "dev_active_speaker.mp4") == Truth()


def test_cuts_are_matched_by_the_master_that_they_apply_to(media_dir: Path) -> None:
    truth = find_truth(media_dir / "shots", "some-id", "popeye_p3_1080p_hevc_pgs.mkv")
    assert truth.files == {"cuts": "popeye_p3.json"}
    assert find_truth(media_dir / "shots", "popeye_p3", "other.mkv").files == truth.files
    assert find_truth(media_dir / "shots", "some-id", "popeye_p3_480p_hevc_vobsub.mkv") == Truth()


def test_animation_truth_is_matched_by_episode_id(media_dir: Path) -> None:
    folder = media_dir / "animation"
    truth = find_truth(folder, "sintel_trailer", "sintel_trailer_720p_vp8_opus.webm")
    assert truth.files == {"turns": "sintel_trailer.rttm", "text": "sintel_trailer.en.srt"}
    assert truth.text is not None
    assert truth.turns is not None
    assert truth.text["start_s"].to_list() == truth.turns["start_s"].to_list()


def test_what_nobody_says_is_not_in_the_text_of_subtitles(media_dir: Path) -> None:
    text = read_srt(media_dir / "animation" / "popeye_p4.en.srt")
    assert text.height == 9  # 11 events, of which 2 are laughter
    assert text["text"][1] == "Hey, let me down you big overgrown canary"
    # Italics are markup, even those that were closed but never opened.
    assert text["text"].to_list()[-2:] == [
        "Come for to sleep My baby kin",
        "My peaches and cream My baby kin",
    ]


def test_names_before_lines_are_not_said(tmp_path: Path) -> None:
    event = "1\n00:00:01,000 --> 00:00:02,000\n{}\n\n"
    said = {
        "MINA: Look!": "Look!",
        "- ÉMILE: Où?\n- DR. WHO: Ici.": "Où? Ici.",
        "Look: a boat": "Look: a boat",
        "At 10:30": "At 10:30",
        "♪ La la ♪": "La la",
        "(door) Hm.": "Hm.",
    }
    for text, expected in said.items():
        path = write(tmp_path, "a.srt", event.format(text))
        assert read_srt(path)["text"].to_list() == [expected]


def test_the_file_in_the_episodes_language_comes_first(tmp_path: Path) -> None:
    event = "1\n00:00:01,000 --> 00:00:02,000\n{}\n\n"
    for suffix, text in {".de": "Hallo", ".pt-BR": "Olá", "": "Hello"}.items():
        write(tmp_path, f"ep{suffix}.srt", event.format(text))
    names = {"de": "de.", "de-AT": "de.", "pt-br": "pt-BR.", "pt": "", "d": "", None: ""}
    for language, name in {key: f"ep.{value}srt" for key, value in names.items()}.items():
        assert find_truth(tmp_path, "ep", "m.mkv", language).files == {"text": name}


def test_two_files_that_are_equally_close_are_refused(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        write(tmp_path, f"{folder}/ep.rttm", TURN.format("ep", 0, 1, "A"))
    with pytest.raises(BadInput, match=r"a/ep\.rttm: as much about ep as b/ep\.rttm"):
        find_truth(tmp_path, "ep", "ep.mkv")


def test_a_file_of_the_episodes_name_comes_before_one_that_names_it_inside(tmp_path: Path) -> None:
    write(tmp_path, "all.rttm", TURN.format("ep", 0, 1, "A") + TURN.format("other", 0, 1, "B"))
    write(tmp_path, "ep.rttm", TURN.format("channel7", 0, 1, "C"))
    assert find_truth(tmp_path, "ep", "m.mkv").files == {"turns": "ep.rttm"}
    assert find_truth(tmp_path, "other", "m.mkv").files == {"turns": "all.rttm"}


def test_damage_in_files_of_other_episodes_is_no_problem(tmp_path: Path) -> None:
    write(tmp_path, "other.rttm", "SPEAKER other 1 x\n")
    write(tmp_path, "other.json", "{")
    write(tmp_path, "latin.rttm", "SPEAKER né 1 0 1\n", encoding="latin-1")
    write(tmp_path, ".ep.rttm", "hidden")
    write(tmp_path, "ep.txt", "not a truth format")
    assert find_truth(tmp_path, "ep", "ep.mkv") == Truth()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("ep.rttm", TURN.format("ep", 0, 1, "A") + "SPEAKER ep 1 2.0\n", r"ep\.rttm, line 2: "),
        ("ep.rttm", TURN.format("ep", "one", 1, "A"), r"line 1: .* no time in seconds in field 4"),
        ("ep.rttm", TURN.format("ep", 0, -1, "A"), r"line 1: .* no time in seconds in field 5"),
        ("ep.rttm", TURN.format("ep", 0, "nan", "A"), r"line 1: .* no time in seconds in field 5"),
        ("ep.rttm", ";; comment\n\nHello, world\n", r"ep\.rttm, line 3: .* is no RTTM line"),
        ("ep.rttm", TURN.format("a", 0, 1, "A") + TURN.format("b", 0, 1, "A"), "none of them ep"),
        ("ep.rttm", TURN.format("ep", 0, 1, "A") + "SPEAKERep 1 2 3\n", r"line 2: .* no RTTM line"),
        ("ep.uem", "ep 1 0.0\n", r"ep\.uem, line 1: .* is no UEM line"),
        ("ep.uem", "ep 1 3.0 2.0\n", r"ep\.uem, line 1: .* ends before it starts"),
        ("ep.stm", "ep 1 A 0.0\n", r"ep\.stm, line 1: .* is no STM line"),
        ("ep.json", '{"hard_cuts": [1,\n', r"ep\.json: is no JSON .*line 2"),
        ("ep.srt", "What is this?", r"ep\.srt: holds no subtitle"),
        ("ep.TextGrid", "What is this?", r"ep\.TextGrid: is no readable TextGrid"),
    ],
)
def test_a_damaged_truth_file_is_named_with_its_line(
    tmp_path: Path, name: str, content: str, message: str
) -> None:
    write(tmp_path, name, content)
    with pytest.raises(BadInput, match=message) as problem:
        find_truth(tmp_path, "ep", "ep.mkv")
    assert str(tmp_path) not in str(problem.value)


def test_a_cut_off_textgrid_is_damaged_not_short(media_dir: Path, tmp_path: Path) -> None:
    text = (media_dir / "speech" / "mfa" / "acoustic_corpus.TextGrid").read_text()
    with pytest.raises(BadInput, match="is no readable TextGrid"):
        read_textgrid(write(tmp_path, "a.TextGrid", text[:3000]))


def test_text_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "ep.rttm", TURN.format("ep", 0, 1, "É"), encoding="latin-1")
    with pytest.raises(BadInput, match="is not UTF-8"):
        read_rttm(path)
    path = write(tmp_path, "ep.rttm", TURN.format("ep", 0, 1, "É"), encoding="utf-16")
    assert read_rttm(path)["speaker"].to_list() == ["É"]


def test_other_lines_of_rttm_are_no_turns(tmp_path: Path) -> None:
    content = (
        ";; made by hand\n"
        "SPKR-INFO ep 1 <NA> <NA> <NA> unknown A <NA>\n"
        + TURN.format("ep", 2, 0.5, "A").replace(" ", "\t")
        + TURN.format("ep", 1, 0.5, "B")
    )
    assert read_rttm(write(tmp_path, "ep.rttm", content)).rows() == [(1, 1.5, "B"), (2, 2.5, "A")]


def test_uem_of_several_recordings_is_filtered(tmp_path: Path) -> None:
    path = write(tmp_path, "x.uem", "a 1 0 10\nb 1 5 6\na 1 20 30\n")
    assert read_uem(path, frozenset({"a"})).rows() == [(0.0, 10.0), (20.0, 30.0)]


def test_stm_labels_alternatives_and_ignored_segments(tmp_path: Path) -> None:
    content = (
        ";; LABEL\n"
        "ep 1 A 0 1 <o,f0,male> I { gonna / going to } go { uh / @ }\n"
        "ep 1 inter_segment_gap 1 2 <o,,>\n"
        "ep 1 A 2 3 IGNORE_TIME_SEGMENT_IN_SCORING\n"
        "ep 1 B 3 4\n"
    )
    stm = read_stm(write(tmp_path, "ep.stm", content))
    assert stm["text"].rows() == [(0.0, 1.0, "I gonna go uh"), (3.0, 4.0, "")]
    assert stm["turns"]["speaker"].to_list() == ["A", "B"]


def test_without_the_extra_a_textgrid_names_the_pip_line(
    media_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "textgrid", None)
    with pytest.raises(BadInput, match=r"pip install 'media-assets\[bench\]'"):
        read_textgrid(media_dir / "speech" / "mfa" / "acoustic_corpus.TextGrid")


def test_a_folder_that_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such folder"):
        find_truth(tmp_path / "truth", "ep", "ep.mkv")


def test_the_demo_show_has_truth_for_its_shots_turns_and_text() -> None:
    import media_assets.demo

    folder = Path(media_assets.demo.__file__).parent / "show" / "truth"
    truth = find_truth(folder, "harbour-lights-s01e01", "harbour-lights-s01e01.mp4")
    assert set(truth.files) == {"cuts", "turns", "text"}
    assert truth.cuts is not None
    assert json.loads(truth.cuts.read_text())["hard_cuts"]
