"""How lines are spoken, from their prosody, by coefficients that come with the package."""

from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg

from resources.models.interfaces import RATE, Feeling, Samples
from resources.models.prosody_features import Prosody, measure_prosody
from resources.models.prosody_model import SHIPPED, ProsodyModel, relative_to_own
from resources.models.prosody_pitch import Floats

LONGEST_S = 20.0


class ProsodyClassifier(dg.ConfigurableResource[Any]):
    """Emotion by logistic regression on measured prosody; as shipped, it knows acted German.

    coefficients: a file that `media-assets train-emotion` wrote; the shipped one where empty.
    languages: those it judges besides the one it was trained on; `*` is any. What it says of a
        language that it was not trained on has not been measured.
    least_confidence: below it the likeliest label is likelier wrong than right.
    least_speech_s: the training lines have 1.3 s and more; two or three words take 0.8 s.
    least_voiced_s: half of the least in a training line.
    least_lines, least_variety: of one speaker, for judging them relative to each other as well. On
        Emo-DB four lines do worse so than by themselves, six of mixed feelings better; lines of
        two feelings do worse however many. Those vary less, 0.64 of what the lines of training
        speakers do, where lines of seven have 0.94 (benchmarks/emotion.py).
    least_treble_db: a telephone's band has -47 dB above 4.5 kHz; the training lines, -6 and more.
    """

    coefficients: str = ""
    languages: list[str] = []  # noqa: RUF012 (a pydantic field)
    least_confidence: float = 0.5
    least_speech_s: float = 0.8
    least_voiced_s: float = 0.3
    least_lines: int = 10
    least_variety: float = 0.8
    least_treble_db: float = -40.0

    @property
    def backend(self) -> str:
        made = self.model.provenance
        rules = (
            f"languages {','.join(sorted(self._languages))}, least {self.least_confidence:g} "
            f"confidence, {self.least_speech_s:g} s, {self.least_voiced_s:g} s voiced, "
            f"{self.least_lines} lines, {self.least_variety:g} variety, {self.least_treble_db:g} dB"
        )
        return f"prosody {made['data']['name']} @ {self.model.version} ({rules})"

    @property
    def model(self) -> ProsodyModel:
        path = Path(self.coefficients) if self.coefficients else SHIPPED
        return _read(path, path.stat().st_mtime_ns)

    @property
    def _languages(self) -> set[str]:
        return {*self.model.languages, *self.languages}

    def feelings(
        self, lines: Sequence[Samples], speakers: Sequence[str | None], language: str | None
    ) -> list[Feeling]:
        """One per line. Lines are read one after the other, and none is kept."""
        if reason := self._foreign(language):
            return [Feeling(reason=reason) for _ in lines]
        model = self.model
        measured: list[Floats | str] = [self._measure(model, samples) for samples in lines]
        vectors = {i: v for i, v in enumerate(measured) if not isinstance(v, str)}
        many = Counter(speakers[i] for i in vectors)
        relative: dict[int, Floats] = {}
        for speaker, count in many.items():
            if speaker is not None and count >= self.least_lines:
                own = [i for i in vectors if speakers[i] == speaker]
                theirs = [vectors[i] for i in own]
                if model.variety(theirs) >= self.least_variety:
                    relative |= zip(own, relative_to_own(theirs), strict=True)
        return [
            Feeling(reason=found)
            if isinstance(found, str)
            else self._judge(model, found, relative.get(i))
            for i, found in enumerate(measured)
        ]

    def _foreign(self, language: str | None) -> str | None:
        """Why it does not judge the language, or None."""
        known = self._languages
        if "*" in known or (language and language.split("-")[0] in known):
            return None
        what = f"the language is {language}" if language else "the language is not known"
        return f"{what}; trained on {', '.join(self.model.languages)}"

    def _measure(self, model: ProsodyModel, samples: Samples) -> Floats | str:
        """The features of a line's views, or why it is not like what the model knows."""
        if len(samples) > LONGEST_S * RATE:
            return f"longer than {LONGEST_S:g} s"
        prosody = measure_prosody(samples)
        if reason := self._too_little(prosody):
            return reason
        vectors = model.vectors(prosody)
        distance, reach = model.conditions.distance(vectors[0]), model.conditions.reach
        if distance > reach:
            return f"unlike the training lines (distance {distance:.2f}, at most {reach:.2f})"
        return vectors

    def _too_little(self, prosody: Prosody) -> str | None:
        if prosody.spoken_s < self.least_speech_s:
            return f"too short ({prosody.spoken_s:.2f} s, at least {self.least_speech_s:g})"
        if prosody.voiced_s < self.least_voiced_s or not prosody.views:
            return f"too little voice ({prosody.voiced_s:.2f} s, at least {self.least_voiced_s:g})"
        if prosody.treble_db < self.least_treble_db:
            return f"narrow band, as of a telephone ({prosody.treble_db:.0f} dB above 4.5 kHz)"
        return None

    def _judge(self, model: ProsodyModel, vectors: Floats, relative: Floats | None) -> Feeling:
        scores = model.scores(vectors, relative)
        normalised = "none" if relative is None else "speaker"
        label = max(scores, key=scores.__getitem__)
        reason = None
        if scores[label] < self.least_confidence:
            reason = f"not sure (likeliest: {label}, {scores[label]:.2f})"
        return Feeling(scores, normalised, reason)


@cache
def _read(path: Path, changed_ns: int) -> ProsodyModel:
    """Once per process as long as the file looks the same."""
    return ProsodyModel.from_json(path.read_text())
