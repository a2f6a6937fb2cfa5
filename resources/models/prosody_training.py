"""Coefficients of `ProsodyModel` from labelled lines, and what they are worth on other speakers.

Every view of a line (`prosody_features.VIEWS`) is a training sample. Features are z-scored and
weighted by their correlation ratio with the label; then follows multinomial logistic regression
with classes in balance. How strongly it is regularised, and the temperature that makes its scores
probabilities, come from leaving out one training speaker after the other.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resources.models.prosody_model import (
    Conditions,
    Weights,
    log_probabilities,
    relative_to_own,
    together,
)
from resources.models.prosody_pitch import Floats

STRENGTHS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)  # of the data against the prior
AXES = 5
TEMPERATURES = np.geomspace(0.1, 5, 60)

Labels = NDArray[np.intp]


@dataclass(frozen=True)
class Lines:
    """features: (lines, views, features); label, speaker: index per line."""

    features: Floats
    label: Labels
    speaker: Labels

    def of(self, which: NDArray[np.bool_]) -> "Lines":
        return Lines(self.features[which], self.label[which], self.speaker[which])

    def relative(self) -> "Lines":
        """The same lines, each relative to all of its speaker's."""
        features = np.empty_like(self.features)
        for one in np.unique(self.speaker):
            theirs = self.speaker == one
            features[theirs] = relative_to_own(list(self.features[theirs]))
        return Lines(features, self.label, self.speaker)


def fit(lines: Lines, classes: int) -> Weights:
    """The coefficients, regularised and calibrated on the lines' own speakers."""
    best, least = (STRENGTHS[0], 1.0), np.inf
    for strength in STRENGTHS:
        logits = left_out(lines, lambda rest, s=strength: _fit(rest, classes, s))  # type: ignore[misc]
        losses = [_log_loss(logits * t, lines.label) for t in TEMPERATURES]
        if min(losses) < least:
            least = min(losses)
            best = strength, float(TEMPERATURES[int(np.argmin(losses))])
    strength, temperature = best
    made = _fit(lines, classes, strength)
    return Weights(made.weights * temperature, made.bias * temperature)


def left_out(lines: Lines, train: Callable[[Lines], Weights]) -> Floats:
    """Log odds of each line, judged by what was trained without its speaker."""
    logits: list[tuple[NDArray[np.bool_], Floats]] = []
    for one in np.unique(lines.speaker):
        theirs = lines.speaker == one
        made = train(lines.of(~theirs))
        logits.append((theirs, made.logits(lines.features[theirs])))
    found = np.empty((len(lines.label), logits[0][1].shape[1]))
    for theirs, values in logits:
        found[theirs] = values
    return found


def judged_by_others(lines: Lines, classes: int) -> tuple[Floats, Floats]:
    """log p of each line by what was trained on all other speakers, shapes (lines, classes).

    First from features as measured, then with those relative to the speaker's own as well. Nothing
    of the speaker left out takes part: regularisation and temperature are chosen on the rest.
    """
    raw, relative = (
        log_probabilities(left_out(each, lambda rest: fit(rest, classes)))
        for each in (lines, lines.relative())
    )
    return raw, together(raw, relative)


def own_spread(lines: Lines) -> Floats:
    """Mean over speakers of how each feature deviates among their lines, shape (features,)."""
    spreads = [lines.features[lines.speaker == one, 0].std(0) for one in np.unique(lines.speaker)]
    mean: Floats = np.mean(spreads, axis=0) + 1e-9
    return mean


def average_recall(label: Labels, found: Labels) -> float:
    """Unweighted average recall: the mean over labels of the share that is found."""
    return float(np.mean([np.mean(found[label == one] == one) for one in np.unique(label)]))


def conditions(lines: Lines) -> Conditions:
    """Where the lines lie; 95 % of the lines of a speaker unknown to the rest are within reach."""
    distances: list[float] = []
    for one in np.unique(lines.speaker):
        theirs = lines.speaker == one
        rest = _conditions(lines.features[~theirs, 0], 0.0)
        distances.extend(rest.distance(line) for line in lines.features[theirs, 0])
    return _conditions(lines.features[:, 0], float(np.percentile(distances, 95)))


def _conditions(features: Floats, reach: float) -> Conditions:
    centre, spread = features.mean(0), features.std(0) + 1e-9
    _, singular, axes = np.linalg.svd((features - centre) / spread, full_matrices=False)
    deviations = singular / np.sqrt(len(features) - 1)
    # The sign of an axis is arbitrary; fixed, so that equal lines give equal coefficients.
    axes = axes[:AXES] * np.sign(axes[:AXES].sum(1, keepdims=True))
    others = features.shape[1] - AXES
    rest = float(np.sqrt((deviations[AXES:] ** 2).sum() / others))
    return Conditions(centre, spread, axes, deviations[:AXES], rest, reach)


def _fit(lines: Lines, classes: int, strength: float) -> Weights:
    from scipy.optimize import minimize

    views = lines.features.shape[1]
    x = lines.features.reshape(-1, lines.features.shape[2])
    label = np.repeat(lines.label, views)
    wanted = np.eye(classes)[label]
    centre, spread = x.mean(0), x.std(0) + 1e-9
    relevance = np.sqrt(_correlation_ratio(x, wanted))
    z = (x - centre) / spread * relevance
    counts = wanted.sum(0)
    weight = (len(label) / (np.maximum(counts, 1) * (counts > 0).sum()))[label] / views * strength

    def loss(flat: Floats) -> tuple[float, Floats]:
        w = flat.reshape(classes, -1)
        logits = z @ w[:, :-1].T + w[:, -1]
        logits = logits - logits.max(1, keepdims=True)
        shares = np.exp(logits)
        total = shares.sum(1, keepdims=True)
        wrong = weight[:, None] * (shares / total - wanted)
        value = -(weight * (logits - np.log(total))[np.arange(len(label)), label]).sum()
        gradient = np.column_stack([wrong.T @ z + w[:, :-1], wrong.sum(0)])
        return float(value + 0.5 * (w[:, :-1] ** 2).sum()), gradient.ravel()

    start = np.zeros(classes * (z.shape[1] + 1))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 1000})
    w = found.x.reshape(classes, -1)
    weights = w[:, :-1] * relevance / spread
    return Weights(weights, w[:, -1] - weights @ centre)


def _correlation_ratio(x: Floats, wanted: Floats) -> Floats:
    """Share of each feature's variance that lies between the labels (eta squared, Fisher 1925)."""
    counts = wanted.sum(0)
    means = (wanted.T @ x) / np.maximum(counts, 1)[:, None]
    between = counts @ (means - x.mean(0)) ** 2
    ratio: Floats = between / (((x - x.mean(0)) ** 2).sum(0) + 1e-9)
    return ratio


def _log_loss(logits: Floats, label: Labels) -> float:
    return float(-np.mean(log_probabilities(logits)[np.arange(len(label)), label]))


def speakers_and_labels(names: Sequence[str]) -> tuple[tuple[str, ...], Labels]:
    """The sorted names, and the index of each."""
    known = tuple(sorted(set(names)))
    return known, np.array([known.index(name) for name in names])
