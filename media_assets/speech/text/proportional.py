"""Words spread over the time in which they are said, where nothing can place them exactly."""

from collections.abc import Sequence

import numpy as np

from resources.models.interfaces import Span


def spread(
    words: Sequence[str], start_s: float, end_s: float, activity: Sequence[Span] = ()
) -> list[Span]:
    """One span per word, in order, each as long as its share of the characters.

    activity: where somebody speaks; only that part of [start_s, end_s) is filled, if there is any.
    """
    inside = [
        (max(span.start_s, start_s), min(span.end_s, end_s))
        for span in activity
        if span.start_s < end_s and start_s < span.end_s
    ] or [(start_s, end_s)]
    starts = np.array([start for start, _ in inside])
    filled = np.concatenate([[0.0], np.cumsum([end - start for start, end in inside])])
    shares = np.concatenate([[0.0], np.cumsum([len(word) + 1 for word in words])])
    marks = shares / shares[-1] * filled[-1]
    # A word that begins where a stretch ends begins with the next one.
    first = np.searchsorted(filled, marks[:-1], side="right") - 1
    last = np.searchsorted(filled, marks[1:], side="left") - 1
    first, last = first.clip(0, len(inside) - 1), last.clip(0, len(inside) - 1)
    begins = starts[first] + marks[:-1] - filled[first]
    ends = np.maximum(begins, starts[last] + marks[1:] - filled[last])
    return [Span(float(a), float(b)) for a, b in zip(begins, ends, strict=True)]
