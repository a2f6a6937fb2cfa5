"""The tables of shots, scenes and clips, from frame measures."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl

from media_assets.media.encode import frame_count
from media_assets.media.picture import Geometry, fit_size
from media_assets.shots.bars import Box, crop_boxes
from media_assets.shots.clips import ClipSettings, clip_id, set_aside, split, usable_piece
from media_assets.shots.quality import QualitySettings, measure, reasons_against
from media_assets.shots.scenes import SceneSettings, layouts, scene_runs
from media_assets.shots.schema import CLIP_QUALITY, CLIPS, SCENES, SHOTS
from media_assets.shots.suspects import suspected_spans
from media_assets.shots.transitions import (
    TransitionConfig,
    detect_transitions,
    shots_from_transitions,
)


def frame_times(measures: pl.DataFrame) -> np.ndarray:
    """Start of every frame in seconds on the episode clock and, last, the end of the last frame."""
    times = measures["ts_s"].to_numpy()
    return np.append(times, times[-1:] + measures["duration_s"].to_numpy()[-1:])


def shot_rows(episode_id: str, measures: pl.DataFrame, config: TransitionConfig) -> pl.DataFrame:
    """`shots`: the runs of frames between transitions."""
    times = frame_times(measures)
    found = shots_from_transitions(detect_transitions(measures, config), measures.height)
    return SHOTS.frame(
        {
            "episode_id": episode_id,
            "shot_key": f"{episode_id}:s{number:04d}",
            "shot_index": number,
            "start_frame": shot.start_frame,
            "end_frame": shot.end_frame,
            "start_s": float(times[shot.start_frame]),
            "end_s": float(times[shot.end_frame]),
            "transition_in": shot.transition_in or "start",
            "transition_out": shot.transition_out or "end",
            "confidence": shot.confidence,
        }
        for number, shot in enumerate(found)
    )


def scene_rows(shots: pl.DataFrame, measures: pl.DataFrame, config: SceneSettings) -> pl.DataFrame:
    """`scenes`: runs of shots that share a place."""
    rows = []
    for number, (first, last) in enumerate(scene_runs(layouts(shots, measures), config)):
        opening, closing = shots.row(first, named=True), shots.row(last, named=True)
        rows.append(
            {
                "episode_id": opening["episode_id"],
                "scene_index": number,
                "first_shot": first,
                "last_shot": last,
                "start_frame": opening["start_frame"],
                "end_frame": closing["end_frame"],
                "start_s": opening["start_s"],
                "end_s": closing["end_s"],
            }
        )
    return SCENES.frame(rows)


def clip_rows(
    shots: pl.DataFrame,
    scenes: pl.DataFrame,
    measures: pl.DataFrame,
    probe: dict[str, Any],
    config: ClipSettings,
) -> pl.DataFrame:
    """`clips`: every shot without its handles, in pieces of at most the longest length.

    Pieces that are too short or may be transitions are rows too; `clip_quality` says so of them.
    """
    times = frame_times(measures)
    rate = Fraction(probe["fps_num"], probe["fps_den"])
    scene_of = np.repeat(scenes["scene_index"], scenes["last_shot"] - scenes["first_shot"] + 1)
    usable = [
        usable_piece(start, end, opened_by, closed_by, config)
        for start, end, opened_by, closed_by in shots.select(
            "start_frame", "end_frame", "transition_in", "transition_out"
        ).iter_rows()
    ]
    suspects = suspected_spans(
        measures, [(u.start_frame, u.end_frame) for u in usable], config.suspect_mix
    )
    planned = [
        (shot, piece, suspected)
        for shot, whole in zip(shots.iter_rows(named=True), usable, strict=True)
        for part, suspected in set_aside(whole, suspects, config)
        for piece in split(part, times, config)
    ]
    boxes = _boxes(measures, [(p.start_frame, p.end_frame) for _, p, _ in planned], probe)
    rows = []
    for (shot, piece, suspected), box in zip(planned, boxes, strict=True):
        start_s, end_s = float(times[piece.start_frame]), float(times[piece.end_frame])
        width, height = clip_size(box, probe, config)
        name = clip_id(shot["episode_id"], start_s)
        rows.append(
            {
                "episode_id": shot["episode_id"],
                "clip_id": name,
                "clip": f"{name}.mp4",
                "shot_key": shot["shot_key"],
                "shot_index": shot["shot_index"],
                "scene_index": int(scene_of[shot["shot_index"]]),
                "start_frame": piece.start_frame,
                "end_frame": piece.end_frame,
                "start_s": start_s,
                "end_s": end_s,
                "fps": float(rate),
                "fps_num": rate.numerator,
                "fps_den": rate.denominator,
                "frames": frame_count(Fraction(start_s), Fraction(end_s), rate),
                "width_px": width,
                "height_px": height,
                "suspected": suspected,
            }
        )
    return CLIPS.frame(rows)


def clip_size(box: Box, probe: dict[str, Any], config: ClipSettings) -> tuple[int, int]:
    """Width and height of a clip: its picture inside the bars, upright, pixels square, even."""
    inside = Geometry(
        width_px=box.width,
        height_px=box.height,
        pixel_aspect=Fraction(probe["pixel_aspect"]),
        transpose=probe["rotation_deg"] in (90, 270),
    )
    return fit_size(*inside.shown_size, config.max_height_px)


def quality_rows(
    clips: pl.DataFrame, measures: pl.DataFrame, probe: dict[str, Any], config: QualitySettings
) -> pl.DataFrame:
    """`clip_quality`: measures of every clip, its crop box, and whether it is kept."""
    boxes = _boxes(measures, list(clips.select("start_frame", "end_frame").iter_rows()), probe)
    rows = []
    for clip, box in zip(clips.iter_rows(named=True), boxes, strict=True):
        quality = measure(measures[clip["start_frame"] : clip["end_frame"]])
        reasons = reasons_against(
            quality, clip["end_s"] - clip["start_s"], min(box.width, box.height), config
        )
        if clip["suspected"]:
            reasons.append("suspected_transition")
        rows.append(
            {
                "episode_id": clip["episode_id"],
                "clip_id": clip["clip_id"],
                **vars(quality),
                "crop_x_px": box.x,
                "crop_y_px": box.y,
                "crop_width_px": box.width,
                "crop_height_px": box.height,
                "kept": not reasons,
                "reasons": reasons,
            }
        )
    return CLIP_QUALITY.frame(rows)


def _boxes(
    measures: pl.DataFrame, spans: Sequence[tuple[int, int]], probe: dict[str, Any]
) -> list[Box]:
    return crop_boxes(measures, spans, probe["coded_width_px"], probe["coded_height_px"])
