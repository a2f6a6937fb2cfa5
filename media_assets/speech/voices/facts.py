"""What the tables know of each utterance before its sound is judged."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import polars as pl

from media_assets.speech.voices.measure import AROUND_S, Place
from media_assets.speech.voices.rate import characters_per_second, rate_bounds

Span = tuple[float, float]

# Speech this near to a word is that word: voice detectors and aligners differ so much.
NEAR_WORD_S = 0.15

FACTS: dict[str, Any] = {
    "episode_id": pl.String,
    "utterance_id": pl.String,
    "text": pl.String,
    "speaker": pl.String,
    "overlap": pl.Boolean,
    "source": pl.String,
    "status": pl.String,
    "word_score": pl.Float64,
    "rate_hz": pl.Int64,
    "first_s": pl.Float64,
    "last_s": pl.Float64,
    "before_s": pl.Float64,
    "after_s": pl.Float64,
    "pauses": pl.List(pl.List(pl.Float64)),
    "other_speaker_s": pl.Float64,
    "untold_s": pl.Float64,
    "characters_per_s": pl.Float64,
    "lowest_rate": pl.Float64,
    "highest_rate": pl.Float64,
    "voice": pl.String,
    "background": pl.String,
}


def quality_facts(
    utterances: pl.DataFrame,
    words: pl.DataFrame,
    stems: pl.DataFrame,
    voice_activity: pl.DataFrame,
    diarization: pl.DataFrame,
) -> pl.DataFrame:
    """Per utterance, in order, what its quality depends on and nothing else; columns `FACTS`.

    first_s, last_s: of its aligned words with the speech that goes on beside them and is nobody
        else's (aligners lose words at the ends), else of the voice activity within its time.
    other_speaker_s: seconds in which another speaker's turn (standard set) covers it.
    untold_s: seconds of voice activity in it that are near no word; 0 where words are not aligned.
    """
    files = dict(stems.select("stem", "path").iter_rows())
    activity = Timeline(voice_activity.select("start_s", "end_s").iter_rows())
    turns = [
        (speaker, Timeline(own.select("start_s", "end_s").iter_rows()))
        for (speaker,), own in diarization.filter(~pl.col("exclusive")).group_by(
            "speaker", maintain_order=True
        )
    ]
    by_segment = _aligned_words(words)
    spoken = Timeline(span for spans in by_segment.values() for span in spans)
    rows = []
    for row in utterances.iter_rows(named=True):
        own = _words_of(row, by_segment)
        first, last = _hull(row, own, activity)
        rows.append(
            {name: row[name] for name in FACTS if name in row}
            | {
                "word_score": row["score"],
                "first_s": first,
                "last_s": last,
                "characters_per_s": characters_per_second(row["text"], last - first),
                "voice": files["voice"],
                "background": files["background"],
            }
        )
    _add_neighbours(rows)
    _add_rate_bounds(rows, utterances["language"].to_list())
    for told, row in zip(rows, utterances.iter_rows(named=True), strict=True):
        first, last = _widened(told, activity)
        own = [(s - NEAR_WORD_S, e + NEAR_WORD_S) for s, e in _words_of(row, by_segment)]
        around = (max(0.0, first - AROUND_S), last + AROUND_S)
        taken = [*activity.within(*around), *spoken.within(*around)]
        others = [turn for speaker, turn in turns if speaker != row["speaker"]]
        told |= {
            "first_s": first,
            "last_s": last,
            "pauses": [list(span) for span in _less([around], taken)],
            "other_speaker_s": sum(_length(turn.within(first, last)) for turn in others),
            "untold_s": _length(_less(activity.within(first, last), own)) if own else 0.0,
        }
    return pl.DataFrame(rows, schema=FACTS)


def place_of(told: dict[str, Any]) -> Place:
    """Where the utterance of a row of facts is."""
    return Place(
        told["first_s"],
        told["last_s"],
        told["before_s"],
        told["after_s"],
        [(start, end) for start, end in told["pauses"]],
    )


class Timeline:
    """Stretches of time, joined where they touch; what of them lies in a stretch."""

    def __init__(self, spans: Iterable[Span]):
        self._starts: list[float] = []
        self._ends: list[float] = []
        for start, end in sorted(spans):
            if self._ends and start <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            else:
                self._starts.append(start)
                self._ends.append(end)

    def touching(self, start: float, end: float) -> list[Span]:
        """The whole stretches of which a part lies there."""
        low, high = bisect_right(self._ends, start), bisect_left(self._starts, end)
        return list(zip(self._starts[low:high], self._ends[low:high], strict=True))

    def within(self, start: float, end: float) -> list[Span]:
        return [(max(start, s), min(end, e)) for s, e in self.touching(start, end)]


def _less(spans: Sequence[Span], taken: Iterable[Span]) -> list[Span]:
    """The parts of `spans` (in order, apart) that no stretch of `taken` covers."""
    left: list[Span] = []
    covered = Timeline(taken)
    for start, end in spans:
        at = start
        for begin, finish in covered.within(start, end):
            if begin > at:
                left.append((at, begin))
            at = finish
        if end > at:
            left.append((at, end))
    return left


def _length(spans: Iterable[Span]) -> float:
    return sum(end - start for start, end in spans)


def _aligned_words(words: pl.DataFrame) -> dict[str, list[Span]]:
    spans: dict[str, list[Span]] = defaultdict(list)
    # Recognised words were placed by the aligner too; those of drafts are rejected as such.
    aligned = words.filter(pl.col("method").is_in(["aligned", "recognised"]))
    for segment, start, end in aligned.select("segment_id", "start_s", "end_s").iter_rows():
        spans[segment].append((start, end))
    return spans


def _words_of(row: dict[str, Any], by_segment: dict[str, list[Span]]) -> list[Span]:
    """The aligned words of the utterance's segment whose middle lies in its time."""
    line = row["line_id"]
    spans = by_segment.get(line) or by_segment.get(line.rpartition(".")[0]) or []
    return [(s, e) for s, e in spans if row["start_s"] <= (s + e) / 2 <= row["end_s"]]


def _hull(row: dict[str, Any], own: Sequence[Span], activity: Timeline) -> Span:
    spans = own or activity.within(row["start_s"], row["end_s"])
    if not spans:
        return row["start_s"], row["end_s"]
    return min(start for start, _ in spans), max(end for _, end in spans)


def _widened(told: dict[str, Any], activity: Timeline) -> Span:
    """From where speech begins, to where it ends, as far as nobody else's words are there."""
    first, last = told["first_s"], told["last_s"]
    beside = activity.touching(first, last)
    start = min([first, *(max(start, told["before_s"]) for start, _ in beside)])
    end = max([last, *(min(end, told["after_s"]) for _, end in beside)])
    return start, end


def _add_neighbours(rows: list[dict[str, Any]]) -> None:
    """Where what is said before each ends, and what is said after it starts; itself at the most."""
    order = sorted(rows, key=lambda row: (row["first_s"], row["last_s"]))
    ended = float("-inf")
    for row in order:
        row["before_s"] = min(ended, row["first_s"])
        ended = max(ended, row["last_s"])
    begins = float("inf")
    for row in reversed(order):
        row["after_s"] = max(begins, row["last_s"])
        begins = row["first_s"]


def _add_rate_bounds(rows: list[dict[str, Any]], languages: Sequence[str | None]) -> None:
    """Fences from all utterances of the episode in the same language that are no drafts."""
    for language, group in _grouped(rows, languages):
        told = [row["characters_per_s"] for row in group if row["source"] != "draft"]
        bounds = rate_bounds(told, language)
        for row in group:
            row["lowest_rate"], row["highest_rate"] = bounds.low, bounds.high


def _grouped(
    rows: Sequence[dict[str, Any]], keys: Sequence[str | None]
) -> Iterator[tuple[str | None, list[dict[str, Any]]]]:
    groups: dict[str | None, list[dict[str, Any]]] = defaultdict(list)
    for row, key in zip(rows, keys, strict=True):
        groups[key].append(row)
    yield from groups.items()
