"""Black bars at the edges of pictures, and the key frames by which a film's bars are known."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from media_assets.media.index import FrameIndex, open_media, packets, video_stream

if TYPE_CHECKING:
    from av import VideoFrame

BLACK_LUMA = 32
"""8-bit luma at or below which a sample is black: limited-range black (16) plus coding noise."""


def edge_bars(luma: np.ndarray, black: int = BLACK_LUMA) -> tuple[int, int, int, int]:
    """Black rows and columns at the top, bottom, left and right edge of one picture."""
    import cv2

    # Every fourth row tells columns well enough and costs a quarter.
    down = luma[::4].max(0)
    across = cv2.reduce(luma, 1, cv2.REDUCE_MAX).ravel()
    return (*_edges(across, black), *_edges(down, black))


def _edges(brightest: np.ndarray, black: int) -> tuple[int, int]:
    lit = np.flatnonzero(brightest > black)
    if not len(lit):
        return len(brightest), len(brightest)
    return int(lit[0]), int(len(brightest) - 1 - lit[-1])


def key_frames(path: Path, index: FrameIndex, count: int) -> Iterator[VideoFrame]:
    """At most `count` key frames spread evenly over a film, each decoded by itself after a seek.

    Those that do not decode are left out; of an index without entry points there are none.
    """
    import av

    entries = len(index.seek_pts)
    wanted = sorted({(2 * n + 1) * entries // (2 * count) for n in range(count)}) if entries else ()
    with open_media(path) as container:
        video = video_stream(container, index.stream)
        video.codec_context.thread_type, video.codec_context.thread_count = "NONE", 1
        for entry in wanted:
            try:
                container.seek(int(index.seek_pts[entry]), stream=video)
                key = next((p for p in packets(container, video) if p.is_keyframe), None)
                frames = [*video.decode(key), *video.decode(None)]
            except av.error.FFmpegError:
                continue
            yield from frames[:1]
