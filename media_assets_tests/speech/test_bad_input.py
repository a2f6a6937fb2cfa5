"""Masters and texts that are not as they should be: right, or marked and explained, never made up.

Every file goes through the whole room; what is asserted is what a person would read in its tables.
"""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import dagster as dg
import numpy as np
import polars as pl
import polars.selectors as cs
import pytest

from media_assets import runner
from media_assets.definitions import build_defs
from media_assets.library import Registration, register, registrations
from media_assets.media.audio import read_audio, write_wav
from media_assets.runner import RunReport
from media_assets.speech.schema import TABLES
from media_assets.speech.text.files import SpeechFileSettings, told
from resources.home import ENV, Home
from resources.models.interfaces import RATE
from resources.tables import Footer, read_footer

pytestmark = pytest.mark.slow

SAID = (
    (200, 2500, "And so, my fellow Americans,"),
    (3200, 7600, "ask not what your country can do for you,"),
    (8000, 10900, "ask what you can do for your country."),
)
"""What is said in `speech/jfk.flac`, with times in ms."""

Cue = tuple[int, int, str]
# The set for voices is over all episodes.
PER_EPISODE = [table for table in TABLES if table.name != "tts_dataset"]


def srt(cues: Iterable[Cue]) -> str:
    def clock(time_ms: int) -> str:
        seconds, ms = divmod(time_ms, 1000)
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02},{ms:03}"

    return "".join(
        f"{number}\n{clock(start)} --> {clock(end)}\n{text}\n\n"
        for number, (start, end, text) in enumerate(cues, start=1)
    )


def texts(*said: str) -> list[Cue]:
    """Those texts at the times of SAID."""
    return [(start, end, text) for (start, end, _), text in zip(SAID, said, strict=True)]


JFK = "speech/jfk.flac"
# By name of the episode: the sound, and the subtitles beside it.
SUBTITLED: dict[str, tuple[str, bytes]] = {
    "right": (JFK, srt(SAID).encode()),
    "untidy": (
        JFK,
        srt(
            [
                (60000, 64000, "Nobody says this."),
                *reversed(
                    texts(
                        r"{\an8}<i>And so, my fellow Americans…</i>",
                        'MINA: <font color="#ff0000">ask <b>not</b> what your country</font>\\N'
                        "can do for you,",
                        "- ask what you can do\n- JONAS: for your country. [applause]",
                    )
                ),
            ]
        ).encode("cp1252"),
    ),
    "overlapping": (JFK, srt([(200, 6000, SAID[0][2]), (3000, 9000, SAID[1][2])]).encode()),
    "elsewhere": (JFK, srt((a + 30_000, b + 30_000, text) for a, b, text in SAID).encode()),
    "ends_first": (JFK, srt((b, a, text) for a, b, text in SAID).encode()),
    "music": (
        "music/fluffing_a_duck.mp3",
        srt([(5000, 9000, "Nobody sings this."), (20000, 24000, "♪ La la la ♪")]).encode(),
    ),
}
TRANSCRIBED = {
    "wrong_text": (JFK, ".en.txt", "speech/librispeech/2412-153948-0000.txt"),
    "japanese": (
        "speech/mfa/common_voice_ja_24511055.mp3",
        ".ja.lab",
        "speech/mfa/common_voice_ja_24511055.lab",
    ),
}
ALONE = {
    "no_audio_track": "hostile/made_dev/no_audio_track.mp4",
    "all_black_silent": "hostile/made_dev/all_black_silent.mp4",
    "six_channels": "animation/bbb_1s_1080p60_vp8_6ch.webm",
    "unknown_language": "speech/fleurs/fleurs-de-001.ogg",
}
NOBODY = ("no_audio_track", "all_black_silent", "music", "noise", "tenth")


@dataclass(frozen=True)
class Trial:
    """What became of all the files in one home; reports by episode."""

    home: Home
    media: Path
    reports: dict[str, RunReport]

    def of(self, asset: str, episode: str) -> pl.DataFrame:
        return pl.read_parquet(self.home.table(asset, episode))

    def footer(self, asset: str, episode: str) -> Footer:
        footer = read_footer(self.home.table(asset, episode))
        assert footer is not None
        return footer

    def file(self, form: str, episode: str) -> str:
        (path,) = self.of("speech_files", episode).filter(format=form)["path"]
        return (self.home.root / str(path)).read_text()

    def said(self, episode: str) -> list[str]:
        return self.of("words", episode)["word"].to_list()


def write_masters(media: Path, folder: Path) -> None:
    for name, (sound, subtitles) in SUBTITLED.items():
        shutil.copyfile(media / sound, folder / f"{name}{Path(sound).suffix}")
        (folder / f"{name}.en.srt").write_bytes(subtitles)
    for name, (sound, suffix, text) in TRANSCRIBED.items():
        shutil.copyfile(media / sound, folder / f"{name}{Path(sound).suffix}")
        shutil.copyfile(media / text, folder / f"{name}{suffix}")
    for name, sound in ALONE.items():
        shutil.copyfile(media / sound, folder / f"{name}{Path(sound).suffix}")
    noise = np.random.default_rng(1).normal(0, 0.1, (10 * RATE, 1)).astype(np.float32)
    write_wav(folder / "noise.wav", [noise], RATE, 1)
    speech = read_audio(media / JFK, 1, 1.1, rate=RATE, channels=1)
    write_wav(folder / "tenth.wav", [speech], RATE, 1)


@pytest.fixture(scope="module")
def trial(media_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Trial:
    root = tmp_path_factory.mktemp("bad_input")
    home, masters = Home(root / "home"), root / "masters"
    masters.mkdir()
    write_masters(media_dir, masters)
    for path in masters.iterdir():
        if path.suffix not in (".srt", ".txt", ".lab"):
            register(home, Registration(path.stem, path, masters, ("speech",)))
    state = home.root / "dagster"
    state.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(ENV, str(home.root))
        with dg.DagsterInstance.ephemeral(str(state)) as instance:
            reports = run_speech(home, instance)
    return Trial(home, media_dir, reports)


def run_speech(home: Home, instance: dg.DagsterInstance) -> dict[str, RunReport]:
    episodes = sorted(registrations(home))
    instance.add_dynamic_partitions("episodes", episodes)
    defs = build_defs()
    planned = replace(runner.plan(defs, ["group:speech"]), over_all=())
    return {
        episode: runner.run(defs, instance, [episode], planned, lambda episode, asset: None)
        for episode in episodes
    }


def test_nothing_fails(trial: Trial) -> None:
    assert set(trial.reports) == {*SUBTITLED, *TRANSCRIBED, *ALONE, "noise", "tenth"}
    assert {e: r.failures for e, r in trial.reports.items() if r.failures} == {}


def test_an_empty_table_says_why(trial: Trial) -> None:
    """But where all is well: nobody cuts in, and what is said is written already."""
    silent = [
        (table.name, episode)
        for table in PER_EPISODE
        if table.name not in ("overlaps", "recognition")
        for episode in trial.reports
        if trial.of(table.name, episode).is_empty() and not trial.footer(table.name, episode).reason
    ]
    assert silent == []


@pytest.mark.parametrize("episode", NOBODY)
def test_where_nobody_speaks_there_are_neither_speakers_nor_words(
    trial: Trial, episode: str
) -> None:
    for asset in ("voice_activity", "diarization", "speaker_embeddings", "recognition", "words"):
        assert trial.of(asset, episode).is_empty(), asset
    assert trial.file("rttm", episode) == "" if episode != "no_audio_track" else True
    assert trial.of("attribution", episode)["speaker"].drop_nulls().is_empty()
    assert trial.of("lines", episode)["speaker"].drop_nulls().is_empty()
    assert not trial.of("tts_quality", episode)["kept"].any()


def test_a_second_of_an_orchestra_makes_no_speaker_and_no_word(trial: Trial) -> None:
    """Voice activity takes it for speech; what comes after knows better."""
    (stereo,) = trial.of("audio", "six_channels").filter(kind="stereo").iter_rows(named=True)
    assert (stereo["source_channels"], stereo["channels"]) == (6, 2)
    assert trial.footer("diarization", "six_channels").reason == (
        "too little speech to tell voices apart"
    )
    for asset in ("segments", "words", "lines", "utterances"):
        assert trial.of(asset, "six_channels").is_empty(), asset
        assert "nothing that was recognised" in trial.footer(asset, "six_channels").reason, asset


def test_why_there_is_nothing_is_told_in_words(trial: Trial) -> None:
    reasons = {e: trial.footer("segments", e).reason for e in ("no_audio_track", "noise")}
    assert reasons == {
        "no_audio_track": "no audio stream",
        "noise": "nobody speaks, and no text says otherwise",
    }
    assert trial.footer("segments", "unknown_language").reason == (
        "no text says what is spoken, and nothing that was recognised is kept"
    )


def test_text_over_music_is_marked_as_not_found_in_it(trial: Trial) -> None:
    segments = trial.of("segments", "music")
    assert segments.select("text", "status").rows() == [("Nobody sings this.", "failed")]
    assert segments["reason"].null_count() == 0
    assert trial.of("lines", "music")["reason"].to_list() == ["nobody speaks in it"]


def test_the_text_of_another_recording_is_marked(trial: Trial) -> None:
    segments = trial.of("segments", "wrong_text")
    assert set(segments["status"]) == {"failed"}
    assert segments["reason"].null_count() == 0
    assert trial.said("wrong_text") == []
    assert not trial.of("tts_quality", "wrong_text")["kept"].any()
    assert trial.of("speech_files", "wrong_text")["entries"].to_list() == [1, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize(("episode", "language"), [("japanese", "ja")])
def test_a_language_without_aligner_has_its_words_spread_and_says_so(
    trial: Trial, episode: str, language: str
) -> None:
    segments = trial.of("segments", episode)
    assert set(segments["status"]) == {"proportional"}
    assert all(f"no aligner for {language}" in reason for reason in segments["reason"])
    assert set(trial.of("words", episode)["method"]) == {"proportional"}
    text = (trial.media / TRANSCRIBED[episode][2]).read_text()
    assert "".join(trial.said(episode)) == "".join(text.split())
    assert not trial.of("tts_quality", episode)["kept"].any()


def test_what_an_english_recognizer_makes_of_german_is_not_kept(trial: Trial) -> None:
    assert not trial.of("recognition", "unknown_language")["kept"].any()
    assert trial.of("diarization", "unknown_language")["speaker"].n_unique() == 1


@pytest.mark.parametrize("episode", ["right", "untidy"])
def test_untidy_subtitles_give_the_words_of_tidy_ones(trial: Trial, episode: str) -> None:
    """Markup, order, encoding, names and times beyond the end leave neither text nor a change."""
    words, right = trial.of("words", episode), trial.of("words", "right")

    def plain(table: pl.DataFrame) -> list[str]:
        return [word.strip(",.…") for word in table["word"]]

    assert plain(words) == plain(right)
    assert np.abs((words["start_s"] - right["start_s"]).to_numpy()).max() < 0.3
    assert set(trial.of("segments", episode)["status"]) == {"aligned"}
    assert set(words["method"]) == {"aligned"}


def test_names_in_the_text_are_no_words_and_no_second_voice(trial: Trial) -> None:
    assert trial.of("segments", "untidy")["named_speaker"].to_list() == [
        None,
        "MINA",
        None,
        "JONAS",
    ]
    assert set(trial.of("lines", "untidy")["speaker"]) == {"SPEAKER_00"}


def test_subtitles_that_overlap_are_both_placed_or_marked(trial: Trial) -> None:
    segments = trial.of("segments", "overlapping")
    assert segments["text"].to_list() == [SAID[0][2], SAID[1][2]]
    unlike = segments.filter((pl.col("status") != "aligned") & pl.col("reason").is_null())
    assert unlike.is_empty()


def test_subtitles_of_another_time_are_bad_input_and_the_sound_speaks_for_itself(
    trial: Trial,
) -> None:
    reason = trial.footer("subtitles", "elsewhere").reason
    assert trial.footer("subtitles", "elsewhere").status == "bad_input"
    assert reason.startswith("elsewhere.en.srt: none of its 3 events has text within the episode")
    assert "replace or remove it" in reason
    assert set(trial.of("segments", "elsewhere")["source"]) <= {"draft"}
    assert trial.file("srt", "elsewhere") == ""


def test_subtitles_whose_ends_are_before_their_starts_are_right_or_marked(trial: Trial) -> None:
    segments, right = trial.of("segments", "ends_first"), trial.of("segments", "right")
    assert segments.height == right.height
    for mine, truth in zip(segments.rows(named=True), right.rows(named=True), strict=True):
        if mine["status"] == "aligned":
            assert abs(mine["start_s"] - truth["start_s"]) < 0.3
        else:
            assert mine["reason"]


def test_words_lie_within_the_sound_and_in_order(trial: Trial) -> None:
    for episode in set(trial.reports) - {"no_audio_track"}:
        samples = trial.of("audio", episode).filter(kind="mono16k")["samples"][0]
        words = trial.of("words", episode).sort("segment_id", "word_index")
        assert (words["start_s"] >= 0).all()
        assert (words["end_s"] <= samples / RATE + 0.01).all(), episode
        assert (words["start_s"] <= words["end_s"]).all(), episode


def test_files_for_other_tools_can_be_read(trial: Trial) -> None:
    import pysubs2

    for episode in set(trial.reports) - {"no_audio_track"}:
        turns = [line.split() for line in trial.file("rttm", episode).splitlines()]
        assert all(len(turn) == 10 and float(turn[4]) > 0 for turn in turns), episode
        names = ("lines", "utterances", "words", "phones")
        tables = {name: trial.of(name, episode) for name in names}
        shown = told(tables, SpeechFileSettings())["lines"]
        for form in ("srt", "vtt"):
            if shown.height:
                cues = pysubs2.SSAFile.from_string(trial.file(form, episode), format_=form)
                assert len(cues) == shown.height, (episode, form)
        written = trial.file("srt", episode)
        assert "<" not in written, episode
        assert "{" not in written, episode


def test_no_table_tells_a_path_of_this_machine(trial: Trial) -> None:
    secret = str(trial.home.root.parent)
    for path in trial.home.tables.rglob("*.parquet"):
        texts_in = pl.read_parquet(path).select(cs.string() | cs.by_dtype(pl.List(pl.String)))
        assert secret not in texts_in.write_json(), path
        assert secret not in str(read_footer(path)), path
