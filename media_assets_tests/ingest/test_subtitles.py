import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assets.ingest.subtitle_files import Cue
from media_assets.ingest.subtitles import SubtitleSettings, repaired, subtitle_rows
from resources.problems import BadInput

SETTINGS = SubtitleSettings()
FILMS = ("captions.ar", "captions.en", "captions.ja", "captions.ru", "captions.sv")
Log = list[str]


def rows(master: Path, log: Log | None = None, **given: Any) -> list[dict[str, Any]]:
    facts: dict[str, Any] = {"language": None, "duration_s": None, "names": (), **given}
    tell = (log if log is not None else []).append
    return subtitle_rows(master, settings=SETTINGS, log=tell, **facts)


@pytest.fixture
def master(media_dir: Path, tmp_path: Path) -> Path:
    """A master without subtitles of its own."""
    return Path(shutil.copy(media_dir / "hostile" / "sample_video_only.mp4", tmp_path / "ep.mp4"))


@pytest.fixture
def beside(master: Path) -> Callable[[str, str], Path]:
    def write(name: str, line: str) -> Path:
        path = master.with_name(name)
        path.write_text(f"1\n00:00:00,100 --> 00:00:00,900\n{line}\n")
        return path

    return write


def test_popeyes_squawks_and_screams_are_told_from_his_words(master: Path, media_dir: Path) -> None:
    shutil.copy(media_dir / "animation" / "popeye_p3.en.srt", master.with_name("ep.en.srt"))
    found = rows(master, language="en")
    assert len(found) == 15
    assert [row["text"] for row in found if not row["spoken"]] == [
        "[squawk]",
        "[squawk]",
        "[screams]",
    ]
    assert found[2] == {
        "subtitle_id": "00031448",
        "start_s": 31.448,
        "end_s": 33.448,
        "text": "Oh! Oh! W-What happened?",
        "speaker": None,
        "spoken": True,
        "language": "en",
        "source": "ep.en.srt",
    }


@pytest.mark.parametrize(
    ("language", "first"),
    [
        ("en", "At the left we can see..."),
        ("sv", "Till vänster kan vi se...\nSer vi..."),
        ("ru", "Слева мы видим..."),
        ("ja", "左に見えるのは…"),
        ("ar", "...إلى... إلى الشمال يمكن أن نرى\n...يمكن أن نرى الـ"),
    ],
)
def test_of_five_languages_the_one_that_is_spoken_is_used(
    master: Path, media_dir: Path, language: str, first: str
) -> None:
    for part in (*FILMS, "chapters.en", "descriptions.en"):
        source = media_dir / "subtitles" / f"elephants_dream.{part}.vtt"
        shutil.copy(source, master.with_name(f"ep.{part}.vtt"))
    found = rows(master, language=language)
    assert found[0]["text"] == first
    assert {row["language"] for row in found} == {language}


def test_two_voices_in_one_caption_are_two_rows_of_one_time(master: Path, media_dir: Path) -> None:
    shutil.copy(
        media_dir / "subtitles" / "elephants_dream.captions.sv.vtt", master.with_suffix(".vtt")
    )
    said = {row["subtitle_id"]: row["text"] for row in rows(master)}
    assert (said["00344375"], said["00344375b"]) == ("Varför då?", "Blunda!")


def test_embedded_text_is_on_the_clock_of_the_episode(media_dir: Path) -> None:
    (srt,) = rows(media_dir / "hostile" / "sample_with_srt.mkv")
    assert (srt["text"], srt["start_s"], srt["end_s"], srt["language"], srt["source"]) == (
        *("This is the first subtitle.", 0.0, 1.234, "en", "stream 2"),
    )
    webb = rows(media_dir / "speech" / "nasa_webb_2audio_2video_2subs.mp4", duration_s=13.056)
    assert [row["start_s"] for row in webb] == [0.21, 4.26, 8.35, 12.47]
    assert (webb[0]["speaker"], webb[0]["text"][:19]) == ("NAR", "This is the optical")
    assert webb[-1]["end_s"] == 13.056


@pytest.mark.parametrize(
    "name", ["hostile/sample_with_pgs_subtitles.mkv", "animation/popeye_p3_480p_hevc_vobsub.mkv"]
)
def test_pictures_of_text_are_no_subtitles_and_the_log_says_so(media_dir: Path, name: str) -> None:
    log: Log = []
    assert rows(media_dir / name, log) == []
    assert "holds no text" in log[0]


def test_sidecars_come_before_embedded_tracks(media_dir: Path, tmp_path: Path) -> None:
    copy = shutil.copy(media_dir / "hostile" / "sample_with_srt.mkv", tmp_path)
    (tmp_path / "sample_with_srt.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nSidecar\n")
    assert [row["text"] for row in rows(Path(copy))] == ["Sidecar"]


def test_what_is_used_is_the_whole_dialogue_in_its_language(
    master: Path, beside: Callable[[str, str], Path]
) -> None:
    beside("ep.en.forced.srt", "forced")
    assert [row["text"] for row in rows(master, language="en")] == ["forced"]
    beside("ep.de.srt", "translated")
    beside("ep.srt", "unnamed")
    assert [row["text"] for row in rows(master, language="en")] == ["unnamed"]
    beside("ep.en-GB.srt", "named")
    assert [row["text"] for row in rows(master, language="en")] == ["named"]
    beside("ep.en.srt", "exact")
    assert [row["text"] for row in rows(master, language="en")] == ["exact"]


def test_a_translation_is_not_what_is_said(
    master: Path, beside: Callable[[str, str], Path]
) -> None:
    beside("ep.de.srt", "übersetzt")
    log: Log = []
    assert rows(master, log, language="en") == []
    assert log == ["ep.de.srt is not used: it is in de, the dialogue in en"]
    assert rows(master, language=None)[0]["language"] == "de"


def test_a_broken_sidecar_is_named_and_the_next_source_serves(
    master: Path, beside: Callable[[str, str], Path]
) -> None:
    master.with_name("ep.en.srt").write_text("this is no subtitle file")
    with pytest.raises(BadInput, match=r"^ep\.en\.srt: "):
        rows(master, language="en")
    beside("ep.srt", "good")
    log: Log = []
    assert [row["text"] for row in rows(master, log, language="en")] == ["good"]
    assert log[0].startswith("ep.en.srt: ")


def test_without_subtitles_there_are_no_rows(master: Path) -> None:
    assert rows(master) == []


def test_ids_stay_when_other_lines_are_edited(master: Path, media_dir: Path) -> None:
    path = Path(
        shutil.copy(media_dir / "animation" / "popeye_p4.en.srt", master.with_suffix(".srt"))
    )
    before = rows(master)
    path.write_text(path.read_text().replace("[anguish and laughter]", "- Ha!\n- Ho!\n[laughter]"))
    after = {row["subtitle_id"]: row for row in rows(master)}
    kept = [row for row in before if row["text"] != "[anguish and laughter]"]
    assert [after[row["subtitle_id"]] for row in kept] == kept
    assert [after[f"00013972{s}"]["text"] for s in ("", "b", "c")] == ["Ha!", "Ho!", "[laughter]"]


def test_events_are_repaired_by_the_rules() -> None:
    cues = [
        Cue(5000, 4000, "backwards: as long as it takes to read, up to the next"),
        Cue(5500, 5500, "no length"),
        Cue(1000, 3000, "out of order"),
        Cue(2000, 4000, "overlapping"),
        Cue(1000, 3000, "out of order"),
        Cue(-500, 400, "before the start"),
        Cue(-900, -500, "outside"),
        Cue(9000, 12000, "beyond the end"),
        Cue(10000, 12000, "outside"),
        Cue(3000, 3500, "<i></i>"),
    ]
    assert [
        (c.start_ms, c.end_ms, c.marked.split(":")[0]) for c in repaired(cues, 10.0, SETTINGS)
    ] == [
        (0, 400, "before the start"),
        (1000, 3000, "out of order"),
        (2000, 4000, "overlapping"),
        (5000, 5500, "backwards"),
        (5500, 6333, "no length"),
        (9000, 10000, "beyond the end"),
    ]


def test_the_log_counts_what_was_repaired() -> None:
    log: Log = []
    cues = [
        *(Cue(5000, 4000, "backwards"), Cue(-500, 400, "early"), Cue(9000, 12000, "late")),
        *(Cue(1000, 2000, "twice"), Cue(1000, 2000, "twice"), Cue(11000, 12000, "outside")),
        Cue(3000, 3500, "<i></i>"),
    ]
    repaired(cues, 10.0, SETTINGS, log.append)
    assert log == [
        "1 events without text",
        "2 events cut at the episode's start or end",
        "1 events told twice",
        "1 events without an end after the start",
        "1 events outside of the episode",
    ]


def test_subtitles_of_another_master_are_bad_input(master: Path, media_dir: Path) -> None:
    shutil.copy(
        media_dir / "subtitles" / "elephants_dream.captions.en.vtt", master.with_suffix(".vtt")
    )
    with pytest.raises(BadInput, match=r"^ep\.vtt: none of its \d+ events has text within the ep"):
        rows(master, duration_s=2.0)


TIMES = st.integers(-2000, 12_000)


@given(st.lists(st.builds(Cue, TIMES, TIMES, st.sampled_from(["a", "[b]", "", "c d e"]))))
def test_repaired_events_lie_in_order_within_the_episode(cues: list[Cue]) -> None:
    found = repaired(cues, 10.0, SETTINGS)
    assert all(0 <= cue.start_ms < cue.end_ms <= 10_000 for cue in found)
    assert [cue.start_ms for cue in found] == sorted(cue.start_ms for cue in found)
    assert repaired(found, 10.0, SETTINGS) == found


def test_many_events_at_one_time_have_ids_of_their_own(master: Path) -> None:
    lines = (f"{n}\n00:00:01,000 --> 00:00:02,000\nLine {n}\n" for n in range(1, 60))
    master.with_suffix(".srt").write_text("\n".join(lines))
    found = [row["subtitle_id"] for row in rows(master)]
    assert len(set(found)) == 59
    assert found[:2] == ["00001000", "00001000b"]
    assert found[25:27] == ["00001000z", "00001000aa"]
