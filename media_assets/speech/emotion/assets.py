"""How lines are said."""

import polars as pl

from media_assets import previews
from media_assets.checks import Check, table_check
from media_assets.speech.emotion.judge import emotion_facts, judge_lines
from media_assets.speech.schema import (
    EMOTION,
    LINES,
    STEMS,
)
from media_assets.table_assets import Episode, episode_table
from resources.models.interfaces import EmotionRecognizer
from resources.profiles import gpu_pool
from resources.samples import Rows


@table_check(blocking=True)
def every_line_has_an_emotion_or_a_reason(table: pl.DataFrame, lines: pl.DataFrame) -> Check:
    """A line without emotion says why."""
    silent = table.filter(pl.all_horizontal(pl.col("emotion", "reason").is_null())).height
    judged = table["emotion"].count()
    return Check(
        table.height == lines.height and not silent,
        f"{judged} of {lines.height} lines judged, {silent} without emotion and reason",
    )


@episode_table(
    EMOTION,
    group="speech",
    code_version="1",
    inputs=[LINES, STEMS],
    use="speech",
    adapters=["emotion_recognizer"],
    checks=[every_line_has_an_emotion_or_a_reason],
    preview=lambda home, table: previews.table(
        table.select("start_s", "end_s", "emotion", "confidence", "normalised", "reason"), rows=40
    ),
    pool=gpu_pool(),
)
def emotion(
    ep: Episode, lines: pl.DataFrame, stems: pl.DataFrame, emotion_recognizer: EmotionRecognizer
) -> Rows:
    """By the sound of the voice alone; lines of one speaker are judged relative to each other."""
    facts = emotion_facts(lines, stems)
    return ep.rows(
        facts, lambda missing: judge_lines(missing, facts, emotion_recognizer, ep.home.root)
    )
