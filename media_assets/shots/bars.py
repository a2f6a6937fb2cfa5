"""Letterbox and pillarbox: the part of the picture inside the black bars of an episode."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

# Frames darker than this say nothing about bars.
MAX_BLACK = 0.9
# How many of the frames may reach into the bars: titles over the full picture, other formats.
EXCEPTIONS = 0.2
# Coding noise and soft edges move the edge of a bar by about this share of the picture.
SOFTNESS = 0.015
# Bars thinner than this share of the picture are left: codecs leave edges of a line or two.
MIN_BAR = 0.01


@dataclass(frozen=True)
class Box:
    """A rectangle of the stored picture in pixels, edges even as 4:2:0 wants them."""

    x: int
    y: int
    width: int
    height: int


def crop_boxes(
    measures: pl.DataFrame, spans: Sequence[tuple[int, int]], width_px: int, height_px: int
) -> list[Box]:
    """The picture inside its bars for each span of frames (a clip).

    An episode has one letterbox and one pillarbox. A span whose picture reaches into them is not
    cropped; a dark span or one with a title card on black says nothing and is cropped as the rest.

    measures: all rows of `frame_measures`. width_px, height_px: the stored picture, before pixel
    aspect and rotation.
    """
    rooms = [_room(measures[start:end]) for start, end in spans]
    weights = [end - start for start, end in spans]
    tall, wide = [room[0] for room in rooms], [room[1] for room in rooms]
    letterbox = _bar(tall, weights, height_px)
    pillarbox = _bar(wide, weights, width_px)
    boxes = []
    for above, beside in rooms:
        y = letterbox if _is_free(above, letterbox, height_px) else 0
        x = pillarbox if _is_free(beside, pillarbox, width_px) else 0
        boxes.append(Box(x, y, width_px - 2 * x, height_px - 2 * y))
    return boxes


def _room(frames: pl.DataFrame) -> tuple[int | None, int | None]:
    """Black rows at top and bottom alike, and columns at both sides, in all frames of a span."""
    seen = frames.filter(
        pl.col("bar_top_px").is_not_null() & (pl.col("black_fraction") < MAX_BLACK)
    )
    if seen.is_empty():
        return None, None
    low = seen.select(
        pl.min_horizontal("bar_top_px", "bar_bottom_px").min().alias("rows"),
        pl.min_horizontal("bar_left_px", "bar_right_px").min().alias("columns"),
    )
    return low["rows"][0], low["columns"][0]


def _bar(rooms: Sequence[int | None], weights: Sequence[int], size: int) -> int:
    """Width of the episode's bars, even: what all but a few of the frames leave black."""
    known = sorted((r, w) for r, w in zip(rooms, weights, strict=True) if r is not None)
    allowed = EXCEPTIONS * sum(weight for _, weight in known)
    bar, passed = 0, 0.0
    for room, weight in known:
        passed += weight
        if passed > allowed:
            bar = max(r for r, _ in known if r <= room + SOFTNESS * size)
            break
    return bar + bar % 2 if MIN_BAR * size <= bar < size / 2 - 2 else 0


def _is_free(room: int | None, bar: int, size: int) -> bool:
    """Whether a span leaves the bar black."""
    return room is None or room >= bar - SOFTNESS * size - 1
