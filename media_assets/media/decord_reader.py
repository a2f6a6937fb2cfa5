"""Sparse batches of RGB pictures by decord, where it proves to show the same frames.

Optional and only a speed-up: decord numbers the frames itself, so on files with edit lists, jumps,
damage or deep colour it shows others than the index means, or none. It is used for a file after
count, times and probe pictures agree with the index; otherwise `read_pictures` does the work.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from media_assets.media.color import matrix_of
from media_assets.media.index import FrameIndex, read_index
from media_assets.media.picture import read_pictures
from media_assets.media.video import decode_frames

# Two scalers round differently: the mean difference of codes that they may have, over cells of
# 8x8 pixels, where differences in chroma interpolation vanish. Another frame, matrix or rotation
# gives more.
PROBE_TOLERANCE = 1.75
PROBE_CELL_PX = 8
# decord keeps times as 32-bit floats: this is half a frame at 120 per second.
TIME_TOLERANCE_S = 0.004


def _rgb_from_ycbcr(kr: float, kb: float) -> NDArray[np.float64]:
    """The matrix of ITU-R BT.601 and BT.709 with their luma weights of red and blue."""
    kg = 1 - kr - kb
    red, blue = 2 * (1 - kr), 2 * (1 - kb)
    return np.array([[1, 0, red], [1, -blue * kb / kg, -red * kr / kg], [1, blue, 0]])


# decord decodes every picture with BT.601's matrix; this makes it right for BT.709, but for
# saturated colours that the wrong matrix clipped.
_BT601_TO_BT709 = _rgb_from_ycbcr(0.2126, 0.0722) @ np.linalg.inv(_rgb_from_ycbcr(0.299, 0.114))


class DecordRefusedError(Exception):
    """decord cannot be trusted with this file; the message says what disagrees."""


class DecordReader:
    """Reads pictures by frame number. Refuses a file (DecordRefusedError) that it misreads."""

    def __init__(self, path: Path | str, index: FrameIndex | None = None, threads: int = 0):
        path = Path(path)
        index = index or read_index(path)
        decord = import_decord()
        self._matrix: NDArray[np.float64] | None = None
        try:
            self._video = decord.VideoReader(str(path), num_threads=threads)
            if matrix_of(next(decode_frames(path, index))) == "bt709":
                self._matrix = _BT601_TO_BT709
            _verify(self, path, index)
        except RuntimeError as error:
            raise DecordRefusedError(f"{path.name}: decord cannot read it") from error

    def __len__(self) -> int:
        return len(self._video)

    def seconds(self) -> NDArray[np.float64]:
        """When each frame begins, from the first on."""
        spans = self._video.get_frame_timestamp(range(len(self)))
        times: NDArray[np.float64] = np.asarray(spans, np.float64)[:, 0]
        since_first: NDArray[np.float64] = times - times[0]
        return since_first

    def read(self, frames: Sequence[int]) -> NDArray[np.uint8]:
        """The pictures of these frames, RGB (frames, height, width, 3), all in memory at once."""
        import cv2

        pictures: NDArray[np.uint8] = self._video.get_batch(list(frames)).asnumpy()
        if self._matrix is None:
            return pictures
        return np.stack([cv2.transform(picture, self._matrix) for picture in pictures])


def _cells(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Mean colours of the picture's cells."""
    import cv2

    height, width = (max(1, length // PROBE_CELL_PX) for length in picture.shape[:2])
    return np.asarray(
        cv2.resize(picture.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
    )


def import_decord() -> ModuleType:
    """The decord module; after av and cv2, whose FFmpeg libraries must be loaded first."""
    import av  # noqa: F401
    import cv2  # noqa: F401

    try:
        decord = importlib.import_module("decord")
    except ImportError as error:
        raise ImportError("decord is not installed: pip install 'media-assets[decord]'") from error
    decord.logging.set_level(decord.logging.QUIET)
    return decord


def _verify(reader: DecordReader, path: Path, index: FrameIndex) -> None:
    """Raises DecordRefusedError where the reader disagrees with the index."""
    if len(reader) != len(index):
        raise DecordRefusedError(f"{path.name}: {len(reader)} frames instead of {len(index)}")
    wanted = index.all_seconds - index.seconds(0)
    if np.abs(reader.seconds() - wanted).max() > TIME_TOLERANCE_S:
        raise DecordRefusedError(f"{path.name}: other times")
    probes = sorted({0, len(index) // 2, len(index) - 1})
    pictures = dict(read_pictures(path, index.pts[probes].tolist(), index=index))
    for frame in probes:
        ours = pictures.get(int(index.pts[frame]))
        (theirs,) = reader.read([frame])
        if ours is None or ours.shape != theirs.shape:
            raise DecordRefusedError(f"{path.name}: frame {frame} has another size or is damaged")
        difference = np.abs(_cells(ours) - _cells(theirs)).mean()
        if difference > PROBE_TOLERANCE:
            raise DecordRefusedError(
                f"{path.name}: frame {frame} differs by {difference:.1f} of 255 on average"
            )
