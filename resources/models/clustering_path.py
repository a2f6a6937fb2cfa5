"""Which speaker each frame belongs to: Gaussians of the speakers, and the best path through them.

Viterbi resegmentation as in the diarization systems of ICSI and LIUM.
"""

import numpy as np
from numpy.typing import NDArray

from resources.models.clustering_merge import Clusters, covariances
from resources.models.clustering_speech import Frames, Speech

Labels = NDArray[np.int64]

# Frames that are decided together (50 ms), and what a change of speaker costs in log likelihood:
# chosen on the tuning recordings, where 60 to 200 do about as well.
STEP, CHANGE = 5, 100.0
# A speaker with fewer frames has no Gaussian, and gets no frame.
LEAST_FRAMES, UNKNOWN = 20, -1e3


def clusters_of(speech: Speech, labels: Labels, prints: Frames) -> Clusters:
    """Statistics of the voiced frames under each label; -1 is nobody. prints: one per label."""
    count, size = len(prints), speech.cepstra.shape[1]
    frames, sums = np.zeros(count), np.zeros((count, size))
    squares = np.zeros((count, size, size))
    for _, start, end in speech.parts:
        loud = speech.voiced[start:end]
        own, cepstra = labels[start:end][loud], speech.cepstra[start:end][loud].astype(np.float64)
        for k in np.unique(own[own >= 0]):
            chosen = cepstra[own == k]
            frames[k] += len(chosen)
            sums[k] += chosen.sum(axis=0)
            squares[k] += chosen.T @ chosen
    members = tuple((k,) for k in range(count))
    return Clusters(frames, sums, squares, prints * frames[:, None], members)


def resegmented(speech: Speech, labels: Labels, count: int, ridge: float) -> tuple[Labels, int]:
    """Labels of the best path, numbered anew, and how many speakers are left."""
    models = _Gaussians(clusters_of(speech, labels, np.ones((count, 1), np.float32)), ridge)
    found = np.full_like(labels, -1)
    for _, start, end in speech.parts:
        scores = models.scores(speech.cepstra[start:end])
        scores[~speech.voiced[start:end]] = 0
        steps = np.add.reduceat(scores, np.arange(0, end - start, STEP), axis=0)
        found[start:end] = np.repeat(best_path(steps, CHANGE), STEP)[: end - start]
    present, numbered = np.unique(found, return_inverse=True)
    return numbered.astype(np.int64), len(present)


def best_path(scores: NDArray[np.float64], change: float) -> Labels:
    """The states, one per step, with the highest sum of `scores` (steps, states) less changes."""
    total = scores[0].copy()
    came_from = np.zeros(scores.shape, np.int64)
    stay = np.arange(scores.shape[1])
    for step in range(1, len(scores)):
        best = int(total.argmax())
        switch = total < total[best] - change
        came_from[step] = np.where(switch, best, stay)
        total = np.where(switch, total[best] - change, total) + scores[step]
    path = np.empty(len(scores), np.int64)
    path[-1] = total.argmax()
    for step in range(len(scores) - 1, 0, -1):
        path[step - 1] = came_from[step, path[step]]
    return path


class _Gaussians:
    """One with a full covariance per speaker."""

    def __init__(self, clusters: Clusters, ridge: float):
        self.means = clusters.sums / np.maximum(clusters.frames, 1)[:, None]
        spreads = covariances(clusters.frames, clusters.sums, clusters.squares)
        # Whitened by the inverse of the Cholesky factor.
        self.whiten = np.linalg.inv(np.linalg.cholesky(spreads + clusters.ridge(ridge)))
        self.known = clusters.frames >= LEAST_FRAMES

    def scores(self, frames: Frames) -> NDArray[np.float64]:
        """Log likelihood (frames, speakers), less what is the same for all."""
        scores = np.full((len(frames), len(self.means)), UNKNOWN)
        for k in np.flatnonzero(self.known):
            away = (frames - self.means[k]) @ self.whiten[k].T
            scale = np.log(np.diag(self.whiten[k])).sum()
            scores[:, k] = scale - 0.5 * (away**2).sum(axis=1)
        return scores
