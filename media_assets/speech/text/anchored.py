"""About when the words of a text without times are said, by what a recogniser hears of it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from media_assets.speech.text.anchors import anchors
from resources.models.interfaces import HeardWord

# (start_s, end_s, text) to the words that are heard there, on the episode's clock.
Hear = Callable[[float, float, Sequence[str]], Sequence[HeardWord]]
Times = list[tuple[float, float]]

# Characters of English speech per second, as in subtitling guidelines for adults (13 to 17).
CHARACTERS_PER_S = 13.0
# Between anchors that are further apart than this, what lies between them is heard once more.
FAR_S = 20.0


@dataclass(frozen=True)
class Place:
    """An anchored word: its index in the text and when it was heard, to about 0.1 s."""

    index: int
    start_s: float
    end_s: float


def anchored(spoken: Sequence[str], end_s: float, hear: Hear) -> list[Place]:
    """Words of a text, said in order in [0, end_s), that were surely heard."""
    places = _heard(spoken, 0, 0.0, end_s, hear)
    ends = [Place(-1, 0.0, 0.0), *places, Place(len(spoken), end_s, end_s)]
    for before, after in pairwise(ends):
        between = spoken[before.index + 1 : after.index]
        if places and between and after.start_s - before.end_s > FAR_S:
            places += _heard(between, before.index + 1, before.end_s, after.start_s, hear)
    return sorted(places, key=lambda place: place.index)


def _heard(
    text: Sequence[str], offset: int, start_s: float, end_s: float, hear: Hear
) -> list[Place]:
    heard = hear(start_s, end_s, text)
    pairs = anchors([_plain(word) for word in text], [_plain(word.word) for word in heard])
    return [Place(offset + i, heard[j].start_s, heard[j].end_s) for i, j in pairs]


def _plain(word: str) -> str:
    return re.sub(r"[\W_]", "", word.casefold())


def estimated_times(
    spoken: Sequence[str], breaks: Sequence[int], places: Sequence[Place], end_s: float
) -> Times:
    """(start_s, end_s) of every word: where it was heard, or else spread between its neighbours.

    Where there is more time than speech needs, words stay with the anchor on their side of a
    break (index of a word with which a line begins) in the middle.
    """
    times: Times = []
    first, last = Place(-1, 0.0, 0.0), Place(len(spoken), end_s, end_s)
    for before, after in pairwise([first, *places, last]):
        if before is not first:
            times.append((before.start_s, before.end_s))
        begin, stop = before.index + 1, after.index
        start, end = before.end_s, max(before.end_s, after.start_s)
        lengths = np.array([len(word) + 1.0 for word in spoken[begin:stop]]) / CHARACTERS_PER_S
        if lengths.sum() >= end - start:
            edges = start + np.concatenate([[0.0], lengths.cumsum()]) * (
                (end - start) / max(lengths.sum(), 1e-9)
            )
            times += list(pairwise(edges.tolist()))
            continue
        part = _part(breaks, begin, stop, before is first, after is last)
        left = start + np.concatenate([[0.0], lengths[: part - begin].cumsum()])
        right = end - np.concatenate([[0.0], lengths[part - begin :][::-1].cumsum()])[::-1]
        times += [*pairwise(left.tolist()), *pairwise(right.tolist())]
    return times


def _part(breaks: Sequence[int], begin: int, stop: int, is_first: bool, is_last: bool) -> int:
    """Which words [begin, stop) stay with the anchor before: those before this index."""
    if is_first:
        return begin
    if is_last:
        return stop
    middle = (begin + stop) / 2
    inside = [at for at in breaks if begin <= at <= stop]
    return min(inside, key=lambda at: abs(at - middle), default=stop)
