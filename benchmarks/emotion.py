"""What the classifier of prosody is worth: on speakers it was not trained on, and elsewhere.

Emo-DB's lines (`speech/emodb_dev`) are judged with their speaker left out of the training; other
recordings by the shipped coefficients, told that they speak German, so that sound alone decides.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import given_media
from media_assets.media.audio import read_audio
from media_assets.speech.emotion.train import labelled_lines, measure_lines, samples_of
from resources.models.interfaces import RATE, Samples
from resources.models.prosody import ProsodyClassifier
from resources.models.prosody_model import log_probabilities, together
from resources.models.prosody_training import (
    Labels,
    Lines,
    average_recall,
    fit,
    judged_by_others,
    own_spread,
)

ELSEWHERE = {
    "whisper": ("speech/voice_styles/whisper.flac", (0.0, 1.5, 3.0)),
    "falsetto": ("speech/voice_styles/falsetto.flac", (0.0, 1.0, 1.5)),
    "laughter": ("speech/voice_styles/mfa_laughter.flac", (0.0, 1.5, 3.0, 5.0, 7.0)),
    "creak": ("speech/voice_styles/mfa_creaky.flac", (0.0, 1.5, 3.0)),
    "music": ("music/fluffing_a_duck.mp3", (5.0, 15.0, 25.0, 40.0, 55.0)),
    "telephone": ("speech/phone/sample.wav", (7.0, 10.0, 15.0, 20.0)),
    "meeting": ("speech/ami/trn01.wav", (2.0, 8.0, 14.0, 20.0)),
    "read English": ("speech/librispeech/libri-1088-134315-0000.wav", (1.0, 4.0, 8.0, 12.0)),
    **{
        f"read German {i + 1}": (f"speech/fleurs/fleurs-de-00{i}.ogg", (1.0, 4.0, 7.0))
        for i in range(5)
    },
}
WINDOW_S = 2.5
EMOTIONS = (2, 3, 4, 5, 7)
DRAWS = 20


@dataclass(frozen=True)
class Held:
    """Lines judged by what was trained without their speaker; judged: log p by label."""

    label: Labels
    judged: np.ndarray

    @property
    def recall(self) -> float:
        return average_recall(self.label, self.judged.argmax(1))

    def kept(self, least: float) -> tuple[float, float]:
        """Share of lines with at least that confidence, and how many of them are right."""
        sure = self.judged.max(1) >= np.log(least)
        return float(sure.mean()), float((self.judged.argmax(1) == self.label)[sure].mean())


@dataclass(frozen=True)
class Measured:
    """What `measure` found.

    own: average recall and variety by count of emotions among a speaker's lines.
    """

    labels: tuple[str, ...]
    raw: Held
    relative: Held
    own: dict[int, tuple[float, float, float]]
    abstained: dict[str, tuple[int, int]]
    speed: float


def measure(media: Path) -> Measured:
    """Everything that the table says; some 30 s."""
    listed = labelled_lines(media / "speech/emodb_dev")
    start = time.perf_counter()
    lines, labels, _ = measure_lines(listed)
    took = time.perf_counter() - start
    length = sum(len(samples_of(line.path)) for line in listed) / RATE
    return Measured(
        labels,
        *(Held(lines.label, judged) for judged in judged_by_others(lines, len(labels))),
        _by_emotions(lines, len(labels)),
        {name: _abstained(media / path, starts) for name, (path, starts) in ELSEWHERE.items()},
        took / length,
    )


def _by_emotions(lines: Lines, labels: int) -> dict[int, tuple[float, float, float]]:
    """Average recall where a speaker's lines hold only some emotions, drawn by lot.

    Per count of emotions: as measured, relative to the speaker's own as well, and the lines'
    median variety.
    """
    relative = lines.relative()
    speakers = [int(one) for one in np.unique(lines.speaker)]
    trained = {
        one: [fit(each.of(each.speaker != one), labels) for each in (lines, relative)]
        for one in speakers
    }
    found = {}
    for count in EMOTIONS:
        said: list[tuple[int, int, int]] = []
        variety: list[float] = []
        for one in speakers:
            raw, own = trained[one]
            spread = own_spread(lines.of(lines.speaker != one))
            theirs = lines.of(lines.speaker == one)
            draw = np.random.default_rng([count, one])
            present = np.unique(theirs.label)
            for _ in range(DRAWS):
                chosen = draw.choice(present, min(count, len(present)), replace=False)
                some = theirs.of(np.isin(theirs.label, chosen))
                variety.append(float(np.median(some.features[:, 0].std(0) / spread)))
                plain = log_probabilities(raw.logits(some.features))
                among = log_probabilities(own.logits(some.relative().features))
                both = together(plain, among)
                said += zip(some.label, plain.argmax(1), both.argmax(1), strict=True)
        truth, by_raw, by_both = np.array(said).T
        found[count] = (
            average_recall(truth, by_raw),
            average_recall(truth, by_both),
            float(np.median(variety)),
        )
    return found


def _abstained(path: Path, starts: tuple[float, ...]) -> tuple[int, int]:
    """How many windows it would not judge, and of how many."""
    classifier = ProsodyClassifier()
    windows = list(_windows(path, starts))
    found = classifier.feelings(windows, ["SPEAKER_00"] * len(windows), "de")
    return sum(f.reason is not None for f in found), len(found)


def _windows(path: Path, starts: tuple[float, ...]) -> Iterator[Samples]:
    for start in starts:
        yield read_audio(path, start, start + WINDOW_S, rate=RATE, channels=1)[:, 0]


def table(measured: Measured) -> str:
    """The figures as Markdown."""
    rows = [("emotion", "result"), ("---", "---")]
    chance = 1 / len(measured.labels)
    for name, held in (("as measured", measured.raw), ("by speaker", measured.relative)):
        share, right = held.kept(0.5)
        rows.append(
            (
                f"Emo-DB, speaker left out, {name}",
                f"average recall {held.recall:.3f} (chance {chance:.2f}); of the {share:.0%} with "
                f"confidence of 0.5 and more {right:.0%} are right",
            )
        )
    for count, (plain, both, variety) in measured.own.items():
        rows.append(
            (
                f"{count} emotions among a speaker's lines",
                f"average recall {plain:.2f} as measured, {both:.2f} by speaker; "
                f"variety {variety:.2f}",
            )
        )
    said = ", ".join(f"{name} {n} of {of}" for name, (n, of) in measured.abstained.items())
    rows.append(("windows not judged", said))
    rows.append(("time", f"{measured.speed:.2f} of real time"))
    return "\n".join(f"| {a} | {b} |" for a, b in rows) + "\n"


def main() -> None:
    """Print the table."""
    print(table(measure(given_media(__doc__))))


if __name__ == "__main__":
    main()
