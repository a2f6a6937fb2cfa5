"""The speech of a recording as the clustering diarizer sees it: frames, pieces, windows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from resources.models.clustering_features import (
    CEPSTRA,
    FRAMES_PER_S,
    HOP,
    WINDOW,
    cepstra,
    read_mels,
    voiced,
)
from resources.models.interfaces import Span
from resources.models.levelling import length, level_gain

Frames = NDArray[np.float32]
# Prints of windows (n, 160, 40) of mel power.
Embed = Callable[[Frames], Frames]

# Speech is read in parts of at most this, in which pauses are told from voice too.
PART_S = 30
# Windows of a voice print: length in frames (GE2E's 1.6 s), and how far apart at most.
PRINT_FRAMES, PRINT_STEP = 160, 40
# A cluster starts as a piece of this length: long enough for 19 variances, shorter than most turns.
PIECE_FRAMES = 200
# A piece or window with fewer voiced frames says nothing.
LEAST_FRAMES = 5
# A window counts for a speaker who has so much of it.
PURE = 0.6


@dataclass(frozen=True)
class Speech:
    """Frames of all parts one after the other; positions are numbers of frames among them.

    parts: first frame in the recording, first and last position, of each part.
    windows: positions [start, end) of each voice print; none without an encoder.
    """

    parts: tuple[tuple[int, int, int], ...]
    cepstra: Frames
    voiced: NDArray[np.bool_]
    windows: NDArray[np.int64]
    prints: Frames

    def pieces(self) -> list[tuple[int, int]]:
        """Positions of equal pieces of about two seconds, none across a pause."""
        found = []
        for _, start, end in self.parts:
            edges = _even(start, end, max(1, round((end - start) / PIECE_FRAMES)))
            found += list(pairwise(edges))
        return [(a, b) for a, b in found if self.voiced[a:b].sum() >= LEAST_FRAMES]

    def print_of(self, start: int, end: int) -> Frames:
        """Voice print of a piece: the mean of the windows that lie in it most."""
        if not len(self.windows):
            return np.ones(1, np.float32)
        shared = np.minimum(self.windows[:, 1], end) - np.maximum(self.windows[:, 0], start)
        weights = np.where(shared >= PURE * min(PRINT_FRAMES, end - start), shared, 0)
        if not weights.any():
            weights = (shared == shared.max()).astype(np.int64)
        mean: Frames = (weights @ self.prints / weights.sum()).astype(np.float32)
        return mean

    def prints_by_speaker(self, labels: NDArray[np.int64], count: int) -> Frames:
        """Mean voice print (count, e) of the windows that belong to each speaker."""
        if not len(self.windows):
            return np.ones((count, 1), np.float32)
        weights = np.zeros((len(self.windows), count), np.float32)
        for number, (start, end) in enumerate(self.windows):
            shares = np.bincount(labels[start:end], minlength=count) / (end - start)
            weights[number] = np.where(shares >= PURE, shares, 0)
        sums = weights.sum(axis=0)
        mean: Frames = weights.T @ self.prints / np.maximum(sums, 1e-9)[:, None]
        return mean


def read_speech(path: Path, activity: Sequence[Span], embed: Embed | None) -> Speech:
    """The speech of a WAV (mono, 16 kHz), read part by part; `activity` in order and apart."""
    gain = level_gain(path)
    spans = list(_parts(activity, (length(path) - WINDOW // 2) // HOP + 1))
    total = sum(end - start for start, end in spans)
    found, voice = np.zeros((total, CEPSTRA), np.float32), np.zeros(total, bool)
    parts, windows, prints, position = [], [], [np.zeros((0, 1), np.float32)], 0
    for start, end in spans:
        mels = read_mels(path, start, end, gain)
        beyond = position + len(mels)
        found[position:beyond], voice[position:beyond] = cepstra(mels), voiced(mels)
        parts.append((start, position, beyond))
        if embed:
            inside = list(_windows(len(mels)))
            prints.append(embed(np.stack([_filled(mels[a:b]) for a, b in inside])))
            windows += [(position + a, position + b) for a, b in inside]
        position = beyond
    return Speech(
        tuple(parts),
        found,
        voice,
        np.array(windows, np.int64).reshape(-1, 2),
        np.concatenate(prints[1:] or prints),
    )


def _parts(activity: Sequence[Span], last: int) -> Iterator[tuple[int, int]]:
    """Frames [start, end) of the spans, long ones cut evenly."""
    for span in activity:
        start = round(span.start_s * FRAMES_PER_S)
        end = min(round(span.end_s * FRAMES_PER_S), last)
        if end > start:
            edges = _even(start, end, -(-(end - start) // (PART_S * FRAMES_PER_S)))
            yield from pairwise(edges)


def _windows(frames: int) -> Iterator[tuple[int, int]]:
    """Windows over a part: evenly spaced, from its start to its end; one if it is short."""
    room = frames - PRINT_FRAMES
    if room <= 0:
        yield 0, frames
        return
    for start in _even(0, room, -(-room // PRINT_STEP)):
        yield start, start + PRINT_FRAMES


def _filled(mels: Frames) -> Frames:
    """A short window repeated until it is whole."""
    return np.resize(mels, (PRINT_FRAMES, mels.shape[1]))


def _even(start: int, end: int, count: int) -> list[int]:
    return [round(edge) for edge in np.linspace(start, end, count + 1)]
