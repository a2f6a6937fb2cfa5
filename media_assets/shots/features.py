"""Small numeric features of every frame, measured while the master is decoded once.

What a threshold could ever ask about is in the table, so changing one needs no second decode:
transitions, clip quality and scene grouping all read these columns. Every feature looks only at
the frame and at the `LAGS` frames before it, so the stream holds that many thumbnails and no more.

The picture is sampled, not filtered: 256 points of 72 rows of the luma plane, averaged down to
64x36 and 32x18. An exact area average of a 1080p plane costs more than its decode.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    import av

BATCH = 32
"""Frames measured together; features of a frame appear at most this many frames later."""

LAGS = 64
"""How far back `rms_luma` looks; the longest gradual transition that can be judged as a mix."""

ENVELOPE_LAGS = 6
"""How far back `envelope_luma` looks: both sides of a cut, three frames each, and one to spare."""

DRIFT_LAG = 8
"""A third of a second: long enough for a slow dissolve to rise above noise."""

BARS_EVERY = 12
"""Bars do not move inside a shot, and reading every row of every frame is dear."""

SAMPLE, THUMB, TINY = (256, 72), (64, 36), (32, 18)
GRID = 4
SHARP_STEP = 32
EDGES = ("top", "bottom", "left", "right")
BLACK_LUMA = 32
"""8-bit luma at or below which a sample is black: limited-range black (16) plus coding noise."""

SHADE_STEP = 12
"""A sample further than this from the frame's commonest shade belongs to the picture drawn on it:
three times the ringing that 8-bit codecs leave on flat areas."""

FEATURE_SCHEMA = pl.Schema(
    {
        "frame": pl.Int64,
        "luma_mean": pl.Float32,
        "luma_std": pl.Float32,
        "black_fraction": pl.Float32,
        "drawn_fraction": pl.Float32,
        "shade_luma": pl.Float32,
        "sharpness_luma2": pl.Float32,
        "detail_luma2": pl.Float32,
        "motion_luma": pl.Float32,
        "drift_luma": pl.Float32,
        "bar_top_px": pl.Int32,
        "bar_bottom_px": pl.Int32,
        "bar_left_px": pl.Int32,
        "bar_right_px": pl.Int32,
        "envelope_luma": pl.Array(pl.Float32, ENVELOPE_LAGS),
        "rms_luma": pl.Array(pl.Float32, LAGS),
        "colour_yuv": pl.Array(pl.UInt8, 3 * GRID * GRID),
    }
)
"""One row per frame; luma and chroma in 8-bit code values, ranges left as the master has them.

luma_mean, luma_std  of the 32x18 thumbnail, so that they go with `rms_luma`.
black_fraction       share of the 64x36 thumbnail at or below `BLACK_LUMA`.
shade_luma           the commonest shade: centre of the fullest of 32 luma bins, in the thumbnail.
drawn_fraction       share of the thumbnail further than `SHADE_STEP` from that shade; near zero in
                     a monochrome frame.
sharpness_luma2      mean squared step between neighbouring source pixels, across and down, on
                     every `SHARP_STEP`-th row: falls with blur and upscaling, rises with grain.
detail_luma2         mean squared step between neighbouring thumbnail cells: falls in a dissolve.
motion_luma          mean absolute difference from the frame before at 64x36 after both means are
                     taken off; zero for a held frame and for the first.
drift_luma           mean absolute difference to the `DRIFT_LAG`-th frame before at 32x18, NaN
                     before the start; with `rms_luma` it tells a change all over from a local one.
bar_*_px             black rows and columns at each edge, in source pixels; null except on every
                     `BARS_EVERY`-th frame. Dark shots overstate them: take the least over a shot.
envelope_luma        [k-1]: how far the frame and the k-th before it lie outside each other's
                     5x3 erode/dilate envelope, mean luma; blind to motion of two cells. NaN
                     before the start.
rms_luma             [k-1]: root mean square difference to the k-th frame before at 32x18. Any inner
                     product of two frames within `LAGS` follows from it. NaN before the start.
colour_yuv           mean Y, U, V on a 4x4 grid, row by row, three planes one after the other; grey
                     chroma is 128.
"""


@dataclass(frozen=True)
class _Plane:
    """Where one component of a pixel format lies, and how far its samples shift down to 8 bits."""

    index: int
    dtype: str
    step: int
    offset: int
    shift: int


@lru_cache
def _layout(name: str) -> tuple[_Plane, ...] | None:
    """The component layout of a planar luma format, or None where luma has no plane of its own."""
    import av

    form = av.VideoFormat(name)
    parts = form.components[:3]
    own_plane = not any(part.plane == 0 for part in parts[1:])
    if form.is_rgb or form.has_palette or not own_plane or parts[0].bits < 8:
        return None
    shared = len({part.plane for part in parts[1:]}) < len(parts) - 1
    planes = []
    for number, part in enumerate(parts):
        deep = part.bits > 8
        # The P0xx family keeps its bits at the top of the word, the planar formats at the bottom.
        shift = 8 if name.startswith("p") else part.bits - 8
        planes.append(
            _Plane(
                index=part.plane,
                dtype=(">u2" if form.is_big_endian else "<u2") if deep else "u1",
                step=2 if shared and number else 1,
                offset=number - 1 if shared and number else 0,
                shift=shift if deep else 0,
            )
        )
    return tuple(planes)


def _pixels(frame: av.VideoFrame, plane: _Plane) -> np.ndarray:
    memory = frame.planes[plane.index]
    dtype = np.dtype(plane.dtype)
    rows = np.frombuffer(memory, dtype).reshape(-1, memory.line_size // dtype.itemsize)
    rows = rows[: memory.height, plane.offset : memory.width * plane.step : plane.step]
    return (rows >> plane.shift).astype(np.uint8) if plane.shift else rows


def luma_plane(frame: av.VideoFrame) -> np.ndarray:
    """The frame's luma, uint8 (height, width), a view of the decoder's memory where it can be.

    Deeper luma is shifted to 8 bits and formats without a luma plane are converted; both copy.
    Full and limited range are left as they are. The view lives as long as the frame.
    """
    layout = _layout(frame.format.name)
    if layout is None:
        return frame.reformat(format="gray").to_ndarray()
    return _pixels(frame, layout[0])


def chroma_planes(frame: av.VideoFrame) -> tuple[np.ndarray, np.ndarray] | None:
    """The frame's U and V, uint8 at their own resolution, or None for grey pictures."""
    layout = _layout(frame.format.name)
    if layout is None:
        frame = frame.reformat(format="yuv444p")
        layout = _layout("yuv444p")
    if layout is None or len(layout) < 3:
        return None
    return _pixels(frame, layout[1]), _pixels(frame, layout[2])


class FeatureStream:
    """Turns frames, pushed in order, into rows of `FEATURE_SCHEMA`.

    `push` as each frame is decoded, `take` whenever rows are wanted, `finish` at the end. Memory
    is `LAGS` + `BATCH` thumbnails, whatever the length of the master.
    """

    def __init__(self) -> None:
        self._next = 0
        self._height = 0
        self._rows = np.empty(0, np.int64)
        self._samples = np.empty((BATCH, SAMPLE[1], SAMPLE[0]), np.uint8)
        self._chroma = np.full((BATCH, 2, 4 * GRID, 4 * GRID), 128, np.uint8)
        self._sharpness = np.empty(BATCH, np.float32)
        self._bars: list[tuple[int, int, int, int] | None] = []
        self._past: _Past | None = None
        self._ready: list[pl.DataFrame] = []
        self._none = FEATURE_SCHEMA.to_frame()

    def push(self, luma: np.ndarray, chroma: tuple[np.ndarray, np.ndarray] | None = None) -> None:
        """Take in the next frame; nothing of it is kept by reference."""
        import cv2

        slot = len(self._bars)
        if len(luma) != self._height:
            self._height = len(luma)
            self._rows = (2 * np.arange(SAMPLE[1]) + 1) * self._height // (2 * SAMPLE[1])
        rows = luma[self._rows]
        cv2.resize(rows, SAMPLE, dst=self._samples[slot], interpolation=cv2.INTER_LINEAR)
        self._sharpness[slot] = _sharpness(luma)
        for plane in range(2):
            self._chroma[slot, plane] = 128 if chroma is None else _pick(chroma[plane])
        number = self._next + slot
        self._bars.append(_bars(luma) if number % BARS_EVERY == 0 else None)
        if slot + 1 == BATCH:
            self._measure()

    def take(self) -> pl.DataFrame:
        """The rows measured since the last call; up to `BATCH` - 1 frames are still to come."""
        ready, self._ready = self._ready, []
        return pl.concat(ready) if ready else self._none

    def finish(self) -> pl.DataFrame:
        """The remaining rows."""
        if self._bars:
            self._measure()
        return self.take()

    def _measure(self) -> None:
        count = len(self._bars)
        thumbs = _shrink(self._samples[:count], THUMB)
        tiny = _shrink(thumbs, TINY).reshape(count, -1).astype(np.float32) - 128
        now = _Past(thumbs, _spread(thumbs, np.minimum), _spread(thumbs, np.maximum), tiny)
        both = now if self._past is None else self._past.followed_by(now)
        start = len(both.thumbs) - count
        shade, drawn = _drawn(thumbs)
        bars = [bar or (None,) * 4 for bar in self._bars]
        columns = {
            "frame": np.arange(self._next, self._next + count),
            "luma_mean": tiny.mean(1) + 128,
            "luma_std": tiny.std(1),
            "black_fraction": _means((thumbs <= BLACK_LUMA).view(np.uint8)),
            "drawn_fraction": drawn,
            "shade_luma": shade,
            "sharpness_luma2": self._sharpness[:count].copy(),
            "detail_luma2": _detail(thumbs),
            "motion_luma": _motion(both.thumbs, start),
            "drift_luma": _drift(both.tiny, start),
            **{f"bar_{edge}_px": [bar[i] for bar in bars] for i, edge in enumerate(EDGES)},
            "envelope_luma": _envelope(both, start),
            "rms_luma": _rms(both.tiny, start),
            "colour_yuv": _colour(thumbs, self._chroma[:count]),
        }
        self._ready.append(
            pl.DataFrame([pl.Series(k, v, FEATURE_SCHEMA[k]) for k, v in columns.items()])
        )
        self._past = both.last(LAGS)
        self._next += count
        self._bars = []


@dataclass(frozen=True)
class _Past:
    """Thumbnails, their envelopes and tiny float pictures of a run of frames."""

    thumbs: np.ndarray
    low: np.ndarray
    high: np.ndarray
    tiny: np.ndarray

    def followed_by(self, other: _Past) -> _Past:
        return _Past(
            *(np.concatenate(pair) for pair in zip(self._all(), other._all(), strict=True))
        )

    def last(self, count: int) -> _Past:
        return _Past(*(part[-count:] for part in self._all()))

    def _all(self) -> tuple[np.ndarray, ...]:
        return self.thumbs, self.low, self.high, self.tiny


def _shrink(stack: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Every picture of a stack averaged down to `size` (width, height), which divides its own."""
    import cv2

    # The stack is shrunk as one tall picture: whole cells never reach across two frames.
    tall = stack.reshape(-1, stack.shape[2])
    small = cv2.resize(tall, (size[0], size[1] * len(stack)), interpolation=cv2.INTER_AREA)
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
    return _means(gap)


def _means(stack: np.ndarray) -> np.ndarray:
    """The mean of every uint8 picture, float32."""
    import cv2

    flat = stack.reshape(len(stack), -1)
    return cv2.reduce(flat, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32F).ravel() / flat.shape[1]


def _envelope(run: _Past, start: int) -> np.ndarray:
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


def _rms(tiny: np.ndarray, start: int) -> np.ndarray:
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
    return np.matmul(padded.reshape(-1, 4, new.shape[1]), every.T).reshape(len(padded), -1)[
        : len(new)
    ]


def _motion(thumbs: np.ndarray, start: int) -> np.ndarray:
    moved = np.zeros(len(thumbs) - start, np.float32)
    first = max(start, 1)
    pair = thumbs[first - 1 :].astype(np.float32)
    pair -= pair.mean((1, 2), keepdims=True)
    moved[first - start :] = np.abs(pair[1:] - pair[:-1]).mean((1, 2))
    return moved


def _drift(tiny: np.ndarray, start: int) -> np.ndarray:
    drift = np.full(len(tiny) - start, np.nan, np.float32)
    first = max(start, DRIFT_LAG)
    if first < len(tiny):
        change = tiny[first:] - tiny[first - DRIFT_LAG : len(tiny) - DRIFT_LAG]
        drift[first - start :] = np.abs(change).mean(1)
    return drift


def _detail(thumbs: np.ndarray) -> np.ndarray:
    cells = thumbs.astype(np.float32)
    across, down = np.diff(cells, axis=2), np.diff(cells, axis=1)
    return np.square(across).mean((1, 2)) + np.square(down).mean((1, 2))


def _drawn(thumbs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The commonest shade of each picture and the share of cells away from it."""
    count = len(thumbs)
    flat = thumbs.reshape(count, -1)
    bins = (flat >> 3) + np.arange(count, dtype=np.uint16)[:, None] * 32
    fullest = np.bincount(bins.ravel(), minlength=count * 32).reshape(count, 32).argmax(1)
    shade = (fullest * 8 + 4).astype(np.uint8)[:, None]
    away = np.maximum(flat, shade) - np.minimum(flat, shade) > SHADE_STEP
    return shade[:, 0].astype(np.float32), _means(away.view(np.uint8))


def _colour(thumbs: np.ndarray, chroma: np.ndarray) -> np.ndarray:
    count, points = len(thumbs), chroma.shape[-1]
    luma = _shrink(thumbs, (GRID, GRID))
    pair = _shrink(chroma.reshape(2 * count, points, points), (GRID, GRID))
    return np.concatenate([luma.reshape(count, -1), pair.reshape(count, -1)], 1)


def _pick(plane: np.ndarray) -> np.ndarray:
    """16x16 points spread over a plane."""
    import cv2

    return cv2.resize(plane, (4 * GRID, 4 * GRID), interpolation=cv2.INTER_NEAREST)


def _sharpness(luma: np.ndarray) -> float:
    import cv2

    rows, below = luma[0:-1:SHARP_STEP], luma[1::SHARP_STEP]
    across = cv2.norm(rows[:, 1:], rows[:, :-1], cv2.NORM_L2SQR)
    down = cv2.norm(rows, below[: len(rows)], cv2.NORM_L2SQR)
    return (across + down) / max(rows.size, 1)


def _bars(luma: np.ndarray) -> tuple[int, int, int, int]:
    """Black rows and columns at the top, bottom, left and right edge of one frame."""
    import cv2

    down = luma.max(0)
    across = cv2.reduce(luma, 1, cv2.REDUCE_MAX).ravel()
    return (*_edges(across), *_edges(down))


def _edges(brightest: np.ndarray) -> tuple[int, int]:
    lit = np.flatnonzero(brightest > BLACK_LUMA)
    if not len(lit):
        return len(brightest), len(brightest)
    return int(lit[0]), int(len(brightest) - 1 - lit[-1])
