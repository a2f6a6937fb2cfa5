"""The score of an episode: what can be scored is, and the rest says why not."""

import json
import sys
from pathlib import Path

import polars as pl
import pytest

from media_assets.library import Registration, register
from media_assets.scoring.report import Score, format_report, pool, score_episode, score_home
from media_assets.scoring.truth import Truth, find_truth
from resources.home import Home
from resources.problems import BadInput, Status
from resources.tables import Footer, write_table


def diarization(turns: pl.DataFrame) -> pl.DataFrame:
    """A table of turns as the asset writes it: the standard set, and an exclusive set."""
    exclusive = turns.head(1).with_columns(exclusive=pl.lit(True))
    return pl.concat([turns.with_columns(exclusive=pl.lit(False)), exclusive])


def segments(text: pl.DataFrame, source: str = "subtitles") -> pl.DataFrame:
    return text.with_columns(source=pl.lit(source))


def of_home(*episodes: Score) -> Score:
    return {"episodes": list(episodes), "all": pool(episodes), "without_truth": []}


@pytest.fixture(scope="module")
def lecture(media_dir: Path) -> Truth:
    return find_truth(media_dir / "composite" / "dev", "dev_lecture", "dev_lecture.mkv")


def test_without_tables_every_truth_waits_for_its_table(lecture: Truth) -> None:
    result = score_episode("dev_lecture", lecture, {}, {"segments": "the master has no sound"})
    assert result["scores"] == {}
    assert result["not_scored"] == {
        "shots": "no table `shots` yet",
        "clips": "no table `clips` yet",
        "diarization": "no table `diarization` yet",
        "attribution": "no table `attribution` yet",
        "words": "no truth file: a TextGrid with a word tier",
        "segments": "the master has no sound",
        "subtitles": "no table `subtitles` yet",
        "stems": "no truth file: `<name>.speech_stem.flac`, `<name>.music_stem.flac`",
    }


def test_tables_that_equal_the_truth_have_no_error(lecture: Truth) -> None:
    assert lecture.turns is not None
    assert lecture.text is not None
    tables = {
        "diarization": diarization(lecture.turns),
        "segments": segments(lecture.text),
        "subtitles": segments(lecture.text).with_columns(spoken=pl.lit(True)),
    }
    result = score_episode("dev_lecture", lecture, tables)
    assert json.loads(json.dumps(result)) == result
    assert set(result["scores"]) == {"diarization", "segments", "subtitles"}
    assert result["scores"]["diarization"]["der"] == 0
    assert result["scores"]["diarization"]["speakers"] == 3
    # Given to one speaker, the 26.723 s of the longest are right and the other 16.31 s are not.
    baseline = result["scores"]["diarization"]["one_speaker"]["der"]
    assert baseline == pytest.approx(16.31 / 43.033, abs=1e-4)
    assert result["scores"]["segments"]["wer"] == 0
    assert result["scores"]["segments"]["sources"] == ["subtitles"]


def test_sounds_in_subtitles_are_no_words(lecture: Truth) -> None:
    assert lecture.text is not None
    sound = pl.DataFrame({"start_s": [1.0], "end_s": [2.0], "text": ["door slams"]})
    table = pl.concat(
        [
            segments(lecture.text).with_columns(spoken=pl.lit(True)),
            segments(sound).with_columns(spoken=pl.lit(False)),
        ]
    )
    result = score_episode("dev_lecture", lecture, {"subtitles": table})
    assert result["scores"]["subtitles"]["insertions"] == 0


def test_only_scored_regions_count_for_text_and_words(media_dir: Path) -> None:
    folder = media_dir / "speech" / "mfa"
    known = find_truth(folder, "acoustic_corpus", "acoustic_corpus.wav")
    regions = pl.DataFrame({"start_s": [0.0, 20.0], "end_s": [5.0, 25.0]})
    truth = Truth(words=known.words, text=known.text, scored=regions, files=known.files)
    assert known.words is not None
    assert known.text is not None
    outside = (pl.col("start_s") > 5) & (pl.col("end_s") < 20)
    words = known.words.with_columns(
        pl.when(outside).then(pl.lit("wrong")).otherwise("word").alias("word"),
        method=pl.lit("aligned"),
    )
    text = known.text.with_columns(
        pl.when(outside).then(pl.lit("wrong")).otherwise("text").alias("text"), source=pl.lit("asr")
    )
    tables = {"words": words, "segments": text}
    limited = score_episode("a", truth, tables)["scores"]
    assert limited["words"]["unmatched"] == 0
    assert limited["words"]["methods"] == ["aligned"]
    assert 0 < limited["words"]["matched"] < 58
    assert limited["segments"]["wer"] == 0
    everything = score_episode("a", known, tables)["scores"]
    assert everything["words"]["unmatched"] > 0
    assert everything["segments"]["wer"] > 0


def test_a_missing_library_leaves_the_other_scores_alone(
    lecture: Truth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyannote.core", None)
    assert lecture.turns is not None
    assert lecture.text is not None
    tables = {"diarization": diarization(lecture.turns), "segments": segments(lecture.text)}
    result = score_episode("dev_lecture", lecture, tables)
    assert "pip install 'media-assets[bench]'" in result["not_scored"]["diarization"]
    assert result["scores"]["segments"]["wer"] == 0


def test_turns_and_text_are_pooled_over_episodes(media_dir: Path) -> None:
    folder = media_dir / "composite" / "dev"
    results = []
    for name in ("dev_episode_a", "dev_lecture"):
        truth = find_truth(folder, name, f"{name}.mkv")
        assert truth.turns is not None
        assert truth.text is not None
        found = truth.turns.with_columns(pl.col("start_s", "end_s") + len(results))
        text = truth.text.head(truth.text.height - len(results))
        tables = {"diarization": diarization(found), "segments": segments(text)}
        results.append(score_episode(name, truth, tables))
    pooled = pool(results)
    one, other = (result["scores"]["diarization"] for result in results)
    assert one["der"] == 0 < pooled["diarization"]["der"] < other["der"]
    assert pooled["diarization"]["speech_s"] == one["speech_s"] + other["speech_s"]
    assert pooled["segments"]["deletions"] == results[1]["scores"]["segments"]["deletions"] > 0
    lines = format_report(of_home(*results)).splitlines()
    assert [line.split(" | ")[0] for line in lines[-2:]] == ["| all", "| all"]
    assert f"DER {100 * pooled['diarization']['der']:.1f} %" in lines[-2]


def test_the_report_is_a_markdown_table(lecture: Truth, media_dir: Path) -> None:
    assert lecture.turns is not None
    assert lecture.text is not None
    tables = {"diarization": diarization(lecture.turns), "segments": segments(lecture.text)}
    folder = media_dir / "speech" / "mfa"
    known = find_truth(folder, "acoustic_corpus", "acoustic_corpus.wav")
    assert known.words is not None
    words = known.words.with_columns(pl.col("start_s") + 0.03, method=pl.lit("aligned"))
    report = format_report(
        of_home(
            score_episode("dev_lecture", lecture, tables),
            score_episode("acoustic_corpus", known, {"words": words}),
        )
    )
    lines = report.splitlines()
    assert lines[0] == "| episode | table | score | truth |"
    assert len({line.count(" | ") for line in lines}) == 1
    assert any("WER 0.0 %" in line and "dev_lecture.srt" in line for line in lines)
    assert any("mean 15 ms, p95 30 ms, 100.0 % within 100 ms" in line for line in lines)
    assert "| dev_lecture | shots, subtitles |" not in report
    assert "| acoustic_corpus | segments, subtitles |" not in report
    assert "not scored: no table `shots` yet" in report


def test_nothing_to_measure_is_said_in_words(lecture: Truth) -> None:
    assert lecture.turns is not None
    assert lecture.text is not None
    nobody = Truth(
        turns=lecture.turns.clear(),
        text=lecture.text.clear(),
        words=pl.DataFrame({"word": ["hello"], "start_s": [0.0], "end_s": [1.0]}),
        files={"turns": "a.rttm", "text": "a.srt", "words": "a.TextGrid"},
    )
    hello = pl.DataFrame({"start_s": [0.0], "end_s": [1.0], "text": ["Oh, hello!"]})
    tables = {
        "diarization": diarization(lecture.turns),
        "segments": segments(hello),
        "words": pl.DataFrame(
            {"word": ["world"], "start_s": [0.0], "end_s": [1.0], "method": ["asr"]}
        ),
    }
    report = format_report(of_home(score_episode("a", nobody, tables)))
    assert "nobody speaks in the truth; 43.0 s of speech found" in report
    assert "no words in the truth; 2 found" in report
    assert "no word matched of 1" in report


def add(home: Home, master: Path, episode_id: str) -> None:
    register(home, Registration(episode_id, master, master.parent, ("speech",)))


def put(
    home: Home,
    name: str,
    episode: str,
    table: pl.DataFrame,
    status: Status = "ok",
    reason: str = "",
) -> None:
    footer = Footer(name, "key", "version", table.height, status, reason)
    write_table(home.table(name, episode), table, footer)


def test_a_home_is_scored_episode_by_episode(home: Home, media_dir: Path) -> None:
    folder = media_dir / "speech" / "ami"
    for number in range(1, 5):
        add(home, folder / f"trn0{number}.wav", f"trn0{number}")
    add(home, media_dir / "speech" / "jfk.flac", "jfk")
    for episode in ("trn01", "trn04"):
        turns = find_truth(folder, episode, f"{episode}.wav").turns
        assert turns is not None
        put(home, "diarization", episode, diarization(turns))
    nothing = diarization(turns).clear()
    put(home, "diarization", "trn02", nothing, "not_applicable", "no voice is heard")
    scores = score_home(home, folder)
    assert json.loads(json.dumps(scores)) == scores
    by_id = {result["episode_id"]: result for result in scores["episodes"]}
    assert list(by_id) == ["trn01", "trn02", "trn03", "trn04"]
    assert scores["without_truth"] == ["jfk"]
    assert by_id["trn04"]["scores"]["diarization"]["der"] == 0
    assert by_id["trn02"]["not_scored"]["diarization"] == "no voice is heard"
    assert by_id["trn03"]["not_scored"]["diarization"] == "no table `diarization` yet"
    assert scores["all"]["diarization"]["speakers"] == 7
    assert format_report(scores).splitlines()[-1] == "| jfk |  | no truth file |  |"


def test_the_language_of_the_master_chooses_the_truth(home: Home, tmp_path: Path) -> None:
    truth = tmp_path / "truth"
    truth.mkdir()
    for language, said in {"de": "Hallo du", "en": "Hello you"}.items():
        event = f"1\n00:00:01,000 --> 00:00:02,000\n{said}\n"
        (truth / f"ep.{language}.srt").write_text(event)
    add(home, tmp_path / "ep.mkv", "ep")
    with pytest.raises(BadInput, match="as much about ep"):
        score_home(home, truth)
    put(home, "masters", "ep", pl.DataFrame({"language": ["de"]}))
    heard = pl.DataFrame({"start_s": [1.0], "end_s": [2.0], "text": ["hallo du"]})
    put(home, "segments", "ep", segments(heard))
    (result,) = score_home(home, truth)["episodes"]
    assert result["truth"] == {"text": "ep.de.srt"}
    assert result["scores"]["segments"]["wer"] == 0


def shots(*rows: tuple[int, int, str, str]) -> pl.DataFrame:
    names = ["start_frame", "end_frame", "transition_in", "transition_out"]
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(confidence=pl.lit(1.0))


def test_shots_and_kept_clips_are_scored_against_cuts(home: Home, media_dir: Path) -> None:
    masters = {"bunny": "big_buck_bunny_0_30_720p.webm", "popeye": "popeye_p3_1080p_hevc_pgs.mkv"}
    for episode, name in masters.items():
        add(home, media_dir / "animation" / name, episode)
    # The fade in is found; of the cuts 283, 376 and 551 the second is a frame late.
    found = shots(
        (40, 283, "fade_in", "cut"), (283, 377, "cut", "cut"), (377, 551, "cut", "cut"),
        (551, 720, "cut", "end"),
    )  # fmt: skip
    put(home, "shots", "bunny", found)
    put(home, "shots", "popeye", shots((0, 1440, "start", "end")))
    clips = found.select("start_frame", "end_frame", clip_id="start_frame")
    put(home, "clips", "bunny", clips)
    scores = score_home(home, media_dir / "shots")
    bunny, popeye = (result["scores"] for result in scores["episodes"])
    assert (bunny["shots"]["cuts"]["f1"], bunny["shots"]["cuts_within_1_frame"]["f1"]) == (2 / 3, 1)
    assert bunny["shots"]["gradual"]["f1"] == 1
    assert bunny["shots"]["by_kind"]["fade_in"]["hits"] == 1
    assert popeye["shots"]["cuts"]["missed"] == 6
    assert scores["all"]["shots"]["cuts"]["recall"] == 2 / 9
    assert scores["episodes"][0]["not_scored"]["clips"] == "no table `clip_quality` yet"
    quality = clips.select("clip_id", kept=pl.col("clip_id") != 40)
    put(home, "clip_quality", "bunny", quality)
    scores = score_home(home, media_dir / "shots")
    # The first clip reaches into the fade, but is not kept; the second has a frame of the next.
    assert scores["all"]["clips"] == {"clips": 3, "contaminated": 1}
    report = format_report(scores)
    assert "cuts F1 66.7 % (2 of 3, 1 false), 100.0 % within 1 frame; gradual F1 100.0 %" in report
    assert "1 of 3 kept clips hold a labelled transition" in report


def test_a_cuts_file_without_frames_is_said_to_be_unfit(tmp_path: Path) -> None:
    path = tmp_path / "ep.json"
    path.write_text('{"hard_cuts": [1]}')
    table = shots((0, 9, "start", "end"))
    result = score_episode("ep", find_truth(tmp_path, "ep", "ep.mkv"), {"shots": table})
    assert result["not_scored"]["shots"].startswith("ep.json: is no cuts file (KeyError: 'frames')")


def test_a_folder_without_truth_for_any_episode_is_refused(home: Home, tmp_path: Path) -> None:
    add(home, tmp_path / "ep.mkv", "ep")
    with pytest.raises(BadInput, match="no truth file for any of 1 episodes"):
        score_home(home, tmp_path)
