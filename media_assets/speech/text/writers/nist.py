"""RTTM and CTM, the formats of NIST's evaluations: one entry a line, fields between blanks.

A field cannot hold a blank, and an empty one would be none: blanks of any kind within a name or a
word become `_`, nothing becomes `<NA>`. Times are written to the millisecond, so that a start and
a duration add up to the end.
"""

import polars as pl

NOTHING = "<NA>"


def rttm(episode: str, turns: pl.DataFrame) -> str:
    """Turns (rows of DIARIZATION, of one set), which may overlap.

    Source: Rich Transcription Time Marked, NIST RT-09 evaluation plan, appendix A.
    """
    return "".join(
        f"SPEAKER {field(episode)} 1 {_span(turn)} {NOTHING} {NOTHING} {field(turn['speaker'])} "
        f"{NOTHING} {NOTHING}\n"
        for turn in turns.sort("start_s", "end_s", "speaker").iter_rows(named=True)
    )


def ctm(episode: str, words: pl.DataFrame) -> str:
    """The words (WORDS) in order of time, with their scores as confidence where they have one.

    Source: time marked conversation scoring, NIST SCTK, sclite's infmts: `file channel start
    duration word [confidence]`.
    """
    rows = words.sort("start_s", "end_s", "word_id").iter_rows(named=True)
    return "".join(
        f"{field(episode)} 1 {_span(word)} {field(word['word'])}"
        + ("" if word["score"] is None else f" {word['score']:.2f}")
        + "\n"
        for word in rows
    )


def field(value: str) -> str:
    """A name or a word as one field.

    >>> field("Dr. No"), field("")
    ('Dr._No', '<NA>')
    """
    return "_".join(value.split()) or NOTHING


def _span(row: dict[str, float]) -> str:
    start_ms = round(row["start_s"] * 1000)
    end_ms = max(round(row["end_s"] * 1000), start_ms + 1)
    return f"{start_ms / 1000:.3f} {(end_ms - start_ms) / 1000:.3f}"
