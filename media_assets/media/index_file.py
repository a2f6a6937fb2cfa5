"""A frame index as a file, so that a film's packets are read once and not by every worker."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np

from media_assets.media.index import FrameIndex, read_index
from resources.tables import atomic_write, digest

# Part of the files' names: to be raised when an index would come out otherwise.
_VERSION = 1


def frame_index_path(files: Path, sha256: str, stream: int) -> Path:
    """Where the index of a master's stream lies below `files`: the same content, the same name."""
    return files / "frame_index" / f"{digest([_VERSION, sha256, stream])}.npz"


def kept_frame_index(path: Path, media: Path, stream: int) -> FrameIndex:
    """The index of a media file's stream as it stands at `path`, where it is put if it is not."""
    if not path.is_file():
        write_frame_index(path, read_index(media, stream))
    return read_frame_index(path)


def write_frame_index(path: Path, index: FrameIndex) -> None:
    """A NumPy archive without pickles, whole or not at all; of equal indices with equal bytes.

    Times are kept as differences, which compress to almost nothing.
    """
    facts = [
        *(index.stream, index.last_duration, index.restamped),
        *index.time_base.as_integer_ratio(),
        *index.clock_start.as_integer_ratio(),
        *(index.declared_rate or Fraction(0)).as_integer_ratio(),
    ]
    atomic_write(
        path,
        lambda file: np.savez_compressed(
            file,
            facts=np.array(facts, np.int64),
            pts_steps=np.diff(index.pts, prepend=0),
            seek_pts_steps=np.diff(index.seek_pts, prepend=0),
            seek_delays=index.seek_pts - index.seek_dts,
        ),
    )


def read_frame_index(path: Path) -> FrameIndex:
    """The index that `write_frame_index` wrote."""
    with np.load(path) as arrays:
        stream, last_duration, restamped, *ratios = arrays["facts"].tolist()
        time_base, clock_start, rate = (
            Fraction(*ratio) for ratio in zip(ratios[::2], ratios[1::2], strict=True)
        )
        seek_pts = arrays["seek_pts_steps"].cumsum()
        return FrameIndex(
            stream=stream,
            time_base=time_base,
            clock_start=clock_start,
            pts=arrays["pts_steps"].cumsum(),
            seek_pts=seek_pts,
            seek_dts=seek_pts - arrays["seek_delays"],
            last_duration=last_duration,
            declared_rate=rate or None,
            restamped=bool(restamped),
        )
