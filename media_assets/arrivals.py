"""When a new master counts as arrived.

Two looks in a row must see the same size and time, so that a file still being copied is left
alone. Files are only statted, never opened.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

# Masters registered per look: a tick stays short and the run queue is not flooded.
MAX_NEW = 50

Stamp = tuple[int, int]


@dataclass(frozen=True)
class Look:
    """What one look at the library found."""

    arrived: tuple[tuple[Path, Path], ...]
    pending: Mapping[str, Stamp]


def look(
    masters: Iterable[tuple[Path, Path]], known: frozenset[Path], pending: Mapping[str, Stamp]
) -> Look:
    """Masters (with their roots) unchanged since the look before, and the stamps to compare next.

    known: masters that are episodes already. pending: stamps (bytes, mtime_ns) of the look before.
    """
    arrived: list[tuple[Path, Path]] = []
    waiting: dict[str, Stamp] = {}
    for master, root in masters:
        if master in known:
            continue
        try:
            stat = master.stat()
        except OSError:  # a link to what is not there, or gone since it was found
            continue
        stamp = (stat.st_size, stat.st_mtime_ns)
        seen = pending.get(str(master))
        if seen is not None and tuple(seen) == stamp and len(arrived) < MAX_NEW:
            arrived.append((master, root))
        else:
            waiting[str(master)] = stamp
    return Look(tuple(arrived), waiting)
