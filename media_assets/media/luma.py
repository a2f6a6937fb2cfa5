"""The planes of decoded frames as 8-bit pictures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import av


@dataclass(frozen=True)
class _Plane:
    """Where one component of a pixel format lies, and how far its samples shift down to 8 bits."""

    index: int
    dtype: str
    step: int
    offset: int
    shift: int


@lru_cache
def _layout(name: str) -> tuple[_Plane, ...] | None:
    """The component layout of a planar luma format, or None where luma has no plane of its own."""
    import av

    form = av.VideoFormat(name)
    parts = form.components[:3]
    own_plane = not any(part.plane == 0 for part in parts[1:])
    if form.is_rgb or form.has_palette or not own_plane or parts[0].bits < 8:
        return None
    shared = len({part.plane for part in parts[1:]}) < len(parts) - 1
    planes = []
    for number, part in enumerate(parts):
        deep = part.bits > 8
        # The P0xx family keeps its bits at the top of the word, the planar formats at the bottom.
        shift = 8 if name.startswith("p") else part.bits - 8
        planes.append(
            _Plane(
                index=part.plane,
                dtype=(">u2" if form.is_big_endian else "<u2") if deep else "u1",
                step=2 if shared and number else 1,
                offset=number - 1 if shared and number else 0,
                shift=shift if deep else 0,
            )
        )
    return tuple(planes)


def _pixels(frame: av.VideoFrame, plane: _Plane) -> np.ndarray:
    memory = frame.planes[plane.index]
    dtype = np.dtype(plane.dtype)
    rows = np.frombuffer(memory, dtype).reshape(-1, memory.line_size // dtype.itemsize)
    rows = rows[: memory.height, plane.offset : memory.width * plane.step : plane.step]
    return (rows >> plane.shift).astype(np.uint8) if plane.shift else rows


def luma_plane(frame: av.VideoFrame) -> np.ndarray:
    """The frame's luma, uint8 (height, width), a view of the decoder's memory where it can be.

    Deeper luma is shifted to 8 bits and formats without a luma plane are converted; both copy.
    Full and limited range are left as they are. The view lives as long as the frame.
    """
    layout = _layout(frame.format.name)
    if layout is None:
        grey: np.ndarray = frame.reformat(format="gray").to_ndarray()
        return grey
    return _pixels(frame, layout[0])


def chroma_planes(frame: av.VideoFrame) -> tuple[np.ndarray, np.ndarray] | None:
    """The frame's U and V, uint8 at their own resolution, or None for grey pictures."""
    layout = _layout(frame.format.name)
    if layout is None:
        frame = frame.reformat(format="yuv444p")
        layout = _layout("yuv444p")
    if layout is None or len(layout) < 3:
        return None
    return _pixels(frame, layout[1]), _pixels(frame, layout[2])
