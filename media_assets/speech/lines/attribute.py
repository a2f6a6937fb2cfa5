"""Who speaks each word, segment and clip, from the turns of speakers; or why nobody can say.

Segments and clips: the speaker who speaks most in it, if that is 30 % of it or more (000,
"Speaker attribution"). Words: the exclusive turn, with repairs inside a sentence (`word_speakers`).
Shares are measured on the standard turns at every level, so that they compare.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import polars as pl
from numpy.typing import NDArray

from media_assets.speech.lines.shares import (
    TICKS_PER_S,
    Shares,
    Stretches,
    Ticks,
    shares,
    spoken,
    ticks,
)
from media_assets.speech.schema import ATTRIBUTION

Choice = NDArray[np.int64]
"""Per row the place of its speaker in a list of speakers; -1 for nobody."""

NOBODY = "nobody speaks in it"
ALIKE = "two speakers share it alike"
NEAREST, SENTENCE, ISLAND = "nearest turn", "majority of its sentence", "island in its sentence"

_SENTENCE_END = r"[.!?…。！？؟।]+[\"'”’»)\]]*$"


@dataclass(frozen=True)
class ShareSettings:
    """When somebody speaks in a stretch of time.

    share: 000 ("threshold 30% of segment duration"); also what makes a second speaker an overlap.
    """

    share: float = 0.30


@dataclass(frozen=True)
class AttributionSettings(ShareSettings):
    """Thresholds of the rules.

    longest_word_s: a word that aligners stretch over a pause counts with its first second: speech
        has 2 to 3 words a second, and hardly any word takes one.
    nearest_s: how far a word that no turn meets may be from one; turns are commonly judged with a
        collar of 0.25 s (NIST RT-09 evaluation plan).
    island_words, island_s: what is too little for a speaker to cut in and be gone.
    clip_length: whether the share of a clip is of its length, as 000 words it, instead of the
        seconds in which somebody speaks in it.
    """

    longest_word_s: float = 1.0
    nearest_s: float = 0.25
    island_words: int = 2
    island_s: float = 0.3
    clip_length: bool = False


def attribute(
    episode_id: str,
    turns: pl.DataFrame,
    segments: pl.DataFrame,
    words: pl.DataFrame,
    clips: pl.DataFrame,
    settings: AttributionSettings,
) -> pl.DataFrame:
    """Rows of `ATTRIBUTION`, in time order within each level.

    turns: start_s, end_s, speaker, exclusive (both sets of `DIARIZATION`).
    """
    speakers = turns["speaker"].unique(maintain_order=True).to_list()
    standard, exclusive = turns.filter(~pl.col("exclusive")), turns.filter("exclusive")
    words = words.sort("segment_id", "word_index")
    chosen, rules = word_speakers(words, exclusive, speakers, settings)
    by_word = shares(_said(words, settings), standard, speakers)
    by_segment = shares(Stretches.of(segments), standard, speakers)
    spans = Stretches.of(clips)
    speech = spans.length if settings.clip_length else spoken(spans, standard)
    by_clip = shares(spans, standard, speakers, speech)
    parts = (
        ("word", words, "word_id", by_word, chosen, rules),
        ("segment", segments, "segment_id", by_segment, *assign(by_segment, settings)),
        ("clip", clips, "clip_id", by_clip, *assign(by_clip, settings)),
    )
    levels = [
        measured(found, who, settings)
        .with_columns(
            rows.select("start_s", id=key),
            episode_id=pl.lit(episode_id),
            level=pl.lit(level),
            reason=pl.Series(reasons, dtype=pl.String),
        )
        .sort("start_s", "id")
        for level, rows, key, found, who, reasons in parts
    ]
    return ATTRIBUTION.validate(pl.concat(levels).drop("start_s"))


def assign(found: Shares, settings: ShareSettings) -> tuple[Choice, list[str | None]]:
    """The speaker with the largest share of each stretch, if it reaches the threshold; else why."""
    chosen = np.where(found.largest >= settings.share, found.most(), -1)
    reasons = [
        None if speaker >= 0 else _abstention(float(largest), settings)
        for speaker, largest in zip(chosen, found.largest, strict=True)
    ]
    return chosen, reasons


def measured(found: Shares, chosen: Choice, settings: ShareSettings) -> pl.DataFrame:
    """Speaker, coverage, margin and overlap of each stretch for the `chosen` speakers.

    Where nobody was chosen they are those of the speaker with the largest share.
    """
    rows = np.arange(len(chosen))
    # Two columns of silence, so that there are always a first and a second speaker.
    of = np.pad(found.of, ((0, 0), (0, 2)))
    first = np.where(chosen >= 0, chosen, of.argmax(axis=1))
    coverage = of[rows, first]
    of[rows, first] = -1.0
    second = of.max(axis=1, initial=0.0)
    return pl.DataFrame(
        {
            "speaker": [found.speakers[speaker] if speaker >= 0 else None for speaker in chosen],
            "coverage": coverage.round(6),
            "margin": (coverage - second).round(6),
            "overlap": second >= settings.share,
        },
        schema_overrides={"speaker": pl.String},
    )


def word_speakers(
    words: pl.DataFrame,
    exclusive: pl.DataFrame,
    speakers: Sequence[str],
    settings: AttributionSettings,
) -> tuple[Choice, list[str | None]]:
    """Who speaks each word, as places in `speakers`, and by which rule if not by overlap.

    words: word, segment_id, start_s, end_s, segment by segment in the order of the text.
    The exclusive turn that the word shares most time with; else the nearest turn; else whoever
    speaks most words of the sentence. Then islands inside a sentence go to those around them.
    """
    said = _said(words, settings)
    found = shares(said, exclusive, speakers)
    unheard = found.largest == 0
    near = np.where(unheard, _nearest(said, exclusive, speakers, settings), -1)
    chosen = np.where(unheard, near, found.most())
    rules = [NEAREST if speaker >= 0 else None for speaker in near]
    for first, end in sentences(words):
        if (chosen[first:end] != chosen[first]).any():
            _repair(chosen, rules, said, range(first, end), settings)
    for row in np.flatnonzero(chosen < 0):
        rules[row] = NOBODY if unheard[row] else ALIKE
    return chosen, rules


def ends_sentence(word: str) -> bool:
    """Whether a word as written ends a sentence."""
    return bool(re.search(_SENTENCE_END, word))


def sentences(words: pl.DataFrame) -> list[tuple[int, int]]:
    """Rows [first, end) of each sentence: up to a final mark, or to the end of the segment."""
    last = words.select(
        pl.col("word").map_elements(ends_sentence, return_dtype=pl.Boolean)
        | (pl.col("segment_id") != pl.col("segment_id").shift(-1)).fill_null(True)
    ).to_series()
    ends = (last.arg_true() + 1).to_list()
    return list(zip([0, *ends], ends, strict=False))


def _said(words: pl.DataFrame, settings: AttributionSettings) -> Stretches:
    """When each word is said: at least a tick, at most the longest that a word takes."""
    spans = Stretches.of(words)
    longest = spans.start + round(settings.longest_word_s * TICKS_PER_S)
    return Stretches(spans.start, np.clip(spans.end, spans.start + 1, longest))


def _abstention(largest: float, settings: ShareSettings) -> str:
    if largest == 0:
        return NOBODY
    if largest >= settings.share:
        return ALIKE
    return f"nobody speaks {settings.share:.0%} of it, the first speaks {largest:.1%}"


def _nearest(
    said: Stretches, exclusive: pl.DataFrame, speakers: Sequence[str], settings: AttributionSettings
) -> Choice:
    """Per word the speaker of the turn that is nearest in time; -1 if none is near enough.

    The earlier of two that are equally near.
    """
    turns = exclusive.filter(pl.col("end_s") > pl.col("start_s"))
    limit = round(settings.nearest_s * TICKS_PER_S)
    # A turn that never is stands before and after all others.
    never = np.iinfo(np.int64).max // 4
    place = {speaker: number for number, speaker in enumerate(speakers)}

    def edge(column: str, before: bool) -> tuple[Ticks, Choice]:
        ordered = turns.sort(column)
        times, who = ticks(ordered[column]), [place[name] for name in ordered["speaker"]]
        if before:
            return np.append(-never, times), np.array([-1, *who])
        return np.append(times, never), np.array([*who, -1])

    ends, earlier = edge("end_s", before=True)
    starts, later = edge("start_s", before=False)
    back = np.searchsorted(ends, said.start, side="right") - 1
    ahead = np.searchsorted(starts, said.end, side="left")
    gap_back, gap_ahead = said.start - ends[back], starts[ahead] - said.end
    nearest = np.where(gap_back <= gap_ahead, earlier[back], later[ahead])
    return np.where(np.minimum(gap_back, gap_ahead) <= limit, nearest, -1)


def _repair(
    chosen: Choice,
    rules: list[str | None],
    said: Stretches,
    sentence: range,
    settings: AttributionSettings,
) -> None:
    """Give a speaker to the words of a sentence that have none, then flip its islands."""
    known, count = np.unique(
        [chosen[row] for row in sentence if chosen[row] >= 0], return_counts=True
    )
    if (count == count.max()).sum() == 1:
        for row in sentence:
            if chosen[row] < 0:
                chosen[row], rules[row] = known[count.argmax()], SENTENCE
    runs = [list(run) for _, run in groupby(sentence, key=lambda row: int(chosen[row]))]
    for before, run, after in zip(runs, runs[1:], runs[2:], strict=False):
        around = chosen[before[0]]
        lasts = said.end[run[-1]] - said.start[run[0]]
        short = len(run) <= settings.island_words and lasts <= settings.island_s * TICKS_PER_S
        if short and around >= 0 and around == chosen[after[0]]:
            for row in run:
                chosen[row], rules[row] = around, ISLAND
