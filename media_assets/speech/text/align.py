"""Segments whose words are placed in time, or marked as what they are not."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, pairwise
from typing import Any

import polars as pl

from media_assets.speech.schema import ALIGNMENT
from media_assets.speech.text.passages import PassageSettings
from media_assets.speech.text.proportional import spread
from media_assets.speech.text.recognise import Read
from resources.models.interfaces import Aligner, PlacedWord, Span

# What an aligner takes at once.
LONGEST_S = 60.0
PROPORTIONAL = "spread by characters"

# Times of neighbours come from different sums.
ROUNDING_S = 1e-6

Row = Mapping[str, Any]
# Windows share their passage: what was placed last is remembered.
REMEMBERED = 4


@dataclass(frozen=True)
class AlignmentSettings(PassageSettings):
    """When an alignment counts.

    least_score: mean score of a segment's words; what a score means is the aligner's to say, and
        aligners put the middle between right and wrong text at one half.
    shortest_unit_s: mean length of its phones (or characters). Speech has 10 to 15 phones a
        second, the fastest about 25 (Goldman-Eisler 1968); text that is not said is squeezed.
    """

    least_score: float = 0.5
    shortest_unit_s: float = 0.04


def aligned(
    facts: pl.DataFrame, episode: str, aligner: Aligner, read: Read, settings: AlignmentSettings
) -> pl.DataFrame:
    """Rows of ALIGNMENT for rows of `FACTS`.

    read: samples of the sound between two times.
    """

    @lru_cache(REMEMBERED)
    def place(
        start_s: float, end_s: float, spoken: tuple[str, ...], language: str | None
    ) -> list[PlacedWord | None] | None:
        if end_s - start_s > LONGEST_S:
            return None
        placed = aligner.place(read(start_s, end_s), spoken, language)
        return placed and [word and _shifted(word, start_s) for word in placed]

    rows = (
        _segment(row, place, aligner.backend, settings) | {"episode_id": episode, "row_key": ""}
        for row in facts.iter_rows(named=True)
    )
    return ALIGNMENT.frame(rows)


Place = Callable[[float, float, tuple[str, ...], str | None], list[PlacedWord | None] | None]


def _segment(row: Row, place: Place, backend: str, settings: AlignmentSettings) -> dict[str, Any]:
    copied = ("segment_id", "start_s", "end_s", "text", "language", "source", "named_speaker")
    segment = {name: row[name] for name in (*copied, "subtitle_id")}
    if not row["words"]:
        return segment | _failed("nothing in it is spoken", backend)
    if row["refused"]:
        known = row["activity"] is not None and row["start_s"] < row["end_s"]
        return segment | (_spread(row) if known else _failed(row["refused"], backend))
    tried = []
    for windows in (row["windows"], [row["alone"]]):
        found = _placed(windows, place, row["language"])
        reason = _reason_against(found, settings)
        if found and not reason:
            words = list(_words(row, found))
            return segment | {
                "start_s": words[0]["start_s"],
                "end_s": words[-1]["end_s"],
                "status": "aligned",
                "score": _mean(found),
                "reason": None,
                "backend": backend,
                "words": words,
            }
        tried.append(reason)
    return segment | _failed(tried[0] or "", backend)


def _placed(
    windows: Sequence[Row], place: Place, language: str | None
) -> list[PlacedWord | None] | None:
    """The places of a segment's words in its windows; None where a window has none.

    Where two windows meet, the last word of the first ends before the first of the second begins.
    """
    parts: list[list[PlacedWord | None]] = []
    for window in windows:
        found = place(window["start_s"], window["end_s"], tuple(window["spoken"]), language)
        if found is None:
            return None
        own = found[window["at"] : window["at"] + window["count"]]
        if parts and parts[-1] and own and (last := parts[-1][-1]) and own[0]:
            parts[-1][-1] = _until(last, own[0].start_s)
        parts.append(own)
    return list(chain.from_iterable(parts))


def _until(word: PlacedWord, end_s: float) -> PlacedWord:
    """The word cut off at a time, if it begins before."""
    if not word.start_s < end_s < word.end_s:
        return word
    phones = [
        replace(phone, end_s=min(phone.end_s, end_s))
        for phone in word.phones
        if phone.start_s < end_s
    ]
    return replace(word, end_s=end_s, phones=phones)


def _reason_against(
    found: Sequence[PlacedWord | None] | None, settings: AlignmentSettings
) -> str | None:
    if found is None:
        return "sound and text do not go together"
    placed = [word for word in found if word]
    if not placed:
        return "none of its words can be spoken"
    if any(after.start_s < before.end_s - ROUNDING_S for before, after in pairwise(placed)):
        return "its words are out of order where two passages meet"
    score = _mean(placed)
    if score < settings.least_score:
        return f"score {score:.2f} < {settings.least_score:g}"
    units = sum(len(word.phones) for word in placed)
    length = sum(word.end_s - word.start_s for word in placed)
    if units and length / units < settings.shortest_unit_s:
        return f"{length / units * 1000:.0f} ms per phone < {settings.shortest_unit_s * 1000:g}"
    return None


def _mean(found: Sequence[PlacedWord | None]) -> float:
    scores = [word.score for word in found if word]
    return sum(scores) / len(scores)


def _words(row: Row, found: Sequence[PlacedWord | None]) -> Iterator[dict[str, Any]]:
    """Rows of WORD: what is spoken for a written word is one word again.

    A word that the aligner could not say lies where its neighbours leave room.
    """
    method = "recognised" if row["source"] in ("recognition", "draft") else "aligned"
    at = 0
    parts = []
    for word in row["words"]:
        parts.append([place for place in found[at : at + len(word["spoken"])] if place])
        at += len(word["spoken"])
    before = next(part for part in parts if part)[0].start_s
    for index, (word, part) in enumerate(zip(row["words"], parts, strict=True)):
        if part:
            start, before = part[0].start_s, part[-1].end_s
            yield {
                "word": word["word"],
                "start_s": start,
                "end_s": before,
                "score": sum(place.score for place in part) / len(part),
                "method": method,
                "phones": [
                    {"phone": p.phone, "start_s": p.start_s, "end_s": p.end_s}
                    for place in part
                    for p in place.phones
                ],
            }
        else:
            after = next((part[0].start_s for part in parts[index:] if part), before)
            yield _without_score(word["word"], Span(before, max(before, after)))


def _spread(row: Row) -> dict[str, Any]:
    activity = [Span(**span) for span in row["activity"]]
    words = [word["word"] for word in row["words"]]
    spans = spread(words, row["start_s"], row["end_s"], activity)
    return {
        "status": "proportional",
        "score": None,
        "reason": row["refused"],
        "backend": PROPORTIONAL,
        "words": [_without_score(*pair) for pair in zip(words, spans, strict=True)],
    }


def _failed(reason: str, backend: str) -> dict[str, Any]:
    return {"status": "failed", "score": None, "reason": reason, "backend": backend, "words": []}


def _without_score(word: str, span: Span) -> dict[str, Any]:
    return {
        "word": word,
        "start_s": span.start_s,
        "end_s": span.end_s,
        "score": None,
        "method": "proportional",
        "phones": [],
    }


def _shifted(word: PlacedWord, by_s: float) -> PlacedWord:
    phones = [
        type(phone)(phone.phone, phone.start_s + by_s, phone.end_s + by_s) for phone in word.phones
    ]
    return PlacedWord(word.start_s + by_s, word.end_s + by_s, word.score, phones)
