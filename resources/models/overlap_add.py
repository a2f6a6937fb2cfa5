"""A stream cut into overlapping windows, and what comes of them put together again."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from resources.models.interfaces import Samples


@dataclass(frozen=True)
class Window:
    """A stretch of a stream, (n, channels), and what came right before it (at most as long)."""

    samples: Samples
    before: Samples


def windows(mix: Iterable[Samples], length: int, stride: int) -> Iterator[Window]:
    """Windows of `length` samples, one every `stride`; those at the end are shorter."""
    held: Samples | None = None
    before: Samples | None = None
    for block in _at_least(mix, length):
        held = block if held is None else np.concatenate([held, block])
        before = held[:0] if before is None else before
        while len(held) >= length:
            yield Window(held[:length], before)
            before = np.concatenate([before, held[:stride]])[-length:]
            held = held[stride:]
    while held is not None and before is not None and len(held):
        yield Window(held[:length], before)
        before = np.concatenate([before, held[:stride]])[-length:]
        held = held[stride:]


def overlap_add(
    mix: Iterable[Samples],
    length: int,
    stride: int,
    group: int,
    separate: Callable[[Sequence[Window]], Sequence[Samples]],
) -> Iterator[Samples]:
    """What `separate` makes of the windows of `mix`, cross-faded; as many samples as went in.

    The weights are demucs' own (`demucs.apply`): a triangle over the window, then divided by their
    sum. No more than `group` windows are in hand at once, however long the stream is.
    """
    rising = np.arange(1, length // 2 + 1, dtype=np.float32)
    falling = np.arange(length - length // 2, 0, -1, dtype=np.float32)
    triangle = np.concatenate([rising, falling])[:, None] / np.float32(length - length // 2)
    stream = windows(mix, length, stride)
    total: Samples | None = None
    weights = np.zeros((length, 1), np.float32)
    while batch := list(islice(stream, group)):
        for window, made in zip(batch, separate(batch), strict=True):
            if total is None:
                total = np.zeros((length, made.shape[1]), np.float32)
            count = len(window.samples)
            total[:count] += triangle[:count] * made
            weights[:count] += triangle[:count]
            ready = min(stride, count)
            yield total[:ready] / weights[:ready]
            total = _shifted(total, stride)
            weights = _shifted(weights, stride)


def _shifted(held: Samples, by: int) -> Samples:
    return np.concatenate([held[by:], np.zeros_like(held[:by])])


def _at_least(blocks: Iterable[Samples], least: int) -> Iterator[Samples]:
    """The same samples in blocks of at least that length, but for the last."""
    parts: list[Samples] = []
    count = 0
    for block in blocks:
        parts.append(block)
        count += len(block)
        if count >= least:
            yield np.concatenate(parts)
            parts, count = [], 0
    if count:
        yield np.concatenate(parts)
