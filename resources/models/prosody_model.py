"""A line's feeling from its prosody: multinomial logistic regression, with coefficients as JSON."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from resources.models.prosody_features import VERSION, Prosody
from resources.models.prosody_pitch import Floats

SHIPPED = Path(__file__).with_name("prosody_emodb.json")


@dataclass(frozen=True)
class Weights:
    """log p = `weights` x + `bias` + constant; shapes (labels, features) and (labels,)."""

    weights: Floats
    bias: Floats

    def logits(self, vectors: Floats) -> Floats:
        """Mean log odds of the views, shape (..., labels) for vectors (..., views, features)."""
        odds: Floats = (vectors @ self.weights.T + self.bias).mean(-2)
        return odds


@dataclass(frozen=True)
class Conditions:
    """What the training lines were like, and how far from them a line may lie.

    Probabilistic PCA (Tipping and Bishop 1999) of z-scored features: `axes` of shape (k, features)
    with `deviations` (k,) along them, and one deviation, `rest`, in all other directions.
    """

    centre: Floats
    spread: Floats
    axes: Floats
    deviations: Floats
    rest: float
    reach: float

    def distance(self, features: Floats) -> float:
        """Root mean square deviation from the training lines; about 1 for one of them."""
        z = (features - self.centre) / self.spread
        along = self.axes @ z
        beside = z - self.axes.T @ along
        squares = float(np.sum((along / self.deviations) ** 2) + beside @ beside / self.rest**2)
        return float(np.sqrt(squares / len(z)))


@dataclass(frozen=True)
class ProsodyModel:
    """raw: for features as measured; relative: for features relative to the speaker's own.

    own_spread: deviation of each feature among the lines of one training speaker, shape (features,)
    """

    labels: tuple[str, ...]
    features: tuple[str, ...]
    raw: Weights
    relative: Weights
    own_spread: Floats
    conditions: Conditions
    languages: tuple[str, ...]
    provenance: Mapping[str, Any]

    @property
    def version(self) -> str:
        """Changes with the coefficients and with how features are measured."""
        return f"{VERSION}-{hashlib.sha256(self.to_json().encode()).hexdigest()[:12]}"

    def vectors(self, prosody: Prosody) -> Floats:
        """The features of each view in the model's order, shape (views, features)."""
        return np.array([[view[name] for name in self.features] for view in prosody.views])

    def scores(self, vectors: Floats, relative: Floats | None = None) -> dict[str, float]:
        """Probability per label; with features relative to the speaker's own, by both together."""
        judged = log_probabilities(self.raw.logits(vectors))
        if relative is not None:
            judged = together(judged, log_probabilities(self.relative.logits(relative)))
        return dict(zip(self.labels, map(float, np.exp(judged)), strict=True))

    def variety(self, lines: Sequence[Floats]) -> float:
        """How much a speaker's lines differ, relative to those of one training speaker."""
        return float(np.median(np.stack(lines)[:, 0].std(0) / self.own_spread))

    def to_json(self) -> str:
        """The text of the file of coefficients, the same for the same model."""
        content = asdict(self)
        content["own_spread"] = np.round(content["own_spread"], 6).tolist()
        for part in ("raw", "relative", "conditions"):
            content[part] = {k: np.round(v, 6).tolist() for k, v in content[part].items()}
        return json.dumps(content, separators=(",", ":"), ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        content = json.loads(text)
        for name, kind in (("raw", Weights), ("relative", Weights), ("conditions", Conditions)):
            numbers: dict[str, Any] = {
                k: np.array(v) if isinstance(v, list) else v for k, v in content[name].items()
            }
            content[name] = kind(**numbers)
        content["own_spread"] = np.array(content["own_spread"])
        for name in ("labels", "features", "languages"):
            content[name] = tuple(content[name])
        return cls(**content)


def relative_to_own(lines: Sequence[Floats]) -> list[Floats]:
    """Features (views, features) in deviations from the means over one speaker's lines, by view."""
    own = np.stack(lines)
    spread = own.std(0)
    own = (own - own.mean(0)) / np.where(spread > 1e-9, spread, 1)
    return list(own)


def log_probabilities(logits: Floats) -> Floats:
    """log p from log odds, along the last axis."""
    logits = logits - logits.max(-1, keepdims=True)
    logs: Floats = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    return logs


def together(raw: Floats, relative: Floats) -> Floats:
    """log p of two judgements: their mean, so that either can doubt what the other says.

    Where a speaker's lines are of one kind, those relative to each other mislead.
    """
    return log_probabilities((raw + relative) / 2)
