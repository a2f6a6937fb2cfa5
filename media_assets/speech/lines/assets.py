"""Who says what, and the fused record of it."""

import polars as pl

from media_assets import previews
from media_assets.checks import Check, table_check
from media_assets.knowledge.schema import CAST, SPEAKER_MAP, voices
from media_assets.shots.schema import CLIPS
from media_assets.speech.lines.attribute import AttributionSettings, attribute
from media_assets.speech.lines.split import LineSettings
from media_assets.speech.lines.split import lines as split_lines
from media_assets.speech.lines.utterances import cut_utterances, utterance_facts
from media_assets.speech.pictures import waveform
from media_assets.speech.schema import (
    ATTRIBUTION,
    DIARIZATION,
    EMOTION,
    LINES,
    SEGMENTS,
    STEMS,
    UTTERANCES,
    WORDS,
)
from media_assets.table_assets import Episode, episode_table
from resources.home import Home
from resources.problems import NotApplicable
from resources.samples import Rows


@table_check(blocking=True)
def everything_is_attributed_or_says_why_not(
    table: pl.DataFrame, segments: pl.DataFrame, words: pl.DataFrame, clips: pl.DataFrame
) -> Check:
    """Every word, segment and clip has a row, and one without a speaker has a reason."""
    rows, wanted = table.height, segments.height + words.height + clips.height
    silent = table.filter(pl.all_horizontal(pl.col("speaker", "reason").is_null())).height
    known = dict(table.group_by("level").agg(pl.col("speaker").count()).sort("level").iter_rows())
    return Check(
        rows == wanted and not silent,
        f"{rows} of {wanted} rows, {silent} without speaker and reason; attributed: {known}",
    )


@episode_table(
    ATTRIBUTION,
    group="speech",
    code_version="2",
    inputs=[DIARIZATION],
    optional=[SEGMENTS, WORDS, CLIPS],
    use="speech",
    settings=AttributionSettings,
    checks=[everything_is_attributed_or_says_why_not],
    preview=lambda home, table: previews.table(
        table.filter(pl.col("level") != "word").drop("episode_id"), rows=40
    ),
)
def attribution(
    ep: Episode,
    diarization: pl.DataFrame,
    segments: pl.DataFrame,
    words: pl.DataFrame,
    clips: pl.DataFrame,
    config: AttributionSettings,
) -> pl.DataFrame:
    """By the time that each speaker's turns share with it."""
    if segments.is_empty() and clips.is_empty():
        raise NotApplicable("there is neither a segment nor a clip to attribute")
    return attribute(ep.id, diarization, segments, words, clips, config)


@table_check(blocking=True)
def lines_hold_all_that_is_said(table: pl.DataFrame, segments: pl.DataFrame) -> Check:
    """The lines of a segment together are its text, blanks aside."""
    text = pl.col("text").str.replace_all(r"\s", "")
    joined = table.group_by("segment_id", maintain_order=True).agg(said=text.str.join(""))
    unlike = segments.join(joined, on="segment_id", how="left").filter(
        text.ne_missing(pl.col("said"))
    )
    return Check(unlike.is_empty(), f"{unlike.height} of {segments.height} segments differ")


@episode_table(
    LINES,
    group="speech",
    code_version="1",
    inputs=[SEGMENTS],
    optional=[WORDS, DIARIZATION, ATTRIBUTION, CAST, SPEAKER_MAP],
    use="speech",
    settings=LineSettings,
    checks=[lines_hold_all_that_is_said],
    preview=lambda home, table: previews.table(
        table.select("start_s", "end_s", "speaker", "character", "text", "reason"), rows=40
    ),
)
def lines(
    ep: Episode,
    segments: pl.DataFrame,
    words: pl.DataFrame,
    diarization: pl.DataFrame,
    attribution: pl.DataFrame,
    cast: pl.DataFrame,
    speaker_map: pl.DataFrame,
    config: LineSettings,
) -> pl.DataFrame:
    """A segment, or its parts where the speaker changes between two words."""
    known = voices(cast, speaker_map)
    return split_lines(diarization, segments, words, attribution, known, config)


@table_check(blocking=True)
def the_sound_of_every_utterance_is_there(table: pl.DataFrame) -> Check:
    """Every file is there."""
    root = Home.current().root
    gone = [path for path in table["path"] if not (root / path).is_file()]
    return Check(
        not gone,
        f"{len(gone)} of {table.height} files are gone {gone[:3]}"
        + ("; remove the table to make them again" if gone else ""),
    )


def utterances_preview(
    home: Home, table: pl.DataFrame, stems: pl.DataFrame, words: pl.DataFrame
) -> str:
    """The voice with who speaks in it and the words, then the lines."""
    voice = stems.filter(stem="voice")["path"][0]
    who = table.with_columns(speaker=pl.coalesce("character", "speaker")).drop_nulls("speaker")
    picture = waveform(home.root / voice, who, words)
    shown = table.select("start_s", "end_s", "speaker", "character", "emotion", "text")
    return f"{picture}\n\n{previews.table(shown, rows=20)}"


@episode_table(
    UTTERANCES,
    group="speech",
    code_version="1",
    inputs=[LINES, STEMS],
    optional=[EMOTION, WORDS],
    use="speech",
    checks=[the_sound_of_every_utterance_is_there],
    preview=utterances_preview,
)
def utterances(
    ep: Episode,
    lines: pl.DataFrame,
    stems: pl.DataFrame,
    emotion: pl.DataFrame,
    words: pl.DataFrame,
) -> Rows:
    """One per line, cut from the voice stem to the sample; words are for the picture alone."""
    root, folder = ep.home.root, ep.home.files / "utterances"
    facts = utterance_facts(lines, emotion, stems)
    return ep.rows(facts, lambda missing: cut_utterances(missing, root, folder), ep.has_file)
