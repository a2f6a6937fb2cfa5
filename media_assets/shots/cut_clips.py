"""Clip files: the frames of every kept clip, encoded at an exact constant rate with their sound."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from media_assets.media.audio import Samples, read_audio_spans
from media_assets.media.encode import EncodeSettings, encode_clip, planned, resample_plan
from media_assets.media.hashing import FramesDigest, sha256_file
from media_assets.media.index import FrameIndex, read_index
from media_assets.media.picture import Geometry, read_geometry, upright
from media_assets.media.video import read_frames
from media_assets.shots.schema import CLIP_FILES
from resources.home import Home
from resources.problems import BadInput
from resources.tables import digest

if TYPE_CHECKING:
    from av import VideoFrame

# AAC at any common source rate; a fixed rate keeps clips of one dataset alike.
AUDIO_RATE_HZ = 48_000


def wanted_clips(
    clips: pl.DataFrame, clip_quality: pl.DataFrame, probe: pl.DataFrame
) -> pl.DataFrame:
    """One row per kept clip with all that its file depends on."""
    boxes = clip_quality.filter("kept").select("clip_id", pl.col("^crop_.*$"))
    return clips.select(
        "episode_id",
        "clip_id",
        "start_frame",
        "end_frame",
        "start_s",
        "end_s",
        "fps_num",
        "fps_den",
        "frames",
        "width_px",
        "height_px",
        sha256=pl.lit(probe["sha256"][0]),
        audio_stream=pl.lit(probe["audio_stream"][0], pl.Int64),
    ).join(boxes, on="clip_id", maintain_order="left")


def encode_clips(
    wanted: pl.DataFrame, master: Path, home: Home, settings: EncodeSettings
) -> pl.DataFrame:
    """Encodes the clips of `wanted_clips` in one pass over the master; rows of `clip_files`."""
    clips = wanted.sort("start_frame").to_dicts()
    index = read_index(master)
    geometry = read_geometry(master, index)
    owner = {
        int(index.pts[frame]): number
        for number, clip in enumerate(clips)
        for frame in range(clip["start_frame"], clip["end_frame"])
    }
    frames = (frame for _, frame in read_frames(master, list(owner), index))
    runs = groupby(frames, key=lambda frame: owner[frame.pts])
    rows = [
        _encode(clips[number], run, sound, index, geometry, home, settings)
        for (number, run), sound in zip(runs, _sounds(clips, master), strict=True)
    ]
    order = pl.DataFrame(rows, schema=CLIP_FILES.dtypes)
    return (
        wanted.select("clip_id")
        .join(order, on="clip_id", maintain_order="left")
        .select(order.columns)
    )


def _sounds(clips: Sequence[dict[str, Any]], master: Path) -> Iterator[Samples | None]:
    """The sound of each clip, or None where the master has none."""
    stream = clips[0]["audio_stream"]
    if stream is None:
        yield from (None for _ in clips)
        return
    spans = [(clip["start_s"], clip["end_s"]) for clip in clips]
    yield from read_audio_spans(master, spans, stream, rate=AUDIO_RATE_HZ)


def _encode(
    clip: dict[str, Any],
    frames: Iterable["VideoFrame"],
    sound: Samples | None,
    index: FrameIndex,
    geometry: Geometry,
    home: Home,
    settings: EncodeSettings,
) -> dict[str, Any]:
    start, end = clip["start_frame"], clip["end_frame"]
    rate = Fraction(clip["fps_num"], clip["fps_den"])
    size = clip["width_px"], clip["height_px"]
    crop = (
        clip["crop_x_px"],
        clip["crop_y_px"],
        clip["crop_width_px"],
        clip["crop_height_px"],
    )
    plan = resample_plan(index.pts[start:end], index.time_base, clip["frames"], rate)
    hashed = FramesDigest()
    source = _hashed(frames, hashed)
    pictures = upright(source, replace(geometry, crop=crop), size)
    path = home.files / "clips" / clip["episode_id"] / f"{digest([clip, vars(settings)])}.mp4"
    encoded = encode_clip(
        path,
        planned(pictures, plan),
        rate=rate,
        width=size[0],
        height=size[1],
        audio=sound,
        audio_rate=AUDIO_RATE_HZ,
        settings=settings,
    )
    # Frames after the last that the plan shows belong to the clip's hash all the same.
    deque(source, maxlen=0)
    if encoded.frames != clip["frames"]:
        raise BadInput(
            f"clip {clip['clip_id']} has {encoded.frames} of {clip['frames']} frames",
            where=f"frames {start} to {end}",
            remedy="Check the copy of the master: its frames can not be read again.",
        )
    return {
        "episode_id": clip["episode_id"],
        "clip_id": clip["clip_id"],
        "path": home.relative(path),
        "bytes": encoded.bytes,
        "sha256": sha256_file(path),
        "frames": encoded.frames,
        "frames_sha256": hashed.hexdigest(),
        "audio": sound is not None,
        "encoder": f"libx264 crf={settings.crf:g} preset={settings.preset}",
        "row_key": "",
    }


def _hashed(frames: Iterable["VideoFrame"], hashed: FramesDigest) -> Iterator["VideoFrame"]:
    for frame in frames:
        hashed.update(frame)
        yield frame
