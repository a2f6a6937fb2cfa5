"""Reference frames: first, middle and last frame of every clip as PNG."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from media_assets.media.color import hdr_kind
from media_assets.media.index import FrameIndex, read_index
from media_assets.media.picture import Geometry, read_geometry, read_pictures, upright_rgb
from media_assets.media.video import decode_frames
from media_assets.shots.clips import Piece, reference_frames
from media_assets.shots.kept_frames import kept_frames
from media_assets.shots.schema import REFERENCE_FRAMES
from resources.home import Home
from resources.tables import atomic_write, digest

if TYPE_CHECKING:
    from av import VideoFrame

# Fast and a little larger; PNG is lossless at every level.
PNG_LEVEL = 2
CROP = ("crop_x_px", "crop_y_px", "crop_width_px", "crop_height_px")
SIZE = ("width_px", "height_px")


def wanted_frames(
    clips: pl.DataFrame, clip_quality: pl.DataFrame, measures: pl.DataFrame, sha256: str
) -> pl.DataFrame:
    """One row per picture of every kept clip, with all that its pixels depend on."""
    pts, times = measures["pts"], measures["ts_s"]
    rows = []
    for clip in clips.join(clip_quality.filter("kept"), on="clip_id").iter_rows(named=True):
        piece = Piece(clip["start_frame"], clip["end_frame"])
        for k, frame in enumerate(dict.fromkeys(reference_frames(piece))):
            rows.append(
                {name: clip[name] for name in ("episode_id", "clip_id", *CROP, *SIZE)}
                | {"k": k, "frame": frame, "pts": pts[frame], "ts_s": times[frame]}
                | {"sha256": sha256}
            )
    return pl.DataFrame(rows)


def write_pictures(wanted: pl.DataFrame, master: Path, kept_at: Path, home: Home) -> pl.DataFrame:
    """Writes the pictures of `wanted_frames` and gives their rows of `reference_frames`.

    Frames that were set aside while the master was decoded are taken from there, others are read
    from the master; the pictures are the same.
    """
    index = read_index(master)
    geometry = read_geometry(master, index)
    rows = {row["frame"]: row for row in wanted.iter_rows(named=True)}
    paths: dict[int, str] = {}
    for frame, picture in _set_aside(rows, master, kept_at, index, geometry):
        paths[frame] = _write(rows[frame], picture, home)
    left = wanted.filter(~pl.col("frame").is_in(list(paths)))
    for _, group in left.group_by(*CROP, *SIZE, maintain_order=True):
        row = group.row(0, named=True)
        shape = _shape(geometry, row)
        for pts, picture in read_pictures(master, group["pts"].to_list(), *shape, index):
            frame = index.position(pts)
            paths[frame] = _write(rows[frame], picture, home)
    return REFERENCE_FRAMES.frame(
        {name: row[name] for name in ("episode_id", "clip_id", "k", "frame", "ts_s", *SIZE)}
        | {"path": paths[row["frame"]], "row_key": ""}
        for row in wanted.iter_rows(named=True)
    )


def _set_aside(
    rows: Mapping[int, Mapping[str, Any]],
    master: Path,
    kept_at: Path,
    index: FrameIndex,
    geometry: Geometry,
) -> Iterator[tuple[int, np.ndarray]]:
    """Frame number and picture of the wanted frames in the file of kept frames.

    None of an interlaced master, whose pictures need both neighbours, nor of an HDR one, whose
    pictures need metadata that the file does not carry.
    """
    like = next(decode_frames(master, index))
    if geometry.interlaced or hdr_kind(like) != "sdr":
        return
    for number, frame in kept_frames(kept_at):
        if number in rows:
            _color_like(frame, like)
            for _, picture in upright_rgb([frame], *_shape(geometry, rows[number])):
                yield number, picture


def _color_like(frame: "VideoFrame", like: "VideoFrame") -> None:
    frame.colorspace, frame.color_range = like.colorspace, like.color_range
    frame.color_primaries, frame.color_trc = like.color_primaries, like.color_trc


def _shape(geometry: Geometry, row: Mapping[str, Any]) -> tuple[Geometry, tuple[int, int]]:
    """The geometry inside the clip's crop box, and the size of the clip."""
    return replace(geometry, crop=tuple(row[name] for name in CROP)), (
        row["width_px"],
        row["height_px"],
    )


def _write(row: Mapping[str, Any], picture: np.ndarray, home: Home) -> str:
    import cv2

    key = digest([row[name] for name in ("sha256", "pts", *CROP, *SIZE)])
    path = home.files / "frames" / row["episode_id"] / f"{key}.png"
    _, data = cv2.imencode(".png", picture[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, PNG_LEVEL])
    atomic_write(path, lambda file: file.write(data.tobytes()))
    return home.relative(path)
