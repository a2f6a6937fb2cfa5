"""Measures over stacks of thumbnails, uint8 (frames, height, width)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LAGS = 64
"""How far back `rms` looks; the longest gradual transition that can be judged as a mix."""

ENVELOPE_LAGS = 6
"""How far back `envelope` looks: both sides of a cut, three frames each, and one to spare."""

DRIFT_LAG = 8
"""A third of a second: long enough for a slow dissolve to rise above noise."""

THUMB, TINY = (64, 36), (32, 18)
GRID = 4
SHARP_STEP = 32
"""Source rows from one that sharpness reads to the next."""

SHADE_STEP = 12
"""A sample further than this from the frame's commonest shade belongs to the picture drawn on it:
three times the ringing that 8-bit codecs leave on flat areas."""


@dataclass(frozen=True)
class Run:
    """Thumbnails, their envelopes and tiny float pictures (less 128, flat) of a run of frames.

    Of frames before the newest there may be more tiny pictures than thumbnails.
    """

    thumbs: np.ndarray
    low: np.ndarray
    high: np.ndarray
    tiny: np.ndarray

    @classmethod
    def of(cls, samples: np.ndarray) -> Run:
        """The run of pictures sampled at a multiple of the size of thumbnails."""
        thumbs = shrink(samples, THUMB)
        tiny = shrink(thumbs, TINY).reshape(len(thumbs), -1).astype(np.float32) - 128
        return cls(thumbs, _spread(thumbs, np.minimum), _spread(thumbs, np.maximum), tiny)

    def followed_by(self, other: Run) -> Run:
        return Run(*(np.concatenate(pair) for pair in zip(self._all(), other._all(), strict=True)))

    def tail(self) -> Run:
        """As much as frames to come are compared with."""
        thumbs, low, high = (part[-ENVELOPE_LAGS:] for part in self._all()[:3])
        return Run(thumbs, low, high, self.tiny[-LAGS:])

    def _all(self) -> tuple[np.ndarray, ...]:
        return self.thumbs, self.low, self.high, self.tiny


def shrink(stack: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Every picture of a stack averaged down to `size` (width, height), which divides its own."""
    import cv2

    # The stack is shrunk as one tall picture: whole cells never reach across two frames.
    tall = stack.reshape(-1, stack.shape[2])
    tall_size = (size[0], size[1] * len(stack))
    small: np.ndarray = cv2.resize(tall, tall_size, interpolation=cv2.INTER_AREA)
    return small.reshape(len(stack), size[1], size[0])


def _spread(stack: np.ndarray, extreme: np.ufunc) -> np.ndarray:
    """The 5x3 running minimum or maximum of every picture."""
    across = stack.copy()
    for step in (1, 2):
        extreme(across[:, :, step:], stack[:, :, :-step], out=across[:, :, step:])
        extreme(across[:, :, :-step], stack[:, :, step:], out=across[:, :, :-step])
    both = across.copy()
    extreme(both[:, 1:], across[:, :-1], out=both[:, 1:])
    extreme(both[:, :-1], across[:, 1:], out=both[:, :-1])
    return both


def _outside(stack: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Mean distance of each picture's cells to the interval [low, high]."""
    # Clipped and original differ one way only, so the unsigned maximum minus minimum is the gap.
    inside = np.minimum(np.maximum(stack, low), high)
    gap = np.maximum(stack, inside) - np.minimum(stack, inside)
    return means(gap)


def means(stack: np.ndarray) -> np.ndarray:
    """The mean of every uint8 picture, float32."""
    import cv2

    flat = stack.reshape(len(stack), -1)
    sums: np.ndarray = cv2.reduce(flat, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32F)
    return sums.ravel() / np.float32(flat.shape[1])


def envelope(run: Run, start: int) -> np.ndarray:
    """Distance outside the envelopes to each of `ENVELOPE_LAGS` frames before, from `start` on."""
    found = np.full((len(run.thumbs) - start, ENVELOPE_LAGS), np.nan, np.float32)
    for lag in range(1, ENVELOPE_LAGS + 1):
        first = max(start, lag)
        if first >= len(run.thumbs):
            continue
        new, old = slice(first, None), slice(first - lag, len(run.thumbs) - lag)
        there = _outside(run.thumbs[new], run.low[old], run.high[old])
        back = _outside(run.thumbs[old], run.low[new], run.high[new])
        found[first - start :, lag - 1] = (there + back) / 2
    return found


def rms(tiny: np.ndarray, start: int) -> np.ndarray:
    """Root mean square difference to each of `LAGS` frames before, from `start` on."""
    count = len(tiny) - start
    energy = np.einsum("ij,ij->i", tiny, tiny)
    squared = energy[start:, None] + energy[None, :] - 2 * _inner(tiny[start:], tiny)
    far = np.sqrt(np.maximum(squared, 0) / tiny.shape[1])
    index = np.arange(start, start + count)[:, None] - np.arange(1, LAGS + 1)
    return np.where(index >= 0, np.take_along_axis(far, np.maximum(index, 0), 1), np.nan)


def _inner(new: np.ndarray, every: np.ndarray) -> np.ndarray:
    """`new @ every.T`, four rows at a time.

    A larger product would wake the BLAS threads, whose spinning costs more than the product.
    """
    padded = np.zeros((-(-len(new) // 4) * 4, new.shape[1]), np.float32)
    padded[: len(new)] = new
    product: np.ndarray = np.matmul(padded.reshape(-1, 4, new.shape[1]), every.T)
    return product.reshape(len(padded), -1)[: len(new)]


def motion(thumbs: np.ndarray, start: int) -> np.ndarray:
    """Mean absolute change from the frame before less the change of the mean, from `start` on."""
    moved = np.zeros(len(thumbs) - start, np.float32)
    first = max(start, 1)
    cells = thumbs[first - 1 :].reshape(len(thumbs) - first + 1, -1).astype(np.float32)
    change = cells[1:] - cells[:-1]
    change -= change.mean(1, keepdims=True)
    moved[first - start :] = np.abs(change, out=change).mean(1)
    return moved


def drift(tiny: np.ndarray, start: int) -> np.ndarray:
    """Mean absolute change from the `DRIFT_LAG`-th frame before, from `start` on."""
    found = np.full(len(tiny) - start, np.nan, np.float32)
    first = max(start, DRIFT_LAG)
    if first < len(tiny):
        change = tiny[first:] - tiny[first - DRIFT_LAG : len(tiny) - DRIFT_LAG]
        found[first - start :] = np.abs(change).mean(1)
    return found


def detail(thumbs: np.ndarray) -> np.ndarray:
    """Mean squared step between neighbouring cells, across plus down."""
    cells = thumbs.astype(np.float32)
    across, down = cells[:, :, 1:] - cells[:, :, :-1], cells[:, 1:] - cells[:, :-1]
    steps: np.ndarray = _mean_square(across) + _mean_square(down)
    return steps


def _mean_square(stack: np.ndarray) -> np.ndarray:
    squares: np.ndarray = np.einsum("nij,nij->n", stack, stack) / stack[0].size
    return squares


def drawn(thumbs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The commonest shade of each picture and the share of cells away from it."""
    count = len(thumbs)
    flat = thumbs.reshape(count, -1)
    bins = (flat >> 3) + np.arange(count, dtype=np.uint16)[:, None] * 32
    fullest = np.bincount(bins.ravel(), minlength=count * 32).reshape(count, 32).argmax(1)
    shade = (fullest * 8 + 4).astype(np.uint8)[:, None]
    away = np.maximum(flat, shade) - np.minimum(flat, shade) > SHADE_STEP
    return shade[:, 0].astype(np.float32), means(away.view(np.uint8))


def colour(thumbs: np.ndarray, chroma: np.ndarray) -> np.ndarray:
    """Mean Y, U, V on a 4x4 grid, flat; chroma: (frames, 2, points, points)."""
    count, points = len(thumbs), chroma.shape[-1]
    luma = shrink(thumbs, (GRID, GRID))
    pair = shrink(chroma.reshape(2 * count, points, points), (GRID, GRID))
    return np.concatenate([luma.reshape(count, -1), pair.reshape(count, -1)], 1)


def pick(plane: np.ndarray) -> np.ndarray:
    """16x16 points spread over a plane."""
    import cv2

    points: np.ndarray = cv2.resize(plane, (4 * GRID, 4 * GRID), interpolation=cv2.INTER_NEAREST)
    return points


def sharpness(luma: np.ndarray) -> float:
    """Mean squared step between neighbouring source pixels on every `SHARP_STEP`-th row."""
    import cv2

    rows, below = luma[0:-1:SHARP_STEP], luma[1::SHARP_STEP]
    across = cv2.norm(rows[:, 1:], rows[:, :-1], cv2.NORM_L2SQR)
    down = cv2.norm(rows, below[: len(rows)], cv2.NORM_L2SQR)
    return (across + down) / max(rows.size, 1)
