"""The picture of a master inside its letterbox and pillarbox."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from media_assets.media.bars import BLACK_LUMA, edge_bars, key_frames
from media_assets.media.index import FrameIndex
from media_assets.media.luma import luma_plane
from media_assets.media.video import read_frames

if TYPE_CHECKING:
    from av import VideoFrame

# Frames looked at, spread over the film: enough that a minority of formats or titles stays one.
LOOKS = 28
# Entry points below which frames between them are looked at too: such a film is short, or is
# decoded from its start anyway.
FEW_ENTRIES = 6
# Pictures that must end at the same row for it to be a bar.
LEAST_LOOKS = 3
# Widest bar as a share of the picture: 9:16 inside 16:9 leaves 0.342; wider is a card on black.
WIDEST = 0.36
# A picture of which more than this is black says nothing.
MAX_BLACK = 0.9
# How far coding moves the edge of a bar, and how far beyond it scaling has made its edge soft, as a
# share of the picture: 2 lines of 1080.
SOFT = 0.002
# Black in full range, as far above 0 as BLACK_LUMA is above 16.
BLACK_LUMA_FULL = round((BLACK_LUMA - 16) * 255 / 219)


@dataclass(frozen=True)
class Area:
    """A rectangle of the stored picture in pixels; its edges are even or the picture's own."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Glance:
    """What one frame says: its size and format, and its bars (top, bottom, left, right).

    bars: None of a picture that is black or a card on black.
    """

    width: int
    height: int
    pixel_format: str
    bars: tuple[int, int, int, int] | None


def glances(path: Path, index: FrameIndex, full_range: bool) -> Iterator[Glance]:
    """At most `LOOKS` frames spread over the film; those that do not decode are left out."""
    if len(index.seek_pts) >= FEW_ENTRIES:
        frames = key_frames(path, index, LOOKS)
    else:
        spread = sorted({(2 * n + 1) * len(index) // (2 * LOOKS) for n in range(LOOKS)})
        frames = (frame for _, frame in read_frames(path, index.pts[spread].tolist(), index))
    for frame in frames:
        if not frame.is_corrupt:
            yield glance(frame, BLACK_LUMA_FULL if full_range else BLACK_LUMA)


def glance(frame: VideoFrame, black: int) -> Glance:
    """What a frame says, if 8-bit luma up to `black` is black."""
    luma = luma_plane(frame)
    bars = edge_bars(luma, black)
    widest = max(bars[0] / frame.height, bars[1] / frame.height, max(bars[2:]) / frame.width)
    telling = widest <= WIDEST and (luma[::8, ::8] <= black).mean() <= MAX_BLACK
    return Glance(frame.width, frame.height, frame.format.name, bars if telling else None)


def picture_area(seen: Sequence[Glance], width: int, height: int) -> Area:
    """The part of a stored picture of this size that is inside the bars of most of `seen`.

    A film that changes its format keeps what most of it shows: where bars are wider than these
    they reach into the area, where they are narrower a part of the picture is left out. The soft
    edge of a bar goes with it.
    """
    bars = [one.bars for one in seen if one.bars and (one.width, one.height) == (width, height)]
    sizes = (height, height, width, width)
    top, bottom, left, right = (
        _bar([edges[n] for edges in bars], size) for n, size in enumerate(sizes)
    )
    x, y = left + left % 2, top + top % 2
    # Even, as 4:2:0 wants it; an odd picture without a bar keeps its last line.
    beyond_x = (width - right) // 2 * 2 if right else width
    beyond_y = (height - bottom) // 2 * 2 if bottom else height
    return Area(x, y, beyond_x - x, beyond_y - y)


def _bar(edges: Sequence[int], size: int) -> int:
    """The widest bar that more pictures end at than reach into, with its soft edge; 0 for none.

    A dark picture seems to have a wider bar than it has, never a narrower one.
    """
    soft = max(1, round(SOFT * size))
    black = np.array(edges)
    for bar in sorted({edge for edge in edges if edge}, reverse=True):
        ending = int((np.abs(black - bar) <= soft).sum())
        if ending >= LEAST_LOOKS and ending > int((black < bar - soft).sum()):
            return bar + soft
    return 0
