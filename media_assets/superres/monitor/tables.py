"""What the tables say of an episode's patches; a file is read again only when it has changed."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import polars as pl

from media_assets.superres.monitor.tally import Kind, Tally
from media_assets.superres.schema import PATCH_PLAN, PATCHES
from resources.tables import UNREADABLE, Footer, read_footer

# What reading a file may raise that is half copied, damaged, of another schema, or gone.
NOT_READABLE = (OSError, ValueError, TypeError, KeyError, *UNREADABLE)

T = TypeVar("T")


@dataclass(frozen=True)
class Plan:
    """Patches planned by category and format, and by window (columns `window`, `count`).

    `patch_targets` says the same, but the work does not wait for it.
    """

    targets: Counter[Kind]
    windows: pl.DataFrame


class TableFile(Generic[T]):
    """A table and what was made of its rows, as of the last time it could be read."""

    def __init__(self, path: Path, read: Callable[[Path], T]):
        self.path = path
        self.footer: Footer | None = None
        self.content: T | None = None
        self.written: float | None = None
        self._read = read
        self._seen: tuple[int, int, int] | None = None

    def look(self) -> None:
        """Read the file if it has changed; while it cannot be read, what was there holds."""
        try:
            status = self.path.stat()
        except FileNotFoundError:
            self.footer, self.content, self._seen = None, None, None
            return
        except OSError:
            return
        now = (status.st_mtime_ns, status.st_size, status.st_ino)
        if now == self._seen:
            return
        self._seen = now
        if footer := read_footer_of(self.path):
            try:
                content = self._read(self.path) if footer.status == "ok" else None
            except NOT_READABLE:
                return
            self.footer, self.content, self.written = footer, content, status.st_mtime


def read_footer_of(path: Path) -> Footer | None:
    """`read_footer`, also of a file that the file system gives no access to."""
    try:
        return read_footer(path)
    except OSError:
        return None


def read_plan(path: Path) -> Plan:
    rows = pl.read_parquet(path, columns=["window", "category", "format"])
    counts = rows.group_by("category", "format").len().iter_rows()
    return Plan(Counter({(c, f): n for c, f, n in counts}), rows["window"].value_counts())


def read_patches(path: Path) -> Tally:
    """What became of an episode that is done."""
    names = ["window", "category", "format", "status", "reason", "bytes"]
    rows = pl.read_parquet(path, columns=names)
    stands = pl.col("status") == "written"
    kind = ["category", "format"]
    made = rows.filter(stands).group_by(kind).agg(pl.len(), pl.col("bytes").sum())
    patches = rows.group_by("window", *kind).agg(stands.any().alias("stands"))
    missing = patches.filter(~pl.col("stands")).group_by(kind).len()
    tally = Tally(settled=patches.height, windows=rows["window"].n_unique())
    for category, fmt, count, size in made.iter_rows():
        tally.written[category, fmt], tally.bytes[category, fmt] = count, size
    for category, fmt, count in missing.iter_rows():
        tally.missing[category, fmt] = count
    for reason, count in rows.filter(~stands)["reason"].value_counts().iter_rows():
        tally.reasons[reason] = count
    return tally


@dataclass
class EpisodeTables:
    """The two tables of an episode from which its progress can be told."""

    plan: TableFile[Plan]
    patches: TableFile[Tally]

    @classmethod
    def below(cls, tables: Path, episode: str) -> "EpisodeTables":
        name = f"{episode}.parquet"
        return cls(
            TableFile(tables / PATCH_PLAN.name / name, read_plan),
            TableFile(tables / PATCHES.name / name, read_patches),
        )

    def look(self) -> None:
        for table in (self.plan, self.patches):
            table.look()

    @property
    def problem(self) -> str | None:
        """Why there is nothing to be done for the episode, or what its tables' checks found."""
        footers = [t.footer for t in (self.plan, self.patches) if t.footer]
        marked = [footer.reason for footer in footers if footer.status != "ok"]
        failed = [why for footer in footers for why in footer.failed]
        return next(iter([*marked, *failed]), None)

    @property
    def is_marked(self) -> bool:
        tables = (self.plan, self.patches)
        return any(t.footer and t.footer.status != "ok" for t in tables)

    @property
    def is_done(self) -> bool:
        """Whether the patches are those of the plan that stands."""
        plan, patches = self.plan.footer, self.patches.footer
        if not plan or not patches or plan.status != "ok" or patches.status != "ok":
            return False
        made_from = patches.made_from.get("inputs", {}).get(PATCH_PLAN.name, plan.version)
        return bool(made_from == plan.version)
