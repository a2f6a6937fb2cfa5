"""The journal of an episode's patches as it grows: every line is read once."""

import json
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from media_assets.superres.monitor.tally import Kind, Tally
from resources.journal import SILENT_S, Heartbeat
from resources.tables import ROW_KEY

# Speed is that of the last minutes.
RECENT_S = 300.0
# What a line may lack or hold wrongly, if it is not of our making.
NOT_OURS = (KeyError, TypeError, ValueError, AttributeError, RecursionError)


@dataclass(frozen=True)
class Place:
    """What is kept of a row: where it counts."""

    kind: Kind
    window: int
    written: bool
    reason: str
    bytes: int
    settles: bool


@dataclass(frozen=True)
class Settled:
    """When work settled a patch, and whether it stands."""

    at: datetime
    stands: bool


@dataclass
class Said:
    """What a journal has said so far.

    bytes: of whole lines. size: of the file, as last seen. planned: how many patches the work is.
    finished: whether the work that was taken up last has all its rows.
    settled: per window, how many of its patches.
    recent: what work settled in the last minutes.
    """

    lines: int = 0
    bytes: int = 0
    size: int = 0
    planned: int = 0
    began: datetime | None = None
    last: datetime | None = None
    heartbeat: Heartbeat | None = None
    error: str | None = None
    finished: bool = False
    tally: Tally = field(default_factory=Tally)
    settled: Counter[int] = field(default_factory=Counter)
    recent: deque[Settled] = field(default_factory=deque)
    places: dict[str, Place] = field(default_factory=dict)


class JournalFollower:
    """Follows one journal; `said` holds what it says after each `look`.

    Looks again from the start when what was read last is no longer there. A line that is torn is
    left for the next look, a whole one that is not ours is passed over.
    """

    def __init__(self, path: Path):
        self.path = path
        self.said: Said | None = None
        self._last = b""
        self._grew: float | None = None

    def look(self, settled: float | None = None) -> Said | None:
        """What the journal says by now; None where there is none of work after `settled`.

        settled: when the table was written for which it was kept.
        """
        try:
            status = self.path.stat()
            if settled is not None and status.st_mtime <= settled:
                self.said = None
            elif self.said is None or status.st_size != self.said.size:
                self._read(status.st_size)
        except FileNotFoundError:
            self.said = None
        except OSError:
            pass  # What was read before still holds; a file system may come back.
        return self.said

    def is_alive(self, now: datetime) -> bool:
        """Whether somebody is at work: by the journal's clock, or because it grew of late.

        The clock of another machine may differ from this one's.
        """
        if self._grew is not None and time.monotonic() - self._grew < SILENT_S:
            return True
        last = self.said.last if self.said else None
        return last is not None and abs((now - last).total_seconds()) < SILENT_S

    def _read(self, size: int) -> None:
        """Take in the whole lines since the last time, or all of another file."""
        with self.path.open("rb") as file:
            said = self.said
            if said is None or not self._is_there(file, said.bytes):
                said, self._last, self._grew = Said(), b"", None
            elif size > said.size:
                self._grew = time.monotonic()
            self.said = said
            file.seek(said.bytes)
            for line, entry in _whole_lines(file, size - said.bytes):
                self._last = line
                said.bytes += len(line)
                said.lines += 1
                try:
                    _take(said, entry, datetime.fromisoformat(entry["at"]).astimezone(UTC))
                except NOT_OURS:
                    continue
            said.size = size

    def _is_there(self, file: IO[bytes], end: int) -> bool:
        """Whether the line that was read last is where it was."""
        file.seek(end - len(self._last))
        return file.read(len(self._last)) == self._last


def _whole_lines(file: IO[bytes], length: int) -> Iterator[tuple[bytes, Any]]:
    """Lines with what they say, before the first that is torn: the writer cuts it off.

    Over a network file system the end of a growing file may read as zeros.
    """
    while length > 0:
        line = file.readline()
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            return
        if not line.endswith(b"\n"):
            return
        length -= len(line)
        yield line, entry


def _take(said: Said, entry: Mapping[str, Any], at: datetime) -> None:
    if "row" in entry:
        row = entry["row"]
        written = row["status"] == "written"
        place = Place(
            (str(row["category"]), str(row["format"])),
            int(row["window"]),
            written,
            "" if written else str(row["reason"]),
            int(row["bytes"]),
            bool(entry["settles"]),
        )
        _forget(said, [row[ROW_KEY]])
        said.places[row[ROW_KEY]] = place
        _count(said, place, 1)
        if entry["computed"] and place.settles:
            said.recent.append(Settled(at, written))
    elif "void" in entry:
        _forget(said, entry["void"])
    elif "heartbeat" in entry:
        said.heartbeat = Heartbeat(at, **entry["heartbeat"])
    elif "error" in entry:
        said.error = str(entry["error"])
    elif "header" in entry:
        said.planned = int(entry["header"]["total"])
        said.began, said.error, said.finished = at, None, False
    elif "finished" in entry:
        said.finished = True
    said.last = at
    while said.recent and (at - said.recent[0].at).total_seconds() > RECENT_S:
        said.recent.popleft()


def _forget(said: Said, keys: Iterable[str]) -> None:
    for key in keys:
        if place := said.places.pop(key, None):
            _count(said, place, -1)


def _count(said: Said, place: Place, by: int) -> None:
    tally = said.tally
    if place.written:
        tally.written[place.kind] += by
        tally.bytes[place.kind] += by * place.bytes
    else:
        tally.reasons[place.reason] += by
    if place.settles:
        tally.settled += by
        said.settled[place.window] += by
        if not place.written:
            tally.missing[place.kind] += by
