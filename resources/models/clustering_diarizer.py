"""Who spoke when, without torch: pieces of speech clustered, then placed frame by frame."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np

from resources.models import clustering_resemblyzer as resemblyzer
from resources.models.clustering_features import FRAMES_PER_S
from resources.models.clustering_merge import Clusters, Rule, absorbed, covariances, merged
from resources.models.clustering_path import Labels, clusters_of, resegmented
from resources.models.clustering_speech import Embed, Frames, Speech, read_speech
from resources.models.interfaces import Samples, Span, SpeakerHints, Turn, Turns

VERSION = "clustering 2"
CEPSTRA, RESEMBLYZER = "cepstra", "resemblyzer"
# Without voice prints: BIC with nearly the weight that its authors derive, 1. With them both views
# are added: either alone decides at 1.5 times BIC's penalty or at a cosine distance of 0.6. All
# numbers here were chosen on AMI trn00 to trn02, a reader well and sick, and conversations put
# together from emodb, FLEURS in German, GRID and two readers (benchmarks/conversations.py).
RULES = {
    CEPSTRA: Rule(bic=1.2, cosine=None),
    RESEMBLYZER: Rule(bic=1.5, cosine=0.6),
}
# How far pieces are merged before their frames are looked at again; then up to 1.
EARLY = 0.5
# No more than so many clusters are compared with each other: five minutes of speech at a time, and
# then what they come to. Each round leaves a quarter at most, so time grows with the length alone.
TOGETHER = 150
# Frames of voice (one second) without which there is no speaker: a print of less is by chance.
LEAST_VOICE = FRAMES_PER_S
# A speaker's turn goes on over a pause of up to this, unless another speaks. The recordings for
# tuning hardly tell 0.3 s from 2 (0.6 s is best by 0.01); 1 s is better on labelled files, whose
# turns hold their pauses, so it was not chosen blind.
PAUSE_S = 1.0


class ClusteringDiarizer(dg.ConfigurableResource[Any]):
    """Turns by clustering.

    embedding: `resemblyzer` (its package must be there), `cepstra` (needs nothing), or `auto`: the
        first that is there.
    """

    embedding: str = "auto"

    @property
    def backend(self) -> str:
        name = resemblyzer.NAME if self._chosen() == RESEMBLYZER else "mel cepstra"
        return f"{VERSION}, {name}"

    def turns(self, audio: Path, activity: Sequence[Span], hints: SpeakerHints) -> Turns:
        """Turns of a WAV (mono, 16 kHz, any length); `activity` is where somebody speaks.

        The standard set equals the exclusive one: overlaps are not found. Nobody is where there is
        less than a second of voice in all.
        """
        rule = RULES[self._chosen()]
        speech = read_speech(audio, activity, self._embed())
        if speech.voiced.sum() < LEAST_VOICE or not speech.pieces():
            return Turns((), ())
        labels, count = _speakers(speech, rule, hints)
        turns = _turns(speech, labels)
        return Turns(turns, turns, _voice_prints(speech, labels, count))

    def _chosen(self) -> str:
        if self.embedding not in ("auto", *RULES):
            raise ValueError(f"embedding is {self.embedding!r}; choose auto, {', '.join(RULES)}")
        if self.embedding != CEPSTRA and resemblyzer.installed():
            return RESEMBLYZER
        if self.embedding == RESEMBLYZER:
            raise RuntimeError(
                "Resemblyzer is not installed: pip install --no-deps resemblyzer, "
                "or set the diarizer's embedding to cepstra"
            )
        return CEPSTRA

    def _embed(self) -> Embed | None:
        path = resemblyzer.installed() if self._chosen() == RESEMBLYZER else None
        return resemblyzer.load_encoder(path).embed if path else None


def _speakers(speech: Speech, rule: Rule, hints: SpeakerHints) -> tuple[Labels, int]:
    """The speaker of every frame, and how many there are."""
    least = hints.exactly or hints.at_least or 1
    most = hints.exactly or hints.at_most
    spans = speech.pieces()
    labels = np.full(len(speech.cepstra), -1, np.int64)
    for number, (start, end) in enumerate(spans):
        labels[start:end] = number
    prints = np.stack([speech.print_of(start, end) for start, end in spans])
    early = _clustered(clusters_of(speech, labels, prints), rule, least)
    labels = _relabelled(labels, early)
    labels, count = resegmented(speech, labels, len(early), rule.ridge)
    found = merged(_voices(speech, labels, count), rule, 1.0, least=least, most=most)
    labels, count = _settled(speech, _relabelled(labels, found), len(found), rule)
    found = absorbed(_voices(speech, labels, count), rule, LEAST_VOICE, least=least)
    if len(found) < count:
        labels, count = _settled(speech, _relabelled(labels, found), len(found), rule)
    return labels, count


def _settled(speech: Speech, labels: Labels, count: int, rule: Rule) -> tuple[Labels, int]:
    """Placed twice: the first time changes the voices that the second goes by."""
    return resegmented(speech, *resegmented(speech, labels, count, rule.ridge), rule.ridge)


def _relabelled(labels: Labels, clusters: Clusters) -> Labels:
    """Labels of members as numbers of their clusters."""
    # One more at the end, which -1 points to: nobody stays nobody.
    numbers = np.full(sum(map(len, clusters.members)) + 1, -1, np.int64)
    for number, members in enumerate(clusters.members):
        numbers[list(members)] = number
    return numbers[labels]


def _clustered(clusters: Clusters, rule: Rule, least: int) -> Clusters:
    """Merged early, `TOGETHER` at a time."""
    while len(clusters) > TOGETHER:
        groups = [
            merged(
                clusters.take(range(start, min(start + TOGETHER, len(clusters)))),
                rule,
                EARLY,
                least=min(least, TOGETHER // 4),
                most=TOGETHER // 4,
            )
            for start in range(0, len(clusters), TOGETHER)
        ]
        clusters = Clusters.joined(groups)
    return merged(clusters, rule, EARLY, least=least)


def _voices(speech: Speech, labels: Labels, count: int) -> Clusters:
    """Statistics and voice print of each speaker."""
    return clusters_of(speech, labels, speech.prints_by_speaker(labels, count))


def _turns(speech: Speech, labels: Labels) -> tuple[Turn, ...]:
    """Runs of one label in time order; those of one speaker over a short pause joined."""
    runs: list[tuple[int, int, int]] = []
    for first, start, end in speech.parts:
        edges = [start, *(np.flatnonzero(np.diff(labels[start:end])) + 1 + start), end]
        for a, b in pairwise(edges):
            begin, speaker = first + a - start, int(labels[a])
            near = runs and begin - runs[-1][1] <= PAUSE_S * FRAMES_PER_S
            if near and runs[-1][2] == speaker:
                runs[-1] = runs[-1][0], first + b - start, speaker
            else:
                runs.append((begin, first + b - start, speaker))
    return tuple(Turn(a / FRAMES_PER_S, b / FRAMES_PER_S, str(k)) for a, b, k in runs)


def _voice_prints(speech: Speech, labels: Labels, count: int) -> Mapping[str, Samples]:
    """A unit vector per speaker: the mean voice print, else means and deviations of cepstra."""
    prints = speech.prints_by_speaker(labels, count)
    if not len(speech.windows):
        prints = _cepstral_prints(_voices(speech, labels, count))
    return {
        str(k): (vector / max(float(np.linalg.norm(vector)), 1e-9)).astype(np.float32)
        for k, vector in enumerate(prints)
    }


def _cepstral_prints(voices: Clusters) -> Frames:
    """Means and deviations, high cepstra lifted as in HTK (L = 22), for they are small."""
    order = np.arange(1, voices.sums.shape[1] + 1)
    lift = 1 + 11 * np.sin(np.pi * order / 22)
    means = voices.sums / np.maximum(voices.frames, 1)[:, None]
    spreads = covariances(voices.frames, voices.sums, voices.squares)
    deviations = np.sqrt(np.maximum(np.diagonal(spreads, axis1=1, axis2=2), 0))
    return np.hstack([means * lift, deviations * lift]).astype(np.float32)
