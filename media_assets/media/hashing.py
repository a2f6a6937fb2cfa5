"""SHA-256 of files and of decoded pictures."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from av import VideoFrame


def sha256_file(path: Path | str) -> str:
    """Hex SHA-256 of a file's bytes, read in pieces."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def frame_digest(frame: VideoFrame) -> bytes:
    """SHA-256 of a picture: pixel format, size and visible samples, without padding or times."""
    digest = hashlib.sha256(f"{frame.format.name} {frame.width}x{frame.height}".encode())
    for number, plane in enumerate(frame.planes):
        row_bytes = sum(
            component.width * -(-component.bits // 8)
            for component in frame.format.components
            if component.plane == number
        )
        rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
        digest.update(np.ascontiguousarray(rows[: plane.height, :row_bytes]).data)
    return digest.digest()


class FramesDigest:
    """SHA-256 of a sequence of pictures: the hash of their `frame_digest`s, one after another."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def update(self, frame: VideoFrame) -> None:
        self._digest.update(frame_digest(frame))

    def hexdigest(self) -> str:
        return self._digest.hexdigest()
