"""The one decode of a master that feeds shots, clip quality and reference frames."""

from pathlib import Path

import numpy as np
import polars as pl

from media_assets.media.index import FrameIndex, read_index
from media_assets.media.luma import chroma_planes, luma_plane
from media_assets.media.video import Damage, decode_frames
from media_assets.shots.clips import ClipSettings
from media_assets.shots.features import BATCH, FeatureStream, beside_a_decoder
from media_assets.shots.kept_frames import KeptFrames
from media_assets.shots.picture_area import picture_area
from media_assets.shots.transitions import TransitionConfig


def measure_frames(path: Path, keep_at: Path) -> pl.DataFrame:
    """One row per frame of the index: number, times, whether it is damaged, features.

    A frame that does not decode has the features of the one before and is marked, so that row n
    is frame n. Frames that clips will want for reference are set aside in the file `keep_at`.
    Raises `BadInput` if nothing decodes, `NotApplicable` without video.
    """
    index = read_index(path)
    times = frame_times(index)
    stream, damage = FeatureStream(picture_area(path, index)), Damage()
    ready: list[pl.DataFrame] = []
    expected = 0
    keep = KeptFrames(keep_at, times, ClipSettings(), TransitionConfig())
    with keep as kept, beside_a_decoder():
        for frame in decode_frames(path, index, damage):
            number = index.position(frame.pts)
            luma = luma_plane(frame)
            for _ in range(expected, number + 1):
                stream.push(luma, chroma_planes(frame) if stream.wants_chroma else None)
            expected = number + 1
            kept.push(number, frame)
            if expected % BATCH == 0:
                ready.append(stream.take())
                kept.settle(ready[-1])
        for _ in range(expected, len(index)):
            stream.push(luma)
        ready.append(stream.finish())
        kept.settle(ready[-1])
    damaged = np.zeros(len(index), bool)
    damaged[damage.suspect(index)] = True
    return pl.concat(ready).with_columns(
        pts=pl.Series(index.pts),
        ts_s=pl.Series(times[:-1]),
        duration_s=pl.Series(np.diff(times)),
        damaged=pl.Series(damaged),
    )


def frame_times(index: FrameIndex) -> np.ndarray:
    """Start of every frame on the episode clock in seconds, and the end of the last."""
    return np.append(index.all_seconds, index.seconds(len(index)))
