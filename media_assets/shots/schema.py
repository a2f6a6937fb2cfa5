"""The tables of `shots/`. Frames count from 0 in decoding-to-display order of the whole master."""

import polars as pl

from media_assets.shots.features import FEATURE_SCHEMA
from resources.tables import Column, TableSchema

EPISODE = Column(pl.String, "The episode, which is the partition.")
CLIP_ID = Column(pl.String, "`{episode_id}-{start in ms, 8 digits}`.")

# In a line each; what exactly is measured, and why, stands at `FEATURE_SCHEMA`.
FEATURES_ABOUT = {
    "luma_mean": "Mean luma, 0 to 255, inside the bars as all that follows.",
    "luma_std": "Deviation of luma over the picture.",
    "black_fraction": "Share of the picture at black level.",
    "drawn_fraction": "Share of the picture away from its commonest shade.",
    "shade_luma": "The commonest shade.",
    "sharpness_luma2": "Mean squared step between neighbouring pixels.",
    "detail_luma2": "Mean squared step between cells of a thumbnail.",
    "motion_luma": "Mean change from the frame before, in a thumbnail.",
    "drift_luma": "Mean change from a third of a second before.",
    "bar_top_px": "Black rows at the top; null on frames in between.",
    "bar_bottom_px": "Black rows at the bottom.",
    "bar_left_px": "Black columns at the left.",
    "bar_right_px": "Black columns at the right.",
    "envelope_luma": "Distance to each of the frames before, tolerant of small motion.",
    "rms_luma": "Root mean square difference to each of the frames before.",
    "colour_yuv": "Mean Y, U, V on a 4x4 grid.",
}

FRAME_MEASURES = TableSchema(
    "frame_measures",
    "Small numbers measured on every frame in one decode of the master; row n is frame n.",
    {
        "episode_id": EPISODE,
        "frame": Column(pl.Int64, "Number of the frame."),
        "pts": Column(pl.Int64, "PTS in the time base of the stream."),
        "ts_s": Column(pl.Float64, "Start on the episode's clock."),
        "duration_s": Column(pl.Float64, "Time until the next frame."),
        "damaged": Column(pl.Boolean, "Does not decode, or was concealed; has old measures then."),
        **{
            name: Column(dtype, FEATURES_ABOUT[name], nullable=name.startswith("bar_"))
            for name, dtype in FEATURE_SCHEMA.items()
            if name != "frame"
        },
    },
    unique=("frame",),
)

SHOTS = TableSchema(
    "shots",
    "Shots in order; a gradual transition is the gap between two of them.",
    {
        "episode_id": EPISODE,
        "shot_key": Column(pl.String, "`{episode_id}:s{shot_index:04d}`, a label of the moment."),
        "shot_index": Column(pl.Int64, "Running number from 0."),
        "start_frame": Column(pl.Int64, "First frame."),
        "end_frame": Column(pl.Int64, "Frame after the last."),
        "start_s": Column(pl.Float64, "Start on the episode's clock."),
        "end_s": Column(pl.Float64, "End on the episode's clock."),
        "transition_in": Column(
            pl.String, "start, cut, dissolve, fade_in, fade_out, fade, wipe, flash."
        ),
        "transition_out": Column(pl.String, "end, or as transition_in."),
        "confidence": Column(pl.Float64, "Of the weaker of its two boundaries, 0 to 1."),
    },
    unique=("shot_index",),
)

SCENES = TableSchema(
    "scenes",
    "Runs of consecutive shots that share a place.",
    {
        "episode_id": EPISODE,
        "scene_index": Column(pl.Int64, "Running number from 0."),
        "first_shot": Column(pl.Int64, "shot_index of the first shot."),
        "last_shot": Column(pl.Int64, "shot_index of the last shot, inclusive."),
        "start_frame": Column(pl.Int64, "First frame."),
        "end_frame": Column(pl.Int64, "Frame after the last."),
        "start_s": Column(pl.Float64, "Start on the episode's clock."),
        "end_s": Column(pl.Float64, "End on the episode's clock."),
    },
    unique=("scene_index",),
)

CLIPS = TableSchema(
    "clips",
    "Pieces of one shot each, clear of its transitions, at an exact constant rate.",
    {
        "episode_id": EPISODE,
        "clip_id": CLIP_ID,
        "clip": Column(pl.String, "File name in exports: `{clip_id}.mp4`."),
        "shot_key": Column(pl.String, "The shot it is part of."),
        "shot_index": Column(pl.Int64, "The shot it is part of."),
        "scene_index": Column(pl.Int64, "The scene it is part of."),
        "start_frame": Column(pl.Int64, "First frame."),
        "end_frame": Column(pl.Int64, "Frame after the last."),
        "start_s": Column(pl.Float64, "Start on the episode's clock."),
        "end_s": Column(pl.Float64, "End on the episode's clock."),
        "fps": Column(pl.Float64, "Rate of the clip, `fps_num / fps_den`."),
        "fps_num": Column(pl.Int64, "Exact rate, numerator."),
        "fps_den": Column(pl.Int64, "Exact rate, denominator."),
        "frames": Column(pl.Int64, "Frames that the encoded clip has."),
        "width_px": Column(pl.Int64, "Width of the encoded clip."),
        "height_px": Column(pl.Int64, "Height of the encoded clip."),
        "suspected": Column(pl.Boolean, "May hold a transition too unsure to end the shot."),
    },
    unique=("clip_id",),
)

CLIP_QUALITY = TableSchema(
    "clip_quality",
    "Measures of every clip and whether it is kept; no row is dropped.",
    {
        "episode_id": EPISODE,
        "clip_id": CLIP_ID,
        "motion": Column(pl.Float64, "Mean change between consecutive frames, 0 to 255."),
        "luma": Column(pl.Float64, "Mean luma, 0 to 255."),
        "contrast": Column(pl.Float64, "Mean over frames of the deviation of luma."),
        "sharpness": Column(pl.Float64, "Median over frames of the measure of the pass."),
        "black_share": Column(pl.Float64, "Share of frames that are black."),
        "static_share": Column(pl.Float64, "Share of frames that equal the one before."),
        "damaged_frames": Column(pl.Int64, "Frames that do not decode, or only concealed."),
        "crop_x_px": Column(pl.Int64, "Left edge inside the bars, in the stored picture."),
        "crop_y_px": Column(pl.Int64, "Upper edge inside the bars, in the stored picture."),
        "crop_width_px": Column(pl.Int64, "Stored width without pillarbox."),
        "crop_height_px": Column(pl.Int64, "Stored height without letterbox."),
        "kept": Column(pl.Boolean, "Whether it goes on to captions and exports."),
        "reasons": Column(pl.List(pl.String), "Why it is not kept; empty if it is."),
    },
    unique=("clip_id",),
)

REFERENCE_FRAMES = TableSchema(
    "reference_frames",
    "First, middle and last frame of every kept clip as pictures.",
    {
        "episode_id": EPISODE,
        "clip_id": CLIP_ID,
        "k": Column(pl.Int64, "0 is the first frame of the clip."),
        "frame": Column(pl.Int64, "Frame of the master."),
        "ts_s": Column(pl.Float64, "Its time on the episode's clock."),
        "path": Column(pl.String, "PNG, relative to the home."),
        "width_px": Column(pl.Int64, "Width, as the clip's."),
        "height_px": Column(pl.Int64, "Height, as the clip's."),
        "row_key": Column(pl.String, "What the row was made from."),
    },
    unique=("clip_id", "k"),
    files=("path",),
)

CLIP_FILES = TableSchema(
    "clip_files",
    "The encoded file of every kept clip.",
    {
        "episode_id": EPISODE,
        "clip_id": CLIP_ID,
        "path": Column(pl.String, "MP4, relative to the home, named by content key."),
        "bytes": Column(pl.Int64, "Size of the file."),
        "sha256": Column(pl.String, "Hash of the file."),
        "frames": Column(pl.Int64, "Frames in the file."),
        "frames_sha256": Column(pl.String, "Hash over the decoded frames that went in."),
        "audio": Column(pl.Boolean, "Whether it has sound."),
        "encoder": Column(pl.String, "Encoder and its parameters."),
        "row_key": Column(pl.String, "What the row was made from."),
    },
    unique=("clip_id",),
    files=("path",),
)

TABLES = (FRAME_MEASURES, SHOTS, SCENES, CLIPS, CLIP_QUALITY, REFERENCE_FRAMES, CLIP_FILES)
