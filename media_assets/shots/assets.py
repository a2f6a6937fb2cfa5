"""The door of `shots/`: from the frames of a master to clips on disk."""

from pathlib import Path

import polars as pl

from media_assets.checks import Check, table_check
from media_assets.ingest.schema import PROBE
from media_assets.media.encode import EncodeSettings
from media_assets.shots.clips import ClipSettings
from media_assets.shots.cut_clips import encode_clips, wanted_clips
from media_assets.shots.frame_pass import measure_frames
from media_assets.shots.pictures import clip_strip, shot_sheet
from media_assets.shots.quality import QualitySettings
from media_assets.shots.reference import wanted_frames, write_pictures
from media_assets.shots.rows import clip_rows, quality_rows, scene_rows, shot_rows
from media_assets.shots.scenes import SceneSettings
from media_assets.shots.schema import (
    CLIP_FILES,
    CLIP_QUALITY,
    CLIPS,
    FRAME_MEASURES,
    REFERENCE_FRAMES,
    SCENES,
    SHOTS,
)
from media_assets.shots.transitions import TransitionConfig
from media_assets.table_assets import Episode, episode_table
from resources.home import Home
from resources.problems import BadInput, NotApplicable
from resources.samples import Rows
from resources.tables import digest


def kept_at(home: Home, sha256: str) -> Path:
    """Where frames of a master are set aside for reference; a cache."""
    return home.files / "kept_frames" / f"{digest(sha256)}.nut"


@table_check(blocking=False)
def every_frame_decodes(table: pl.DataFrame) -> Check:
    """The master is whole; clips with damaged frames are rows and not kept."""
    damaged = table.filter("damaged")
    if damaged.is_empty():
        return Check(True, f"{table.height} frames")
    first, last = damaged["ts_s"][0], damaged["ts_s"][-1]
    return Check(
        False,
        f"{damaged.height} of {table.height} frames are damaged, between {first:.1f} and "
        f"{last:.1f} s. Copy the master again.",
    )


@episode_table(
    FRAME_MEASURES,
    group="shots",
    code_version="2",
    inputs=[PROBE],
    use="video",
    checks=[every_frame_decodes],
    kinds=["ffmpeg", "opencv"],
)
def frame_measures(ep: Episode, probe: pl.DataFrame) -> pl.DataFrame:
    """Frames that clips will want for reference are set aside in the same pass."""
    if probe["video_stream"][0] is None:
        raise NotApplicable("the master has no video")
    measures = measure_frames(ep.master, kept_at(ep.home, probe["sha256"][0]))
    return measures.with_columns(episode_id=pl.lit(ep.id)).select(list(FRAME_MEASURES.columns))


@table_check(blocking=True)
def shots_are_in_order_and_apart(table: pl.DataFrame, frame_measures: pl.DataFrame) -> Check:
    """Shots follow on each other without overlap, inside the master, none of them empty."""
    starts, ends = table["start_frame"], table["end_frame"]
    faults = int((starts >= ends).sum()) + int((starts[1:] < ends[:-1]).sum())
    outside = table.height > 0 and (starts[0] < 0 or ends[-1] > frame_measures.height)
    return Check(not faults and not outside, f"{table.height} shots, {faults} out of order")


@episode_table(
    SHOTS,
    group="shots",
    code_version="2",
    inputs=[PROBE, FRAME_MEASURES],
    settings=TransitionConfig,
    checks=[shots_are_in_order_and_apart],
    preview=lambda home, table, probe: shot_sheet(table, kept_at(home, probe["sha256"][0])),
)
def shots(
    ep: Episode, probe: pl.DataFrame, frame_measures: pl.DataFrame, config: TransitionConfig
) -> pl.DataFrame:
    """Cuts, dissolves, fades and wipes, found from luma alone."""
    rows = shot_rows(ep.id, frame_measures, config)
    if rows.is_empty():
        raise BadInput(
            f"no shot among its frames ({frame_measures.height} in all)",
            where=ep.registration.relative_path,
            remedy="Check that the copy is complete, or remove the episode.",
        )
    return rows


@episode_table(
    SCENES,
    group="shots",
    code_version="1",
    inputs=[SHOTS, FRAME_MEASURES],
    settings=SceneSettings,
)
def scenes(
    ep: Episode, shots: pl.DataFrame, frame_measures: pl.DataFrame, config: SceneSettings
) -> pl.DataFrame:
    """Overlapping links between shots that look alike."""
    return scene_rows(shots, frame_measures, config)


@table_check(blocking=True)
def clips_stay_inside_their_shots(table: pl.DataFrame, shots: pl.DataFrame) -> Check:
    """No clip holds a frame of another shot or of a transition."""
    spans = shots.select("shot_index", first="start_frame", beyond="end_frame")
    joined = table.join(spans, on="shot_index", how="left")
    outside = joined.filter(
        (pl.col("start_frame") < pl.col("first")) | (pl.col("end_frame") > pl.col("beyond"))
    )
    return Check(outside.is_empty(), f"{outside.height} of {table.height} clips reach outside")


@episode_table(
    CLIPS,
    group="shots",
    code_version="2",
    inputs=[SHOTS, SCENES, FRAME_MEASURES, PROBE],
    settings=ClipSettings,
    checks=[clips_stay_inside_their_shots],
)
def clips(
    ep: Episode,
    shots: pl.DataFrame,
    scenes: pl.DataFrame,
    frame_measures: pl.DataFrame,
    probe: pl.DataFrame,
    config: ClipSettings,
) -> pl.DataFrame:
    """Every shot without its handles, in pieces; short ones are rows too and judged later."""
    return clip_rows(shots, scenes, frame_measures, probe.row(0, named=True), config)


@episode_table(
    CLIP_QUALITY,
    group="shots",
    code_version="2",
    inputs=[CLIPS, FRAME_MEASURES, PROBE],
    settings=QualitySettings,
)
def clip_quality(
    ep: Episode,
    clips: pl.DataFrame,
    frame_measures: pl.DataFrame,
    probe: pl.DataFrame,
    config: QualitySettings,
) -> pl.DataFrame:
    """From the measures of the one decode; nothing is decoded here."""
    return quality_rows(clips, frame_measures, probe.row(0, named=True), config)


@episode_table(
    REFERENCE_FRAMES,
    group="shots",
    code_version="2",
    inputs=[PROBE, CLIPS, CLIP_QUALITY, FRAME_MEASURES],
    kinds=["opencv"],
    preview=clip_strip,
)
def reference_frames(
    ep: Episode,
    probe: pl.DataFrame,
    clips: pl.DataFrame,
    clip_quality: pl.DataFrame,
    frame_measures: pl.DataFrame,
) -> Rows:
    """First, middle and last frame of each kept clip, cropped and sized as the clip is."""
    sha256 = probe["sha256"][0]
    kept = kept_at(ep.home, sha256)
    wanted = wanted_frames(clips, clip_quality, frame_measures, sha256)
    rows = ep.rows(
        wanted,
        lambda missing: write_pictures(missing, ep.master, kept, ep.home),
        usable=ep.has_file,
    )
    kept.unlink(missing_ok=True)
    return rows


@table_check(blocking=True)
def files_are_whole(table: pl.DataFrame, clips: pl.DataFrame) -> Check:
    """Every file has the frames that its clip was planned with."""
    planned = clips.select("clip_id", planned="frames")
    differ = table.join(planned, on="clip_id", how="left").filter(
        pl.col("frames").ne_missing(pl.col("planned"))
    )
    return Check(differ.is_empty(), f"{differ.height} of {table.height} clips differ")


@episode_table(
    CLIP_FILES,
    group="shots",
    code_version="2",
    inputs=[PROBE, CLIPS, CLIP_QUALITY],
    settings=EncodeSettings,
    checks=[files_are_whole],
    kinds=["ffmpeg"],
)
def clip_files(
    ep: Episode,
    probe: pl.DataFrame,
    clips: pl.DataFrame,
    clip_quality: pl.DataFrame,
    config: EncodeSettings,
) -> Rows:
    """Kept clips as H.264 with AAC, upright, SDR, at the exact rate of the master."""
    return ep.rows(
        wanted_clips(clips, clip_quality, probe),
        lambda missing: encode_clips(missing, ep.master, ep.home, config),
        usable=ep.has_file,
    )
