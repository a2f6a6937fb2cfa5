"""Coefficients of the emotion classifier from a folder of labelled lines."""

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from media_assets.media.audio import stream_audio
from resources.models.interfaces import RATE, Samples
from resources.models.prosody_features import VERSION, measure_prosody
from resources.models.prosody_model import ProsodyModel
from resources.models.prosody_training import (
    Lines,
    average_recall,
    conditions,
    fit,
    judged_by_others,
    own_spread,
    speakers_and_labels,
)
from resources.problems import BadInput

LABELS_FILE = "labels.csv"
COLUMNS = ("file", "speaker", "emotion")


@dataclass(frozen=True)
class LabelledLine:
    """A sound file of which people said how it is spoken."""

    path: Path
    speaker: str
    emotion: str


@dataclass(frozen=True)
class Source:
    """Where labelled lines come from, for the coefficients' provenance."""

    name: str
    licence: str
    language: str


def labelled_lines(folder: Path) -> list[LabelledLine]:
    """The rows of `labels.csv` (file, speaker, emotion), in its order.

    Raises BadInput where the file or a sound is missing, or where no two speakers are labelled.
    """
    try:
        with (folder / LABELS_FILE).open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError):
        raise BadInput(
            f"no {LABELS_FILE} that can be read", where=folder.name, remedy=_REMEDY
        ) from None
    missing = [name for name in COLUMNS if rows and rows[0].get(name) is None]
    if not rows or missing:
        raise BadInput(f"no column {', '.join(missing)}", where=LABELS_FILE, remedy=_REMEDY)
    lines = [LabelledLine(folder / r["file"], r["speaker"], r["emotion"]) for r in rows]
    gone = [line.path.name for line in lines if not line.path.is_file()]
    if gone:
        raise BadInput(f"{len(gone)} files are not there", where=gone[0], remedy=_REMEDY)
    if len({line.speaker for line in lines}) < 3 or len({line.emotion for line in lines}) < 2:
        raise BadInput(
            "fewer than three speakers or two emotions",
            where=LABELS_FILE,
            remedy="Speakers are left out one by one to measure what the classifier is worth.",
        )
    return lines


_REMEDY = f"The folder holds sound files and {LABELS_FILE} with columns {', '.join(COLUMNS)}."


def samples_of(path: Path) -> Samples:
    """A sound file as models take it: mono, 16 kHz."""
    blocks = list(stream_audio(path, rate=RATE, channels=1))
    return np.concatenate([np.zeros((0, 1), np.float32), *blocks])[:, 0]


def measure_lines(lines: list[LabelledLine]) -> tuple[Lines, tuple[str, ...], tuple[str, ...]]:
    """Their features, the labels in order, and the names of the features."""
    measured = [measure_prosody(samples_of(line.path)) for line in lines]
    for line, prosody in zip(lines, measured, strict=True):
        if not prosody.views:
            raise BadInput("nothing is voiced", where=line.path.name, remedy="Leave it out.")
    names = tuple(measured[0].views[0])
    features = np.array([[[view[n] for n in names] for view in p.views] for p in measured])
    labels, label = speakers_and_labels([line.emotion for line in lines])
    _, speaker = speakers_and_labels([line.speaker for line in lines])
    return Lines(features, label, speaker), labels, names


def train(folder: Path, source: Source) -> ProsodyModel:
    """The model of all lines of a folder, with what it is worth in its provenance."""
    listed = labelled_lines(folder)
    lines, labels, names = measure_lines(listed)
    judged = dict(zip(("raw", "relative"), judged_by_others(lines, len(labels)), strict=True))
    recall = {
        name: round(average_recall(lines.label, found.argmax(1)), 4)
        for name, found in judged.items()
    }
    return ProsodyModel(
        labels,
        names,
        fit(lines, len(labels)),
        fit(lines.relative(), len(labels)),
        own_spread(lines),
        conditions(lines),
        (source.language,),
        _provenance(listed, source, recall),
    )


def _provenance(
    lines: list[LabelledLine], source: Source, recall: dict[str, float]
) -> dict[str, Any]:
    files = hashlib.sha256()
    for line in sorted(lines, key=lambda line: line.path.name):
        content = hashlib.sha256(line.path.read_bytes()).hexdigest()
        files.update(f"{line.path.name} {content} {line.speaker} {line.emotion}\n".encode())
    emotions = [line.emotion for line in lines]
    return {
        "data": {
            "name": source.name,
            "licence": source.licence,
            "language": source.language,
            "files": len(lines),
            "speakers": len({line.speaker for line in lines}),
            "lines_per_emotion": {name: emotions.count(name) for name in sorted(set(emotions))},
            "sha256": files.hexdigest(),
        },
        "code": f"prosody features {VERSION}",
        "average_recall": recall,
        "protocol": "leave one speaker out; regularisation and temperature chosen on the others "
        "alone; kinds of features and of classifier chosen with all speakers in view",
    }
