"""Pieces of speech merged into speakers, bottom up, by the Bayesian information criterion.

Chen & Gopalakrishnan, "Speaker, Environment and Channel Change Detection and Clustering via the
Bayesian Information Criterion" (1998); LIUM_SpkDiarization (Meignier & Merlin 2010).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Frames of a cluster, and of all, count at most so many (30 s and 60 s): what is tuned on minutes
# holds for hours, where every difference would be significant.
MOST_FRAMES, MOST_OF_ALL = 3000, 6000

# Of a cepstrum: digital silence has none, voices have 0.5 and more.
LEAST_VARIANCE = 1e-3


@dataclass(frozen=True)
class Rule:
    """How far apart two clusters are; they are of one speaker up to 1.

    bic: weight of the penalty at which a difference in cepstra alone means another speaker.
    cosine: cosine distance of voice prints at which it alone does; None without voice prints.
    ridge: share of all frames' variance added to every covariance, for pieces are short.
    """

    bic: float
    cosine: float | None
    ridge: float = 0.3


@dataclass(frozen=True)
class Clusters:
    """Sufficient statistics: frames (k,), sums (k, d), squares (k, d, d), prints (k, e)."""

    frames: Floats
    sums: Floats
    squares: Floats
    prints: Floats
    members: tuple[tuple[int, ...], ...]

    def __len__(self) -> int:
        return len(self.frames)

    def take(self, chosen: Sequence[int]) -> Clusters:
        rows = list(chosen)
        return Clusters(
            self.frames[rows],
            self.sums[rows],
            self.squares[rows],
            self.prints[rows],
            tuple(self.members[row] for row in rows),
        )

    def ridge(self, share: float) -> Floats:
        """A share of the variance of all frames, on a diagonal (d, d)."""
        total = max(float(self.frames.sum()), 1.0)
        mean = self.sums.sum(axis=0) / total
        variance = np.diag(self.squares.sum(axis=0)) / total - mean**2
        spread: Floats = share * np.diag(np.maximum(variance, LEAST_VARIANCE))
        return spread

    @staticmethod
    def joined(groups: Sequence[Clusters]) -> Clusters:
        return Clusters(
            np.concatenate([group.frames for group in groups]),
            np.concatenate([group.sums for group in groups]),
            np.concatenate([group.squares for group in groups]),
            np.concatenate([group.prints for group in groups]),
            tuple(members for group in groups for members in group.members),
        )


def merged(
    clusters: Clusters, rule: Rule, up_to: float, *, least: int = 1, most: int | None = None
) -> Clusters:
    """The nearest two become one until they are further apart than `up_to`.

    least, most: how many clusters there are to be at least and at most.
    """
    scale = _Scale(clusters, rule)
    distances = np.full((len(clusters), len(clusters)), np.inf)
    for k in range(len(clusters) - 1):
        distances[k, k + 1 :] = scale.distances(clusters, k)[k + 1 :]
    alive = np.ones(len(clusters), bool)
    while (count := int(alive.sum())) > max(least, 1):
        a, b = np.unravel_index(int(np.argmin(distances)), distances.shape)
        if distances[a, b] > up_to and (most is None or count <= most):
            break
        clusters = _joined(clusters, int(a), int(b))
        alive[b] = False
        distances[b, :] = distances[:, b] = np.inf
        row = np.where(alive, scale.distances(clusters, int(a)), np.inf)
        distances[a, a + 1 :], distances[:a, a] = row[a + 1 :], row[:a]
    return clusters.take([int(k) for k in np.flatnonzero(alive)])


def absorbed(clusters: Clusters, rule: Rule, least_frames: int, *, least: int = 1) -> Clusters:
    """Clusters of fewer frames go to their nearest, the smallest first, down to `least`."""
    scale = _Scale(clusters, rule)
    while len(clusters) > max(least, 1) and clusters.frames.min() < least_frames:
        smallest = int(clusters.frames.argmin())
        distances = scale.distances(clusters, smallest)
        distances[smallest] = np.inf
        clusters = _joined(clusters, int(distances.argmin()), smallest)
        clusters = clusters.take([k for k in range(len(clusters)) if k != smallest])
    return clusters


class _Scale:
    """Distances between clusters of one recording."""

    def __init__(self, clusters: Clusters, rule: Rule):
        self.rule = rule
        self.ridge = clusters.ridge(rule.ridge)
        size = len(self.ridge)
        free = size + size * (size + 1) / 2
        self.penalty = rule.bic * 0.5 * free * np.log(min(clusters.frames.sum(), MOST_OF_ALL))

    def distances(self, clusters: Clusters, k: int) -> Floats:
        """Of cluster k to every cluster."""
        weight = np.minimum(clusters.frames, MOST_FRAMES)
        shrink = weight / np.maximum(clusters.frames, 1)
        sums = clusters.sums * shrink[:, None]
        squares = clusters.squares * shrink[:, None, None]
        apart = weight * self._spread(weight, sums, squares)
        both = weight + weight[k]
        joint = both * self._spread(both, sums + sums[k], squares + squares[k])
        distances: Floats = 0.5 * (joint - apart - apart[k]) / self.penalty
        if self.rule.cosine is not None:
            norms = np.maximum(np.linalg.norm(clusters.prints, axis=1), 1e-9)
            cosines = clusters.prints @ clusters.prints[k] / norms / norms[k]
            distances += (1 - cosines) / self.rule.cosine
        return distances

    def _spread(self, frames: Floats, sums: Floats, squares: Floats) -> Floats:
        """Logarithm of the determinant of each covariance."""
        logs: Floats = np.linalg.slogdet(covariances(frames, sums, squares) + self.ridge)[1]
        return logs


def covariances(frames: Floats, sums: Floats, squares: Floats) -> Floats:
    """One matrix (d, d) per cluster; zeros for a cluster without frames."""
    counts = np.maximum(frames, 1)
    means = sums / counts[:, None]
    found: Floats = squares / counts[:, None, None] - means[:, :, None] * means[:, None, :]
    return found


def _joined(clusters: Clusters, a: int, b: int) -> Clusters:
    """Cluster b added to cluster a; b stays in its place."""
    frames, sums = clusters.frames.copy(), clusters.sums.copy()
    squares, prints = clusters.squares.copy(), clusters.prints.copy()
    for array in (frames, sums, squares, prints):
        array[a] += array[b]
    members = list(clusters.members)
    members[a] += members[b]
    return Clusters(frames, sums, squares, prints, tuple(members))
