"""Turns of an adapter as rows, with this project's labels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from resources.models.interfaces import Diarizer, Span, SpeakerHints, Turn, Turns
from resources.tables import atomic_write, version_of


@dataclass(frozen=True)
class DiarizationSettings:
    """How many speakers there are, where the show does not say it; None where nobody knows."""

    exactly: int | None = None
    at_least: int | None = None
    at_most: int | None = None

    def __post_init__(self) -> None:
        self.hints()

    def hints(self, show: pl.DataFrame | None = None) -> SpeakerHints:
        """What the show says (SPEAKER_HINTS, a row or none); else these settings."""
        if show is not None and not show.is_empty():
            return SpeakerHints(*show.select("exactly", "at_least", "at_most").row(0))
        counts = [n for n in (self.exactly, self.at_least, self.at_most) if n is not None]
        if any(n < 1 for n in counts):
            raise ValueError("a count of speakers is 1 or more")
        if self.exactly is not None and len(counts) > 1:
            raise ValueError("`exactly` says it all; leave out `at_least` and `at_most`")
        if self.at_least and self.at_most and self.at_least > self.at_most:
            raise ValueError("`at_least` is more than `at_most`")
        return SpeakerHints(self.exactly, self.at_least, self.at_most)


def diarize(sound: Path, activity: pl.DataFrame, diarizer: Diarizer, hints: SpeakerHints) -> Turns:
    """The adapter's turns, each speaker's made one where they overlap, under `SPEAKER_00` ...

    Labels are given by first appearance in the standard set.
    """
    spans = [Span(*row) for row in activity.select("start_s", "end_s").iter_rows()]
    found = diarizer.turns(sound, spans, hints)
    standard, exclusive = list(_united(found.standard)), list(_united(found.exclusive))
    order = list(dict.fromkeys(turn.speaker for turn in (*standard, *exclusive)))
    names = {label: f"SPEAKER_{number:02d}" for number, label in enumerate(order)}
    return Turns(
        _named(standard, names),
        _named(exclusive, names),
        {names[label]: print_ for label, print_ in found.embeddings.items() if label in names},
        found.untrained,
    )


def turn_rows(turns: Turns, backend: str) -> Iterator[dict[str, Any]]:
    """The standard set, then the exclusive one."""
    for exclusive, letter, chosen in ((False, "t", turns.standard), (True, "x", turns.exclusive)):
        for turn in chosen:
            yield {
                "turn_id": f"{letter}{round(turn.start_s * 1000):08d}-{turn.speaker}",
                "start_s": turn.start_s,
                "end_s": turn.end_s,
                "speaker": turn.speaker,
                "exclusive": exclusive,
                "backend": backend,
            }


def overlap_rows(diarization: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Stretches of the standard set in which the same two or more speak at once."""
    turns = diarization.filter(~pl.col("exclusive"))
    events = sorted(
        event
        for start, end, speaker in turns.select("start_s", "end_s", "speaker").iter_rows()
        for event in ((start, 1, speaker), (end, 0, speaker))
    )
    speaking: set[str] = set()
    since = 0.0
    for time, begins, speaker in events:
        if len(speaking) > 1 and time > since:
            yield {"start_s": since, "end_s": time, "speakers": sorted(speaking)}
        since = time
        (speaking.add if begins else speaking.discard)(speaker)


def prints_path(files: Path, diarization: pl.DataFrame) -> Path:
    """Where the voice prints lie that were made with these turns."""
    return files / "voice_prints" / f"{version_of(diarization)}.npz"


def write_prints(path: Path, turns: Turns) -> None:
    """The unit vectors by speaker."""
    arrays: dict[str, Any] = dict(turns.embeddings)
    atomic_write(path, lambda file: np.savez(file, untrained=np.array(turns.untrained), **arrays))


def print_rows(path: Path, diarization: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """A row per speaker that has a voice print."""
    exclusive = diarization.filter("exclusive")
    seconds = dict(
        exclusive.group_by("speaker")
        .agg((pl.col("end_s") - pl.col("start_s")).sum())
        .sort("speaker")
        .iter_rows()
    )
    with np.load(path, allow_pickle=False) as prints:
        for speaker in diarization["speaker"].unique().sort():
            if speaker in prints:
                yield {
                    "speaker": speaker,
                    "embedding": prints[speaker].tolist(),
                    "dimensions": len(prints[speaker]),
                    "speech_s": seconds.get(speaker, 0.0),
                    "untrained": bool(prints["untrained"]),
                    "backend": diarization["backend"][0],
                }


def _united(turns: Iterable[Turn]) -> Sequence[Turn]:
    """In time order; nobody speaks twice at a time."""
    last: dict[str, int] = {}
    found: list[Turn] = []
    for turn in sorted(turns, key=lambda turn: (turn.start_s, turn.end_s, turn.speaker)):
        before = last.get(turn.speaker)
        if before is not None and turn.start_s <= found[before].end_s:
            end = max(found[before].end_s, turn.end_s)
            found[before] = Turn(found[before].start_s, end, turn.speaker)
        elif turn.end_s > turn.start_s:
            last[turn.speaker] = len(found)
            found.append(turn)
    return found


def _named(turns: Iterable[Turn], names: dict[str, str]) -> tuple[Turn, ...]:
    return tuple(Turn(turn.start_s, turn.end_s, names[turn.speaker]) for turn in turns)
