"""An open video file that decodes from any entry point of its index, and which frames count.

After a seek a decoder may show pictures whose references it never saw (open GOPs, gradual refresh,
a seek that lands elsewhere). A frame counts only from an entry point on that was decoded as an
intact I picture with the very PTS that was sought, and only in presentation order after it.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from media_assets.media.index import FrameIndex, open_media, packets, video_stream

if TYPE_CHECKING:
    from av import Packet, VideoFrame
    from av.container import InputContainer
    from av.video.stream import VideoStream


class DamageSeenError(Exception):
    """The decoder met damage: what it shows from here on is concealed or not reproducible."""


class EntryLostError(Exception):
    """Decoding could not start at the wanted entry point."""


def entry_points(index: FrameIndex, numbers: Sequence[int]) -> list[int]:
    """For each frame the last entry point shown no later; -1 if there is none."""
    pts = index.pts[np.asarray(numbers, np.int64)]
    entries: list[int] = (np.searchsorted(index.seek_pts, pts, "right") - 1).tolist()
    return entries


class Reader:
    """An open file that decodes from any entry point of its index."""

    def __init__(self, path: Path, index: FrameIndex):
        self._path, self._index = path, index
        self._files = ExitStack()
        self._container: InputContainer | None = None
        self._threads = True

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *error: object) -> None:
        self._files.close()

    def frames_from(
        self, entry: int | None, *, threads: bool, strict: bool
    ) -> Iterator[tuple[int, VideoFrame]]:
        """Frames and their numbers, increasing, from an entry point to the end of the stream.

        Strict: raises DamageSeenError before the first frame that may be concealed or differ from
        run to run.
        """
        video, first, source = self.enter(entry, threads=threads)
        since = None
        if strict:
            # With threads an error is told late: it may belong to any packet.
            since = -math.inf if first is None or threads else int(self._index.pts[first])
            if threads or not self._index.restamped:
                source = whole(source, since)
        frames = numbered(decoded(video, source, since), self._index, first, strict=strict)
        yield from _held_back(frames, 1 + video.codec_context.reorder_depth if strict else 0)

    def enter(
        self, entry: int | None, *, threads: bool
    ) -> tuple[VideoStream, int | None, Iterator[Packet]]:
        """The stream, the number of the frame at which its decoder starts, the packets from it on.

        entry: number of an entry point; None and no number for the beginning of the file. The
        frame may be that of an earlier entry point.
        """
        container = self._container
        if entry is None or threads != self._threads or container is None:
            container = self._open(threads)
        video = video_stream(container, self._index.stream)
        if entry is None:
            return video, None, packets(container, video)
        pts, source = self._seek(container, video, entry)
        return video, self._index.position(pts), source

    def _open(self, threads: bool) -> InputContainer:
        self._files.close()
        self._container = self._files.enter_context(open_media(self._path))
        self._threads = threads
        set_threads(video_stream(self._container, self._index.stream), threads)
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
        raise EntryLostError


def set_threads(video: VideoStream, threads: bool) -> None:
    """As many decoding threads as there are cores, or one."""
    video.codec_context.thread_type = "AUTO" if threads else "NONE"
    video.codec_context.thread_count = 0 if threads else 1


def decoded(
    video: VideoStream, source: Iterator[Packet], strict_since: float | None = None
) -> Iterator[VideoFrame]:
    """What the decoder shows of these packets and of nothing after them.

    Packets that it rejects are passed over; from this PTS on they raise DamageSeenError.
    """
    import av

    for packet in chain(source, [None]):
        try:
            frames = video.decode(packet)
        except av.error.FFmpegError as error:
            if strict_since is not None and _shown_since(packet, strict_since):
                raise DamageSeenError from error
            continue
        yield from frames


def whole(source: Iterator[Packet], since: float) -> Iterator[Packet]:
    """The packets; DamageSeenError at one with this PTS or a later one that lacks something.

    A jump of a transport stream's counters looks the same, as where two recordings were joined.
    """
    for packet in source:
        if packet.is_corrupt and _shown_since(packet, since):
            raise DamageSeenError
        yield packet


def _shown_since(packet: Packet | None, pts: float) -> bool:
    return packet is None or packet.pts is None or packet.pts >= pts


def numbered(
    frames: Iterator[VideoFrame], index: FrameIndex, first: int | None, *, strict: bool
) -> Iterator[tuple[int, VideoFrame]]:
    """The frames that count with their numbers, strictly increasing, with their PTS of the index.

    first: the entry point's number after a seek, None from the beginning of the file.
    strict: whether a missing or concealed frame raises DamageSeenError.
    """
    from av.video.frame import PictureType

    expected, trusted = first or 0, first is None
    for frame in frames:
        number = expected if index.restamped else position(index, frame)
        if number is None or number < expected or number >= len(index):
            continue
        if not trusted:
            if number != first or frame.pict_type != PictureType.I or frame.is_corrupt:
                raise EntryLostError
            trusted = True
        if strict and (number != expected or frame.is_corrupt):
            raise DamageSeenError
        expected = number + 1
        frame.pts, frame.time_base = int(index.pts[number]), index.time_base
        yield number, frame
    if not trusted:
        raise EntryLostError
    if strict and expected != len(index):
        raise DamageSeenError


def position(index: FrameIndex, shown: Packet | VideoFrame) -> int | None:
    """The number of the frame with this PTS, if there is one."""
    try:
        return None if shown.pts is None else index.position(shown.pts)
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
