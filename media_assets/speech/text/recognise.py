"""What is said where voices are heard and no text tells."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from media_assets.media.audio import read_wav
from media_assets.media.language import same_language
from media_assets.media.spoken import is_abbreviation
from media_assets.speech.schema import RECOGNITION
from media_assets.speech.text.guards import Guards, reasons_against
from resources.models.interfaces import RATE, HeardWord, Recognizer, Samples, Span

# Spans that a model gets at once: at 30 s of 16 kHz float32, 30 MB.
BATCH = 16
# A span too long for one pause is cut where it is quietest in its last third, in frames of:
FRAME_S = 0.05
# Languages that are written without blanks between words.
_NO_BLANKS = ("ja", "km", "lo", "my", "th", "zh")
_SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？", "।", "؟")
_CLOSING = "\"'”’»)]"


@dataclass(frozen=True)
class RecognitionSettings(Guards):
    """Which sound goes to recognition, and what of its text is kept.

    covered_margin_s, joined_pause_s: Netflix Timed Text Style Guide, Subtitle Timing: an event
        may last half a second longer than its speech; gaps of up to half a second are closed.
    longest_s: the window of Whisper.
    shortest_draft_s: a recognizer that gives drafts hears a word in any scrap of sound, and is sure
        of it where there is but one: `two` and `im`, in 0.4 s of music of the mini show.
    """

    covered_margin_s: float = 0.5
    joined_pause_s: float = 0.5
    longest_s: float = 30.0
    shortest_draft_s: float = 1.0


Read = Callable[[float, float], Samples]


FACTS = {"start_s": pl.Float64, "end_s": pl.Float64, "language": pl.String, "sound": pl.String}


def recognition_facts(
    root: Path,
    sound: str,
    voice_activity: pl.DataFrame,
    subtitles: pl.DataFrame,
    transcripts: pl.DataFrame,
    language: str | None,
    settings: RecognitionSettings,
) -> pl.DataFrame:
    """What each row of RECOGNITION is made from (`FACTS`).

    sound: a WAV in mono at 16 kHz, named by its content, relative to `root`.
    A transcript says all that is said, so beside it nothing is recognised; subtitles go before it.
    """
    spoken = subtitles.filter("spoken")
    found: list[Span] = []
    if transcripts.is_empty() or not spoken.is_empty():
        read = reader(root / sound)
        found = spans_to_recognise(_spans(voice_activity), _spans(spoken), read, settings)
    written_in = subtitles["language"].drop_nulls().head(1)
    known = language or next(iter(written_in), None)
    rows = [(span.start_s, span.end_s, known, sound) for span in found]
    return pl.DataFrame(rows, schema=FACTS, orient="row")


def recognise(
    facts: pl.DataFrame,
    episode: str,
    root: Path,
    recognizer: Recognizer,
    settings: RecognitionSettings,
) -> pl.DataFrame:
    """Rows of RECOGNITION for rows of `recognition_facts`, of which there is at least one."""
    language, sound = facts.select("language", "sound").row(0)
    rows = recognised(_spans(facts), language, recognizer, reader(root / sound), settings)
    return RECOGNITION.frame(row | {"episode_id": episode, "row_key": ""} for row in rows)


def reader(path: Path) -> Read:
    """Reads stretches of a WAV in mono at 16 kHz."""

    def read(start_s: float, end_s: float) -> Samples:
        samples, _ = read_wav(path, round(start_s * RATE), round(end_s * RATE))
        return samples[:, 0]

    return read


def spans_to_recognise(
    activity: Sequence[Span], covered: Sequence[Span], read: Read, settings: RecognitionSettings
) -> list[Span]:
    """Stretches of speech that no text covers, cut at pauses, none longer than `longest_s`.

    activity: where somebody speaks; covered: times of subtitles; both in any order.
    What sticks out of a subtitle by no more than the margin belongs to it.
    """
    silent = _united(
        Span(one.start_s - settings.covered_margin_s, one.end_s + settings.covered_margin_s)
        for one in covered
    )
    free = [part for stretch in _united(activity) for part in _without(stretch, silent)]
    joined: list[Span] = []
    for part in free:
        before = joined[-1] if joined else None
        if (
            before
            and part.start_s - before.end_s < settings.joined_pause_s
            and part.end_s - before.start_s <= settings.longest_s
            and not any(before.end_s <= s.start_s < part.start_s for s in silent)
        ):
            joined[-1] = Span(before.start_s, part.end_s)
        else:
            joined.append(part)
    return [part for span in joined for part in _short_enough(span, read, settings.longest_s)]


def recognised(
    spans: Sequence[Span],
    language: str | None,
    recognizer: Recognizer,
    read: Read,
    settings: RecognitionSettings,
) -> Iterator[dict[str, Any]]:
    """Rows of RECOGNITION, without `episode_id` and `row_key`, one per span, in order."""
    known = recognizer.supports(language)
    facts: Mapping[str, Any] = {
        "language": language,
        "draft": recognizer.draft,
        "backend": recognizer.backend,
    }
    for first in range(0, len(spans), BATCH):
        batch = spans[first : first + BATCH]
        heard: list[list[HeardWord]] = [[] for _ in batch]
        if known:
            sounds = [read(span.start_s, span.end_s) for span in batch]
            heard = recognizer.words(sounds, language)
        for span, words in zip(batch, heard, strict=True):
            text = written(words, language)
            duration_s = span.end_s - span.start_s
            reasons = [f"the recognizer does not know {language or 'an unknown language'}"]
            if known:
                reasons = reasons_against(words, text, duration_s, settings)
                if recognizer.draft and words and duration_s < settings.shortest_draft_s:
                    reasons.append(f"too short for a draft: {duration_s:.2f} s")
            yield {
                "start_s": span.start_s,
                "end_s": span.end_s,
                "text": text,
                "pieces": list(_pieces(words, span.start_s, language, settings.joined_pause_s)),
                "score": sum(word.score for word in words) / len(words) if words else None,
                "kept": not reasons,
                "reasons": reasons,
                **facts,
            }


def written(words: Sequence[HeardWord], language: str | None) -> str:
    """The words as one text."""
    spaced = not any(same_language(language, other) for other in _NO_BLANKS)
    return (" " if spaced else "").join(word.word.strip() for word in words)


def _pieces(
    words: Sequence[HeardWord], start_s: float, language: str | None, pause_s: float
) -> Iterator[dict[str, Any]]:
    """The words cut where a sentence ends, and at pauses; times are the episode's."""
    said: list[HeardWord] = []
    for word, after in zip_longest(words, words[1:]):
        said.append(word)
        if after and after.start_s - word.end_s < pause_s and not _ends(word.word, language):
            continue
        yield {
            "start_s": start_s + said[0].start_s,
            "end_s": start_s + word.end_s,
            "text": written(said, language),
        }
        said = []


def _ends(word: str, language: str | None) -> bool:
    bare = word.strip().rstrip(_CLOSING)
    return bare.endswith(_SENTENCE_ENDS) and not is_abbreviation(bare, language)


def quietest(samples: Samples) -> int:
    """The sample in the middle of the quietest frame."""
    frame = round(FRAME_S * RATE)
    whole = len(samples) // frame * frame
    energy = np.square(samples[:whole].reshape(-1, frame), dtype=np.float64).sum(1)
    return int(energy.argmin()) * frame + frame // 2


def _spans(table: pl.DataFrame) -> list[Span]:
    return [Span(*times) for times in table.select("start_s", "end_s").iter_rows()]


def _short_enough(span: Span, read: Read, longest_s: float) -> Iterator[Span]:
    while span.end_s - span.start_s > longest_s:
        first = span.start_s + longest_s * 2 / 3
        cut = first + quietest(read(first, span.start_s + longest_s)) / RATE
        yield Span(span.start_s, cut)
        span = Span(cut, span.end_s)
    yield span


def _united(spans: Iterable[Span]) -> list[Span]:
    """The same times as spans that neither touch nor overlap, in order."""
    united: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start_s):
        if united and span.start_s <= united[-1].end_s:
            united[-1] = Span(united[-1].start_s, max(united[-1].end_s, span.end_s))
        else:
            united.append(span)
    return united


def _without(span: Span, holes: Sequence[Span]) -> list[Span]:
    """What is left of a span outside of `holes`, which are in order."""
    edges = [span.start_s]
    for hole in holes:
        if hole.start_s < span.end_s and span.start_s < hole.end_s:
            edges += [hole.start_s, hole.end_s]
    edges.append(span.end_s)
    return [Span(start, end) for start, end in list(pairwise(edges))[::2] if start < end]
