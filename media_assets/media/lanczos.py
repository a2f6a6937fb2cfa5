"""Lanczos scaling of any part of a picture, bit for bit as if the whole had been scaled.

The same sums as Pillow's `Image.resize(size, LANCZOS)` of the whole picture (libImaging/Resample.c:
three lobes, widened when scaling down; weights of 22 bits; 8 bits after each axis), first down the
columns, then along the rows. Pillow's own `box` says in single precision where a part lies, so that
it differs unless the scale is a power of two, and takes three times as long or more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from media_assets.media.compiled import compiled

LOBES = 3
PRECISION_BITS = 22


@dataclass(frozen=True, eq=False)
class Taps:
    """How each of a run of scaled samples is summed up along one axis.

    start, stop: the samples that are needed of the axis before scaling.
    first: index after `start` of the first sample of each sum. weights: int32 (samples, taps).
    """

    start: int
    stop: int
    first: NDArray[np.int64]
    weights: NDArray[np.int32]


def taps(start: int, count: int, size: int, scaled_size: int) -> Taps:
    """The sums for `count` samples from `start` on of an axis scaled from `size` to `scaled_size`.

    At scale 1 every sum is one sample alone.
    """
    scale = size / scaled_size
    widened = max(scale, 1.0)
    centre = (np.arange(start, start + count) + 0.5) * scale
    low = np.maximum((centre - LOBES * widened + 0.5).astype(np.int64), 0)
    high = np.minimum((centre + LOBES * widened + 0.5).astype(np.int64), size)
    each = low[:, None] + np.arange((high - low).max())
    weight = _lanczos((each - centre[:, None] + 0.5) / widened) * (each < high[:, None])
    weight /= weight.sum(1, keepdims=True)
    fixed = np.trunc(weight * (1 << PRECISION_BITS) + np.copysign(0.5, weight)).astype(np.int32)
    return _trimmed(low, fixed)


def resample(picture: NDArray[np.uint8], columns: Taps, rows: Taps) -> NDArray[np.uint8]:
    """The scaled part of a picture (rows, columns, 3) cut to `start` to `stop` on both axes."""
    import cv2

    # Sums of one sample are those of scale 1.
    if rows.weights.shape[1] > 1:
        picture = _summed(picture, rows)
    if columns.weights.shape[1] > 1:
        picture = cv2.transpose(_summed(cv2.transpose(picture), columns))
    return picture


def _summed(picture: NDArray[np.uint8], axis: Taps) -> NDArray[np.uint8]:
    """The sums over the first axis of a picture."""
    lines = picture.reshape(len(picture), -1)
    out = np.empty((len(axis.first), lines.shape[1]), np.uint8)
    _kernel()(lines, axis.first, axis.weights, out)
    return out.reshape(-1, *picture.shape[1:])


def _lanczos(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.abs(x) < LOBES, np.sinc(x) * np.sinc(x / LOBES), 0.0)


def _trimmed(first: NDArray[np.int64], weights: NDArray[np.int32]) -> Taps:
    """The sums without the samples at their ends that weigh nothing, inside the run they need."""
    used = weights != 0
    lead, length = used.argmax(1), weights.shape[1]
    last = length - used[:, ::-1].argmax(1)
    count = int((last - lead).max())
    start, stop = int((first + lead).min()), int((first + last).max())
    # A sum that would reach beyond the run is moved back: it then begins with weights of zero.
    moved = np.minimum(first + lead, stop - count)
    offset = np.arange(count) + (moved - first)[:, None]
    inside = (offset >= 0) & (offset < length)
    kept = np.take_along_axis(weights, np.clip(offset, 0, length - 1), 1)
    return Taps(start, stop, moved - start, np.where(inside, kept, np.int32(0)))


@cache
def _kernel() -> Callable[..., None]:
    return compiled(_sum_lines)


def _sum_lines(
    lines: NDArray[np.uint8],
    first: NDArray[np.int64],
    weights: NDArray[np.int32],
    out: NDArray[np.uint8],
) -> None:
    """Each line of `out` from the lines at `first` and after, by weights."""
    count, width = out.shape
    total = np.empty(width, np.int32)
    for i in range(count):
        total[:] = 1 << 21
        for tap in range(weights.shape[1]):
            weight = weights[i, tap]
            line = lines[first[i] + tap]
            for x in range(width):
                total[x] += weight * np.int32(line[x])
        for x in range(width):
            out[i, x] = min(max(total[x] >> 22, 0), 255)
