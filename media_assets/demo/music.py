"""The sound of an episode: a small tune, the sea, a few effects, and the mix under the voices.

Everything is computed: plucked notes, a reed-like pad, a soft bass, an echo of noise. The music is
wide (left and right differ), the voices are in the centre, and the music gives way to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d
from scipy.signal import butter, fftconvolve, sosfilt

from media_assets.demo.voices import SAMPLE_RATE

Samples = NDArray[np.float64]
"""mono (n,) or stereo (n, 2)"""

CHORDS = {
    "D": (50, 57, 62, 66), "G": (43, 59, 62, 67), "A": (45, 57, 61, 64), "Bm": (47, 59, 62, 66),
    "Em": (40, 55, 59, 64), "C": (48, 55, 60, 64), "F#m": (42, 57, 61, 66), "Am": (45, 57, 60, 64),
}  # fmt: skip


@dataclass(frozen=True)
class Tune:
    """A tune that repeats: one chord a bar, and a melody as (MIDI note or 0 for a rest, beats)."""

    beats_a_minute: float
    beats_a_bar: int
    chords: tuple[str, ...]
    melody: tuple[tuple[int, float], ...]


SHANTY = Tune(
    104, 3,
    ("D", "G", "A", "D", "Bm", "G", "A", "D"),
    ((78, 1), (81, 1), (78, 1), (79, 2), (74, 1), (76, 1), (73, 1), (76, 1), (74, 3),
     (78, 1.5), (76, 0.5), (74, 1), (71, 2), (74, 1), (73, 1), (76, 1), (73, 1), (74, 3)),
)  # fmt: skip
LULLABY = Tune(
    76, 3,
    ("Em", "C", "G", "D", "Am", "Em", "C", "D"),
    ((71, 2), (76, 1), (79, 2), (76, 1), (74, 2), (71, 1), (74, 3),
     (72, 2), (76, 1), (79, 1), (78, 1), (76, 1), (76, 2), (72, 1), (74, 3)),
)  # fmt: skip


@dataclass(frozen=True)
class Cue:
    """A sound effect at a time in seconds: 'gull', 'clunk', 'shimmer' or 'step'."""

    at_s: float
    name: str


def frequency(note: float) -> float:
    """The frequency in hertz of a MIDI note."""
    return float(440.0 * 2 ** ((note - 69) / 12))


def pluck(note: float, length_s: float, *, bright: float = 1.5) -> Samples:
    """One note of a thumb piano."""
    t = np.arange(round(length_s * SAMPLE_RATE)) / SAMPLE_RATE
    tone = sum(
        np.sin(2 * np.pi * frequency(note) * k * t) * np.exp(-t * (2.2 + 1.7 * k)) / k**bright
        for k in (1, 2, 3, 4, 5.4)
    )
    return np.asarray(tone * np.minimum(t / 0.006, 1.0) * np.minimum((length_s - t) / 0.05, 1.0))


def pad(notes: Sequence[int], length_s: float) -> Samples:
    """A chord of soft reeds, detuned differently on the left and on the right: (n, 2)."""
    t = np.arange(round(length_s * SAMPLE_RATE)) / SAMPLE_RATE
    swell = np.minimum(np.minimum(t / 0.45, (length_s - t) / 0.6), 1.0)
    sides = []
    for side in (-1, 1):
        tone = np.zeros_like(t)
        for index, note in enumerate(notes):
            pitch = frequency(note + side * 0.05)
            tremble = 1 + 0.12 * np.sin(2 * np.pi * 4.6 * t + side + index)
            for k in range(1, 5):
                tone += (
                    np.sin(2 * np.pi * pitch * k * t + 1.7 * side * (index + k)) * tremble / k**2
                )
        sides.append(tone * swell)
    return np.stack(sides, axis=1)


def add(mix: Samples, sound: Samples, at_s: float, gain: float, pan: float = 0.0) -> None:
    """Adds a sound to a stereo mix in place; `pan` -1 left to 1 right; what is outside is cut."""
    start = round(at_s * SAMPLE_RATE)
    stop = min(start + len(sound), len(mix))
    if start < 0 or start >= stop:
        return
    piece = sound[: stop - start]
    if piece.ndim == 1:
        piece = piece[:, None] * np.array(
            [np.cos((pan + 1) * np.pi / 4), np.sin((pan + 1) * np.pi / 4)]
        )
    mix[start:stop] += gain * piece


def echo(dry: Samples, seed: int, length_s: float = 1.6) -> Samples:
    """The sound in a large soft room, different on both sides."""
    dice = np.random.default_rng(seed)
    t = np.arange(round(length_s * SAMPLE_RATE)) / SAMPLE_RATE
    tails = dice.standard_normal((len(t), 2)) * np.exp(-t * 4.0)[:, None]
    tails = sosfilt(butter(2, 3500, fs=SAMPLE_RATE, output="sos"), tails, axis=0)
    tails /= np.sqrt(np.sum(np.square(tails), axis=0))
    return np.asarray(fftconvolve(dry, tails, axes=0)[: len(dry)])


def play(tune: Tune, length_s: float, *, start_s: float = 0.0) -> Samples:
    """The tune from start to the end of the episode, (n, 2), with an RMS level of about 0.06."""
    mix = np.zeros((round(length_s * SAMPLE_RATE), 2))
    beat = 60 / tune.beats_a_minute
    bar = beat * tune.beats_a_bar
    count = int((length_s - start_s) / bar) + 1
    for index in range(count):
        at = start_s + index * bar
        root, *upper = CHORDS[tune.chords[index % len(tune.chords)]]
        add(mix, pad(upper, bar + 0.6), at, 0.05)
        add(mix, pluck(root, bar * 1.2, bright=2.4), at, 0.24)
        for k in range(1, tune.beats_a_bar):
            for note in upper:
                add(mix, pluck(note, 1.2), at + k * beat, 0.055, pan=0.85 if k % 2 else -0.85)
    at, index = start_s + bar, 0
    while at < length_s:
        note, beats = tune.melody[index % len(tune.melody)]
        if note:
            add(mix, pluck(note, 2.2), at, 0.2, pan=0.55 if index % 2 else -0.55)
        at += beats * beat
        index += 1
    mix += 0.5 * echo(mix, seed=1)
    mix *= 0.06 / np.sqrt(np.mean(np.square(mix)))
    return mix


def sea(length_s: float, seed: int) -> Samples:
    """Surf: filtered noise that swells every few seconds, (n, 2), quiet."""
    dice = np.random.default_rng(seed)
    t = np.arange(round(length_s * SAMPLE_RATE)) / SAMPLE_RATE
    noise = dice.standard_normal((len(t), 2))
    noise = sosfilt(butter(1, [180, 1400], "bandpass", fs=SAMPLE_RATE, output="sos"), noise, axis=0)
    swell = 0.5 + 0.5 * np.sin(2 * np.pi * t / 4.2 - 1.2)[:, None] ** 2
    return np.asarray(noise * swell * 0.022)


def effect(name: str) -> Samples:
    """A sound effect, mono."""
    if name == "gull":
        t = np.arange(round(0.42 * SAMPLE_RATE)) / SAMPLE_RATE
        pitch = 1500 - 900 * t + 260 * np.sin(2 * np.pi * 5.5 * t)
        phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
        cry = np.sin(phase) + 0.4 * np.sin(2 * phase)
        return np.asarray(0.03 * cry * np.sin(np.pi * t / t[-1]) ** 1.5)
    if name == "clunk":
        t = np.arange(round(0.5 * SAMPLE_RATE)) / SAMPLE_RATE
        rings = (
            np.sin(2 * np.pi * f * t) * np.exp(-t * d)
            for f, d in ((96, 14), (187, 22), (411, 38), (1130, 70))
        )
        return np.asarray(0.4 * sum(rings))
    if name == "shimmer":
        rise = np.zeros((round(2.4 * SAMPLE_RATE), 2))
        for k, note in enumerate((74, 78, 81, 86, 90, 93)):
            add(rise, pluck(note, 1.8), k * 0.09, 0.16, pan=0.7 if k % 2 else -0.7)
        return rise
    if name == "step":
        t = np.arange(round(0.09 * SAMPLE_RATE)) / SAMPLE_RATE
        noise = np.random.default_rng(2).standard_normal(len(t))
        return np.asarray(
            sosfilt(butter(2, 700, fs=SAMPLE_RATE, output="sos"), noise) * np.exp(-t * 60) * 0.16
        )
    raise ValueError(f"no sound effect {name!r}")


def mix_episode(
    length_s: float,
    lines: Sequence[tuple[float, NDArray[np.float32]]],
    tune: Tune,
    cues: Sequence[Cue],
    *,
    seed: int,
) -> NDArray[np.float32]:
    """The sound track (n, 2) of an episode.

    `lines` are (start_s, mono samples) of the voices; while they last, music and sea go down by
    12 dB. The first and the last second are faded.
    """
    count = round(length_s * SAMPLE_RATE)
    voices = np.zeros(count)
    talking = np.zeros(count)
    for start_s, samples in lines:
        start = round(start_s * SAMPLE_RATE)
        voices[start : start + len(samples)] += samples
        around = SAMPLE_RATE // 3
        talking[max(start - around, 0) : start + len(samples) + around] = 1.0
    duck = 1 - 0.74 * uniform_filter1d(talking, SAMPLE_RATE // 3)
    back = play(tune, length_s, start_s=0.4) + sea(length_s, seed)
    for cue in cues:
        add(back, effect(cue.name), cue.at_s, 1.0, pan=0.4 if cue.name == "gull" else 0.0)
    mix = back * duck[:, None] + voices[:, None]
    t = np.arange(count) / SAMPLE_RATE
    mix *= np.clip(np.minimum((t + 0.05) / 0.8, (length_s - t) / 1.4), 0, 1)[:, None]
    return np.asarray(np.tanh(mix * 1.1) / 1.1, np.float32)
