"""LJ Speech: `metadata.csv` with `id|text|normalised text`, no header, no quotes; `wavs/`."""

from collections.abc import Sequence
from pathlib import Path

from media_assets.exports.files import write_text
from media_assets.exports.tts.item import Item, by_split, field


def write_ljspeech(root: Path, items: Sequence[Item]) -> list[str]:
    """`metadata.csv` of all and `metadata_{split}.csv` of each split; the names of the files."""
    files = {"metadata.csv": items} | {
        f"metadata_{split}.csv": members for split, members in by_split(items).items()
    }
    for name, members in files.items():
        write_text(root / name, map(_line, members))
    return list(files)


def _line(item: Item) -> str:
    return f"{item.utterance_id}|{field(item.text)}|{field(item.normalised_text)}\n"
