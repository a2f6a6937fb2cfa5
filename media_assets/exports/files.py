"""Files of an export: written whole, only when they differ, with the same bytes every time."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from media_assets.media.files import place as place
from media_assets.media.files import remove_others as remove_others
from resources.tables import atomic_write

INDENT = 2
_LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}


def write_changed(path: Path, write: Callable[[IO[bytes]], object]) -> bool:
    """Write a file whole, unless it already says the same; whether it was written."""
    return atomic_write(path, write, unless_equal=True)


def write_text(path: Path, parts: Iterable[str]) -> bool:
    return write_changed(path, lambda file: file.writelines(part.encode() for part in parts))


def json_text(value: Any) -> str:
    return json.dumps(value, indent=INDENT, ensure_ascii=False, allow_nan=False)


def json_array(items: Iterable[Any]) -> Iterator[str]:
    """The text of a JSON array, item by item, as `json_text` of the whole list would give it."""
    empty = True
    for item in items:
        yield "[\n" if empty else ",\n"
        yield " " * INDENT + json_text(item).replace("\n", "\n" + " " * INDENT)
        empty = False
    yield "[]\n" if empty else "\n]\n"


def json_lines(items: Iterable[Any]) -> Iterator[str]:
    """One object per line, no blank line, whatever a reader takes for the end of a line."""
    for item in items:
        text = json.dumps(item, ensure_ascii=False, allow_nan=False)
        yield text.translate(_LINE_ENDS) + "\n"


def csv_text(columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A header and the rows; lists are joined by `; `, unknown is empty."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(columns), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({k: "; ".join(v) if isinstance(v, list) else v for k, v in row.items()})
    yield buffer.getvalue()
