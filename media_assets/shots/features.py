"""Small numeric features of every frame, measured while the master is decoded once.

What a threshold could ever ask about is in the table, so changing one needs no second decode:
transitions, clip quality and scene grouping all read these columns. Every feature looks only at
the frame and at the `LAGS` frames before it, so the stream holds that many thumbnails and no more.

The picture, without the master's letterbox, is sampled, not filtered: 128 points of 72 rows of the
luma plane, averaged down to 64x36 and 32x18. An exact area average of a 1080p plane costs more than
its decode.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import polars as pl

from media_assets.media.bars import BLACK_LUMA, edge_bars
from media_assets.shots import thumbs
from media_assets.shots.picture_area import WHOLE, Area
from media_assets.shots.thumbs import ENVELOPE_LAGS, GRID, LAGS, Run

BATCH = 32
"""Frames measured together; features of a frame appear at most this many frames later."""

CHROMA_EVERY = 4
"""Colour tells places apart, not frames."""

BARS_EVERY = 12
"""Bars do not move inside a shot, and reading every row of every frame is dear."""

SHARP_EVERY = 4
"""Sharpness is asked for as the median of a clip."""

SAMPLE = (128, 72)
EDGES = ("top", "bottom", "left", "right")

FEATURE_SCHEMA = pl.Schema(
    {
        "frame": pl.Int64(),
        "luma_mean": pl.Float32(),
        "luma_std": pl.Float32(),
        "black_fraction": pl.Float32(),
        "drawn_fraction": pl.Float32(),
        "shade_luma": pl.Float32(),
        "sharpness_luma2": pl.Float32(),
        "detail_luma2": pl.Float32(),
        "motion_luma": pl.Float32(),
        "drift_luma": pl.Float32(),
        "bar_top_px": pl.Int32(),
        "bar_bottom_px": pl.Int32(),
        "bar_left_px": pl.Int32(),
        "bar_right_px": pl.Int32(),
        "envelope_luma": pl.Array(pl.Float32, ENVELOPE_LAGS),
        "rms_luma": pl.Array(pl.Float32, LAGS),
        "colour_yuv": pl.Array(pl.UInt8, 3 * GRID * GRID),
    }
)
"""One row per frame; luma and chroma in 8-bit code values, ranges left as the master has them.
All but the bars is measured inside the master's bars.

luma_mean, luma_std  of the 32x18 thumbnail, so that they go with `rms_luma`.
black_fraction       share of the 64x36 thumbnail at or below `BLACK_LUMA`.
shade_luma           the commonest shade: centre of the fullest of 32 luma bins, in the thumbnail.
drawn_fraction       share of the thumbnail further than `SHADE_STEP` from that shade; near zero in
                     a monochrome frame.
sharpness_luma2      mean squared step between neighbouring source pixels, across and down, on
                     every `SHARP_STEP`-th row of every `SHARP_EVERY`-th frame, held in between:
                     falls with blur and upscaling, rises with grain.
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
                     chroma is 128. Chroma is that of every `CHROMA_EVERY`-th frame.
"""


@contextmanager
def beside_a_decoder() -> Iterator[None]:
    """OpenCV stays in the calling thread: waking its pool for pictures of a few kilobytes costs
    more than it saves while a decoder has all cores."""
    import cv2

    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(threads)


class FeatureStream:
    """Turns frames, pushed in order, into rows of `FEATURE_SCHEMA`.

    `push` as each frame is decoded, `take` whenever rows are wanted, `finish` at the end. Memory
    is `LAGS` + `BATCH` thumbnails, whatever the length of the master.
    """

    def __init__(self, area: Area = WHOLE) -> None:
        """area: the part of the picture that is measured; bars are counted in all of it."""
        self._area = area
        self._next = 0
        self._height = 0
        self._rows = np.empty(0, np.int64)
        self._samples = np.empty((BATCH, SAMPLE[1], SAMPLE[0]), np.uint8)
        self._chroma = np.empty((BATCH, 2, 4 * GRID, 4 * GRID), np.uint8)
        self._hue = np.full(self._chroma.shape[1:], 128, np.uint8)
        self._sharpness, self._sharp = np.empty(BATCH, np.float32), 0.0
        self._bars: list[tuple[int, int, int, int] | None] = []
        self._past: Run | None = None
        self._ready: list[pl.DataFrame] = []
        self._none = FEATURE_SCHEMA.to_frame()

    @property
    def wants_chroma(self) -> bool:
        """Whether chroma of the next frame would be used; the frames between have the last."""
        return (self._next + len(self._bars)) % CHROMA_EVERY == 0

    def push(self, luma: np.ndarray, chroma: tuple[np.ndarray, np.ndarray] | None = None) -> None:
        """Take in the next frame; nothing of it is kept by reference."""
        import cv2

        slot = len(self._bars)
        number = self._next + slot
        self._bars.append(edge_bars(luma) if number % BARS_EVERY == 0 else None)
        luma = self._area.of(luma)
        if len(luma) != self._height:
            self._height = len(luma)
            self._rows = (2 * np.arange(SAMPLE[1]) + 1) * self._height // (2 * SAMPLE[1])
        rows = luma[self._rows]
        cv2.resize(rows, SAMPLE, dst=self._samples[slot], interpolation=cv2.INTER_LINEAR)
        if number % SHARP_EVERY == 0:
            self._sharp = thumbs.sharpness(luma)
        self._sharpness[slot] = self._sharp
        if chroma is not None:
            self._hue = np.stack([thumbs.pick(self._area.of(plane)) for plane in chroma])
        self._chroma[slot] = self._hue
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
        now = Run.of(self._samples[:count])
        both = now if self._past is None else self._past.followed_by(now)
        start, tiny_start = len(both.thumbs) - count, len(both.tiny) - count
        shade, drawn = thumbs.drawn(now.thumbs)
        bars = [bar or (None,) * 4 for bar in self._bars]
        columns = {
            "frame": np.arange(self._next, self._next + count),
            "luma_mean": now.tiny.mean(1) + 128,
            "luma_std": now.tiny.std(1),
            "black_fraction": thumbs.means((now.thumbs <= BLACK_LUMA).view(np.uint8)),
            "drawn_fraction": drawn,
            "shade_luma": shade,
            "sharpness_luma2": self._sharpness[:count].copy(),
            "detail_luma2": thumbs.detail(now.thumbs),
            "motion_luma": thumbs.motion(both.thumbs, start),
            "drift_luma": thumbs.drift(both.tiny, tiny_start),
            **{f"bar_{edge}_px": [bar[i] for bar in bars] for i, edge in enumerate(EDGES)},
            "envelope_luma": thumbs.envelope(both, start),
            "rms_luma": thumbs.rms(both.tiny, tiny_start),
            "colour_yuv": thumbs.colour(now.thumbs, self._chroma[:count]),
        }
        self._ready.append(
            pl.DataFrame([pl.Series(k, v, FEATURE_SCHEMA[k]) for k, v in columns.items()])
        )
        self._past = both.tail()
        self._next += count
        self._bars = []
