"""The set for training voices on disk, in the formats of its trainers.

    wavs/                                the sound, once: mono, 16 bit; paths are relative to here
    metadata.csv, metadata_{split}.csv   LJ Speech
    gpt_sovits_{split}.list              GPT-SoVITS
    lhotse_{kind}_{split}.jsonl.gz       Lhotse
    nemo_{split}.json                    NeMo
    parquet/{split}/{episode}.parquet    Hugging Face, with the sound inside
    card.json, README.md                 what it is, from whom, how it was filtered

Nothing is dropped silently: the table holds every utterance, with a split or with reasons.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from media_assets.exports.files import remove_others
from media_assets.exports.tts.card import episode_splits, speaker_numbers, write_card
from media_assets.exports.tts.gpt_sovits import write_gpt_sovits
from media_assets.exports.tts.item import WAVS, Item
from media_assets.exports.tts.lhotse import write_lhotse
from media_assets.exports.tts.ljspeech import write_ljspeech
from media_assets.exports.tts.nemo import write_nemo
from media_assets.exports.tts.parquet import write_parquet
from media_assets.exports.tts.plan import Plan, join_tables, plan_splits
from media_assets.exports.tts.settings import FORMATS, TtsExport
from media_assets.exports.tts.sound import samples_in, sound_key, write_sound
from media_assets.media.spoken import spoken_text
from media_assets.speech.schema import TTS_DATASET
from resources.home import ALL, Home
from resources.tables import read_made

FOLDER = "tts"


@dataclass(frozen=True)
class Written:
    """The table of the set, and how many of its sounds were new or changed."""

    table: pl.DataFrame
    placed: int


def folder(home: Home) -> Path:
    return home.exports / FOLDER


def write_tts_dataset(
    home: Home,
    utterances: pl.LazyFrame,
    tts_quality: pl.LazyFrame,
    stems: pl.LazyFrame,
    masters: pl.LazyFrame,
    config: TtsExport,
) -> Written:
    """Write the set of all good utterances, touching only what differs.

    The previous table says in which split an utterance or episode is, so that none ever moves.
    Raises FileNotFoundError for a stem that a table points to and that is gone.
    """
    known = join_tables(utterances, tts_quality, stems)
    previous = _previous(home)
    sources = masters.sort("episode_id").collect()
    plan = plan_splits(known, previous, sources, config, episode_splits(folder(home)))
    rows, placed = [], 0
    old = dict(previous.select("utterance_id", "sound_key").iter_rows())
    for row in known.iter_rows(named=True):
        made = _row(row, plan, config.rate_hz)
        rows.append(made)
        if made["kept"]:
            path = folder(home) / made["path"]
            if old.get(row["utterance_id"]) != made["sound_key"] or not path.exists():
                write_sound(home.root / row["voice"], row, config.rate_hz, path)
                placed += 1
    table = TTS_DATASET.frame(rows)
    _write_formats(home, table, sources, config)
    return Written(table, placed)


def missing_files(home: Home) -> list[str]:
    """Sounds that the table names and that are gone, so that they are put back."""
    names = _previous(home)["path"].drop_nulls().to_list()
    return [name for name in names if not (folder(home) / name).exists()]


def _previous(home: Home) -> pl.DataFrame:
    made = read_made(home.table(TTS_DATASET.name, ALL))
    if made is None or not set(TTS_DATASET.columns) <= set(made[1].columns):
        return TTS_DATASET.empty()
    return made[1]


def _row(row: Mapping[str, Any], plan: Plan, rate_hz: int) -> dict[str, Any]:
    name = row["utterance_id"]
    split = plan.split.get(name)
    label = f"{row['episode_id']}_{row['speaker']}" if row["speaker"] else None
    text, normalised = spoken_text(row["text"], row["language"])
    return {
        **{k: row[k] for k in ("episode_id", "utterance_id", "text", "language", "emotion")},
        "speaker": row["character"] or label,
        "normalised_text": text,
        "normalised": normalised,
        "duration_s": row["duration_s"],
        "group": plan.group.get(name, name),
        "split": split,
        "split_by": plan.split_by[row["episode_id"]],
        "path": f"{WAVS}/{name}.wav" if split else None,
        "sound_key": sound_key(dict(row), rate_hz) if split else None,
        "kept": split is not None,
        "reasons": [*row["reasons"], *([plan.rejected[name]] if name in plan.rejected else [])],
    }


def _write_formats(
    home: Home, table: pl.DataFrame, sources: pl.DataFrame, config: TtsExport
) -> None:
    root = folder(home)
    items = _items(root, table, config.rate_hz)
    numbers = speaker_numbers(root, [item.speaker for item in items])
    writers = {
        "ljspeech": lambda: write_ljspeech(root, items),
        "parquet": lambda: write_parquet(root, items, config.rate_hz),
        "gpt_sovits": lambda: write_gpt_sovits(root, items),
        "lhotse": lambda: write_lhotse(root, items),
        "nemo": lambda: write_nemo(root, items, numbers),
    }
    names = [name for kind in FORMATS if kind in config.formats for name in writers[kind]()]
    names += write_card(home, root, table, items, sources, numbers, config)
    if "parquet" not in config.formats:
        write_parquet(root, [], config.rate_hz)
    remove_others(root, set(names))
    remove_others(root / WAVS, {Path(item.path).name for item in items})


def _items(root: Path, table: pl.DataFrame, rate_hz: int) -> Sequence[Item]:
    return [
        Item(
            **{
                name: row[name]
                for name in Item.__dataclass_fields__
                if name not in ("rate_hz", "samples")
            },
            rate_hz=rate_hz,
            samples=samples_in(root / row["path"]),
        )
        for row in table.filter("kept").iter_rows(named=True)
    ]
