"""The part of a master's picture inside its letterbox and pillarbox, known before it is measured.

Bars are the same in every frame and black at any light: they make two pictures look alike, hide
that a frame is of one shade and lift its contrast. What is measured leaves them out.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from media_assets.media.bars import edge_bars, key_frames
from media_assets.media.index import FrameIndex
from media_assets.media.luma import luma_plane

LOOKS = 8
"""Key frames looked at, spread evenly: few enough to cost nothing, enough that not all are dark."""

LEAST_LOOKS = 3
"""Pictures that must agree. Files: two key frames of one dark slide show no bars."""

WIDEST = 0.3
"""Widest bar as a share of the picture: 2.76:1 inside 4:3 leaves 0.26; wider is a card on black."""

NARROWEST = 0.01
"""A narrower edge is no bar but what a codec or a camera leaves."""

SOFT = 0.01
"""How far beyond a bar its soft edge is cut away as well."""


@dataclass(frozen=True)
class Area:
    """A rectangle by what it leaves out at each edge, as shares of height and width."""

    top: float = 0.0
    bottom: float = 0.0
    left: float = 0.0
    right: float = 0.0

    def of(self, plane: np.ndarray) -> np.ndarray:
        """The area's part of a plane of whatever resolution, a view."""
        height, width = plane.shape
        rows = slice(round(self.top * height), height - round(self.bottom * height))
        return plane[rows, round(self.left * width) : width - round(self.right * width)]


WHOLE = Area()


def picture_area(path: Path, index: FrameIndex) -> Area:
    """What no key frame looked at leaves black; the whole picture where too few say anything."""
    if len(index.seek_pts) < LEAST_LOOKS:
        return WHOLE
    return bars_area([_bar_shares(luma_plane(f)) for f in key_frames(path, index, LOOKS)])


def bars_area(seen: list[np.ndarray]) -> Area:
    """The area that bars of several pictures (top, bottom, left, right as shares) leave to all."""
    telling = [bars for bars in seen if bars.max() <= WIDEST]
    if len(telling) < LEAST_LOOKS:
        return WHOLE
    least = np.min(telling, axis=0)
    return Area(*np.where(least >= NARROWEST, least + SOFT, 0.0).tolist())


def _bar_shares(luma: np.ndarray) -> np.ndarray:
    height, width = luma.shape
    return np.array(edge_bars(luma)) / (height, height, width, width)
