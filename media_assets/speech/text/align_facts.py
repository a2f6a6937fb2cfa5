"""What each segment's alignment is made from: its text, about when it is said, and what is said
around it."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import polars as pl

from media_assets.media.ids import told_apart
from media_assets.speech.text.anchored import anchored, estimated_times
from media_assets.speech.text.passages import (
    Passage,
    PassageSettings,
    timed_passages,
    written_words,
)
from media_assets.speech.text.proportional import spread
from media_assets.speech.text.sound import Sound

SPAN = pl.Struct({"start_s": pl.Float64, "end_s": pl.Float64})
# Words `spoken` are said in the window; `count` of them from `at` on are the segment's.
WINDOW = pl.Struct(
    {
        "start_s": pl.Float64,
        "end_s": pl.Float64,
        "spoken": pl.List(pl.String),
        "at": pl.Int64,
        "count": pl.Int64,
    }
)
FACTS: dict[str, Any] = {
    "segment_id": pl.String,
    "start_s": pl.Float64,
    "end_s": pl.Float64,
    "text": pl.String,
    "language": pl.String,
    "source": pl.String,
    "named_speaker": pl.String,
    "subtitle_id": pl.String,
    "words": pl.List(pl.Struct({"word": pl.String, "spoken": pl.List(pl.String)})),
    "windows": pl.List(WINDOW),
    "alone": WINDOW,
    "activity": pl.List(SPAN),
    "refused": pl.String,
    "sound": pl.String,
}


# A text whose sound is no longer than this is aligned in one go; aligners take a minute.
WHOLE_S = 55.0
NOT_HEARD = "of this text too little was heard in the sound"


def alignment_facts(
    subtitles: pl.DataFrame,
    transcripts: pl.DataFrame,
    recognition: pl.DataFrame,
    language: str | None,
    sound: Sound,
    settings: PassageSettings,
) -> pl.DataFrame:
    """One row of `FACTS` per segment, in time order: subtitles, else transcripts; then what was
    recognised beside them.

    language: that of the episode, for text that does not name its own.
    """
    spoken = subtitles.filter("spoken").sort("start_s", "end_s", "subtitle_id")
    rows = [
        _row(r["subtitle_id"], r, language, "subtitles", r["speaker"], r["subtitle_id"])
        for r in spoken.iter_rows(named=True)
    ]
    if rows:
        rows = _timed(rows, sound, settings)
    else:
        lines = transcripts.sort("line_id").iter_rows(named=True)
        rows = [_row(r["line_id"], r, language, "transcript", r["speaker"]) for r in lines]
        rows = _untimed(rows, sound, settings)
    kept = recognition.filter("kept").sort("start_s")
    pieces = [
        (piece | {"language": row["language"]}, "draft" if row["draft"] else "recognition")
        for row in kept.iter_rows(named=True)
        for piece in row["pieces"]
        if piece["text"]
    ]
    ids = told_apart(f"r{round(piece['start_s'] * 1000):08d}" for piece, _ in pieces)
    recognised = [
        _row(name, piece, language, source)
        for name, (piece, source) in zip(ids, pieces, strict=True)
    ]
    rows += _timed(recognised, sound, settings)
    rows = [row | {"sound": sound.path} for row in rows]
    return pl.DataFrame(rows, schema=FACTS, orient="row").sort("start_s", maintain_order=True)


def nothing_to_align(voice_activity: pl.DataFrame) -> str:
    """Why there is no segment: neither subtitles nor a transcript, and nothing recognised."""
    if voice_activity.is_empty():
        return "nobody speaks, and no text says otherwise"
    return "no text says what is spoken, and nothing that was recognised is kept"


def _row(
    segment_id: str,
    given: dict[str, Any],
    language: str | None,
    source: str,
    speaker: str | None = None,
    subtitle_id: str | None = None,
) -> dict[str, Any]:
    own = given["language"] or language
    text = given["text"]
    return {
        "segment_id": segment_id,
        "start_s": given.get("start_s"),
        "end_s": given.get("end_s"),
        "text": text,
        "language": own,
        "source": source,
        "named_speaker": speaker,
        "subtitle_id": subtitle_id,
        "words": [{"word": w.word, "spoken": list(w.spoken)} for w in written_words(text, own)],
        "windows": [],
        "alone": None,
        "activity": None,
        "refused": None,
    }


def _spoken(row: dict[str, Any]) -> list[str]:
    return [spoken for word in row["words"] for spoken in word["spoken"]]


def _timed(
    rows: list[dict[str, Any]], sound: Sound, settings: PassageSettings
) -> list[dict[str, Any]]:
    """Segments with about the right times."""
    placed = []
    for row in rows:
        row["end_s"] = max(row["start_s"], row["end_s"])
        if not sound.places(row["language"]):
            _refuse(row, f"no aligner for {row['language'] or 'an unknown language'}", sound)
        elif row["start_s"] >= sound.end_s:
            row["refused"] = "it begins after the end of the sound"
        elif row["words"]:
            placed.append(row)
    pieces = [(r["start_s"], min(r["end_s"], sound.end_s), len(_spoken(r))) for r in placed]
    _give_windows(placed, timed_passages(pieces, sound.end_s, settings), sound, settings)
    return rows


def _untimed(
    rows: list[dict[str, Any]], sound: Sound, settings: PassageSettings
) -> list[dict[str, Any]]:
    """Lines without times, in order: about when they are said, and passages."""
    if not rows:
        return []
    spread_out = spread([row["text"] for row in rows], 0.0, sound.end_s, sound.activity)
    for row, span in zip(rows, spread_out, strict=True):
        row["start_s"], row["end_s"] = span.start_s, span.end_s
    language = rows[0]["language"]
    if not sound.places(language):
        for row in rows:
            row["refused"] = f"no times, and no aligner for {language or 'an unknown language'}"
            if sound.activity:
                _refuse(row, row["refused"], sound)
        return rows
    spoken = [word for row in rows for word in _spoken(row)]
    if sound.end_s <= WHOLE_S:
        whole = Passage(0.0, sound.end_s, 0, len(spoken), 0, len(spoken))
        _give_windows(rows, [whole], sound, settings)
        return rows
    breaks = [0, *accumulate(len(_spoken(row)) for row in rows)]
    heard = anchored(spoken, sound.end_s, sound.hear(language)) if sound.hears(language) else []
    if not heard:
        for row in rows:
            row["refused"] = NOT_HEARD
        return rows
    times = estimated_times(spoken, breaks, heard, sound.end_s)
    for row, first, last in zip(rows, breaks, breaks[1:], strict=False):
        if first < last:
            row["start_s"], row["end_s"] = times[first][0], times[last - 1][1]
        else:
            row["start_s"] = row["end_s"] = times[min(first, len(times) - 1)][0]
    pieces = [(start, end, 1) for start, end in times]
    _give_windows(rows, timed_passages(pieces, sound.end_s, settings), sound, settings)
    return rows


def _refuse(row: dict[str, Any], reason: str, sound: Sound) -> None:
    """Its words are spread over its time, if that is known."""
    row["refused"] = reason
    row["activity"] = [
        {"start_s": span.start_s, "end_s": span.end_s}
        for span in sound.activity
        if span.start_s < row["end_s"] and row["start_s"] < span.end_s
    ]


def _give_windows(
    rows: Sequence[dict[str, Any]],
    passages: Sequence[Passage],
    sound: Sound,
    settings: PassageSettings,
) -> None:
    """To each row the passages that hold its words, and a window of its own."""
    spoken = [word for row in rows for word in _spoken(row)]
    at = 0
    first = 0
    for row in rows:
        own = _spoken(row)
        end = at + len(own)
        while first < len(passages) and passages[first].own_last <= at:
            first += 1
        for passage in passages[first:]:
            begin, stop = max(at, passage.own_first), min(end, passage.own_last)
            if passage.own_first >= end:
                break
            row["windows"].append(
                {
                    "start_s": passage.start_s,
                    "end_s": passage.end_s,
                    "spoken": spoken[passage.first : passage.last],
                    "at": begin - passage.first,
                    "count": stop - begin,
                }
            )
        row["alone"] = {
            "start_s": max(0.0, row["start_s"] - settings.margin_s),
            "end_s": min(sound.end_s, row["end_s"] + settings.margin_s),
            "spoken": own,
            "at": 0,
            "count": len(own),
        }
        at = end
