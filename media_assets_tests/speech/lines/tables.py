"""Tables of the speech room made by hand, with the columns that lines are made from."""

from collections.abc import Iterable

import polars as pl

from media_assets.speech.schema import SEGMENTS, WORDS

TURN = {"start_s": pl.Float64, "end_s": pl.Float64, "speaker": pl.String, "exclusive": pl.Boolean}
SPAN = {"start_s": pl.Float64, "end_s": pl.Float64}


def turns(*rows: tuple[float, float, str], exclusive: Iterable[tuple[float, float, str]] = ()):
    """Both sets of turns; the exclusive one is the same unless given."""
    sets = [(*row, False) for row in rows] + [(*row, True) for row in exclusive or rows]
    return pl.DataFrame(sets, schema=TURN, orient="row")


def segments(*rows: tuple[float, float, str], **known: str | None) -> pl.DataFrame:
    """Aligned segments s0, s1 ... with their texts."""
    return SEGMENTS.frame(
        {
            "episode_id": "e",
            "segment_id": f"s{number}",
            "start_s": start,
            "end_s": end,
            "text": text,
            "source": "subtitles",
            "status": "aligned",
            "backend": "hand",
        }
        | known
        for number, (start, end, text) in enumerate(rows)
    )


def words(*rows: tuple[str, float, float], segment: str = "s0", method: str = "aligned"):
    """The words of one segment."""
    return WORDS.frame(
        {
            "episode_id": "e",
            "word_id": f"{segment}.{number:03d}",
            "segment_id": segment,
            "word_index": number,
            "word": word,
            "start_s": float(start),
            "end_s": float(end),
            "score": 0.5 + number / 100,
            "method": method,
        }
        for number, (word, start, end) in enumerate(rows)
    )


def clips(*rows: tuple[float, float]) -> pl.DataFrame:
    spans = pl.DataFrame(rows, schema=SPAN, orient="row")
    return spans.with_columns(clip_id=pl.format("c{}", pl.int_range(pl.len())))
