"""SubRip and WebVTT: one cue per line of dialogue, in order of time.

A cue ends at the first empty line, so its text has none. `-->` stands in a text as an arrow, for
readers take a line that holds one for times.
"""

import html
from collections.abc import Iterator
from typing import Any

import polars as pl


def srt(lines: pl.DataFrame) -> str:
    """SubRip of LINES: text alone, for the format knows no speakers."""
    return "\n".join(
        f"{number}\n{_clock(start, ',')} --> {_clock(end, ',')}\n{text}\n"
        for number, (start, end, text, _) in enumerate(_cues(lines), start=1)
    )


def vtt(lines: pl.DataFrame) -> str:
    """WebVTT of LINES: the character, else the speaker, as voice (W3C WebVTT, section 4.2.2)."""
    cues = (
        f"\n{number}\n{_clock(start, '.')} --> {_clock(end, '.')}\n"
        f"{_voice(name)}{html.escape(text, quote=False)}\n"
        for number, (start, end, text, name) in enumerate(_cues(lines), start=1)
    )
    return "WEBVTT\n" + "".join(cues)


def _cues(lines: pl.DataFrame) -> Iterator[tuple[int, int, str, str | None]]:
    """Start and end in ms, text without empty lines, and name of each line."""
    for line in lines.sort("start_s", "end_s", "line_id").iter_rows(named=True):
        start_ms = round(line["start_s"] * 1000)
        end_ms = max(round(line["end_s"] * 1000), start_ms + 1)
        text = "\n".join(" ".join(row.split()) for row in line["text"].splitlines() if row.strip())
        yield start_ms, end_ms, text.replace("-->", "\u2192"), named(line)


def named(line: dict[str, Any]) -> str | None:
    """Who speaks a line, as far as is known."""
    name: str | None = line["character"] or line["speaker"]
    return name


def _voice(name: str | None) -> str:
    # A name ends at `>`, and no character reference can stand for it there in all readers.
    plain = " ".join((name or "").replace(">", " ").replace("<", " ").split())
    return f"<v {html.escape(plain, quote=False)}>" if plain else ""


def _clock(time_ms: int, point: str) -> str:
    seconds, ms = divmod(time_ms, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02d}:{minute:02d}:{second:02d}{point}{ms:03d}"
