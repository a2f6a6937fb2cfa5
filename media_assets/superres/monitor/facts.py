"""Where the work on patches stands, collected from tables and journals alone.

Works during a run, after a crash, and on another machine that sees the storage; writes nothing.
"""

import json
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

import psutil

from media_assets.superres.formats import FORMATS
from media_assets.superres.monitor.journals import (
    NOT_OURS,
    RECENT_S,
    JournalFollower,
    Said,
    Settled,
)
from media_assets.superres.monitor.tables import EpisodeTables
from media_assets.superres.monitor.tally import Kind, Tally
from media_assets.superres.schema import PATCHES
from resources.home import Home

State = Literal["waiting", "planned", "running", "stopped", "done", "failed"]
USE = "superres"


@dataclass(frozen=True)
class Checkpoint:
    """What the journal of an episode holds, and when it was last written."""

    lines: int
    bytes: int
    last: datetime | None
    began: datetime | None


@dataclass(frozen=True)
class EpisodeFacts:
    """How far an episode is, in windows and in patches.

    settled: patches that stand (`written`), or for which no place is left.
    """

    id: str
    state: State
    windows_done: int = 0
    windows: int = 0
    patches: int = 0
    settled: int = 0
    written: int = 0
    checkpoint: Checkpoint | None = None


@dataclass(frozen=True)
class Workers:
    """What the workers of all runs take, by their last heartbeats; 100 % is one core."""

    count: int
    cpu_percent: float
    memory_bytes: int


@dataclass(frozen=True)
class Machine:
    """This machine, which need not be the one that works."""

    cpu_percent: float
    memory_used: int
    memory_total: int


@dataclass(frozen=True)
class Disk:
    """used: by the patches that stand; expected: by those still to come, None where none tell."""

    used: int
    free: int
    expected: int | None


@dataclass(frozen=True)
class Facts:
    """One picture. per_minute: patches that came to stand. errors: whose and what, worst first."""

    at: datetime
    episodes: Sequence[EpisodeFacts] = ()
    targets: Mapping[Kind, int] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    per_minute: float | None = None
    eta_s: float | None = None
    machine: Machine | None = None
    workers: Workers | None = None
    disk: Disk | None = None
    errors: Sequence[tuple[str, str]] = ()


class Collector:
    """Collects facts again and again; what has not changed since is not read again."""

    def __init__(self, home: Home):
        self.home = home
        self._uses: dict[str, tuple[tuple[int, int], bool | None]] = {}
        self._tables: dict[str, EpisodeTables] = {}
        self._journals: dict[str, JournalFollower] = {}
        self._gone: list[tuple[datetime, Sequence[Settled]]] = []
        psutil.cpu_percent()  # It measures from call to call.

    def collect(self, now: datetime | None = None) -> Facts:
        now = now or datetime.now(UTC)
        episodes, errors, lacks = [], [], []
        targets: Counter[Kind] = Counter()
        tally = Tally()
        alive: list[Said] = []
        for episode, is_ours in self._registered().items():
            if is_ours is None:
                errors.append((episode, "its registration cannot be read"))
                episodes.append(EpisodeFacts(episode, "failed"))
                continue
            facts, made, said = self._episode(episode, now)
            episodes.append(facts)
            tables = self._tables[episode]
            targets.update(tables.plan.content.targets if tables.plan.content else {})
            if made:
                tally.add(made)
            if said and facts.state == "running":
                alive.append(said)
            errors += [(episode, why) for why in _errors(facts, tables, said)]
            if made and (missing := made.missing.total()):
                lacks.append((episode, f"patches for which no place is left: {missing:,}"))
        per_minute, settled_per_minute = self._speed(alive, now)
        open_patches = sum(e.patches - e.settled for e in episodes if e.state != "failed")
        eta_s = open_patches / settled_per_minute * 60 if settled_per_minute else None
        return Facts(
            at=now,
            episodes=episodes,
            targets=targets,
            tally=tally,
            per_minute=per_minute,
            eta_s=eta_s if open_patches else None,
            machine=_machine(),
            workers=_workers(alive),
            disk=self._disk(targets, tally),
            errors=errors + lacks,
        )

    def _registered(self) -> dict[str, bool | None]:
        """Episodes for patches: True, or None for those of which nothing can be read."""
        known: dict[str, bool | None] = {}
        try:
            paths = sorted(self.home.episodes.glob("*.json"))
        except OSError:
            paths = []
        for path in paths:
            try:
                status = path.stat()
                stamp = (status.st_mtime_ns, status.st_size)
                if self._uses.get(path.stem, (None, None))[0] != stamp:
                    self._uses[path.stem] = (stamp, _is_for_patches(path.read_bytes()))
                known[path.stem] = self._uses[path.stem][1]
            except OSError:
                known[path.stem] = None
        return {episode: ours for episode, ours in known.items() if ours is not False}

    def _episode(
        self, episode: str, now: datetime
    ) -> tuple[EpisodeFacts, Tally | None, Said | None]:
        """Its facts, the tally that holds for it, and its journal."""
        if episode not in self._tables:
            self._tables[episode] = EpisodeTables.below(self.home.tables, episode)
            path = self.home.journal(PATCHES.name, episode)
            self._journals[episode] = JournalFollower(path)
        tables, journal = self._tables[episode], self._journals[episode]
        tables.look()
        before = journal.said
        said = journal.look(tables.patches.written if tables.is_done else None)
        if before and before.began and before is not said:
            # Its table stands now, which does not tell when its patches came.
            self._gone.append((before.began, tuple(before.recent)))
        alive = said is not None and journal.is_alive(now)
        state = _state(tables, said, alive)
        made = tables.patches.content if state == "done" else said.tally if said else None
        plan = tables.plan.content
        windows_done = 0
        if state == "done" and plan:
            windows_done = plan.windows.height
        elif said and plan:
            windows_done = sum(said.settled[w] >= count for w, count in plan.windows.iter_rows())
        facts = EpisodeFacts(
            episode,
            state,
            windows_done,
            plan.windows.height if plan else 0,
            plan.targets.total() if plan else said.planned if said else 0,
            made.settled if made else 0,
            made.written.total() if made else 0,
            Checkpoint(said.lines, said.bytes, said.last, said.began) if said else None,
        )
        return facts, made, said

    def _speed(self, alive: Sequence[Said], now: datetime) -> tuple[float | None, float | None]:
        """Patches per minute that came to stand, and that were settled at all."""
        # The journals' own clock, because it may be another machine's.
        last = max((said.last for said in alive if said.last), default=now)
        self._gone = [
            (began, settled) for began, settled in self._gone if settled and _recent(settled, last)
        ]
        works = [*((s.began, s.recent) for s in alive if s.began), *self._gone]
        minutes = (
            min((last - min(b for b, _ in works)).total_seconds(), RECENT_S) / 60 if works else 0
        )
        if not alive or minutes <= 0:
            return None, None
        recent = [one for _, settled in works for one in _recent(settled, last)]
        return sum(one.stands for one in recent) / minutes, len(recent) / minutes

    def _disk(self, targets: Counter[Kind], tally: Tally) -> Disk | None:
        try:
            free = shutil.disk_usage(self.home.root).free
        except OSError:
            return None
        return Disk(tally.bytes.total(), free, expected_bytes(targets, tally))


def expected_bytes(targets: Mapping[Kind, int], tally: Tally) -> int | None:
    """What the patches still to come will take, each as much as those of its format so far.

    A format of which there is none yet is taken to need as many bytes per pixel as the others.
    """
    open_of: Counter[str] = Counter()
    made: Counter[str] = Counter()
    size: Counter[str] = Counter()
    for kind, target in targets.items():
        open_of[kind[1]] += max(0, target - tally.written[kind] - tally.missing[kind])
    for (_, fmt), count in tally.written.items():
        made[fmt] += count
    for (_, fmt), count in tally.bytes.items():
        size[fmt] += count
    pixels = sum(_pixels(fmt) * count for fmt, count in made.items())
    if not pixels:
        return None if open_of.total() else 0
    per_pixel = size.total() / pixels
    return round(
        sum(
            count * (size[fmt] / made[fmt] if made[fmt] else _pixels(fmt) * per_pixel)
            for fmt, count in open_of.items()
        )
    )


def _recent(settled: Iterable[Settled], last: datetime) -> list[Settled]:
    return [one for one in settled if (last - one.at).total_seconds() <= RECENT_S]


def _pixels(fmt: str) -> int:
    known = FORMATS.get(fmt)
    return known.width_px * known.height_px if known else 0


def _is_for_patches(registration: bytes) -> bool | None:
    try:
        return USE in json.loads(registration)["uses"]
    except NOT_OURS:
        return None


def _state(tables: EpisodeTables, said: Said | None, alive: bool) -> State:
    if tables.is_marked:
        return "failed"
    if said and alive and not said.error:
        return "running"
    # Work that was taken up after the table was made has written over some of its files.
    if tables.is_done and (said is None or said.finished):
        return "done"
    if said:
        return "stopped"
    return "planned" if tables.plan.footer else "waiting"


def _errors(facts: EpisodeFacts, tables: EpisodeTables, said: Said | None) -> list[str]:
    found = [tables.problem] if tables.problem else []
    if said and said.error and facts.state != "done":
        found.append(said.error)
    if facts.state == "stopped" and said and said.last and not said.error:
        found.append(f"no heartbeat since {said.last.astimezone():%Y-%m-%d %H:%M:%S}")
    return found


def _workers(alive: Sequence[Said]) -> Workers | None:
    beats = [said.heartbeat for said in alive if said.heartbeat]
    if not beats:
        return None
    return Workers(
        sum(beat.workers for beat in beats),
        sum(beat.cpu_percent for beat in beats),
        sum(beat.memory_bytes for beat in beats),
    )


def _machine() -> Machine:
    memory = psutil.virtual_memory()
    return Machine(psutil.cpu_percent(), memory.total - memory.available, memory.total)
