"""Removal of patch files that no longer belong to the dataset, and of half-written ones."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from media_assets.superres.formats import clean_name
from media_assets.superres.schema import PATCHES
from resources.home import Home
from resources.journal import read_journal
from resources.tables import UNREADABLE

PATHS = ("gt_path", "lr5_path", "lr7_path", "gt7_path")


def paths_of(row: Mapping[str, Any]) -> list[str]:
    """The files that a row of `patches` names."""
    return [row[name] for name in PATHS if row[name]]


def stands(home: Home, row: Mapping[str, Any]) -> bool:
    """Whether a row's files are there, in the size that they were written."""
    try:
        size: int = row["bytes"]
        return sum((home.root / p).stat().st_size for p in paths_of(row)) == size
    except FileNotFoundError:
        return False


def remove_files(home: Home, episode: str, old: set[str], kept: set[str]) -> int:
    """Removes the files in `old` but those in `kept` and those of other episodes; how many.

    Folders that become empty go too, up to the exports' root.
    """
    # What two episodes name is the other's: they changed names, and it was made first.
    gone = sorted(old - kept)
    if gone:
        others = _named_by_others(home, episode)
        gone = [path for path in gone if path not in others]
    for path in gone:
        (home.root / path).unlink(missing_ok=True)
    for folder in {(home.root / path).parent for path in gone}:
        _remove_empty(folder, home.exports / "superres")
    return len(gone)


def sweep(folders: Iterable[Path], title: str) -> None:
    """Removes what a killed worker left half written of a title's patches in these folders."""
    half = re.compile(rf"\.patch_{re.escape(clean_name(title))}_idx\d+(_[a-z0-9]+)?\.png\..*")
    for folder in folders:
        for path in folder.glob(".patch_*"):
            if half.fullmatch(path.name):
                path.unlink(missing_ok=True)


def _named_by_others(home: Home, episode: str) -> set[str]:
    named: set[str] = set()
    for table in (home.tables / PATCHES.name).glob("*.parquet"):
        if table.stem == episode:
            continue
        try:
            frame = pl.read_parquet(table, columns=list(PATHS))
        except UNREADABLE:
            continue
        named.update(*(frame[name].drop_nulls() for name in PATHS))
    for path in home.journal(PATCHES.name, "*").parent.glob("*.jsonl"):
        journal = read_journal(path) if path.stem != episode else None
        if journal:
            named.update(p for e in journal.entries.values() for p in paths_of(e.row))
    return named


def _remove_empty(folder: Path, root: Path) -> None:
    while folder != root:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent
