"""The part of a master's picture inside its letterbox and pillarbox, known before it is measured.

Bars are the same in every frame and black at any light: they make two pictures look alike, hide
that a frame is of one shade and lift its contrast. What is measured leaves them out.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from media_assets.media.index import FrameIndex, open_media, packets, video_stream
from media_assets.shots.planes import luma_plane
from media_assets.shots.thumbs import edge_bars

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
    import av

    count = len(index.seek_pts)
    wanted = sorted({(2 * n + 1) * count // (2 * LOOKS) for n in range(LOOKS)})
    seen: list[np.ndarray] = []
    with open_media(path) as container:
        video = video_stream(container, index.stream)
        video.codec_context.thread_type, video.codec_context.thread_count = "NONE", 1
        for entry in wanted if count >= LEAST_LOOKS else ():
            try:
                container.seek(int(index.seek_pts[entry]), stream=video)
                key = next((p for p in packets(container, video) if p.is_keyframe), None)
                frames = [*video.decode(key), *video.decode(None)]
            except av.error.FFmpegError:
                continue
            seen += [_bar_shares(luma_plane(frame)) for frame in frames[:1]]
    return bars_area(seen)


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
