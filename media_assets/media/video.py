"""Decoded frames of a video stream: all of them in order, or exactly those that are wanted.

Both ways give the same bytes for the same frame. Three things stand against that, and each has
its answer here:
- After a seek a decoder may show pictures whose references it never saw. A frame counts only from
  a sure entry point on (`Reader`); without one decoding starts further back, at last from the
  beginning of the file.
- FFmpeg conceals damaged pictures, and with frame threads the result differs from run to run. At
  the first sign of damage decoding goes on in one thread from the last entry point; until then
  frames are held back as long as a damaged reference could still turn up.
- Packets promise frames that do not decode. `Damage` says which frames are missing or concealed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
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
from media_assets.media.reader import (
    DamageSeenError,
    EntryLostError,
    Reader,
    decoded,
    entry_points,
    set_threads,
)

if TYPE_CHECKING:
    from av import VideoFrame


@dataclass
class Damage:
    """Frame numbers of the index that do not decode, and of those that were concealed.

    What is predicted from a concealed picture is damaged too and bears no sign of it: `suspect`.
    """

    missing: list[int] = field(default_factory=list)
    corrupt: list[int] = field(default_factory=list)

    def suspect(self, index: FrameIndex) -> list[int]:
        """Every frame of the groups of pictures in which one is missing or concealed."""
        groups = np.array(_groups(index, range(len(index))))
        return np.flatnonzero(np.isin(groups, groups[self.missing + self.corrupt])).tolist()

    def __bool__(self) -> bool:
        return bool(self.missing or self.corrupt)


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


def _frames(
    path: Path, index: FrameIndex, numbers: Sequence[int], damage: Damage | None
) -> Iterator[tuple[int, VideoFrame]]:
    """The frames of these increasing numbers, as far as they decode."""
    damage = Damage() if damage is None else damage
    entries = _groups(index, numbers)
    done, threads, back = 0, True, 0
    with Reader(path, index) as reader:
        while done < len(numbers):
            entry = max(0, entries[done] - back)
            try:
                frames = reader.frames_from(entry or None, threads=threads, strict=threads)
                for number, frame in frames:
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
            except DamageSeenError:
                threads = False
            except EntryLostError:
                back = 2 * back + 1


def _groups(index: FrameIndex, numbers: Sequence[int]) -> list[int]:
    """For each frame the entry point from which it is decoded; 0 is the beginning of the file."""
    return [max(0, entry) for entry in entry_points(index, numbers)]


def decode_stream(path: Path, stream: int) -> Iterator[VideoFrame]:
    """What the decoder shows from the beginning of the file on, whatever its times; one thread."""
    with open_media(path) as container:
        video = video_stream(container, stream)
        set_threads(video, False)
        yield from decoded(video, packets(container, video))
