"""The assets that make lines and utterances, through Dagster, on tables made by hand."""

from collections.abc import Iterable
from typing import Any

import dagster as dg
import numpy as np
import polars as pl

from media_assets.captions.assets import annotations
from media_assets.ingest.schema import SUBTITLES
from media_assets.media.audio import write_wav
from media_assets.speech.assets import attribution, lines, utterances
from media_assets.speech.schema import DIARIZATION, EMOTION, SEGMENTS, STEMS, WORDS
from media_assets_tests.exports.synthetic import (
    QUIET,
    counts,
    good_episode,
    put,
    put_nothing,
    stubs,
)
from resources.home import Home
from resources.problems import NotApplicable
from resources.storage import io_managers
from resources.tables import read_footer, read_table

MADE = [attribution, lines, utterances, annotations]
RATE = 8000
SAID = (
    (3.2, 4.2, "Look, the lamp!", None),
    (4.3, 5.3, "Pull the lever.", "Bram"),
    (5.4, 5.9, "Who is there?", None),
)


def run(home: Home) -> tuple[dict[str, int], list[dg.AssetCheckEvaluation]]:
    """Rows computed by asset, and what the checks said."""
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("episodes", ["e"])
        result = dg.materialize(
            [*MADE, *stubs(MADE)], selection=MADE, partition_key="e",
            resources=io_managers(home), instance=instance, run_config=QUIET,
        )  # fmt: skip
    return counts([result]), list(result.get_asset_check_evaluations())


def hear(home: Home, said: Iterable[tuple[float, float, str, str | None]] = SAID) -> None:
    """Speech in the episode: Mina's voice until 5.35 s, then another one."""
    turns = [(3.0, 5.35, "SPEAKER_00"), (5.35, 7.0, "SPEAKER_01")]
    put(home, DIARIZATION, "e", [
        {"episode_id": "e", "turn_id": f"{'x' if alone else 't'}{start}", "start_s": start,
         "end_s": end, "speaker": who, "exclusive": alone, "backend": "hand"}
        for alone in (False, True) for start, end, who in turns
    ])  # fmt: skip
    segments: list[dict[str, Any]] = []
    words: list[dict[str, Any]] = []
    for start, end, text, named in said:
        segment = f"{round(start * 1000):08d}"
        spoken = text.split()
        step = (end - start) / len(spoken)
        segments.append({
            "episode_id": "e", "segment_id": segment, "start_s": start, "end_s": end,
            "text": text, "source": "subtitles", "named_speaker": named, "status": "aligned",
            "subtitle_id": segment, "backend": "hand",
        })  # fmt: skip
        words += [
            {"episode_id": "e", "word_id": f"{segment}.{number:03d}", "segment_id": segment,
             "word_index": number, "word": word, "start_s": start + number * step,
             "end_s": start + (number + 1) * step, "score": 0.9, "method": "aligned"}
            for number, word in enumerate(spoken)
        ]  # fmt: skip
    put(home, SEGMENTS, "e", segments)
    put(home, WORDS, "e", words)
    put(home, EMOTION, "e", [])
    put(home, SUBTITLES, "e", [])
    voice = home.files / "voice.wav"
    if not voice.exists():
        noise = np.random.default_rng(0).normal(0, 0.1, (8 * RATE, 1)).astype(np.float32)
        write_wav(voice, [noise], RATE, 1)
    put(home, STEMS, "e", [{
        "episode_id": "e", "stem": "voice", "path": home.relative(voice), "rate_hz": RATE,
        "channels": 1, "samples": 8 * RATE, "separator": "hand", "backend": "hand",
    }])  # fmt: skip


def transcripts(home: Home) -> list[list[tuple[str | None, str | None, str]]]:
    table = read_table(home.table("annotations", "e"))
    return [[tuple(line.values()) for line in said] for said in table["lines"]]


def test_voices_and_names_reach_the_annotations_of_the_clip(home: Home):
    good_episode(home, "e")
    hear(home)
    _, checks = run(home)
    assert [check.passed for check in checks] == [True] * 3
    assert transcripts(home) == [
        [],
        [
            (None, "SPEAKER_00", "Look, the lamp!"),
            ("Grandpa Bram", "SPEAKER_00", "Pull the lever."),
            (None, "SPEAKER_01", "Who is there?"),
        ],
    ]
    clips = read_table(home.table("attribution", "e")).filter(level="clip")
    assert clips["speaker"].to_list() == [None, "SPEAKER_00", "SPEAKER_01"]


def test_one_edited_line_and_one_lost_file_are_cut_and_one_clip_is_annotated(home: Home):
    good_episode(home, "e")
    hear(home)
    run(home)
    files = home.files / "utterances"
    before = {path.name: path.stat().st_mtime_ns for path in files.iterdir()}
    assert len(before) == 3
    lost = home.root / read_table(home.table("utterances", "e"))["path"][0]
    sound = lost.read_bytes()
    lost.unlink()
    hear(home, [*SAID[:2], (5.4, 6.0, "Who is here?", None)])
    computed, _ = run(home)
    assert (computed["utterances"], computed["annotations"]) == (2, 1)
    assert lost.read_bytes() == sound
    after = {path.name: path.stat().st_mtime_ns for path in files.iterdir()}
    assert [name for name in before if after[name] != before[name]] == [lost.name]
    assert len(after) == 4
    assert set(run(home)[0].values()) == {0}


def test_without_sound_the_subtitles_speak_as_they_stand(home: Home):
    good_episode(home, "e")
    for schema in (DIARIZATION, SEGMENTS, WORDS, EMOTION, STEMS):
        put_nothing(home, schema, "e", NotApplicable("the master has no sound"))
    run(home)
    for name in ("attribution", "lines", "utterances"):
        footer = read_footer(home.table(name, "e"))
        assert footer is not None
        assert (footer.status, footer.rows) == ("not_applicable", 0)
    subtitles = [line for said in transcripts(home) for *_, line in said]
    assert subtitles[-2:] == ["Pull the lever.", "Who is there?"]
    assert pl.Series([label for said in transcripts(home) for _, label, _ in said]).is_null().all()
