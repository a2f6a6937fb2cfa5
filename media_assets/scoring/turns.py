"""How well turns fit the truth: diarization and Jaccard error rate, overlap scored, no collar."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from media_assets.scoring.extra import bench


@dataclass(frozen=True)
class TurnScore:
    """Seconds of speech and of error, in one recording or in several (they add up).

    speech_s: seconds of the truth, counted once per speaker.
    confusion_s: seconds given to another speaker than the truth's, under the best mapping.
    jaccard_errors: sum over the truth's speakers of their Jaccard error, 0 to 1 each.
    speakers, found_speakers: how many there are, and how many were found.
    """

    speech_s: float
    missed_s: float
    false_alarm_s: float
    confusion_s: float
    jaccard_errors: float
    speakers: int
    found_speakers: int

    @property
    def der(self) -> float | None:
        """Diarization error rate, a share of the truth's speech; None if nobody speaks."""
        return self._share(self.missed_s + self.false_alarm_s + self.confusion_s)

    @property
    def jer(self) -> float | None:
        """Jaccard error rate, the mean over the truth's speakers; None if nobody speaks."""
        return self.jaccard_errors / self.speakers if self.speakers else None

    def as_dict(self) -> dict[str, float | int | None]:
        """The rates first, then the sums that they are made of."""
        rates = {
            "der": self.der,
            "missed": self._share(self.missed_s),
            "false_alarm": self._share(self.false_alarm_s),
            "confusion": self._share(self.confusion_s),
            "jer": self.jer,
        }
        return rates | asdict(self)

    def _share(self, seconds: float) -> float | None:
        return seconds / self.speech_s if self.speech_s else None


def score_turns(
    truth: pl.DataFrame, found: pl.DataFrame, scored: pl.DataFrame | None = None
) -> TurnScore:
    """The score of turns (start_s, end_s, speaker) in the `scored` regions; everywhere if None.

    Overlapping turns of one speaker count once: nobody speaks twice at a time.
    Source: pyannote.metrics; JER as in the DIHARD II evaluation plan (Ryant et al. 2019).
    """
    metrics = bench("pyannote.metrics.diarization")
    reference, hypothesis = annotation(truth), annotation(found)
    regions = _regions(scored, truth, found)
    setting = {"collar": 0.0, "skip_overlap": False}
    error = metrics.DiarizationErrorRate(**setting).compute_components(
        reference, hypothesis, uem=regions
    )
    jaccard = metrics.JaccardErrorRate(**setting).compute_components(
        reference, hypothesis, uem=regions
    )
    return TurnScore(
        speech_s=error["total"],
        missed_s=error["missed detection"],
        false_alarm_s=error["false alarm"],
        confusion_s=error["confusion"],
        jaccard_errors=jaccard["speaker error"],
        speakers=int(jaccard["speaker count"]),
        found_speakers=len(hypothesis.crop(regions).labels()),
    )


def pool_turns(scores: Iterable[TurnScore]) -> TurnScore:
    """One score over several recordings: seconds and speakers add up, so long ones weigh more."""
    scores = list(scores)

    def total(name: str) -> Any:
        return sum(getattr(score, name) for score in scores)

    return TurnScore(**{name: total(name) for name in TurnScore.__dataclass_fields__})


def as_one_speaker(turns: pl.DataFrame, speaker: str = "SPEAKER_0") -> pl.DataFrame:
    """The same speech, all given to one speaker: the baseline that telling voices apart must beat.

    Of the found turns it is what speech detection alone is worth; of the true turns, the best
    that can be had without telling voices apart.
    """
    return turns.select("start_s", "end_s", speaker=pl.lit(speaker))


def annotation(turns: pl.DataFrame) -> Any:
    """The turns as `pyannote.core.Annotation`, those of a speaker that overlap made one."""
    core = bench("pyannote.core")
    annotation = core.Annotation()
    rows = turns.select("start_s", "end_s", "speaker").rows()
    for track, (start, end, speaker) in enumerate(rows):
        if end > start:
            annotation[core.Segment(start, end), track] = speaker
    return annotation.support()


def _regions(scored: pl.DataFrame | None, *turns: pl.DataFrame) -> Any:
    """The scored regions; without any, from second 0 to the end of the last turn."""
    core = bench("pyannote.core")
    if scored is None:
        ends = pl.concat([each["end_s"] for each in turns])
        spans = [(0.0, max([0.0, *ends]))]
    else:
        spans = scored.select("start_s", "end_s").rows()
    return core.Timeline([core.Segment(start, end) for start, end in spans])
