"""Removal of patch files that no longer belong to the dataset, and of half-written ones."""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import polars as pl
from filelock import Timeout

from media_assets.superres.formats import FORMATS, clean_name
from media_assets.superres.schema import PATCHES
from resources.home import Home
from resources.journal import read_journal
from resources.tables import UNREADABLE, read_footer

PATHS = ("gt_path", "lr5_path", "lr7_path", "gt7_path")
# The folders of a format that are written, by whatever settings; others are the user's own.
FOLDERS = ("GT", "LR_5frames", "LR", "LR_7frames", "GT_7frames")


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


def remove_departed(home: Home) -> int:
    """Removes the files of episodes that give no patches any more; how many.

    That are those no longer registered, and those to which patches do not apply: their use was
    taken away, or another film is too small. A master that is gone or damaged may come back: its
    files stay. What a run has in work stays too.
    """
    removed = 0
    for path in sorted(home.journal(PATCHES.name, "*").parent.glob("*.jsonl")):
        episode, table = path.stem, home.table(PATCHES.name, path.stem)
        with suppress(Timeout), home.writer(PATCHES.name, episode).acquire(timeout=0):
            is_registered = (home.episodes / f"{episode}.json").exists()
            footer = read_footer(table)
            if is_registered and not (footer and footer.status == "not_applicable"):
                continue
            journal = read_journal(path)
            named = {name for row in (journal.known if journal else []) for name in paths_of(row)}
            removed += remove_files(home, episode, named, set())
            path.unlink()
            if not is_registered:
                table.unlink(missing_ok=True)
    return removed


def sweep(folders: Iterable[Path], title: str) -> None:
    """Removes what a killed worker left half written of a title's patches in these folders."""
    half = re.compile(rf"\.{_names(title)}\..*")
    for folder in folders:
        for path in folder.glob(".patch_*"):
            if half.fullmatch(path.name):
                path.unlink(missing_ok=True)


def patch_files(home: Home, folders: Iterable[Path], title: str) -> set[str]:
    """The files of a title's patches in these folders of categories, relative to the home.

    Also those that no row names: a window whose files stand when its worker is killed has none yet,
    and with other settings nothing is written in their place.
    """
    whole = re.compile(_names(title))
    return {
        home.relative(path)
        for category in folders
        for each in FORMATS.values()
        for folder in FOLDERS
        for path in (category / each.directory / folder).glob("patch_*")
        if whole.fullmatch(path.name)
    }


def _names(title: str) -> str:
    """A pattern of the names that a title's patches have, and no other title's."""
    suffixes = "|".join(each.suffix for each in FORMATS.values())
    return rf"patch_{clean_name(title)}_idx\d+({suffixes})\.png"


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
