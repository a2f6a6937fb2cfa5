"""Work in flight: a JSON-lines file per asset and episode that rows go to as they are made.

It stays when its table is written, so that rows outlast a table that is emptied because a drive
is away. One writer appends; anyone may read meanwhile, also over a network file system. Lines, each
with its UTC time `at` and one of:
    header     what the work is (`Header`); first, and again whenever a run takes the work up
    cached     a row of an earlier table or journal, which may be of use again
    row        a row of the table to be; `computed` says whether this run made it, `settles`
               whether one of the header's total is done with it
    void       keys of rows before this line that no longer stand: their files are written anew
    heartbeat  what the workers take; comes every few seconds while there is work
    error      why a run ended early
    finished   all rows are there
A line without its end was torn by a crash: it is passed over, and cut off before more is written.
"""

import errno
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from resources.tables import ROW_KEY, atomic_write

# A journal that says nothing for this long is not in work: workers make it speak every 5 s, and
# network file systems may hold that back for some more.
SILENT_S = 30.0


@dataclass(frozen=True)
class Header:
    """What the work is.

    key: hash of what it is made from; a journal of another key is begun anew.
    total: things to be done; planned: the same by whatever the asset counts by, each with `total`.
    """

    asset: str
    episode: str
    key: str
    total: int
    planned: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class Entry:
    """A row of the table to be, and when it came."""

    at: datetime
    row: Mapping[str, Any]
    computed: bool
    settles: bool


@dataclass(frozen=True)
class Heartbeat:
    """What the workers take; cpu_percent: 100 is one core."""

    at: datetime
    workers: int
    cpu_percent: float
    memory_bytes: int


@dataclass
class Journal:
    """What a journal says.

    began: when the last run took the work up; finished: whether that run made all rows.
    entries: by row key, in order of time; they alone count towards the table.
    cache: rows by key that stand and may be taken over: those of `entries` and older ones.
    known: every row ever named, also those that no longer stand; their files may lie about.
    """

    header: Header
    began: datetime
    entries: dict[str, Entry] = field(default_factory=dict)
    cache: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    known: list[Mapping[str, Any]] = field(default_factory=list)
    heartbeat: Heartbeat | None = None
    errors: list[tuple[datetime, str]] = field(default_factory=list)
    finished: bool = False

    @property
    def done(self) -> int:
        """How many of the header's total are done."""
        return sum(entry.settles for entry in self.entries.values())

    @property
    def seen(self) -> datetime:
        """When the work was last heard of."""
        times = [self.began, *(entry.at for entry in list(self.entries.values())[-1:])]
        times += [self.heartbeat.at] if self.heartbeat else []
        return max(times + [at for at, _ in self.errors])


def read_journal(path: Path) -> Journal | None:
    """What the journal at `path` says so far; None where there is none."""
    try:
        lines, _ = _whole(path.read_bytes())
    except FileNotFoundError:
        return None
    if not lines or "header" not in lines[0]:
        return None
    journal = Journal(Header(**lines[0]["header"]), _time(lines[0]))
    for line in lines[1:]:
        _take(journal, line)
    return journal


def _take(journal: Journal, line: Mapping[str, Any]) -> None:
    if row := line.get("row") or line.get("cached"):
        key = row[ROW_KEY]
        journal.cache[key] = row
        journal.known.append(row)
        if "row" in line:
            # A row that is made again takes its new place in time.
            journal.entries.pop(key, None)
            journal.entries[key] = Entry(_time(line), row, line["computed"], line["settles"])
    elif "void" in line:
        for key in line["void"]:
            journal.cache.pop(key, None)
            journal.entries.pop(key, None)
    elif "heartbeat" in line:
        journal.heartbeat = Heartbeat(_time(line), **line["heartbeat"])
    elif "error" in line:
        journal.errors.append((_time(line), line["error"]))
    elif "header" in line:
        journal.began, journal.finished = _time(line), False
    elif "finished" in line:
        journal.finished = True


def _whole(content: bytes) -> tuple[list[dict[str, Any]], int]:
    """The lines before the first that is torn, and how many bytes they are.

    Over a network file system the end of a growing file may read as zeros: that is torn too.
    """
    lines: list[dict[str, Any]] = []
    length = 0
    for line in content.splitlines(keepends=True):
        try:
            entry = json.loads(line)
        except ValueError:
            break
        if not line.endswith(b"\n"):
            break
        lines.append(entry)
        length += len(line)
    return lines, length


def _time(line: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(line["at"])


def _encoded(entries: Iterable[Mapping[str, Any]]) -> bytes:
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    return b"".join(json.dumps({"at": at} | dict(entry)).encode() + b"\n" for entry in entries)


class JournalWriter:
    """An open journal; the caller sees to it that it is the only one (`Home.writer`).

    begun_with: what it says when it is opened.
    """

    begun_with: Journal

    def __init__(self, path: Path, header: Header, cached: Iterable[Mapping[str, Any]] = ()):
        """Goes on with the journal of the same key, else begins one that holds `cached`."""
        journal = read_journal(path)
        taken_up = journal is not None and journal.header.key == header.key
        if not taken_up:
            begun = _encoded([{"header": asdict(header)}, *({"cached": row} for row in cached)])
            atomic_write(path, lambda file: file.write(begun))
            journal = read_journal(path)
        assert journal
        self.begun_with = journal
        self._file = path.open("r+b", buffering=0)
        _, length = _whole(self._file.readall())
        self._file.truncate(length)
        self._file.seek(length)
        if taken_up:
            self.append({"header": asdict(header)})

    def append(self, *entries: Mapping[str, Any], sync: bool = True) -> None:
        """Write entries with the time of now: whole, or not at all and OSError."""
        data = _encoded(entries)
        before = self._file.tell()
        try:
            if self._file.write(data) != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            if sync:
                os.fsync(self._file.fileno())
        except OSError:
            self._file.truncate(before)
            self._file.seek(before)
            raise

    def close(self) -> None:
        self._file.close()
