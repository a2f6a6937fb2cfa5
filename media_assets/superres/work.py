"""The patches of a master from its plan: rounds of places, taken over or made by workers.

Round 0 is the plan; each further round holds other places for what was rejected, and follows from
the plan and from what became of the places before it. So the order in which workers finish, their
number, and any stop in between change nothing of what comes out.
"""

import os
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from typing import Any

import polars as pl
import psutil

from media_assets.media.index import FrameIndex
from media_assets.media.index_file import read_frame_index
from media_assets.superres.again import places_again
from media_assets.superres.extract import DAMAGED
from media_assets.superres.jobs import Extraction, Master, Window, extraction, jobs_of
from media_assets.superres.patch import Outcome, Patch, place_of
from media_assets.superres.pool import WorkerFailed, Workers
from media_assets.superres.schema import PATCHES
from media_assets.superres.settings import PatchSettings
from media_assets.superres.space import DiskSpace, bytes_per_pixel, free_bytes, needed_bytes
from media_assets.superres.stale_files import (
    patch_files,
    paths_of,
    remove_files,
    stands,
    sweep,
)
from resources.home import Home
from resources.journal import Header, JournalWriter, read_journal
from resources.samples import Rows
from resources.tables import ROW_KEY, digest

HEARTBEAT_S = 5.0
# Settings on which nothing depends that a row says, or only through its place.
NOT_IN_ROWS = ("max_workers", "max_retry_attempts", "retry_skip_seconds", "roots")


def make_patches(
    master: Master,
    plan: Sequence[Patch],
    settings: PatchSettings,
    home: Home,
    code_version: str,
    previous: pl.DataFrame | None = None,
    extraction: Extraction = extraction,
) -> Rows:
    """The table of every place that was tried; the files lie in `exports/superres`.

    previous: the table as it was. Its rows, or those of the journal if there is one, are taken
    over where they would come out the same and their files stand.
    Raises WorkerFailed, DiskFull and MasterChanged; what was finished by then is kept and not made
    again.
    """
    index = read_frame_index(master.index)
    folders = [home.exports / "superres" / root for root in settings.roots.values()]
    count = min(settings.max_workers, len(os.sched_getaffinity(0)))
    rounds = _Rounds(master, plan, settings, home, code_version, previous)
    try:
        with Workers[list[Window], list[Outcome]](
            count, partial(extraction, master, settings, home)
        ) as workers:
            patches, seen = list(plan), _stamp(master)
            while patches:
                rounds.make(patches, workers, index)
                if _stamp(master) != seen:
                    raise MasterChanged(
                        "the master changed or went away while patches were cut from it: run again"
                    )
                patches = places_again(plan, rounds.tried, index, master.source, settings)
        return rounds.finish(patch_files(home, folders, master.title))
    except BaseException as problem:
        rounds.stop(problem)
        raise
    finally:
        sweep(folders, master.title)


class _Rounds:
    """The rows so far, in memory and in the journal."""

    def __init__(
        self,
        master: Master,
        plan: Sequence[Patch],
        settings: PatchSettings,
        home: Home,
        code_version: str,
        previous: pl.DataFrame | None,
    ):
        self._episode, self._home, self._settings = master.episode, home, settings
        facts = {k: v for k, v in asdict(settings).items() if k not in NOT_IN_ROWS}
        self._facts = digest([code_version, master.sha256, asdict(master.source), facts])
        path = home.journal(PATCHES.name, master.episode)
        table = list(previous.iter_rows(named=True)) if previous is not None else []
        journal = read_journal(path)
        known = [*table, *(journal.known if journal else [])]
        self._named = {name for row in known for name in paths_of(row)}
        cache = journal.cache.values() if journal else table
        # What could not be read may have been so because its drive was going away.
        sound = (row for row in cache if row["reason"] != DAMAGED)
        self._cache = {row[ROW_KEY]: row for row in sound if stands(home, row)}
        self._journal = JournalWriter(path, self._header(plan), self._cache.values())
        self._rows: dict[Patch, dict[str, Any]] = {}
        self._outcomes: list[Outcome] = []
        self._computed = 0

    @property
    def tried(self) -> list[Outcome]:
        """Outcomes so far, in an order that does not depend on who finished first."""
        return sorted(self._outcomes, key=lambda outcome: place_of(outcome.patch))

    def make(
        self,
        patches: Sequence[Patch],
        workers: Workers[list[Window], list[Outcome]],
        index: FrameIndex,
    ) -> None:
        """A round: every patch of it is taken over or made."""
        keys = {patch: self._row_key(patch) for patch in patches}
        taken = [patch for patch in patches if keys[patch] in self._cache]
        todo = [patch for patch in patches if keys[patch] not in self._cache]
        self._add(keys, [_outcome(p, self._cache[keys[p]]) for p in taken], computed=False)
        self._make_way(todo)
        _check_space(todo, self._settings, self._home)
        pulse = _Pulse(self._journal)
        for outcomes in workers.run(jobs_of(todo, index)):
            if outcomes:
                self._add(keys, outcomes, computed=True)
            pulse.beat(workers.pids)

    def finish(self, there: set[str]) -> Rows:
        """The table; what is no part of it, of the files `there` too, goes from the disk."""
        frame = PATCHES.frame(self._rows[outcome.patch] for outcome in self.tried)
        kept = {name for row in self._rows.values() for name in paths_of(row)}
        remove_files(self._home, self._episode, self._named | there, kept)
        self._journal.append({"finished": True})
        self._journal.close()
        return Rows(frame, self._computed, frame.height - self._computed)

    def stop(self, problem: BaseException) -> None:
        """Say in the journal why the run ended; words that are not ours may name the machine."""
        told = type(problem).__name__ if isinstance(problem, Exception) else "interrupted"
        if isinstance(problem, (WorkerFailed, DiskFull, MasterChanged)):
            told = str(problem)
        elif isinstance(problem, OSError) and problem.strerror:
            told = problem.strerror
        with suppress(OSError):
            self._journal.append({"error": told})
        self._journal.close()

    def _add(
        self, keys: Mapping[Patch, str], outcomes: Sequence[Outcome], *, computed: bool
    ) -> None:
        rows = {o.patch: o.row() | {ROW_KEY: keys[o.patch]} for o in outcomes}
        self._rows |= rows
        self._outcomes += outcomes
        self._computed += len(rows) if computed else 0
        known = self._journal.begun_with.entries
        self._journal.append(
            *(
                {"row": row, "computed": computed, "settles": self._settles(row)}
                for row in rows.values()
                if computed or row[ROW_KEY] not in known
            )
        )

    def _settles(self, row: Mapping[str, Any]) -> bool:
        return bool(
            row["status"] == "written" or row["attempt"] >= self._settings.max_retry_attempts
        )

    def _make_way(self, todo: Sequence[Patch]) -> None:
        """Of what is about to be written the old rows stand no more, whatever happens then."""
        places = {(patch.window, patch.category) for patch in todo}
        void = [
            key
            for key, row in self._cache.items()
            if row["status"] == "written" and (row["window"], row["category"]) in places
        ]
        if void:
            self._journal.append({"void": void})
            old = {name for key in void for name in paths_of(self._cache.pop(key))}
            remove_files(self._home, self._episode, old, set())

    def _row_key(self, patch: Patch) -> str:
        place = {k: v for k, v in asdict(patch).items() if k != "draw"}
        return digest([self._facts, self._settings.root(patch.category), place])

    def _header(self, plan: Sequence[Patch]) -> Header:
        planned = Counter((patch.category, patch.format) for patch in plan)
        again = self._settings.max_retry_attempts, self._settings.retry_skip_seconds
        return Header(
            PATCHES.name,
            self._episode,
            digest([again, [self._row_key(patch) for patch in plan]]),
            len(plan),
            [{"category": c, "format": f, "total": n} for (c, f), n in sorted(planned.items())],
        )


class MasterChanged(RuntimeError):
    """What was read of the master may be another film's, or cut short."""


def _stamp(master: Master) -> tuple[int, int] | None:
    """Size and time of change of the file; None where it is gone."""
    try:
        status = master.path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


class DiskFull(RuntimeError):
    """There is no room for the patches; nothing is lost, and a later run goes on."""


def _check_space(todo: Sequence[Patch], settings: PatchSettings, home: Home) -> None:
    space = DiskSpace(
        needed_bytes(todo, settings, bytes_per_pixel(home)) if todo else 0,
        free_bytes(home.exports / "superres"),
    )
    if not space.fits:
        raise DiskFull(
            f"{len(todo)} patches would not fit on the disk: {space}. Free some and run again; "
            f"what is written stays."
        )


class _Pulse:
    """Tells the journal now and then what the workers take."""

    def __init__(self, journal: JournalWriter):
        self._journal, self._told = journal, 0.0
        self._processes: dict[int, psutil.Process] = {}

    def beat(self, pids: Sequence[int]) -> None:
        if time.monotonic() - self._told < HEARTBEAT_S:
            return
        self._told = time.monotonic()
        cpu, memory = 0.0, 0
        for pid in pids:
            with suppress(psutil.NoSuchProcess):
                process = self._processes.setdefault(pid, psutil.Process(pid))
                # The first time it has nothing to compare with and says 0.
                cpu += process.cpu_percent()
                memory += process.memory_info().rss
        taken = {"workers": len(pids), "cpu_percent": round(cpu, 1), "memory_bytes": memory}
        self._journal.append({"heartbeat": taken}, sync=False)


def _outcome(patch: Patch, row: Mapping[str, Any]) -> Outcome:
    told = {k: row[k] for k in Outcome.__dataclass_fields__ if k != "patch"}
    return Outcome(patch, **told)
