"""From the tables of an episode to its captions: what each row depends on, then the row."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from media_assets.captions.compose import (
    MAX_TOKENS,
    Known,
    Line,
    Look,
    compose_structured_caption,
    compose_training_caption,
    looks,
)
from media_assets.captions.describe import BACKEND, DescribeSettings, describe
from media_assets.captions.schema import CAPTIONS

LOOK = pl.Struct({"name": pl.String, "hair": pl.String, "outfit": pl.String})
QUOTE = pl.Struct({"speaker": pl.String, "line": pl.String})


@dataclass(frozen=True)
class CaptionSettings(DescribeSettings):
    """When a measure is worth a word, and how long a training caption may be."""

    max_tokens: int = MAX_TOKENS


def caption_facts(
    masters: pl.DataFrame,
    clip_quality: pl.DataFrame,
    annotations: pl.DataFrame,
    cast: pl.DataFrame,
) -> pl.DataFrame:
    """Per annotated clip, in order, what its captions depend on and nothing else.

    Of the cast only the looks of those who are in the clip, so that a change of one character's
    hair touches only the clips that show that character. Of the lines no label of a voice: only
    names are quoted.
    """
    known = {row["character"]: row for row in cast.iter_rows(named=True)}
    seen = [
        [vars(look) for look in looks(row["characters"], row["outfits"], known)]
        for row in annotations.iter_rows(named=True)
    ]
    quotes = [
        [{"speaker": line["speaker"], "line": line["line"]} for line in lines]
        for lines in annotations["lines"]
    ]
    return (
        annotations.with_columns(
            looks=pl.Series(seen, dtype=pl.List(LOOK)),
            lines=pl.Series(quotes, dtype=pl.List(QUOTE)),
        )
        .join(clip_quality.select("clip_id", "luma", "contrast"), on="clip_id", how="left")
        .join(masters.select("episode_id", "show", "season", "title"), on="episode_id", how="left")
        .sort("clip_id")
        .select(
            *("episode_id", "clip_id", "show", "season", "title", "scene_type", "shot_size"),
            *("motion", "location", "looks", "lines", "luma", "contrast"),
        )
    )


def caption(facts: pl.DataFrame, settings: CaptionSettings) -> pl.DataFrame:
    """Captions of the clips in `facts` (as `caption_facts` gives them), in order."""
    return CAPTIONS.frame(
        _captions(row, settings) | {"row_key": ""} for row in facts.iter_rows(named=True)
    )


def _captions(row: Mapping[str, Any], settings: CaptionSettings) -> dict[str, Any]:
    known = Known(
        description=describe(row["motion"], row["luma"], row["contrast"], settings),
        show=row["show"],
        season=row["season"],
        title=row["title"],
        scene_type=row["scene_type"],
        shot_size=row["shot_size"],
        motion=row["motion"],
        location=row["location"],
        looks=[Look(**look) for look in row["looks"]],
        lines=[Line(**line) for line in row["lines"]],
    )
    return {
        "episode_id": row["episode_id"],
        "clip_id": row["clip_id"],
        "caption": known.description,
        "structured_caption": compose_structured_caption(known),
        "training_caption": compose_training_caption(known, settings.max_tokens),
        "backend": BACKEND,
    }
