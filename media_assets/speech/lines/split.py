"""Lines: what one speaker says in one go, as text with a speaker and, where known, a character.

A segment becomes one line, unless its placed words go from one speaker to another. Then it is
split between those words; words that nobody could be found for stay with those before them. Not
split are segments whose words were only spread over their time, and those whose own text names
who speaks: that is one person. Nor is a scrap split off its sentence, because no diarization
knows the seam of two turns so exactly.

A line's speaker must speak 30 % of it, as a segment's must; whoever else speaks 30 % of it is an
overlap. Its character is the one that the text names, else the one that people mapped the
speaker's label to.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

import polars as pl

from media_assets.knowledge.schema import voice_key
from media_assets.speech.lines.attribute import (
    AttributionSettings,
    ShareSettings,
    assign,
    ends_sentence,
    measured,
)
from media_assets.speech.lines.shares import Stretches, shares
from media_assets.speech.schema import LINES

SPREAD = "proportional"
"""The method of words whose times are a guess."""


@dataclass(frozen=True)
class LineSettings(ShareSettings):
    """When a line is one.

    scrap_words, scrap_s: at most so many words in at most so long a time, a part of a sentence,
        are no line of their own; as for islands in `AttributionSettings`.
    """

    scrap_words: int = AttributionSettings.island_words
    scrap_s: float = AttributionSettings.island_s


def lines(
    turns: pl.DataFrame,
    segments: pl.DataFrame,
    words: pl.DataFrame,
    attribution: pl.DataFrame,
    characters: Mapping[str, str],
    settings: LineSettings,
) -> pl.DataFrame:
    """Rows of `LINES`, in time order.

    turns: both sets of `DIARIZATION`. characters: as `voices` gives them.
    """
    speaker = dict(attribution.filter(level="word").select("id", "speaker").iter_rows())
    placed: dict[str, list[dict[str, Any]]] = {}
    for word in words.sort("segment_id", "word_index").iter_rows(named=True):
        placed.setdefault(word["segment_id"], []).append(word)
    rows = [
        row
        for segment in segments.sort("start_s", "segment_id").iter_rows(named=True)
        for row in _split(segment, placed.get(segment["segment_id"], []), speaker, settings)
    ]
    spoken = pl.DataFrame(rows, schema=LINES.dtypes | {"named_speaker": pl.String})
    judged = _with_speakers(spoken, turns.filter(~pl.col("exclusive")), settings)
    labels = judged.select("named_speaker", "speaker").iter_rows()
    known = [_character(pair, characters) for pair in labels]
    return LINES.validate(
        judged.with_columns(character=pl.Series(known, dtype=pl.String))
        .sort("start_s", "end_s", maintain_order=True)
        .drop("named_speaker")
    )


def pieces(text: str, words: Sequence[str], ends: Sequence[int]) -> list[str] | None:
    """The text cut before word number `end` for each of `ends`, blanks around the cuts removed.

    words: all words of the text in order. None if the text has other letters than they have.

    >>> pieces("Look! - Who, me?", ["Look!", "Who,", "me?"], [1])
    ['Look! -', 'Who, me?']
    """
    starts, at = [], 0
    for word in words:
        # Where the text has a line break, a word with a mark after it has a blank.
        found = re.compile(r"\s+".join(map(re.escape, word.split()))).search(text, at)
        if found is None or any(map(str.isalnum, text[at : found.start()])):
            return None
        starts.append(found.start())
        at = found.end()
    if any(map(str.isalnum, text[at:])):
        return None
    cuts = [0, *(starts[end] for end in ends), len(text)]
    return [text[a:b].strip() for a, b in pairwise(cuts)]


def _split(
    segment: Mapping[str, Any],
    words: Sequence[Mapping[str, Any]],
    speaker: Mapping[str, str | None],
    settings: LineSettings,
) -> Iterator[dict[str, Any]]:
    """The lines of a segment, with the speaker that their words give them, if any."""
    line = {name: segment.get(name) for name in (*LINES.columns, "named_speaker")}
    line["line_id"] = segment["segment_id"]
    spread = all(word["method"] == SPREAD for word in words)
    whole = spread or segment["named_speaker"] is not None
    who = [] if whole else _filled([speaker.get(word["word_id"]) for word in words])
    runs = _runs(_without_scraps(who, words, settings))
    cut = [run[0] for run in runs[1:]]
    texts = pieces(segment["text"], [word["word"] for word in words], cut) if cut else None
    if texts is None:
        # Words that are not in the text as they stand can not be told apart in it.
        yield line | {"speaker": who[0] if len(runs) == 1 else None}
        return
    for number, (run, text) in enumerate(zip(runs, texts, strict=True), start=1):
        said = [words[row] for row in run]
        scores = [word["score"] for word in said if word["score"] is not None]
        yield line | {
            "line_id": f"{segment['segment_id']}.{number}",
            "start_s": said[0]["start_s"],
            "end_s": max(word["end_s"] for word in said),
            "text": text,
            "speaker": who[run[0]],
            "score": sum(scores) / len(scores) if scores else None,
        }


def _runs(who: Sequence[str | None]) -> list[list[int]]:
    """The rows of each run of one speaker."""
    return [list(run) for _, run in groupby(range(len(who)), key=who.__getitem__)]


def _without_scraps(
    who: list[str | None], words: Sequence[Mapping[str, Any]], settings: LineSettings
) -> list[str | None]:
    """The speakers with scraps given to whom the rest of their sentence goes to, in place."""
    for run in _runs(who):
        first, last = words[run[0]], words[run[-1]]
        lasts = last["end_s"] - first["start_s"]
        begins = run[0] == 0 or ends_sentence(words[run[0] - 1]["word"])
        ends = run[-1] == len(who) - 1 or ends_sentence(last["word"])
        if len(run) <= settings.scrap_words and lasts <= settings.scrap_s and not begins & ends:
            rest = who[run[-1] + 1] if begins else who[run[0] - 1]
            who[run[0] : run[-1] + 1] = [rest] * len(run)
    return who


def _filled(speakers: Sequence[str | None]) -> list[str | None]:
    """Unknown speakers replaced by the known one before, at the start by the first known."""
    filled = pl.Series(speakers, dtype=pl.String)
    return filled.fill_null(strategy="forward").fill_null(strategy="backward").to_list()


def _with_speakers(
    spoken: pl.DataFrame, standard: pl.DataFrame, settings: ShareSettings
) -> pl.DataFrame:
    """The lines with speaker, overlap and reason by the rule for segments.

    A speaker whom the words gave is kept if the rule allows it, else the rule chooses.
    """
    speakers = standard["speaker"].unique(maintain_order=True).to_list()
    found = shares(Stretches.of(spoken), standard, speakers)
    chosen, reasons = assign(found, settings)
    for row, name in enumerate(spoken["speaker"]):
        place = speakers.index(name) if name in speakers else -1
        if place >= 0 and found.of[row, place] >= settings.share:
            chosen[row], reasons[row] = place, None
    judged = measured(found, chosen, settings)
    return spoken.with_columns(
        judged.select("speaker", "overlap"), reason=pl.Series(reasons, dtype=pl.String)
    )


def _character(labels: Iterable[str | None], characters: Mapping[str, str]) -> str | None:
    """The character whom the first label stands for that stands for one."""
    known = (characters.get(voice_key(label)) for label in labels if label)
    return next(filter(None, known), None)
