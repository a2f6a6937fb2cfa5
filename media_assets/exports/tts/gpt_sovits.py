"""GPT-SoVITS: a `.list` per split, one `path|speaker|language|text` a line."""

from collections.abc import Sequence
from pathlib import Path

from media_assets.exports.files import write_text
from media_assets.exports.tts.item import Item, by_split, field

# The languages whose text its front end reads; it skips others.
LANGUAGES = ("zh", "ja", "en", "ko", "yue")


def write_gpt_sovits(root: Path, items: Sequence[Item]) -> list[str]:
    """The names of the files; paths in them are relative to `root`, or give `wavs` as its folder.

    Utterances in languages that it does not know are left out (`readable`).
    """
    names = []
    for split, members in by_split(filter(readable, items)).items():
        names.append(f"gpt_sovits_{split}.list")
        write_text(root / names[-1], map(_line, members))
    return names


def readable(item: Item) -> bool:
    return _language(item) in LANGUAGES


def _language(item: Item) -> str:
    return (item.language or "").split("-")[0].lower()


def _line(item: Item) -> str:
    return f"{item.path}|{field(item.speaker)}|{_language(item)}|{field(item.text)}\n"
