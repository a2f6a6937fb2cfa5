"""Typed tables on disk: one Parquet file per asset and episode, whole or not at all.

The footer of every file says what it was made from (`Footer.key`), what it holds
(`Footer.version`) and whether there was anything to hold (`Footer.status`); whether work is
needed is decided from the file alone.
"""

import filecmp
import hashlib
import io
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

import polars as pl

from resources.problems import Status

# The footer entry under which Parquet readers find our JSON.
FOOTER = "media_assets"
# What Polars raises on a damaged file; its Parquet reader panics on some.
UNREADABLE = (pl.exceptions.PolarsError, pl.exceptions.PanicException)
# The column that says what a row was made from; provenance, so not part of what a table says.
ROW_KEY = "row_key"


@dataclass(frozen=True)
class Column:
    """A column's type, meaning and whether a row may lack it."""

    dtype: Any
    about: str
    nullable: bool = False


class SchemaError(ValueError):
    """A table that breaks its schema; the message names table, column and what was expected."""


@dataclass(frozen=True)
class TableSchema:
    """What a table promises: columns in order, their types, no nulls unless said, unique keys.

    files: columns that name files below the home; a table whose files are gone is made again.
    """

    name: str
    about: str
    columns: Mapping[str, Column]
    unique: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def dtypes(self) -> dict[str, Any]:
        return {name: column.dtype for name, column in self.columns.items()}

    def empty(self) -> pl.DataFrame:
        return pl.DataFrame(schema=self.dtypes)

    def frame(self, rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
        """The rows as a table of this schema; a key that is no column is an error."""
        rows = list(rows)
        unknown = {key for row in rows for key in row} - set(self.columns)
        if unknown:
            raise SchemaError(f"{self.name}: no such columns: {sorted(unknown)}")
        return self.validate(pl.DataFrame(rows, schema=self.dtypes))

    def validate(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The same table, in this schema's column order.

        Raises `SchemaError` naming every column that is missing, unexpected, of another type,
        null where a value is promised, or repeated where it should be unique.
        """
        faults = [f"{name} is missing" for name in self.columns if name not in frame.columns]
        faults += [
            f"{name} is not in the schema" for name in frame.columns if name not in self.columns
        ]
        for name, column in self.columns.items():
            if name not in frame.columns:
                continue
            if frame.schema[name] != column.dtype:
                faults.append(f"{name} is {frame.schema[name]}, expected {column.dtype}")
            elif not column.nullable and (nulls := frame[name].null_count()):
                faults.append(f"{name} is null in {nulls} of {frame.height} rows")
        if not faults and self.unique and frame.select(self.unique).is_duplicated().any():
            faults.append(f"{', '.join(self.unique)} is not unique")
        if faults:
            raise SchemaError(f"table {self.name}: " + "; ".join(faults))
        return frame.select(list(self.columns))


@dataclass(frozen=True)
class Footer:
    """What a table file says of itself.

    key: hash of everything it was made from; equal key means nothing to do.
    version: hash of its rows; equal version means nothing changes downstream.
    made_from: the parts of the key, for a reader who asks why it was made again.
    failed, warnings: what checks found when it was made: what stops the run, and what does not.
    """

    table: str
    key: str
    version: str
    rows: int
    status: Status = "ok"
    reason: str = ""
    made_from: dict[str, Any] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def digest(value: Any) -> str:
    """Hex hash of a JSON-like value; equal values give equal hashes on every machine."""
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def version_of(frame: pl.DataFrame) -> str:
    """Hash of a table's rows, whatever their `row_key` says."""
    buffer = io.BytesIO()
    frame.select(pl.exclude(ROW_KEY)).rechunk().write_parquet(buffer, compression="uncompressed")
    schema = [(name, str(dtype)) for name, dtype in frame.schema.items() if name != ROW_KEY]
    return digest([schema, hashlib.sha256(buffer.getvalue()).hexdigest()])


def atomic_write(
    path: Path, write: Callable[[IO[bytes]], object], *, unless_equal: bool = False
) -> bool:
    """Write a file whole or not at all: a temporary sibling, synced, then renamed over `path`.

    unless_equal: leave a file alone that says the same already. True if the file was written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:80]}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        if unless_equal and path.exists() and filecmp.cmp(temporary, path, shallow=False):
            return False
        temporary.chmod(0o644)
        temporary.replace(path)
        return True
    finally:
        temporary.unlink(missing_ok=True)


def write_table(path: Path, frame: pl.DataFrame, footer: Footer) -> None:
    # ASCII, because file names in `made_from` may hold bytes that are not UTF-8.
    metadata = {FOOTER: json.dumps(asdict(footer))}
    atomic_write(
        path, lambda file: frame.write_parquet(file, compression="zstd", metadata=metadata)
    )


def read_table(path: Path) -> pl.DataFrame:
    return pl.read_parquet(path)


def read_footer(path: Path) -> Footer | None:
    """What the table at `path` says of itself; None where there is no readable table of ours."""
    try:
        return Footer(**json.loads(pl.read_parquet_metadata(path)[FOOTER]))
    except (FileNotFoundError, KeyError, TypeError, ValueError, *UNREADABLE):
        return None


def files_stand(frame: pl.DataFrame, schema: TableSchema, root: Path) -> bool:
    """Whether every file that a table names is there, below `root`."""
    names = (name for column in schema.files for name in frame[column].drop_nulls())
    return all((root / name).is_file() for name in names)


def read_made(path: Path) -> tuple[Footer, pl.DataFrame] | None:
    """Footer and rows of the table at `path`; None where there is no whole table of ours."""
    footer = read_footer(path)
    try:
        return (footer, read_table(path)) if footer else None
    except UNREADABLE:
        return None
