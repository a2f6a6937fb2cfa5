"""Praat TextGrid: tiers of words, of phones, and one for each speaker.

The intervals of a tier fill the whole time and cannot overlap: pauses are empty intervals, and
what overlaps what is there already goes to a further tier, named `2 - words` and so on, as the
Montreal Forced Aligner names the tiers of speakers.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from media_assets.speech.text.writers.subtitles import named

Interval = tuple[int, int, str]  # start and end in microseconds, label

NOBODY = "no speaker"


def textgrid(
    words: pl.DataFrame, phones: pl.DataFrame, lines: pl.DataFrame, duration_s: float
) -> str:
    """WORDS, PHONES and LINES in Praat's long text format (Praat manual, "TextGrid file formats").

    duration_s: of the episode; the grid lasts at least as long as what is in it.
    """
    spoken: dict[str, list[dict[str, Any]]] = {}
    for line in lines.sort("start_s").iter_rows(named=True):
        spoken.setdefault(named(line) or NOBODY, []).append(line)
    tiers = [
        *_tiers("words", _intervals(words.iter_rows(named=True), "word")),
        *_tiers("phones", _intervals(phones.iter_rows(named=True), "phone")),
    ]
    for name in sorted(spoken):
        tiers += _tiers(name, _intervals(spoken[name], "text"))
    ends = [end for _, intervals in tiers for _, end, _ in intervals]
    end = max([round(duration_s * 1e6), *ends])
    head = (
        'File type = "ooTextFile"\nObject class = "TextGrid"\n\n'
        f"xmin = 0\nxmax = {_seconds(end)}\ntiers? <exists>\nsize = {len(tiers)}\nitem []:\n"
    )
    return head + "".join(
        _tier(number, name, intervals, end)
        for number, (name, intervals) in enumerate(tiers, start=1)
    )


def _intervals(rows: Iterable[dict[str, Any]], label: str) -> list[Interval]:
    """In order of time; what lasts no microsecond can not be drawn."""
    found = (
        (round(row["start_s"] * 1e6), round(row["end_s"] * 1e6), " ".join(row[label].split()))
        for row in rows
    )
    return sorted(one for one in found if one[0] < one[1] and one[2])


def _tiers(name: str, intervals: Sequence[Interval]) -> list[tuple[str, list[Interval]]]:
    """As many tiers as voices at once, at least one."""
    tiers: list[list[Interval]] = [[]]
    for interval in intervals:
        free = next((tier for tier in tiers if not tier or tier[-1][1] <= interval[0]), None)
        if free is None:
            tiers.append([interval])
        else:
            free.append(interval)
    names = [name, *(f"{number} - {name}" for number in range(2, len(tiers) + 1))]
    return list(zip(names, tiers, strict=True))


def _tier(number: int, name: str, intervals: Sequence[Interval], end: int) -> str:
    filled: list[Interval] = []
    at = 0
    for interval in [*intervals, (end, end, "")]:
        if at < interval[0]:
            filled.append((at, interval[0], ""))
        if interval[0] < interval[1]:
            filled.append(interval)
        at = interval[1]
    head = (
        f'    item [{number}]:\n        class = "IntervalTier"\n        name = {_quoted(name)}\n'
        f"        xmin = 0\n        xmax = {_seconds(end)}\n"
        f"        intervals: size = {len(filled)}\n"
    )
    return head + "".join(
        f"        intervals [{index}]:\n            xmin = {_seconds(start)}\n"
        f"            xmax = {_seconds(stop)}\n            text = {_quoted(label)}\n"
        for index, (start, stop, label) in enumerate(filled, start=1)
    )


def _quoted(text: str) -> str:
    return '"' + " ".join(text.split()).replace('"', '""') + '"'


def _seconds(microseconds: int) -> str:
    return f"{microseconds // 1_000_000}.{microseconds % 1_000_000:06d}"
