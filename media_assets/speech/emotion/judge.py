"""Rows of `emotion`: every line with its feeling, or why none is given."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

import polars as pl

from media_assets.media.audio import read_wav, sample_at
from media_assets.speech.schema import EMOTION
from resources.models.interfaces import RATE, EmotionRecognizer, Feeling, Samples
from resources.tables import ROW_KEY, digest


def emotion_facts(lines: pl.DataFrame, stems: pl.DataFrame) -> pl.DataFrame:
    """Per line what its feeling depends on.

    `among`: the lines that it may be judged relative to, which are all of one speaker in one
    language; null where it is not judged.
    sound: path of the voice at 16 kHz.
    """
    sound = stems.filter(pl.col("stem") == "voice16k")["path"][0]
    facts = lines.select(
        "episode_id", "line_id", "start_s", "end_s", "speaker", "overlap", "language"
    ).with_columns(sound=pl.lit(sound))
    own = [pl.col(name).list.join(" ") for name in ("start_s", "end_s")]
    among = (
        facts.filter(_JUDGED)
        .group_by("speaker", "language", maintain_order=True)
        .agg(pl.col("start_s", "end_s").cast(pl.String))
        .select(
            "speaker",
            "language",
            among=pl.concat_str(*own, separator="|").map_elements(digest, pl.String),
        )
    )
    return facts.join(
        among, on=["speaker", "language"], how="left", nulls_equal=True, maintain_order="left"
    ).with_columns(among=pl.when(_JUDGED).then("among"))


_JUDGED = pl.col("speaker").is_not_null() & ~pl.col("overlap")


def judge_lines(
    wanted: pl.DataFrame, facts: pl.DataFrame, recognizer: EmotionRecognizer, root: Path
) -> pl.DataFrame:
    """Rows of `emotion` for the wanted facts, in their order.

    facts: those of all lines: who is wanted is judged among all lines of its speaker.
    root: the home, to which the path of the sound is relative.
    """
    feelings: dict[str, Feeling] = {}
    groups = wanted.filter(_JUDGED).select("language").unique(maintain_order=True)
    for (language,) in groups.iter_rows():
        speakers = wanted.filter(pl.col("language").eq_missing(language))["speaker"].drop_nulls()
        lines = facts.filter(
            _JUDGED
            & pl.col("language").eq_missing(language)
            & pl.col("speaker").is_in(speakers.unique().to_list())
        )
        sound = SpokenLines(root / lines["sound"][0], lines.select("start_s", "end_s").rows())
        found = recognizer.feelings(sound, lines["speaker"].to_list(), language)
        feelings |= zip(lines["line_id"], found, strict=True)
    return EMOTION.frame(
        _row(line, feelings.get(line["line_id"]), recognizer.backend)
        for line in wanted.iter_rows(named=True)
    )


def _row(line: dict[str, Any], feeling: Feeling | None, backend: str) -> dict[str, Any]:
    if feeling is None:
        said = "somebody else speaks at the same time" if line["overlap"] else "no speaker is known"
        feeling = Feeling(reason=said)
    label = max(feeling.scores, key=feeling.scores.__getitem__) if not feeling.reason else None
    return {
        "episode_id": line["episode_id"],
        "line_id": line["line_id"],
        "start_s": line["start_s"],
        "end_s": line["end_s"],
        "emotion": label,
        "confidence": feeling.scores[label] if label else None,
        "normalised": feeling.normalised,
        "reason": feeling.reason,
        "backend": backend,
        ROW_KEY: "",
    }


@dataclass(frozen=True)
class SpokenLines(Sequence[Samples]):
    """The sound of each span of seconds of a WAV (mono, 16 kHz), read when it is asked for."""

    wav: Path
    spans: Sequence[tuple[float, float]]

    def __len__(self) -> int:
        return len(self.spans)

    @overload
    def __getitem__(self, index: int) -> Samples: ...
    @overload
    def __getitem__(self, index: slice) -> "SpokenLines": ...
    def __getitem__(self, index: int | slice) -> "Samples | SpokenLines":
        if isinstance(index, slice):
            return SpokenLines(self.wav, self.spans[index])
        start_s, end_s = self.spans[index]
        samples, _ = read_wav(self.wav, sample_at(start_s, RATE), sample_at(end_s, RATE))
        return samples[:, 0]
