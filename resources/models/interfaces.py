"""What the rooms ask of a model, whichever library answers.

An adapter is a Dagster resource with one of these methods and a `backend`: model id @ revision (or
algorithm), which goes into the key of every table that it makes. Sound is float32; `samples` of
shape (n,) is mono at 16 kHz (`RATE`); times are seconds from the first sample given.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
RATE = 16_000


class Adapter(Protocol):
    """What all adapters say of themselves."""

    @property
    def backend(self) -> str:
        """Model id @ revision, or the algorithm and its version."""


class Separator(Adapter, Protocol):
    """Takes the voice out of a soundtrack."""

    @property
    def method(self) -> str:
        """How, in words for people: `centre extraction`, `demucs htdemucs`."""

    def voice(self, mix: Iterable[Samples], rate: int) -> Iterator[Samples]:
        """Blocks of the voice, (n, channels), which together are as long as the blocks of `mix`.

        Memory does not grow with the length.
        """


@dataclass(frozen=True)
class Span:
    """A stretch of time in seconds, half-open."""

    start_s: float
    end_s: float


@dataclass(frozen=True)
class Turn:
    """One speaker speaks; labels are the model's own."""

    start_s: float
    end_s: float
    speaker: str


@dataclass(frozen=True)
class SpeakerHints:
    """How many speakers a show says there are; None where it says nothing."""

    exactly: int | None = None
    at_least: int | None = None
    at_most: int | None = None


@dataclass(frozen=True)
class Turns:
    """Both sets of turns, and one unit-length vector per speaker."""

    standard: Sequence[Turn]
    exclusive: Sequence[Turn]
    embeddings: Mapping[str, Samples] = field(default_factory=dict)
    untrained: bool = False


class Diarizer(Adapter, Protocol):
    """Says who spoke when."""

    def turns(self, audio: Path, activity: Sequence[Span], hints: SpeakerHints) -> Turns:
        """Turns of a WAV (mono, 16 kHz, any length); `activity` is where somebody speaks."""


@dataclass(frozen=True)
class HeardWord:
    """A recognised word; score 0 to 1."""

    word: str
    start_s: float
    end_s: float
    score: float


class Recognizer(Adapter, Protocol):
    """Writes down what is said."""

    @property
    def draft(self) -> bool:
        """Whether its words are often wrong: a draft, which never gets into a dataset by itself."""

    def supports(self, language: str | None) -> bool:
        """Whether it knows the language (BCP 47; None: not known)."""

    def words(
        self, spans: Sequence[Samples], language: str | None, likely: Sequence[str] = ()
    ) -> list[list[HeardWord]]:
        """The words of each span of `samples` (at most 30 s each), by times within the span.

        likely: a text that holds what is probably said, in order; it biases the model.
        """


@dataclass(frozen=True)
class PlacedPhone:
    """A phone of a placed word: ARPAbet without stress, or the model's own unit."""

    phone: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class PlacedWord:
    """A given word where it is said; score 0 to 1 (comparable within one backend)."""

    start_s: float
    end_s: float
    score: float
    phones: Sequence[PlacedPhone] = ()


class Aligner(Adapter, Protocol):
    """Places known words in sound."""

    def supports(self, language: str | None) -> bool:
        """Whether it can place words of the language (BCP 47; None: not known)."""

    def place(
        self, samples: Samples, words: Sequence[str], language: str | None
    ) -> list[PlacedWord | None] | None:
        """One place per word, in order; None for a word that cannot be spoken (such as a dash).

        None as a whole where sound and words do not go together. At most a minute of sound.
        """


@dataclass(frozen=True)
class Feeling:
    """Probability per label, or why the model abstains."""

    scores: Mapping[str, float] = field(default_factory=dict)
    normalised: str | None = None
    reason: str | None = None


class EmotionRecognizer(Adapter, Protocol):
    """Says how lines are spoken."""

    def feelings(
        self, lines: Sequence[Samples], speakers: Sequence[str | None], language: str | None
    ) -> list[Feeling]:
        """One per line; lines of one speaker are judged relative to each other if enough."""
