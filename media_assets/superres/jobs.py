"""What workers are given and do: windows that are decoded together, to patches."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from media_assets.media.index import FrameIndex
from media_assets.media.index_file import read_frame_index
from media_assets.media.windows import WindowReader, groups
from media_assets.superres.extract import extract_window
from media_assets.superres.patch import Outcome, Patch, Source, place_of
from media_assets.superres.settings import PatchSettings
from resources.home import Home

if TYPE_CHECKING:
    from av import VideoFrame

# The patches of one window at one place; they share its frames.
Window = list[Patch]


@dataclass(frozen=True)
class Master:
    """What patches are made of: the file, its frame index (NumPy archive), what is known of it."""

    episode: str
    path: Path
    index: Path
    sha256: str
    title: str
    source: Source


# What a worker does with windows, opened once; a test may put another in its place.
Extraction = Callable[
    [Master, PatchSettings, Home],
    AbstractContextManager[Callable[[list[Window]], Iterator[list[Outcome]]]],
]


@contextmanager
def extraction(
    master: Master, settings: PatchSettings, home: Home
) -> Iterator[Callable[[list[Window]], Iterator[list[Outcome]]]]:
    """Outcomes window by window, for windows in order of time that share no frame."""
    import cv2

    cv2.setNumThreads(1)
    root = home.exports / "superres"
    with WindowReader(master.path, read_frame_index(master.index)) as reader:

        def extract(windows: list[Window]) -> Iterator[list[Outcome]]:
            wanted = sorted(number for window in windows for number in window[0].frames)
            for window, frames in _by_window(reader.frames(wanted), windows):
                yield extract_window(frames, window, master.source, settings, root, home.root)

        yield extract


def _by_window(
    frames: Iterator[tuple[int, "VideoFrame"]], windows: list[Window]
) -> Iterator[tuple[Window, Iterable[tuple[int, "VideoFrame"]]]]:
    """Each window with those of its frames that come; they are to be used before the next."""
    window_of = {n: i for i, window in enumerate(windows) for n in window[0].frames}
    coming = groupby(frames, lambda frame: window_of[frame[0]])
    place, own = next(coming, (None, None))
    for i, window in enumerate(windows):
        if own is not None and place == i:
            yield window, own
            place, own = next(coming, (None, None))
        else:
            yield window, ()


def jobs_of(patches: Iterable[Patch], index: FrameIndex) -> list[list[Window]]:
    """Windows that are decoded together, in order of time: they begin in one group of pictures.

    Patches share all frames or none.
    """
    windows: dict[int, Window] = defaultdict(list)
    for patch in sorted(patches, key=place_of):
        windows[patch.start_frame].append(patch)
    return [[windows[start] for start in group] for group in groups(index, sorted(windows))]
