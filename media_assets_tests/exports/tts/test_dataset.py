"""The exported set for training voices, read as its trainers read it."""

import csv
import gzip
import json
import wave
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest

from media_assets.exports.assets import tts_dataset
from media_assets.exports.tts.dataset import folder
from media_assets.exports.tts.settings import FORMATS
from media_assets.ingest.schema import MASTERS
from media_assets.library import Registration, register
from media_assets.media.audio import write_wav
from media_assets.speech.schema import STEMS, TTS_QUALITY, UTTERANCES
from media_assets.speech.voices.loudness import integrated_lufs
from media_assets_tests.exports.synthetic import QUIET, put
from resources.home import ALL, Home
from resources.storage import io_managers
from resources.tables import read_table

RATE = 32_000
# start_s, text, kept
LINES = (
    (0.5, "The lamp is 3 feet | tall.", True),
    (3.0, "Who is there?", True),
    (6.0, "Hm", False),
)


def voice(seed: int) -> np.ndarray:
    """Eight seconds of a hum that is its own, in stereo."""
    t = np.arange(8 * RATE) / RATE
    pitch = 100 + 7 * seed
    hum = sum(np.sin(2 * np.pi * pitch * k * t) / k for k in range(1, 20))
    swell = 0.05 * np.sin(2 * np.pi * (0.3 + 0.01 * seed) * t) ** 2
    return np.stack([hum * swell] * 2, 1).astype(np.float32)


def episode(home: Home, name: str, seed: int, uses: tuple[str, ...] = ("video", "speech")) -> None:
    shared = {"episode_id": name}
    root = home.root.parent / "masters"
    root.mkdir(exist_ok=True)
    register(home, Registration(name, root / f"{name}.mp4", root, uses))
    path = home.files / "stems" / f"{name}.wav"
    write_wav(path, [voice(seed)], RATE, 2)
    put(home, MASTERS, name, [shared | {"path": f"{name}.mp4", "sha256": name * 4, "uses": uses,
                                        "rights_holder": "Harbour Films"}])  # fmt: skip
    put(home, STEMS, name, [shared | {"stem": "voice", "path": home.relative(path)}])
    said, judged = [], []
    for index, (start_s, text, kept) in enumerate(LINES):
        row = shared | {"utterance_id": f"{name}-{round(start_s * 1000):08d}"}
        span = {"start_s": start_s, "end_s": start_s + 2.0}
        said.append(row | span | {
            "text": text, "speaker": f"SPEAKER_0{index % 2}", "language": "en",
            "character": "Mina" if index == 1 else None, "emotion": "neutral",
            "source": "subtitles", "status": "aligned"})  # fmt: skip
        judged.append(row | span | {
            "duration_s": 2.0, "loudness_lufs": -30.0 if kept else None,
            "peak_db": -15.0, "fingerprint": np.eye(120)[3 * seed + index].tolist(), "kept": kept,
            "reasons": [] if kept else ["duration_s 0.40 outside 1 to 20"]})  # fmt: skip
    put(home, UTTERANCES, name, said)
    put(home, TTS_QUALITY, name, judged)


def export(home: Home, **config: Any) -> Mapping[str, Any]:
    """Run the asset; its metadata."""
    result = dg.materialize(
        [tts_dataset],
        resources=io_managers(home),
        run_config=QUIET | {"ops": {"tts_dataset": {"config": config}}},
    )
    assert all(check.passed for check in result.get_asset_check_evaluations())
    (made,) = result.asset_materializations_for_node("tts_dataset")
    return {key: value.value for key, value in made.metadata.items()}


def contents(root: Path) -> dict[str, tuple[bytes, int]]:
    return {
        path.relative_to(root).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def series(home: Home) -> Home:
    """Ten episodes."""
    for number in range(10):
        episode(home, f"e{number:02d}", number)
    return home


def test_all_formats_hold_the_same_utterances(series: Home):
    export(series)
    root = folder(series)
    table = read_table(series.table("tts_dataset", ALL))
    kept = table.filter("kept")
    assert (table.height, kept.height) == (30, 20)
    for split in ("train", "validation", "test"):
        ids = set(kept.filter(split=split)["utterance_id"])
        assert ids
        nemo = map(json.loads, (root / f"nemo_{split}.json").read_text().splitlines())
        assert {Path(entry["audio_filepath"]).stem for entry in nemo} == ids
        lists = (root / f"gpt_sovits_{split}.list").read_text().splitlines()
        assert {Path(line.split("|")[0]).stem for line in lists} == ids
        for kind in ("recordings", "supervisions"):
            with gzip.open(root / f"lhotse_{kind}_{split}.jsonl.gz", "rt") as lines:
                assert {json.loads(line)["id"] for line in lines} == ids
        with (root / f"metadata_{split}.csv").open(newline="") as file:
            rows = list(csv.reader(file, delimiter="|", quoting=csv.QUOTE_NONE))
        assert {row[0] for row in rows} == ids
        assert {len(row) for row in rows} == {3}
        shards = [pq.read_table(path) for path in sorted((root / "parquet" / split).iterdir())]
        assert {name for shard in shards for name in shard["id"].to_pylist()} == ids


def test_the_sound_is_mono_16_bit_at_one_rate_and_one_loudness(series: Home):
    export(series, rate_hz=22_050)
    path = folder(series) / "wavs" / "e00-00000500.wav"
    with wave.open(str(path)) as sound:
        form = (sound.getnchannels(), sound.getsampwidth(), sound.getframerate())
        data = np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
    assert form == (1, 2, 22_050)
    assert len(data) == 2 * 22_050
    source = voice(0)[round(0.5 * RATE) : round(2.5 * RATE)].mean(1)
    made = integrated_lufs((data / 32768).astype(np.float32), 22_050)
    was = integrated_lufs(source, RATE)
    # The table says -30 LUFS, so the gain is 7 dB whatever the hum really has.
    assert made == pytest.approx(was + 7.0, abs=0.15)


def test_parquet_holds_the_sound_and_says_so_to_datasets(series: Home):
    export(series)
    path = folder(series) / "parquet" / "train" / "e00.parquet"
    table = pq.read_table(path)
    features = json.loads(table.schema.metadata[b"huggingface"])["info"]["features"]
    assert list(features) == table.column_names
    assert features["audio"] == {"sampling_rate": 24_000, "_type": "Audio"}
    for row in table.to_pylist():
        sound = folder(series) / "wavs" / row["audio"]["path"]
        assert row["audio"]["bytes"] == sound.read_bytes()
        assert row["speaker"] in ("e00_SPEAKER_00", "Mina")
    assert table["normalized_text"][0].as_py() == "The lamp is three feet | tall."


def test_a_rerun_touches_nothing(series: Home):
    export(series)
    before = contents(folder(series))
    assert export(series)["rows_computed"] == 0
    series.table("tts_dataset", ALL).touch()
    export(series, seed=0)
    assert contents(folder(series)) == before


def test_a_new_episode_moves_nobody_and_leaves_other_files_alone(series: Home):
    export(series)
    before, files = read_table(series.table("tts_dataset", ALL)), contents(folder(series))
    episode(series, "e035", 35)
    made = export(series)
    after = read_table(series.table("tts_dataset", ALL))
    columns = ("utterance_id", "split")
    assert set(before.select(columns).iter_rows()) < set(after.select(columns).iter_rows())
    assert made["rows_computed"] == 2
    now = contents(folder(series))
    sounds = [name for name in files if name.startswith(("wavs/", "parquet/"))]
    assert {name: now[name] for name in sounds} == {name: files[name] for name in sounds}


def test_what_is_rejected_now_is_removed_and_the_others_stay(series: Home):
    export(series)
    path = series.table("tts_quality", "e03")
    judged = read_table(path).with_columns(
        kept=pl.lit(False), reasons=pl.lit(["snr_db 3.0 < 15"], pl.List(pl.String))
    )
    put(series, TTS_QUALITY, "e03", judged.to_dicts())
    export(series)
    names = contents(folder(series))
    assert not [name for name in names if "e03" in name]
    assert len([name for name in names if name.startswith("wavs/")]) == 18
    card = json.loads(names["card.json"][0])
    assert card["utterances"] == {"in": 30, "kept": 18, "rejected": 12}
    assert card["rejected_for"] == {"duration_s outside to": 9, "snr_db": 3}


def test_an_episode_that_was_rejected_for_a_while_comes_back_into_its_split(series: Home):
    export(series)
    before = read_table(series.table("tts_dataset", ALL)).filter("kept")
    held_out = before.filter(pl.col("split") != "train")["episode_id"].unique().sort()
    good = {name: read_table(series.table("tts_quality", name)) for name in held_out}
    for name, judged in good.items():
        bad = judged.with_columns(kept=False, reasons=pl.lit(["dull"], pl.List(pl.String)))
        put(series, TTS_QUALITY, name, bad.to_dicts())
    export(series)
    episode(series, "e035", 35)
    episode(series, "e036", 36)
    export(series)
    for name, judged in good.items():
        put(series, TTS_QUALITY, name, judged.to_dicts())
    export(series)
    after = read_table(series.table("tts_dataset", ALL)).filter("kept")
    columns = ("utterance_id", "split")
    assert set(before.select(columns).iter_rows()) < set(after.select(columns).iter_rows())


def test_a_sound_that_is_gone_is_put_back(series: Home):
    export(series)
    path = folder(series) / "wavs" / "e00-00000500.wav"
    content = path.read_bytes()
    path.unlink()
    export(series)
    assert path.read_bytes() == content


def test_a_small_library_of_recordings_is_split_by_near_duplicates(home: Home):
    for number in range(6):
        episode(home, f"book{number}", number, uses=("speech",))
    export(home)
    table = read_table(home.table("tts_dataset", ALL))
    assert set(table["split_by"]) == {"group"}
    assert set(table.filter("kept")["split"]) == {"train", "validation", "test"}


def test_a_few_episodes_all_go_to_train_and_the_card_says_so(home: Home):
    episode(home, "pilot", 1)
    export(home)
    assert set(read_table(home.table("tts_dataset", ALL))["split"]) == {"train", None}
    readme = (folder(home) / "README.md").read_text()
    assert "Empty: validation, test. There are too few episodes for all three." in readme
    assert "path: parquet/train/*.parquet" in readme


def test_a_library_without_speech_exports_an_empty_set_with_a_reason(home: Home):
    reason = export(home)["reason"]
    assert "no episode has an utterance" in reason
    assert "No episode has an utterance." in (folder(home) / "README.md").read_text()
    assert (folder(home) / "metadata.csv").read_bytes() == b""


def test_only_the_wanted_formats_are_there(series: Home):
    export(series)
    export(series, formats=["ljspeech"])
    names = {name.split("/")[0] for name in contents(folder(series))}
    assert names == {"wavs", "README.md", "card.json", "metadata.csv"} | {
        f"metadata_{split}.csv" for split in ("train", "validation", "test")
    }
    assert "ljspeech" in FORMATS
