"""Previews for the UI: tables and pictures as Markdown of at most about 50 KB."""

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    import numpy as np

# Dagster stores metadata several times over, so a preview is at most 50 KB: this for a sheet, the
# rest for a table beside it.
SHEET_BYTES = 42_000
WIDTHS_PX = (240, 210, 185, 160, 140, 120, 105, 90, 75, 60, 45)
JPEG_QUALITY = 62


def table(frame: pl.DataFrame, rows: int = 12) -> str:
    """The first rows as a Markdown table."""
    if frame.is_empty():
        return "*no rows*"
    shown = frame.head(rows)
    lines = ["| " + " | ".join(frame.columns) + " |", "|---" * frame.width + "|"]
    lines += ["| " + " | ".join(_cell(value) for value in row) + " |" for row in shown.iter_rows()]
    if frame.height > rows:
        lines.append(f"\n*{frame.height - rows} more rows*")
    return "\n".join(lines)


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = f"{value:.3f}" if isinstance(value, float) else str(value)
    text = text.replace("|", "\\|").replace("\n", " / ")
    return text if len(text) <= 160 else text[:157] + "..."


def sheet(pictures: Sequence["np.ndarray"], labels: Sequence[str], columns: int = 6) -> str:
    """Pictures (RGB uint8) on one sheet, row by row, each with its label, as Markdown."""
    if not pictures:
        return "*no pictures*"
    for width in WIDTHS_PX:
        jpeg = _jpeg(_grid(pictures, labels, min(columns, len(pictures)), width))
        if len(jpeg) * 4 / 3 < SHEET_BYTES:
            break
    return f"![sheet](data:image/jpeg;base64,{base64.b64encode(jpeg).decode()})"


def _grid(
    pictures: Sequence["np.ndarray"], labels: Sequence[str], columns: int, width: int
) -> "np.ndarray":
    import cv2
    import numpy as np

    first = pictures[0]
    height, band = round(width * first.shape[0] / first.shape[1]), 14
    rows = -(-len(pictures) // columns)
    grid = np.full((rows * (height + band), columns * width, 3), 255, np.uint8)
    for index, (picture, label) in enumerate(zip(pictures, labels, strict=True)):
        y, x = (index // columns) * (height + band), (index % columns) * width
        small = cv2.resize(picture, (width - 2, height), interpolation=cv2.INTER_AREA)
        grid[y : y + height, x : x + width - 2] = small
        cv2.putText(
            grid, label, (x + 1, y + height + 11), cv2.FONT_HERSHEY_SIMPLEX,
            min(0.36, width / 420), (60, 60, 60), 1, cv2.LINE_AA,
        )  # fmt: skip
    return grid


def _jpeg(picture: "np.ndarray") -> bytes:
    import cv2

    _, data = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return bytes(data)
