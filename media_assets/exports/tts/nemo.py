"""NVIDIA NeMo: a JSONL manifest per split, as its TTS datasets read it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from media_assets.exports.files import json_lines, write_text
from media_assets.exports.tts.item import Item, by_split


def write_nemo(root: Path, items: Sequence[Item], numbers: Mapping[str, int]) -> list[str]:
    """The names of the files; sound is named relative to `root`.

    numbers: of the speakers, which NeMo knows by number.
    """
    names = []
    for split, members in by_split(items).items():
        names.append(f"nemo_{split}.json")
        write_text(root / names[-1], json_lines(_entry(item, numbers) for item in members))
    return names


def _entry(item: Item, numbers: Mapping[str, int]) -> dict[str, Any]:
    return {
        "audio_filepath": item.path,
        "duration": item.duration_s,
        "text": item.text,
        "normalized_text": item.normalised_text,
        "speaker": numbers[item.speaker],
        "speaker_name": item.speaker,
        "language": item.language,
    }
