"""Where words of a text are surely said: runs of words that were also heard, in the same order.

Unique runs first, then what is unique between them, as in patience diff (B. Cohen) and as in
Moreno et al., "A recursive algorithm for the forced alignment of very long audio segments", ICSLP
1998. Words that were heard wrong, or in silence, match nothing or break the order.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

# Three words in a row are seldom heard by chance where they are not said; between two anchors that
# are less than `NEAR` words apart, two are enough.
RUN, NEAR_RUN, NEAR = 3, 2, 60


def anchors(text: Sequence[str], heard: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs (index in the text, index in what was heard), both rising.

    >>> anchors("so we go home now".split(), "uh we go home know".split())
    [(1, 1), (2, 2), (3, 3)]
    """
    found: list[tuple[int, int]] = []
    regions = [(0, len(text), 0, len(heard))]
    while regions:
        a, b, c, d = regions.pop()
        near = max(b - a, d - c) < NEAR and (a, c) != (0, 0)
        run = NEAR_RUN if near else RUN
        runs = _in_order(_unique_runs(text[a:b], heard[c:d], run))
        members = {(a + i + k, c + j + k) for i, j in runs for k in range(run)}
        # Of two pairs with the same word of the text, this order lets no more than one rise.
        pairs = _in_order(sorted(members, key=lambda pair: (pair[0], -pair[1])))
        found += pairs
        if pairs:
            edges = [(a - 1, c - 1), *pairs, (b, d)]
            regions += [
                (i + 1, k, j + 1, m)
                for (i, j), (k, m) in pairwise(edges)
                if min(k - i, m - j) > NEAR_RUN
            ]
    return sorted(found)


def _unique_runs(text: Sequence[str], heard: Sequence[str], length: int) -> list[tuple[int, int]]:
    """Where runs of so many words start that are in both exactly once."""
    runs = [tuple(text[i : i + length]) for i in range(len(text) - length + 1)]
    spoken = [tuple(heard[i : i + length]) for i in range(len(heard) - length + 1)]
    times, times_heard = Counter(runs), Counter(spoken)
    place = {run: i for i, run in enumerate(spoken)}
    return [
        (i, place[run]) for i, run in enumerate(runs) if times[run] == 1 and times_heard[run] == 1
    ]


def _in_order(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest row of pairs that rises in both; they come in order of the first."""
    ends: list[int] = []  # of the best row of each length: its last second member ...
    last: list[int] = []  # ... and the index of that pair
    before = [-1] * len(pairs)
    for index, (_, second) in enumerate(pairs):
        length = bisect_left(ends, second)
        before[index] = last[length - 1] if length else -1
        ends[length : length + 1] = [second]
        last[length : length + 1] = [index]
    row = []
    index = last[-1] if last else -1
    while index >= 0:
        row.append(pairs[index])
        index = before[index]
    return row[::-1]
