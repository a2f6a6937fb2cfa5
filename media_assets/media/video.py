"""Decoded frames of a video stream: all of them in order, or exactly those that are wanted.

Both ways give the same bytes for the same frame. Three things stand against that, and each has
its answer here:
- After a seek a decoder may show pictures whose references it never saw (open GOPs, gradual
  refresh, a seek that lands elsewhere). A frame counts only from an entry point on that was
  decoded as an intact I picture with the very PTS that was sought, and only in presentation order
  after it; otherwise decoding starts further back, at last from the beginning of the file.
- FFmpeg conceals damaged pictures, and with frame threads the result differs from run to run. At
  the first sign of damage decoding goes on in one thread from the last entry point; until then
  frames are held back as long as a damaged reference could still turn up.
- Packets promise frames that do not decode. `Damage` says which frames are missing or concealed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from media_assets.media.index import (
    FrameIndex,
    no_frames,
    open_media,
    packets,
    read_index,
    video_stream,
)

if TYPE_CHECKING:
    from av import Packet, VideoFrame
    from av.container import InputContainer
    from av.video.stream import VideoStream


@dataclass
class Damage:
    """Frame numbers of the index that do not decode, and of those that were concealed.

    What is predicted from a concealed picture is damaged too and bears no sign of it: `suspect`.
    """

    missing: list[int] = field(default_factory=list)
    corrupt: list[int] = field(default_factory=list)

    def suspect(self, index: FrameIndex) -> list[int]:
        """Every frame of the groups of pictures in which one is missing or concealed."""
        groups = np.array(_entry_points(index, range(len(index))))
        return np.flatnonzero(np.isin(groups, groups[self.missing + self.corrupt])).tolist()

    def __bool__(self) -> bool:
        return bool(self.missing or self.corrupt)


class _DamageSeenError(Exception):
    """The threaded decoder met damage: what it shows from here on is not reproducible."""


class _EntryLostError(Exception):
    """Decoding could not start at the wanted entry point."""


def decode_frames(
    path: Path | str, index: FrameIndex | None = None, damage: Damage | None = None
) -> Iterator[VideoFrame]:
    """Every frame that decodes, in presentation order, with its PTS of the index.

    The number of a frame is `index.position(frame.pts)`: in a damaged file frames are missing,
    and concealed ones have `frame.is_corrupt`; `damage` collects both. Frames may change size or
    format midway. They come one by one; none is kept here.

    Raises BadInput if nothing decodes.
    """
    path = Path(path)
    index = index or read_index(path)
    frame = None
    for _, frame in _frames(path, index, range(len(index)), damage):
        yield frame
    if frame is None:
        raise no_frames(path.name)


def read_frames(
    path: Path | str,
    pts: Sequence[int],
    index: FrameIndex | None = None,
    damage: Damage | None = None,
) -> Iterator[tuple[int, VideoFrame]]:
    """The frames with exactly these PTS and their PTS, in presentation order, each once.

    A group of pictures is decoded once and entered by one seek, by none if decoding is already in
    it or in the one before. Frames that do not decode are left out and told by `damage`.

    Raises KeyError for a PTS that is not in the index.
    """
    index = index or read_index(path)
    numbers = sorted({index.position(value) for value in pts})
    for number, frame in _frames(Path(path), index, numbers, damage):
        yield int(index.pts[number]), frame


def read_window(
    path: Path | str,
    start_pts: int,
    count: int,
    index: FrameIndex | None = None,
    damage: Damage | None = None,
) -> Iterator[VideoFrame]:
    """`count` consecutive frames from the one with `start_pts` on, fewer where the stream ends."""
    index = index or read_index(path)
    first = index.position(start_pts)
    window = range(first, min(first + count, len(index)))
    for _, frame in _frames(Path(path), index, window, damage):
        yield frame


def _frames(
    path: Path, index: FrameIndex, numbers: Sequence[int], damage: Damage | None
) -> Iterator[tuple[int, VideoFrame]]:
    """The frames of these increasing numbers, as far as they decode."""
    damage = Damage() if damage is None else damage
    entries = _entry_points(index, numbers)
    done, threads, back = 0, True, 0
    with _Reader(path, index) as reader:
        while done < len(numbers):
            entry = max(0, entries[done] - back)
            try:
                for number, frame in reader.frames_from(entry, threads=threads):
                    while done < len(numbers) and numbers[done] < number:
                        damage.missing.append(numbers[done])
                        done += 1
                    if done < len(numbers) and numbers[done] == number:
                        if frame.is_corrupt:
                            damage.corrupt.append(number)
                        here = entries[done]
                        done += 1
                        yield number, frame
                        if done == len(numbers) or entries[done] > here + 1:
                            break
                else:
                    damage.missing.extend(numbers[done:])
                    return
                back = 0
            except _DamageSeenError:
                threads = False
            except _EntryLostError:
                back = 2 * back + 1


def _entry_points(index: FrameIndex, numbers: Sequence[int]) -> list[int]:
    """For each frame the last entry point shown no later; 0 is the beginning of the file."""
    pts = index.pts[np.asarray(numbers, np.int64)]
    entries: list[int] = np.maximum(np.searchsorted(index.seek_pts, pts, "right") - 1, 0).tolist()
    return entries


class _Reader:
    """An open file that decodes from any entry point of its index."""

    def __init__(self, path: Path, index: FrameIndex):
        self._path, self._index = path, index
        self._files = ExitStack()
        self._container: InputContainer | None = None
        self._threads = True

    def __enter__(self) -> _Reader:
        return self

    def __exit__(self, *error: object) -> None:
        self._files.close()

    def frames_from(self, entry: int, *, threads: bool) -> Iterator[tuple[int, VideoFrame]]:
        """Frames and their numbers, increasing, from an entry point to the end of the stream.

        With threads, raises _DamageSeenError before the first frame that is not reproducible.
        """
        container = self._container
        if entry == 0 or threads != self._threads or container is None:
            container = self._open(threads)
        video = video_stream(container, self._index.stream)
        if entry == 0:
            source, first = packets(container, video), None
        else:
            first_pts, source = self._seek(container, video, entry)
            first = self._index.position(first_pts)
        frames = _numbered(_decoded(video, source, threads), self._index, first, threads)
        yield from _held_back(frames, 1 + video.codec_context.reorder_depth if threads else 0)

    def _open(self, threads: bool) -> InputContainer:
        self._files.close()
        self._container = self._files.enter_context(open_media(self._path))
        self._threads = threads
        _set_threads(video_stream(self._container, self._index.stream), threads)
        return self._container

    def _seek(
        self, container: InputContainer, video: VideoStream, entry: int
    ) -> tuple[int, Iterator[Packet]]:
        """The PTS of a known entry point, this one or an earlier one, and the packets from it on.

        Containers seek by PTS or by DTS: where the first lands too late, the second does not.
        """
        import av

        index = self._index
        wanted = int(index.seek_pts[entry])
        for stamp in dict.fromkeys((wanted, int(index.seek_dts[entry]))):
            try:
                container.seek(stamp, stream=video)
            except av.error.FFmpegError:
                continue
            source = packets(container, video)
            for packet in source:
                if packet.pts is not None and packet.pts > wanted and packet.is_keyframe:
                    break
                if packet.is_keyframe and packet.pts in index.seek_pts:
                    return packet.pts, chain([packet], source)
        raise _EntryLostError


def decode_stream(path: Path, stream: int) -> Iterator[VideoFrame]:
    """What the decoder shows from the beginning of the file on, whatever its times; one thread."""
    with open_media(path) as container:
        video = video_stream(container, stream)
        _set_threads(video, False)
        yield from _decoded(video, packets(container, video), threads=False)


def _set_threads(video: VideoStream, threads: bool) -> None:
    video.codec_context.thread_type = "AUTO" if threads else "NONE"
    video.codec_context.thread_count = 0 if threads else 1


def _decoded(video: VideoStream, source: Iterator[Packet], threads: bool) -> Iterator[VideoFrame]:
    """The decoder's frames; packets that it rejects are passed over, with threads they are told."""
    import av

    for packet in chain(source, [None]):
        if threads and packet is not None and packet.is_corrupt:
            raise _DamageSeenError
        try:
            frames = video.decode(packet)
        except av.error.FFmpegError as error:
            if threads:
                raise _DamageSeenError from error
            continue
        yield from frames


def _numbered(
    frames: Iterator[VideoFrame], index: FrameIndex, first: int | None, threads: bool
) -> Iterator[tuple[int, VideoFrame]]:
    """The frames that count with their numbers, strictly increasing.

    first: the entry point's number after a seek, None from the beginning of the file.
    """
    from av.video.frame import PictureType

    expected, trusted = first or 0, first is None
    for frame in frames:
        number = expected if index.restamped else _position(index, frame)
        if number is None or number < expected or number >= len(index):
            continue
        if not trusted:
            if number != first or frame.pict_type != PictureType.I or frame.is_corrupt:
                raise _EntryLostError
            trusted = True
        if threads and (number != expected or frame.is_corrupt):
            raise _DamageSeenError
        expected = number + 1
        frame.pts, frame.time_base = int(index.pts[number]), index.time_base
        yield number, frame
    if not trusted:
        raise _EntryLostError
    if threads and expected != len(index):
        raise _DamageSeenError


def _position(index: FrameIndex, frame: VideoFrame) -> int | None:
    try:
        return None if frame.pts is None else index.position(frame.pts)
    except KeyError:
        return None


def _held_back(
    frames: Iterator[tuple[int, VideoFrame]], depth: int
) -> Iterator[tuple[int, VideoFrame]]:
    """The same, each only when `depth` more have come without an error."""
    held: deque[tuple[int, VideoFrame]] = deque()
    for item in frames:
        held.append(item)
        if len(held) > depth:
            yield held.popleft()
    yield from held
