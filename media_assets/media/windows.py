"""Exact frames of short windows all over a file, each at the least decoding.

What is decoded of a group of pictures: the wanted frames, and the pictures before them that others
may refer to. One thread decodes, so that as many files or places as there are cores go on at once.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from media_assets.media.disposable import is_disposable
from media_assets.media.index import FrameIndex
from media_assets.media.reader import (
    DamageSeenError,
    EntryLostError,
    Reader,
    decoded,
    entry_points,
    numbered,
    position,
    whole,
)
from media_assets.media.video import Damage

if TYPE_CHECKING:
    from av import Packet, VideoFrame
    from av.video.stream import VideoStream


def groups(index: FrameIndex, numbers: Sequence[int]) -> list[list[int]]:
    """The frame numbers, increasing, each once, by the entry point from which they are decoded."""
    numbers = sorted(set(numbers))
    entries = dict(zip(numbers, entry_points(index, numbers), strict=True))
    return [list(group) for _, group in groupby(numbers, lambda number: max(0, entries[number]))]


class WindowReader:
    """An open file that gives wanted frames and no frame that may be wrong.

    What `Reader` says of entry points holds here. At any sign of damage, and that is also a picture
    that was decoded and did not come out, a group of pictures is decoded once more, whole; what
    comes after damage in it is not given.
    """

    def __init__(self, path: Path, index: FrameIndex):
        self._index = index
        self._reader = Reader(path, index)
        # Without times of its own a packet does not tell which frame it holds.
        self._sparing = not index.restamped

    def __enter__(self) -> WindowReader:
        return self

    def __exit__(self, *error: object) -> None:
        self._reader.__exit__(*error)

    def frames(
        self, numbers: Sequence[int], damage: Damage | None = None
    ) -> Iterator[tuple[int, VideoFrame]]:
        """The frames with these numbers that decode exactly, in presentation order, each once.

        A group of pictures is entered by one seek, by none where consecutive frames lead into it.
        The others are listed in `damage.missing`: those that do not decode, and all that follow
        damage in their group. A frame is freed as soon as the caller lets it go.
        """
        damage = Damage() if damage is None else damage
        for run in self._runs(sorted(set(numbers))):
            yield from self._run(run, damage)

    def _runs(self, numbers: list[int]) -> Iterator[list[int]]:
        """The numbers that are decoded without a seek between them."""
        entries = entry_points(self._index, numbers)
        run = numbers[:1]
        for (before, entry_before), (number, entry) in pairwise(zip(numbers, entries, strict=True)):
            if entry != entry_before and number != before + 1:
                yield run
                run = []
            run.append(number)
        if run:
            yield run

    def _run(self, numbers: list[int], damage: Damage) -> Iterator[tuple[int, VideoFrame]]:
        entries = entry_points(self._index, numbers)
        done, back, sparing = 0, 0, self._sparing
        while done < len(numbers):
            entry = entries[done] - back if entries[done] >= back else None
            frames = self._sparingly if sparing else self._wholly
            try:
                for number, frame in frames(entry, numbers[done:]):
                    done += 1
                    yield number, frame
                self._sparing = sparing
            except EntryLostError:
                back = 2 * back + 1
            except DamageSeenError:
                if sparing:
                    sparing = False
                    continue
                lost = entries[done:].count(entries[done])
                damage.missing.extend(numbers[done : done + lost])
                done, back, sparing = done + lost, 0, self._sparing

    def _wholly(self, entry: int | None, wanted: Sequence[int]) -> Iterator[tuple[int, VideoFrame]]:
        """The wanted frames out of all that follow the entry point."""
        chosen = set(wanted)
        for number, frame in self._reader.frames_from(entry, threads=False, strict=True):
            if number in chosen:
                yield number, frame
            if number >= wanted[-1]:
                return
        raise DamageSeenError

    def _sparingly(
        self, entry: int | None, wanted: Sequence[int]
    ) -> Iterator[tuple[int, VideoFrame]]:
        """The same by the least decoding, each when all that was decoded before it is sound."""
        video, first, source = self._reader.enter(entry, threads=False)
        since = -math.inf if first is None else int(self._index.pts[first])
        due: deque[int] = deque()
        arrived: set[int] = set()
        held: deque[tuple[int, VideoFrame]] = deque()
        missing = set(wanted)
        fed = self._needed(video, whole(source, since), first or 0, set(wanted), due)
        for number, frame in numbered(decoded(video, fed, since), self._index, first, strict=False):
            if frame.is_corrupt:
                raise DamageSeenError
            arrived.add(number)
            while due and due[0] in arrived:
                arrived.remove(due.popleft())
            if number in missing:
                held.append((number, frame))
            while held and held[0][0] not in due:
                missing.remove(held[0][0])
                yield held.popleft()
        if due or missing:
            raise DamageSeenError

    def _needed(
        self,
        video: VideoStream,
        source: Iterator[Packet],
        first: int,
        wanted: set[int],
        due: deque[int],
    ) -> Iterator[Packet]:
        """The packets up to the last wanted frame's, without those that need no decoding.

        due: takes up the frames from the first on that they must give, in decoding order.
        """
        feed = True
        for packet in source:
            number = position(self._index, packet)
            # A packet without a frame of its own belongs to the one before: a second field.
            if number is not None:
                if not wanted:
                    return
                feed = number in wanted or not is_disposable(packet, video)
                wanted.discard(number)
                if feed and number >= first:
                    due.append(number)
            if feed:
                yield packet
