"""Rectangles of a decoded picture as its own samples, copied, so that the frame can be let go."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from av import VideoFormat, VideoFrame

# Planar formats of 8 to 16 bits, whose samples are read as they lie. What others hold, swscale
# first brings into one of these.
_PLANAR = re.compile(r"(yuva?j?4\d\dp|gbra?p|gray)(9|10|12|14|16)?(le)?")
_CHROMA = {(1, 1): "444", (2, 1): "422", (2, 2): "420", (1, 2): "440"}
_MOST_BITS = 16


@dataclass(frozen=True)
class Region:
    """Samples of a rectangle: Y, Cb and Cr, or R, G and B, or Y alone; uint16 (rows, columns).

    The first plane is the rectangle itself. The others are at their own resolution and hold the
    neighbours that interpolation between samples needs, wherever chroma is sited.
    subsampling: how many columns and rows of the picture share one sample of chroma.
    offset: columns and rows of the picture from those of the first chroma sample to the rectangle.
    """

    planes: tuple[NDArray[np.uint16], ...]
    bits: int
    is_rgb: bool
    subsampling: tuple[int, int] = (1, 1)
    offset: tuple[int, int] = (0, 0)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        height, width = self.planes[0].shape
        return width, height


def region(
    frame: VideoFrame,
    x: int,
    y: int,
    width: int,
    height: int,
    within: tuple[int, int, int, int] | None = None,
) -> Region:
    """The rectangle of the stored picture whose upper left sample is (x, y).

    Its colours (`tone.rgb`) are to the bit those of the same part of the whole picture, or of the
    part `within` (x, y, width, height): chroma of bars around that does not bleed in.
    Raises ValueError for a rectangle that is not inside the picture.
    """
    frame, planes = _planes(frame, x, y, width, height)
    first, *chroma = planes
    subsampling, offset, copies = (1, 1), (0, 0), [_copy(first[y : y + height, x : x + width])]
    if chroma:
        subsampling = across, down = _subsampling(frame.format)
        from_x, from_y, wide, high = within or (0, 0, frame.width, frame.height)
        left = max(_first_neighbour(x, across), from_x // across)
        top = max(_first_neighbour(y, down), from_y // down)
        right = min(_last_neighbour(x + width - 1, across), (from_x + wide - 1) // across)
        bottom = min(_last_neighbour(y + height - 1, down), (from_y + high - 1) // down)
        offset = x - left * across, y - top * down
        copies += [_copy(plane[top : bottom + 1, left : right + 1]) for plane in chroma]
    return Region(tuple(copies), _bits(frame.format), frame.format.is_rgb, subsampling, offset)


def decimated(frame: VideoFrame, x: int, y: int, width: int, height: int, step: int) -> Region:
    """Every `step`-th sample of the rectangle in both directions, each with its nearest chroma.

    For looking at pictures roughly and fast: it aliases.
    """
    frame, planes = _planes(frame, x, y, width, height)
    across, down = _subsampling(frame.format)
    columns, rows = np.arange(x, x + width, step), np.arange(y, y + height, step)
    first, *chroma = planes
    copies = [_copy(first[y : y + height : step, x : x + width : step])]
    copies += [_copy(plane[(rows // down)[:, None], columns // across]) for plane in chroma]
    return Region(tuple(copies), _bits(frame.format), frame.format.is_rgb)


def _planes(
    frame: VideoFrame, x: int, y: int, width: int, height: int
) -> tuple[VideoFrame, list[NDArray[np.generic]]]:
    """The frame in a planar format, and views of its planes: Y, Cb, Cr or R, G, B or Y."""
    inside = 0 <= x < x + width <= frame.width and 0 <= y < y + height <= frame.height
    if not inside:
        raise ValueError(f"{width}x{height}+{x}+{y} is not in {frame.width}x{frame.height}")
    if not _PLANAR.fullmatch(frame.format.name):
        frame = frame.reformat(format=_planar_format(frame.format))
    order = [component.plane for component in frame.format.components[:3]]
    if len(order) < 3:
        order = order[:1]
    dtype = np.dtype(np.uint8 if _bits(frame.format) == 8 else "<u2")
    views = []
    for plane in (frame.planes[index] for index in order):
        rows = np.frombuffer(plane, dtype).reshape(-1, plane.line_size // dtype.itemsize)
        views.append(rows[: plane.height, : plane.width])
    return frame, views


def _planar_format(form: VideoFormat) -> str:
    """The planar format that loses nothing of another, or least."""
    bits = _bits(form)
    colours = [part for part in form.components if not part.is_alpha]
    if form.is_rgb or form.has_palette or form.name.startswith("xyz"):
        return "gbrp" if bits <= 8 else "gbrp16le"
    if len(colours) < 3:
        return "gray" if bits <= 8 else "gray16le"
    chroma = _CHROMA.get(_subsampling(form), "444")
    deep = next((depth for depth in (8, 10, 12, 16) if depth >= bits), _MOST_BITS)
    return f"yuv{chroma}p" + (f"{deep}le" if deep > 8 else "")


def _bits(form: VideoFormat) -> int:
    bits: int = max(part.bits for part in form.components)
    return bits


def _subsampling(form: VideoFormat) -> tuple[int, int]:
    """Columns and rows that share a sample of chroma."""
    luma = 64  # a multiple of every ratio
    return luma // form.chroma_width(luma), luma // form.chroma_height(luma)


def _first_neighbour(position: int, share: int) -> int:
    """The first chroma sample that any siting interpolates this one from."""
    return max(0, (position - share + 1) // share)


def _last_neighbour(position: int, share: int) -> int:
    return position // share + 1


def _copy(samples: NDArray[np.generic]) -> NDArray[np.uint16]:
    return samples.astype(np.uint16, order="C")
