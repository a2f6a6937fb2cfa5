"""What measured facts and lines say of each kept clip; what nobody measured stays empty.

Rules
- What is said comes from the table `lines`, which places words and knows voices; a subtitle that
  is not in it (no sound, no speech wanted) counts as it stands. Drafts of a recogniser do not
  count unless wanted.
- A line belongs to the clip that holds most of it, and only if that is at least `line_share` of
  its duration. Where a clip cuts off part of its line, or holds part of another's, `notes` say so.
- A speaker is known if the text names one whom people mapped to a character (that always wins),
  or whose name is the name or an alias of exactly one character of the cast; else if people mapped
  the label of the voice. A label alone is kept beside the line, for the transcript.
- Who speaks is not thereby seen: `characters` holds who is visible, and nothing here sees anyone.
- The scene is a dialogue if lines cover at least `dialogue_share` of the clip; else it is unknown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from media_assets.captions.schema import ANNOTATIONS, LINE
from media_assets.knowledge.schema import voice_key

BACKEND = "measures"
DRAFT = "draft"
"""The source of lines that a recogniser heard which is often wrong."""
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
    drafts: whether a draft of a recogniser counts as a line, although its words may be wrong.
    """

    static: float = 0.15
    little: float = 1.0
    moderate: float = 6.0
    line_share: float = 0.5
    dialogue_share: float = 0.5
    heard_s: float = 0.2
    drafts: bool = False


def spoken_lines(
    lines: pl.DataFrame,
    subtitles: pl.DataFrame,
    characters: Mapping[str, str],
    settings: AnnotateSettings,
) -> pl.DataFrame:
    """What is said: line_id, start_s, end_s, speaker (a character), label, line, draft.

    lines: of the table of that name, which may be empty. characters: as `voices` gives them.
    """
    placed = lines.select(
        "line_id",
        "start_s",
        "end_s",
        line="text",
        speaker="character",
        label="speaker",
        draft=pl.col("source") == DRAFT,
    )
    others = (
        subtitles.filter("spoken")
        .join(lines, left_on="subtitle_id", right_on="segment_id", how="anti")
        .select(
            "start_s",
            "end_s",
            line_id="subtitle_id",
            line="text",
            speaker=pl.col("speaker").map_elements(
                lambda name: characters.get(voice_key(name)), return_dtype=pl.String
            ),
            label=pl.lit(None, pl.String),
            draft=pl.lit(False),
        )
    )
    return (
        pl.concat([placed, others.select(placed.columns)])
        .filter(pl.col("end_s") > pl.col("start_s"), ~pl.col("draft") | settings.drafts)
        .with_columns(pl.col("line").str.replace_all(r"\s+", " ").str.strip_chars())
        .sort("start_s", "line_id")
    )


def clip_facts(
    clips: pl.DataFrame,
    clip_quality: pl.DataFrame,
    spoken: pl.DataFrame,
    settings: AnnotateSettings,
) -> pl.DataFrame:
    """Per kept clip, in order, what its annotation depends on and nothing else.

    spoken: as `spoken_lines` gives it.
    Columns: episode_id, clip_id, motion, lines, drafts (how many of these a recogniser heard),
    cut_lines (how many of them it cuts off), other_lines (how many that belong to no clip or
    another it holds a part of), speech_share (of the clip's duration that lines cover).
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
        .unique("line_id", keep="first", maintain_order=True)
        .sort("start_s", "line_id")
    )
    cut_s = pl.col("end_s") - pl.col("start_s") - pl.col("heard_s")
    lines = owned.group_by("clip_id").agg(
        lines=pl.struct(*LINE.to_schema()),
        drafts=pl.col("draft").sum().cast(pl.Int64),
        cut_lines=(cut_s >= settings.heard_s).sum().cast(pl.Int64),
    )
    others = (
        heard.filter(pl.col("heard_s") >= settings.heard_s)
        .join(owned, on=["line_id", "clip_id"], how="anti")
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
        drafts=pl.col("drafts").fill_null(0),
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
    nameless = [line["label"] for line in row["lines"] if line["speaker"] is None]
    labelled = sum(label is not None for label in nameless)
    notes = []
    if unknown := len(nameless) - labelled:
        notes.append(f"Speaker unknown for {_count(unknown)}")
    if labelled:
        notes.append(f"Speaker not named for {_count(labelled)}")
    if row["drafts"]:
        notes.append(f"Recognised without a text: {_count(row['drafts'])}")
    if row["cut_lines"]:
        notes.append(f"The clip cuts off part of {_count(row['cut_lines'])}")
    if row["other_lines"]:
        notes.append(f"Part of {_count(row['other_lines'])} is heard, not transcribed")
    return notes


def _count(lines: int) -> str:
    return "1 line" if lines == 1 else f"{lines} lines"
