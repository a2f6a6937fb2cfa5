"""Lhotse: recordings and supervisions as JSONL, gzipped, per split."""

import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from media_assets.exports.files import json_lines, write_changed
from media_assets.exports.tts.item import Item, by_split


def write_lhotse(root: Path, items: Sequence[Item]) -> list[str]:
    """The names of the files; recordings name their sound relative to `root`."""
    names = []
    for split, members in by_split(items).items():
        for kind, make in (("recordings", recording), ("supervisions", supervision)):
            names.append(f"lhotse_{kind}_{split}.jsonl.gz")
            lines = json_lines(make(item) for item in members)
            _write_gzip(root / names[-1], lines)
    return names


def recording(item: Item) -> dict[str, Any]:
    return {
        "id": item.utterance_id,
        "sources": [{"type": "file", "channels": [0], "source": item.path}],
        "sampling_rate": item.rate_hz,
        "num_samples": item.samples,
        "duration": item.duration_s,
        "channel_ids": [0],
    }


def supervision(item: Item) -> dict[str, Any]:
    return {
        "id": item.utterance_id,
        "recording_id": item.utterance_id,
        "start": 0.0,
        "duration": item.duration_s,
        "channel": 0,
        "text": item.text,
        "language": item.language,
        "speaker": item.speaker,
        "custom": {
            "normalized_text": item.normalised_text,
            "emotion": item.emotion,
            "episode": item.episode_id,
        },
    }


def _write_gzip(path: Path, lines: Iterator[str]) -> None:
    """Without name and time in the header, so that equal content gives equal bytes."""

    def write(file: IO[bytes]) -> None:
        with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
            packed.writelines(line.encode() for line in lines)

    write_changed(path, write)
