"""Frames that reference pictures will want, set aside while the master is decoded.

Shots are known only some frames after they begin and end, so recent frames are held until the
transitions before them are settled; then the first, middle and last frame of every clip go,
losslessly into a small file. It is a cache: a frame that is not in it is read from the master.

FFmpeg's HuffYUV variant takes a sixth of the time of FFV1 for twice its size; the file is only
wanted until the reference frames are made.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np
import polars as pl

from media_assets.shots.clips import (
    REFERENCE_STEP,
    ClipSettings,
    Piece,
    reference_frames,
    split,
    usable_piece,
)
from media_assets.shots.cuts import find_cuts
from media_assets.shots.fades import find_fades
from media_assets.shots.feature_table import FeatureTable
from media_assets.shots.features import BATCH
from media_assets.shots.kinds import Transition, TransitionConfig
from media_assets.shots.quality import QualitySettings
from media_assets.shots.thumbs import LAGS

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import OutputContainer
    from av.video.stream import VideoStream

TICK = Fraction(1, 1000)
# Frames held at once; beyond it the oldest are let go (an 8K frame has 50 MB).
HELD_BYTES = 512 * 2**20
SHORTEST_S = QualitySettings().min_s
# How long a frame waits for the transitions around it to be seen. Few need longer; what is told
# wrong here is read again, so that memory is spared instead.
PATIENCE = 32
# Rows in which transitions are looked for.
WINDOW = PATIENCE + LAGS + BATCH


class KeptFrames:
    """Writes the frames that clips will want for reference, as far as it can foresee them.

    `push` every frame and `settle` every batch of features; leaving the context finishes the file.
    """

    def __init__(
        self, path: Path, times: np.ndarray, clips: ClipSettings, transitions: TransitionConfig
    ):
        """times: start of every frame in seconds, and the end of the last."""
        self._times, self._clips, self._transitions = times, clips, transitions
        self._held: dict[int, VideoFrame] = {}
        self._largest = 0
        self._features: pl.DataFrame | None = None
        self._shot, self._opened_by = 0, "start"
        # Pieces of the open shot that begin before this frame are written.
        self._written = 0
        self._file = _LosslessFile(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._write(self._pieces(len(self._times) - 1, "end"))
        self._file.close(whole=kind is None)

    def push(self, number: int, frame: "VideoFrame") -> None:
        """Hold a frame until it is known whether a clip wants it."""
        self._held[number] = frame
        size = sum(plane.buffer_size for plane in frame.planes)
        self._largest = max(self._largest, size)  # frames may change size midway
        while len(self._held) * self._largest > HELD_BYTES:
            del self._held[next(iter(self._held))]

    def settle(self, rows: pl.DataFrame) -> None:
        """Take in the features of the next frames; write, and let go of, what they settle."""
        if rows.is_empty():
            return
        seen = rows if self._features is None else self._features.vstack(rows)
        self._features = seen.tail(WINDOW)
        settled = int(self._features["frame"][-1]) - PATIENCE
        for transition in self._boundaries(self._features):
            if transition.end_frame > settled:
                break
            if transition.start_frame > self._shot:
                self._write(self._pieces(transition.start_frame, transition.kind))
                self._shot, self._opened_by = transition.end_frame, transition.kind
        if settled > self._shot:
            *whole, begun = self._pieces(settled, "end")
            self._write(whole)
            wanted = set(range(begun.start_frame, settled, REFERENCE_STEP))
            self._held = {n: f for n, f in self._held.items() if n >= settled or n in wanted}

    def _boundaries(self, rows: pl.DataFrame) -> list[Transition]:
        """Cuts and fades among the rows; dissolves are few, and looking for them is dear."""
        table, first = FeatureTable(rows), int(rows["frame"][0])
        cuts = find_cuts(table, self._transitions)
        fades = find_fades(table, self._transitions, table.marked(cuts)).found
        faded = table.marked(fades)
        return [
            replace(t, start_frame=t.start_frame + first, end_frame=t.end_frame + first)
            for t in sorted([*fades, *(cut for cut in cuts if not faded[cut.start_frame])])
        ]

    def _pieces(self, end: int, closed_by: str) -> list[Piece]:
        usable = usable_piece(self._shot, end, self._opened_by, closed_by, self._clips)
        return list(split(usable, self._times, self._clips))

    def _write(self, pieces: list[Piece]) -> None:
        for piece in pieces:
            if piece.start_frame < self._written:
                continue
            length = self._times[piece.end_frame] - self._times[piece.start_frame]
            # What is too short for a clip is only wanted on the sheet of shots.
            wanted = reference_frames(piece)[: 1 if length < SHORTEST_S else None]
            for number in dict.fromkeys(wanted):
                if number in self._held:
                    self._file.write(number, self._held[number])
            self._written = piece.end_frame


class _LosslessFile:
    """A lossless video, frame n at n ms, that appears under its name when it is whole."""

    def __init__(self, path: Path):
        self._path = path
        self._part = path.with_name(f".{path.name}.{os.getpid()}")
        self._container: OutputContainer | None = None
        self._stream: VideoStream | None = None

    def write(self, number: int, frame: "VideoFrame") -> None:
        """Add a frame; one that differs in size or format from the first is left out."""
        form = (frame.width, frame.height, frame.format.name)
        container, stream = self._container or self._open(*form), self._stream
        if stream is None or form != (stream.width, stream.height, stream.pix_fmt):
            return
        frame.pts, frame.time_base = number, TICK
        frame.pict_type = 0
        container.mux(stream.encode(frame))

    def _open(self, width: int, height: int, pixel_format: str) -> "OutputContainer":
        import av

        self._path.parent.mkdir(parents=True, exist_ok=True)
        container: OutputContainer = av.open(str(self._part), "w", format="nut")
        self._container = container
        if pixel_format not in {form.name for form in av.Codec("ffvhuff", "w").video_formats}:
            return container
        stream = container.add_stream("ffvhuff", rate=1 / TICK)
        stream.width, stream.height = width, height
        stream.pix_fmt, stream.time_base = pixel_format, TICK
        stream.options = {"pred": "median"}
        # The decoder has the other threads.
        stream.codec_context.thread_count = 1
        with suppress(av.error.ArgumentError):  # it knows no odd sizes
            stream.codec_context.open()
            self._stream = stream
        return container

    def close(self, *, whole: bool) -> None:
        if self._container is None:
            return
        if self._stream is not None:
            self._container.mux(self._stream.encode(None))
        self._container.close()
        if whole and self._stream is not None:
            self._part.replace(self._path)
        else:
            self._part.unlink(missing_ok=True)


def kept_frames(path: Path) -> Iterator[tuple[int, "VideoFrame"]]:
    """Number and picture of every frame in the file, in order; none where there is no file."""
    import av

    if not path.exists():
        return
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            if frame.pts is not None:
                yield int(frame.pts * frame.time_base / TICK), frame
