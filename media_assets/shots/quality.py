"""Clip quality: measures over the frames of a clip, and whether it is kept."""

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class QualitySettings:
    """Limits beyond which a clip is not kept; conservative, so that a person would agree.

    min_s: spec-decisions.md, "Everywhere".
    max_black_share: share of frames that are black (98 % of the picture at black level, as in
        FFmpeg's blackdetect).
    max_static_share: share of frames that equal the one before; a clip that never moves is a still.
    min_contrast: deviation of luma below which there is nothing to see (a flat card).
    min_side_px: shorter side of the source's picture inside its bars.
    Frames that do not decode, or only concealed, are always a reason.
    """

    min_s: float = 1.0
    max_black_share: float = 0.5
    max_static_share: float = 0.98
    min_contrast: float = 4.0
    min_side_px: int = 64


# Share of the picture at black level from which a frame is black: FFmpeg's blackdetect default.
BLACK_PICTURE = 0.98
# Mean change of luma below which two frames are the same but for coding noise.
STILL_LUMA = 0.05


@dataclass(frozen=True)
class Quality:
    """Measures of one clip; see the columns of `clip_quality`."""

    motion: float
    luma: float
    contrast: float
    sharpness: float
    black_share: float
    static_share: float
    damaged_frames: int


def measure(frames: pl.DataFrame) -> Quality:
    """The measures over the rows of `frame_measures` that belong to one clip."""
    # The first frame's motion is its difference to a frame outside the clip.
    moved = frames["motion_luma"][1:]
    return Quality(
        motion=_mean(moved),
        luma=_mean(frames["luma_mean"]),
        contrast=_mean(frames["luma_std"]),
        sharpness=float(frames["sharpness_luma2"].median() or 0.0),  # type: ignore[arg-type]
        black_share=_mean(frames["black_fraction"] >= BLACK_PICTURE),
        static_share=_mean(moved < STILL_LUMA) if len(moved) else 1.0,
        damaged_frames=int(frames["damaged"].sum()),
    )


def reasons_against(
    quality: Quality, duration_s: float, side_px: int, settings: QualitySettings
) -> list[str]:
    """Why the clip is not kept, one word each; empty if it is."""
    faults = {
        "too_short": duration_s < settings.min_s - 1e-6,
        "damaged": quality.damaged_frames > 0,
        "too_small": side_px < settings.min_side_px,
        "black": quality.black_share > settings.max_black_share,
        "static": quality.static_share > settings.max_static_share,
        "flat": quality.contrast < settings.min_contrast,
    }
    return [name for name, at_fault in faults.items() if at_fault]


def _mean(values: pl.Series) -> float:
    return float(values.mean() or 0.0)  # type: ignore[arg-type]
