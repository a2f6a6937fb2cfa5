"""The soundtrack that text is aligned with, and who can be asked about it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from media_assets.speech.text.anchored import Hear
from media_assets.speech.text.hearing import hearing
from media_assets.speech.text.recognise import Read, reader
from resources.models.interfaces import Aligner, Recognizer, Span

Knows = Callable[[str | None], bool]


@dataclass(frozen=True)
class Sound:
    """A soundtrack in mono at 16 kHz.

    path: its file, named by its content, relative to the home; activity: where somebody speaks.
    places, hears: whether words of a language can be placed in it, and heard in it by `hear`.
    """

    path: str
    end_s: float
    activity: Sequence[Span]
    read: Read
    places: Knows
    hears: Knows
    hear: Callable[[str | None], Hear]


def sound_of(
    tables: Mapping[str, pl.DataFrame], root: Path, aligner: Aligner, recognizer: Recognizer
) -> Sound:
    """The mix of an episode, from its tables `audio` and `voice_activity`."""
    path, rate, samples = (
        tables["audio"]
        .filter(pl.col("kind") == "mono16k")
        .select("path", "rate_hz", "samples")
        .row(0)
    )
    activity = tables["voice_activity"].select("start_s", "end_s").iter_rows()
    read = reader(root / path)
    return Sound(
        path,
        samples / rate,
        [Span(*span) for span in activity],
        read,
        aligner.supports,
        recognizer.supports,
        hearing(recognizer, read),
    )
