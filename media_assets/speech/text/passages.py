"""Text and sound in passages that fit each other: which words are said in which stretch of time.

A passage is what an aligner gets at once: less than a minute of sound and all the words in it.
Words before and after the text of a passage may be heard in its window; aligners allow for that.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from media_assets.media.spoken import spoken_words


@dataclass(frozen=True)
class PassageSettings:
    """How text and sound are cut into passages.

    margin_s: subtitles may begin and end so much beside their speech (Netflix Timed Text Style
        Guide: up to half a second; hand-made ones are worse).
    passage_s: most that a passage should have without its margins and what is beside it.
    """

    margin_s: float = 1.0
    passage_s: float = 30.0


@dataclass(frozen=True)
class Written:
    """A written word, with the punctuation that stands alone after it, and how it is spoken."""

    word: str
    spoken: tuple[str, ...]


@dataclass(frozen=True)
class Passage:
    """Words [first, last) of a text are said in [start_s, end_s); those outside [own_first,
    own_last) belong to the passages beside it and are there to hold its edges."""

    start_s: float
    end_s: float
    first: int
    last: int
    own_first: int
    own_last: int


def written_words(text: str, language: str | None) -> list[Written]:
    """The words of a text in order; joined by blanks they are the text."""
    tokens = text.split()
    words: list[Written] = []
    lead = ""
    for token, following in zip(tokens, [*tokens[1:], ""], strict=True):
        spoken = tuple(spoken_words(token, following, language))
        if spoken:
            words.append(Written(f"{lead} {token}".strip(), spoken))
            lead = ""
        elif words:
            words[-1] = replace(words[-1], word=f"{words[-1].word} {token}")
        else:
            lead = f"{lead} {token}".strip()
    return words


def timed_passages(
    pieces: Sequence[tuple[float, float, int]], end_s: float, settings: PassageSettings
) -> list[Passage]:
    """Passages for pieces of text (start_s, end_s, count of spoken words) in order of their starts.

    Pieces that follow on each other share a passage; what would become too long is cut at its
    longest pause, and the pieces beside the cut are in both. A piece over another one stands alone.
    """
    margin = settings.margin_s
    pauses = [
        start - end if start - end >= -margin / 4 else math.inf
        for (_, end, _), (start, _, _) in pairwise(pieces)
    ]
    at = [0, *accumulate(count for _, _, count in pieces)]
    passages = []
    for own, own_end in _groups(pieces, [math.inf, *pauses, math.inf], settings):
        first = own - (own > 0 and pauses[own - 1] <= 2 * margin)
        last = own_end + (own_end < len(pieces) and pauses[own_end - 1] <= 2 * margin)
        start = max(0.0, pieces[first][0] - margin)
        stop = min(end_s, max(end for _, end, _ in pieces[first:last]) + margin)
        passages.append(Passage(start, stop, at[first], at[last], at[own], at[own_end]))
    return passages


def _groups(
    pieces: Sequence[tuple[float, float, int]], pauses: Sequence[float], settings: PassageSettings
) -> Iterator[tuple[int, int]]:
    """Pieces [first, last) that share a passage; `pauses[i]` is the one before piece i."""
    first = 0
    while first < len(pieces):
        start = pieces[first][0]
        last = first + 1
        while pauses[last] <= 2 * settings.margin_s and last < len(pieces):
            if pieces[last][1] - start > settings.passage_s:
                late = [
                    cut
                    for cut in range(first + 1, last + 1)
                    if pieces[cut - 1][1] - start >= settings.passage_s / 4
                ]
                last = max(late, key=lambda cut: (pauses[cut], cut), default=last)
                break
            last += 1
        yield first, last
        first = last
