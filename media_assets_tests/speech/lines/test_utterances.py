import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from media_assets.media.audio import read_wav, write_wav
from media_assets.speech.lines.records import utterances_json, who_spoke, who_spoke_json
from media_assets.speech.lines.utterances import cut_utterances, utterance_facts
from media_assets.speech.schema import EMOTION, LINES, STEMS, UTTERANCES

RATE = 8000
VOICE = np.random.default_rng(0).normal(0, 0.1, (4 * RATE, 2)).astype(np.float32)


def line(start: float, end: float, text: str = "Look!", **known: str | None) -> dict[str, object]:
    return {
        "episode_id": "e",
        "line_id": f"{round(start * 1000):08d}-{text}",
        "segment_id": "s",
        "start_s": start,
        "end_s": end,
        "text": text,
        "overlap": False,
        "source": "subtitles",
        "status": "aligned",
    } | known


def feeling(row: dict[str, object], name: str | None) -> dict[str, object]:
    keys = ("episode_id", "line_id", "start_s", "end_s")
    known = {"emotion": name, "confidence": 0.9, "backend": "hand", "row_key": ""}
    return {key: row[key] for key in keys} | known


@pytest.fixture
def stems(tmp_path: Path) -> pl.DataFrame:
    write_wav(tmp_path / "files" / "voice.wav", [VOICE], RATE, 2)
    return STEMS.frame(
        {
            "episode_id": "e",
            "stem": stem,
            "path": f"files/{stem}.wav",
            "metadata_path": "files/metadata.json",
            "rate_hz": rate,
            "channels": channels,
            "samples": 4 * rate,
            "duration_s": 4.0,
            "silence_ratio": 0.0,
            "separator": "hand",
            "backend": "hand",
        }
        for stem, rate, channels in (("background", RATE, 2), ("voice", RATE, 2))
    )


def made(root: Path, stems: pl.DataFrame, *rows: dict, feelings: tuple = ()) -> pl.DataFrame:  # type: ignore[type-arg]
    facts = utterance_facts(LINES.frame(rows), EMOTION.frame(feelings), stems)
    return cut_utterances(facts, root, root / "files" / "utterances")


def test_the_sound_is_the_samples_of_the_voice_stem(tmp_path: Path, stems: pl.DataFrame):
    (row,) = made(tmp_path, stems, line(1.0001, 2.5)).to_dicts()
    samples, rate = read_wav(tmp_path / row["path"])
    assert (rate, row["rate_hz"], row["channels"], row["samples"]) == (RATE, RATE, 2, 11999)
    assert np.array_equal(samples, VOICE[8001:20000])


def test_lines_that_meet_share_no_sample_and_lose_none(tmp_path: Path, stems: pl.DataFrame):
    rows = made(tmp_path, stems, line(0.0, 1.23456), line(1.23456, 4.0))
    joined = np.concatenate([read_wav(tmp_path / path)[0] for path in rows["path"]])
    assert np.array_equal(joined, VOICE)


def test_after_the_end_of_the_sound_there_is_silence(tmp_path: Path, stems: pl.DataFrame):
    rows = made(tmp_path, stems, line(3.9, 4.1), line(5.0, 5.5)).to_dicts()
    partly, silent = (read_wav(tmp_path / row["path"])[0] for row in rows)
    assert np.array_equal(partly[:800], VOICE[31200:])
    assert not partly[800:].any()
    assert silent.shape == (4000, 2)
    assert not silent.any()


def test_a_new_label_cuts_no_new_file(tmp_path: Path, stems: pl.DataFrame):
    spoken = line(1.0, 2.0)
    (before,) = made(tmp_path, stems, spoken).to_dicts()
    written = (tmp_path / before["path"]).stat().st_mtime_ns
    known = spoken | {"speaker": "SPEAKER_00", "text": "Look there!"}
    (after,) = made(tmp_path, stems, known, feelings=(feeling(known, "surprise"),)).to_dicts()
    assert (after["path"], after["emotion"]) == (before["path"], "surprise")
    assert (tmp_path / after["path"]).stat().st_mtime_ns == written
    assert len(list((tmp_path / "files" / "utterances").iterdir())) == 1


def test_ids_come_from_the_start_and_stay_apart(tmp_path: Path, stems: pl.DataFrame):
    rows = [line(1.0, 2.0, text) for text in ("One.", "Two.", "Three.")]
    table = made(tmp_path, stems, line(0.5, 0.9), *rows)
    assert table["utterance_id"].to_list() == [
        "e-00000500",
        "e-00001000",
        "e-00001000b",
        "e-00001000c",
    ]


def test_the_record_has_the_keys_of_the_reference_in_its_order(tmp_path: Path, stems: pl.DataFrame):
    rows = (
        line(0.5, 1.0, "Eh?!", speaker="SPEAKER_01", character="Sakura"),
        line(1.0, 2.0, "Davvero?", speaker="SPEAKER_01"),
        line(2.0, 3.0, "Sì…"),
    )
    table = made(tmp_path, stems, *rows, feelings=(feeling(rows[0], "surprise"),))
    text = utterances_json(table)
    first, second, third = json.loads(text)
    assert list(first) == ["id", "start", "end", "speaker", "emotion", "text", "audio_path"]
    assert first == {
        "id": "e-00000500",
        "start": 0.5,
        "end": 1.0,
        "speaker": "Sakura",
        "emotion": "surprise",
        "text": "Eh?!",
        "audio_path": "voices/e-00000500.wav",
    }
    assert (second["speaker"], second["emotion"]) == ("SPEAKER_01", None)
    assert third["speaker"] is None
    assert "Sì…".encode() in text
    assert json.loads(utterances_json(UTTERANCES.empty())) == []
    assert who_spoke(table).rows(named=True) == [
        {"speaker_id": "SPEAKER_01", "character_name": "Sakura", "t_start": 0.5, "t_end": 1.0},
        {"speaker_id": "SPEAKER_01", "character_name": None, "t_start": 1.0, "t_end": 2.0},
    ]
    assert json.loads(who_spoke_json(table)) == who_spoke(table).to_dicts()
