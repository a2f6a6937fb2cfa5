"""Pictures of sound for the UI, each a PNG in Markdown of at most about 50 KB."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from media_assets.media.audio import Samples, read_wav
from media_assets.previews import SHEET_BYTES
from media_assets.speech.stems.separate import BLOCK_S, wav_blocks, wav_shape

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Colours of speakers in order of first appearance, apart for colour-blind eyes too (Okabe, Ito).
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#A08A00", "#555555")
WIDTH_IN, DPI = 9.0, 100
COLUMNS = 800
# A stretch in which words can be read.
CLOSE_UP_S = 8.0
# Spectrogram: one column is the mean of a few windows, so that a film costs no more than a clip.
# Few cells and levels, because noise hardly compresses.
BINS, SPECTRA, WINDOWS, LEVELS = 64, 256, 6, 14
FLOOR_DB, RANGE_DB = -100.0, 70


def waveform(audio: Path, turns: pl.DataFrame, words: pl.DataFrame) -> str:
    """The whole sound with its turns, and below it a close-up with words, as Markdown.

    audio: WAV whose sample 0 is second 0. turns: start_s, end_s, speaker; words: word, start_s,
    end_s (both may be empty). The close-up is where most words are said in `CLOSE_UP_S`.
    """
    figure, (whole, close) = _figure(2, [1.0, 1.3])
    low, high, duration = _envelope(audio)
    colours = speaker_colours(turns["speaker"])
    _draw_envelope(whole, low, high, 0, duration)
    draw_turns(whole, turns, colours)
    start = _busiest(words, turns, duration)
    end = min(duration, start + CLOSE_UP_S)
    rate, _ = wav_shape(audio)
    near, _ = read_wav(audio, round(start * rate), round(end * rate))
    _draw_envelope(close, *_extremes(near.mean(1), COLUMNS), start, end)
    draw_turns(close, turns, colours)
    _draw_words(close, words, start, end)
    _legend(figure, colours)
    return as_markdown(figure, "waveform")


def stem_spectrograms(stems: Sequence[tuple[str, Path]]) -> str:
    """Spectrograms of files of one length below each other, 0 to 8 kHz, as Markdown."""
    from matplotlib import colormaps

    figure, axes = _figure(len(stems), [1.0] * len(stems), height_in=1.25)
    pictures = [_spectrogram(path) for _, path in stems]
    # One scale for all: what left one stem is seen in the other.
    top = max(FLOOR_DB + RANGE_DB, *(float(picture.max()) for picture, _ in pictures))
    for (name, _), axis, (picture, duration) in zip(stems, axes, pictures, strict=True):
        axis.imshow(
            picture,
            origin="lower",
            aspect="auto",
            extent=(0, max(duration, 1e-3), 0, 8),
            vmin=top - RANGE_DB,
            vmax=top,
            cmap=colormaps["magma"].resampled(LEVELS),
            interpolation="nearest",
        )
        axis.set_ylabel(f"{name}\nkHz", fontsize=8)
    return as_markdown(figure, "spectrograms")


def speaker_colours(speakers: pl.Series) -> dict[str, str]:
    """A colour per speaker, in order of their names; the colours repeat after eight."""
    names = speakers.drop_nulls().unique().sort()
    return {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(names)}


def draw_turns(axis: Axes, turns: pl.DataFrame, colours: dict[str, str]) -> None:
    """Each turn as a bar of its speaker's colour along the lower edge; overlaps are stacked."""
    rows = {speaker: row for row, speaker in enumerate(colours)}
    tall = 0.3 / max(1, len(rows))
    for start, end, speaker in turns.select("start_s", "end_s", "speaker").iter_rows():
        low = rows[speaker] * tall
        axis.axvspan(start, end, low, low + tall * 0.9, color=colours[speaker], lw=0)


def as_markdown(figure: Figure, name: str) -> str:
    """The figure as PNG in Markdown; colours and then size are reduced until it fits."""
    from PIL import Image

    for dpi in (DPI, 85, 70, 55, 40):
        drawn = io.BytesIO()
        figure.savefig(drawn, dpi=dpi, metadata={"Software": None})
        for colours in (64, 24):
            png = io.BytesIO()
            # Maximum coverage keeps the colours of which there is little, such as a short turn's.
            few = Image.open(drawn).convert("RGB").quantize(colours, Image.Quantize.MAXCOVERAGE)
            few.save(png, "PNG", optimize=True)
            if len(png.getvalue()) * 4 / 3 < SHEET_BYTES:
                data = base64.b64encode(png.getvalue()).decode()
                return f"![{name}](data:image/png;base64,{data})"
    return f"*{name}: too large to show*"


def _figure(rows: int, heights: list[float], height_in: float = 1.4) -> tuple[Figure, list[Axes]]:
    from matplotlib.figure import Figure

    figure = Figure((WIDTH_IN, height_in * sum(heights) + 0.4), layout="constrained")
    axes = figure.subplots(rows, 1, squeeze=False, height_ratios=heights)[:, 0]
    for axis in axes:
        axis.tick_params(labelsize=7)
    axes[-1].set_xlabel("s", fontsize=8)
    return figure, list(axes)


def _envelope(audio: Path) -> tuple[Samples, Samples, float]:
    """Least and greatest sample of `COLUMNS` equal stretches, and the duration."""
    rate, total = wav_shape(audio)
    stretches = [
        _extremes(block.mean(1), max(1, len(block) * COLUMNS // (BLOCK_S * rate)))
        for block in wav_blocks(audio)
    ]
    least = np.concatenate([np.zeros(0, np.float32), *(low for low, _ in stretches)])
    greatest = np.concatenate([np.zeros(0, np.float32), *(high for _, high in stretches)])
    return _extremes(least, COLUMNS)[0], _extremes(greatest, COLUMNS)[1], total / rate


def _extremes(samples: Samples, columns: int) -> tuple[Samples, Samples]:
    """Least and greatest of at most `columns` stretches of about equal length."""
    if not len(samples):
        return np.zeros(1, np.float32), np.zeros(1, np.float32)
    starts = np.unique(np.linspace(0, len(samples), columns, endpoint=False).astype(int))
    return np.minimum.reduceat(samples, starts), np.maximum.reduceat(samples, starts)


def _draw_envelope(axis: Axes, low: Samples, high: Samples, start: float, end: float) -> None:
    end = max(end, start + 1e-3)
    at = np.linspace(start, end, len(low))
    axis.fill_between(at, low, high, color="#888888", lw=0.4, step="mid")
    peak = max(float(np.abs(low).max()), float(np.abs(high).max()), 1e-3)
    axis.set_ylim(-1.6 * peak, 1.6 * peak)  # room for turns below and words above
    axis.set_xlim(start, end)


def _busiest(words: pl.DataFrame, turns: pl.DataFrame, duration: float) -> float:
    """Where the close-up starts: the most words, else the first turn, else second 0."""
    starts = np.sort(words["start_s"].to_numpy())
    if len(starts):
        counts = np.searchsorted(starts, starts + CLOSE_UP_S) - np.arange(len(starts))
        wanted = float(starts[counts.argmax()])
    else:
        wanted = float(min(turns["start_s"], default=0))
    return max(0.0, min(wanted - 0.2, duration - CLOSE_UP_S))


def _draw_words(axis: Axes, words: pl.DataFrame, start: float, end: float) -> None:
    inside = words.filter((pl.col("end_s") > start) & (pl.col("start_s") < end)).sort("start_s")
    for index, (word, begins, ends) in enumerate(
        inside.select("word", "start_s", "end_s").iter_rows()
    ):
        axis.axvline(begins, color="#333333", lw=0.4, ls=":")
        axis.text(
            (max(begins, start) + min(ends, end)) / 2,
            0.97 - 0.1 * (index % 2),
            _writable(word),
            transform=axis.get_xaxis_transform(),
            fontsize=7,
            ha="center",
            va="top",
            clip_on=True,
        )


def _writable(text: str) -> str:
    """The text with a box for what the font lacks; no `$` is taken for mathematics."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    font = get_font(findfont(FontProperties()))
    known = (c if font.get_char_index(ord(c)) else "\N{WHITE SQUARE}" for c in text)
    return "".join(known).replace("$", r"\$")


def _legend(figure: Figure, colours: dict[str, str]) -> None:
    from matplotlib.patches import Patch

    if colours:
        patches = [Patch(color=colour, label=_writable(name)) for name, colour in colours.items()]
        figure.legend(handles=patches, loc="outside upper left", ncols=8, fontsize=7, frameon=False)


def _spectrogram(path: Path) -> tuple[Samples, float]:
    """Level in dB, shape (bins from 0 to 8 kHz, columns), and the duration."""
    rate, total = wav_shape(path)
    columns = max(1, min(SPECTRA, total // max(1, rate // 50)))
    window = 2 * rate // 50
    hann = np.hanning(window)
    hertz = np.fft.rfftfreq(window, 1 / rate)
    edges = np.searchsorted(hertz, np.linspace(0, 8000, BINS + 1))
    picture = np.full((BINS, columns), FLOOR_DB, np.float32)
    for column in range(columns):
        begin, end = total * column // columns, total * (column + 1) // columns
        powers = np.zeros(len(hertz))
        for at in np.linspace(begin, max(begin, end - window), WINDOWS).astype(int):
            near = read_wav(path, at, at + window)[0].mean(1)
            near = np.pad(near, (0, window - len(near)))
            powers += np.abs(np.fft.rfft(near * hann)) ** 2
        # Above half the rate there is nothing, which is no power.
        sums = np.array(
            [powers[a : max(a + 1, b)].sum() / max(1, b - a) for a, b in pairwise(edges)]
        )
        picture[:, column] = 10 * np.log10(sums / (WINDOWS * (hann**2).sum() * window / 4) + 1e-10)
    return picture, total / rate
