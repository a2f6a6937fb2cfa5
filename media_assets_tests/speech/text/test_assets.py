"""`recognition` and `speech_files` as assets, over tables that stand there already."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import polars as pl
import pytest

from media_assets.episodes import EPISODES
from media_assets.ingest.schema import AUDIO, MASTERS, SUBTITLES, TRANSCRIPTS
from media_assets.library import Registration, register
from media_assets.media.audio import write_wav
from media_assets.speech import assets
from media_assets.speech.schema import (
    DIARIZATION,
    LINES,
    PHONES,
    STEMS,
    UTTERANCES,
    VOICE_ACTIVITY,
    WORDS,
)
from media_assets_tests.exports.synthetic import put, put_nothing
from media_assets_tests.speech.text.test_recognise import Hears
from resources.home import Home
from resources.models.interfaces import RATE
from resources.problems import NotApplicable
from resources.storage import io_managers
from resources.tables import TableSchema, read_footer, read_table

EP = {"episode_id": "ep"}
READ = (
    *(AUDIO, MASTERS, SUBTITLES, TRANSCRIPTS, STEMS, VOICE_ACTIVITY),
    *(DIARIZATION, WORDS, PHONES, LINES, UTTERANCES),
)


def subtitle(start_s: float, end_s: float, spoken: bool = True) -> dict[str, Any]:
    return EP | {
        "subtitle_id": f"{round(start_s * 1000):08d}",
        "start_s": start_s,
        "end_s": end_s,
        "text": "Hello",
        "speaker": None,
        "spoken": spoken,
        "language": "en",
        "source": "ep.en.srt",
    }


def voice(*spans: tuple[float, float]) -> list[dict[str, Any]]:
    return [
        EP | {"start_s": start, "end_s": end, "probability": 0.9, "backend": "vad"}
        for start, end in spans
    ]


class Room:
    """An episode of 20 s of which all tables upstream are empty, but for its sound."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.instance = dg.DagsterInstance.ephemeral()
        self.instance.add_dynamic_partitions("episodes", ["ep"])
        root = home.root.parent
        register(home, Registration("ep", root / "ep.wav", root, ("speech",)))
        path = home.files / "stems" / "k" / "voice16k.wav"
        write_wav(path, [np.zeros((20 * RATE, 1), np.float32)], RATE, 1)
        sound = {"path": home.relative(path), "rate_hz": RATE, "channels": 1, "samples": 20 * RATE}
        for schema in READ:
            self.put(schema, [])
        self.put(
            AUDIO,
            [EP | sound | {"kind": "mono16k", "source_stream": 0, "source_channels": 1}],
        )
        self.put(
            STEMS,
            [
                EP
                | sound
                | {"stem": "voice16k", "metadata_path": "m", "duration_s": 20.0}
                | {"silence_ratio": 1.0, "separator": "s", "backend": "b"}
            ],
        )
        self.put(
            MASTERS,
            [
                EP
                | {"path": "ep.wav", "sha256": "s", "bytes": 1, "streams": [], "language": "en"}
                | {"uses": ["speech"], "sidecars": []}
            ],
        )

    def put(self, schema: TableSchema, rows: Iterable[dict[str, Any]]) -> None:
        put(self.home, schema, "ep", list(rows))

    def run(self, name: str, **resources: Any) -> pl.DataFrame:
        stubs = [
            dg.AssetSpec(schema.name, partitions_def=EPISODES).with_io_manager_key("tables")
            for schema in READ
        ]
        done = dg.materialize(
            [*stubs, getattr(assets, name)],
            selection=[name],
            partition_key="ep",
            resources=io_managers(self.home) | resources,
            instance=self.instance,
        )
        assert done.success
        return read_table(self.home.table(name, "ep"))

    def heard(self, model: Hears) -> list[tuple[float, float, str]]:
        return self.run("recognition", recognizer=model).select("start_s", "end_s", "text").rows()


@pytest.fixture
def room(home: Home) -> Room:
    return Room(home)


def test_without_a_voice_there_is_nothing_to_recognise(room: Room) -> None:
    model = Hears()
    assert room.heard(model) == []
    assert model.calls == []


def test_what_subtitles_do_not_cover_is_recognised(room: Room) -> None:
    room.put(VOICE_ACTIVITY, voice((0, 3), (8, 10), (14, 16)))
    room.put(SUBTITLES, [subtitle(0.2, 2.9), subtitle(14, 16, spoken=False)])
    assert room.heard(Hears()) == [(8.0, 10.0, "w0 w1"), (14.0, 16.0, "w0 w1")]


def test_beside_a_transcript_nothing_is_recognised_unless_there_are_subtitles(room: Room) -> None:
    room.put(VOICE_ACTIVITY, voice((8, 10)))
    line = EP | {"line_id": "t00000", "text": "Hi", "source": "ep.txt"}
    room.put(TRANSCRIPTS, [line | {"speaker": None, "language": None}])
    model = Hears()
    assert room.heard(model) == []
    assert model.calls == []
    room.put(SUBTITLES, [subtitle(0, 2)])
    assert room.heard(model) == [(8.0, 10.0, "w0 w1")]


def test_an_edited_subtitle_costs_only_the_speech_beside_it(room: Room) -> None:
    room.put(VOICE_ACTIVITY, voice((0, 3), (8, 10), (14, 18)))
    model = Hears()
    room.heard(model)
    room.put(SUBTITLES, [subtitle(15.5, 19)])
    assert room.heard(model) == [(0, 3, "w0 w1 w2"), (8, 10, "w0 w1"), (14, 15, "w0")]
    assert model.calls == [3, 1]


def test_without_sound_recognition_says_why_it_is_empty(room: Room) -> None:
    put_nothing(room.home, STEMS, "ep", NotApplicable("no audio stream"))
    assert room.run("recognition", recognizer=Hears()).is_empty()
    footer = read_footer(room.home.table("recognition", "ep"))
    assert footer
    assert (footer.status, footer.reason) == ("not_applicable", "no audio stream")


def test_speech_files_lie_in_the_episodes_folder_and_stay_untouched(room: Room) -> None:
    turn = EP | {"turn_id": "t", "start_s": 1.0, "end_s": 2.0, "speaker": "SPEAKER_00"}
    room.put(DIARIZATION, [turn | {"exclusive": False, "backend": "b"}])
    table = room.run("speech_files")
    paths = {name: room.home.root / path for name, path in table.select("format", "path").rows()}
    assert table.select("format", "path", "entries").rows()[0] == (
        *("rttm", "exports/speech/ep/ep.rttm", 1),
    )
    assert paths["rttm"].read_text().startswith("SPEAKER ep 1 1.000 1.000 ")
    assert "xmax = 20.000000" in paths["textgrid"].read_text()
    before = {path: path.stat().st_mtime_ns for path in paths.values()}
    room.put(DIARIZATION, [turn | {"exclusive": False, "backend": "c", "end_s": 3.0}])
    room.run("speech_files")
    changed = [path.name for path in before if path.stat().st_mtime_ns != before[path]]
    assert changed == ["ep.rttm"]
    assert sorted(p.name for p in Path(paths["rttm"]).parent.iterdir()) == [
        *("ep.TextGrid", "ep.ctm", "ep.rttm", "ep.srt", "ep.vtt"),
        *("utterances.json", "who_spoke.json"),
    ]


def test_the_sound_of_an_utterance_lies_where_its_record_says(room: Room) -> None:
    sound = room.home.files / "utterances" / "k.wav"
    write_wav(sound, [np.zeros((RATE, 1), np.float32)], RATE, 1)
    one = EP | {"line_id": "l", "start_s": 1.0, "end_s": 2.0, "path": room.home.relative(sound)}
    room.put(UTTERANCES, [one | {"utterance_id": "ep-1"}, one | {"utterance_id": "ep-2"}])
    paths = dict(room.run("speech_files").select("format", "path").rows())
    records = room.home.root / paths["utterances"]
    told = [records.parent / record["audio_path"] for record in json.loads(records.read_text())]
    assert [path.read_bytes() for path in told] == [sound.read_bytes()] * 2
    room.put(UTTERANCES, [one | {"utterance_id": "ep-2"}])
    room.run("speech_files")
    assert [path.name for path in told[0].parent.iterdir()] == ["ep-2.wav"]
