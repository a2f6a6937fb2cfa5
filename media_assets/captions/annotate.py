"""What measured facts and subtitles say of each kept clip; what nobody measured stays empty.

Rules
- A line belongs to the clip that holds most of it, and only if that is at least `line_share` of
  its duration. Where a clip cuts off part of its line, or holds part of another's, `notes` say so.
- A speaker is known if the subtitles name one whom people mapped to a character (that always
  wins), or whose name is the name or an alias of exactly one character of the cast.
- Who speaks is not thereby seen: `characters` holds who is visible, and nothing here sees anyone.
- The scene is a dialogue if lines cover at least `dialogue_share` of the clip; else it is unknown.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from media_assets.captions.schema import ANNOTATIONS, LINE

BACKEND = "measures"
ROUNDING = 1e-9
"""A line cut exactly in half is half in either clip, whatever its times in binary make of it."""


@dataclass(frozen=True)
class AnnotateSettings:
    """Thresholds of the rules.

    static, little, moderate: the motion of `clip_quality` below which a clip has none, little or
        moderate motion. Measured on 24 shots of three animated films and looked at: title cards
        reach 0.1, a slow pan or a breathing face 0.4 to 1, walking and gestures 1.2 to 5,
        fights and flight 8 to 14.
    line_share: half: no line can then belong to two clips.
    dialogue_share: half of the clip: more speech than silence.
    heard_s: a shorter rest of a line is no syllable (speech has 4 to 5 a second).
    """

    static: float = 0.15
    little: float = 1.0
    moderate: float = 6.0
    line_share: float = 0.5
    dialogue_share: float = 0.5
    heard_s: float = 0.2


def voices(cast: pl.DataFrame, speaker_map: pl.DataFrame) -> dict[str, str]:
    """The character by the name that subtitles use for it, names in case-folded form."""
    named = [
        (name.casefold(), row["character"])
        for row in cast.iter_rows(named=True)
        for name in {row["character"].casefold(), *(alias.casefold() for alias in row["aliases"])}
    ]
    shared = Counter(name for name, _ in named)
    known = {name: character for name, character in named if shared[name] == 1}
    mapped = speaker_map.select("speaker", "character").iter_rows()
    return known | {speaker.casefold(): character for speaker, character in mapped}


def clip_facts(
    clips: pl.DataFrame,
    clip_quality: pl.DataFrame,
    subtitles: pl.DataFrame,
    characters: Mapping[str, str],
    settings: AnnotateSettings,
) -> pl.DataFrame:
    """Per kept clip, in order, what its annotation depends on and nothing else.

    Columns: episode_id, clip_id, motion, lines, cut_lines (how many of these it cuts off),
    other_lines (how many that belong to no clip or another it holds a part of), speech_share
    (of the clip's duration that lines cover).
    """
    kept = clips.join(
        clip_quality.filter("kept").select("clip_id", "motion"), on="clip_id", maintain_order="left"
    ).select(
        "episode_id",
        "clip_id",
        "motion",
        clip_start_s="start_s",
        clip_end_s="end_s",
    )
    spoken = subtitles.filter(pl.col("spoken"), pl.col("end_s") > pl.col("start_s")).select(
        "subtitle_id",
        "start_s",
        "end_s",
        speaker=pl.col("speaker").map_elements(
            lambda name: characters.get(name.casefold()), return_dtype=pl.String
        ),
        line=pl.col("text").str.replace_all(r"\s+", " ").str.strip_chars(),
    )
    heard = (
        spoken.join_where(
            kept,
            pl.col("start_s") < pl.col("clip_end_s"),
            pl.col("end_s") > pl.col("clip_start_s"),
        )
        .with_columns(
            from_s=pl.max_horizontal("start_s", "clip_start_s"),
            to_s=pl.min_horizontal("end_s", "clip_end_s"),
        )
        .with_columns(
            heard_s=pl.col("to_s") - pl.col("from_s"),
            share=(pl.col("to_s") - pl.col("from_s")) / (pl.col("end_s") - pl.col("start_s")),
        )
    )
    owned = (
        heard.filter(pl.col("share") >= settings.line_share - ROUNDING)
        .sort("share", "clip_start_s", descending=[True, False])
        .unique("subtitle_id", keep="first", maintain_order=True)
        .sort("start_s", "subtitle_id")
    )
    cut_s = pl.col("end_s") - pl.col("start_s") - pl.col("heard_s")
    lines = owned.group_by("clip_id").agg(
        lines=pl.struct(*LINE.to_schema()),
        cut_lines=(cut_s >= settings.heard_s).sum().cast(pl.Int64),
    )
    others = (
        heard.filter(pl.col("heard_s") >= settings.heard_s)
        .join(owned, on=["subtitle_id", "clip_id"], how="anti")
        .group_by("clip_id")
        .agg(other_lines=pl.len().cast(pl.Int64))
    )
    until = pl.col("to_s").cum_max().shift(1).over("clip_id")
    speech = (
        heard.sort("clip_id", "from_s", "to_s")
        .with_columns(new_s=(pl.col("to_s") - pl.max_horizontal("from_s", until)).clip(0.0))
        .group_by("clip_id")
        .agg(speech_s=pl.col("new_s").sum())
    )
    facts = kept
    for part in (lines, others, speech):
        facts = facts.join(part, on="clip_id", how="left", maintain_order="left")
    duration = pl.col("clip_end_s") - pl.col("clip_start_s")
    return facts.select(
        "episode_id",
        "clip_id",
        "motion",
        lines=pl.col("lines").fill_null([]).cast(pl.List(LINE)),
        cut_lines=pl.col("cut_lines").fill_null(0),
        other_lines=pl.col("other_lines").fill_null(0),
        speech_share=(pl.col("speech_s").fill_null(0.0) / duration).round(6),
    )


def annotate(facts: pl.DataFrame, settings: AnnotateSettings) -> pl.DataFrame:
    """Annotations of the clips in `facts` (as `clip_facts` gives them), in order."""
    return ANNOTATIONS.frame(
        _annotation(row, settings) | {"row_key": ""} for row in facts.iter_rows(named=True)
    )


def motion_words(motion: float, settings: AnnotateSettings) -> str:
    """How much moves, in words; 000 writes `static frame`."""
    if motion < settings.static:
        return "static frame"
    if motion < settings.little:
        return "little motion"
    return "moderate motion" if motion < settings.moderate else "strong motion"


def _annotation(row: Mapping[str, Any], settings: AnnotateSettings) -> dict[str, Any]:
    dialogue = bool(row["lines"]) and row["speech_share"] >= settings.dialogue_share
    return {
        "episode_id": row["episode_id"],
        "clip_id": row["clip_id"],
        "scene_type": "dialogue" if dialogue else None,
        "composition": [],
        "motion": [motion_words(row["motion"], settings)],
        "characters": [],
        "outfits": [],
        "lines": row["lines"],
        "notes": _notes(row),
        "backend": BACKEND,
    }


def _notes(row: Mapping[str, Any]) -> list[str]:
    unknown = sum(line["speaker"] is None for line in row["lines"])
    notes = [f"Speaker unknown for {_count(unknown)}"] if unknown else []
    if row["cut_lines"]:
        notes.append(f"The clip cuts off part of {_count(row['cut_lines'])}")
    if row["other_lines"]:
        notes.append(f"Part of {_count(row['other_lines'])} is heard, not transcribed")
    return notes


def _count(lines: int) -> str:
    return "1 line" if lines == 1 else f"{lines} lines"
