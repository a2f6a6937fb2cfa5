"""The bars of `media-assets run`: tables, and below them what is done of the table in work."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from resources.home import Home
from resources.journal import SILENT_S, Journal, read_journal

LOOK_S = 2.0


@contextmanager
def bars(
    console: Console, home: Home, episodes: Sequence[str], tables: int
) -> Iterator[Callable[[str, str], None]]:
    """Bars until the block ends; gives the function to tell of each table that is done."""
    columns = (
        TextColumn("{task.description:40.40}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}"),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        overall = progress.add_task("starting", total=tables, pace="")
        below = progress.add_task("", total=1, visible=False, pace="")

        def watch(episode: str, asset: str) -> None:
            progress.update(overall, advance=1, description=f"{episode}  {asset}")

        ended = threading.Event()
        looker = threading.Thread(target=_look, args=(progress, below, home, episodes, ended))
        looker.start()
        try:
            yield watch
        finally:
            ended.set()
            looker.join()


def pace(journal: Journal) -> str:
    """How fast the run is and how long it has to go, by what it has made since its first row."""
    made = [e for e in journal.entries.values() if e.computed and e.at >= journal.began]
    took = (journal.seen - made[0].at).total_seconds() if made else 0.0
    done = sum(entry.settles for entry in made[1:])
    if not done or took <= 0:
        return ""
    left = timedelta(seconds=round((journal.header.total - journal.done) * took / done))
    return f"{done / took * 60:.1f}/min, {left} left"


def in_work(home: Home, episodes: Sequence[str]) -> Journal | None:
    """The journal that was last written to and goes on."""
    found = [path for path in (home.root / "journal").glob("*/*.jsonl") if path.stem in episodes]
    fresh = [path for path in found if time.time() - _changed(path) < SILENT_S]
    if not fresh:
        return None
    journal = read_journal(max(fresh, key=_changed))
    return None if journal is None or journal.finished else journal


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _look(
    progress: Progress, task: TaskID, home: Home, episodes: Sequence[str], ended: threading.Event
) -> None:
    while not ended.wait(LOOK_S):
        journal = in_work(home, episodes)
        if journal is None:
            progress.update(task, visible=False)
            continue
        progress.update(
            task,
            visible=True,
            description=f"└ {journal.header.asset}",
            completed=journal.done,
            total=journal.header.total,
            pace=pace(journal),
        )
