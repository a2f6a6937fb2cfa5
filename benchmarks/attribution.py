"""Attribution with true turns: who is given which word, segment and clip, and how fast.

The turns are those of an RTTM, as if a diarization had found them. Segments are those of the
truth's text, words are spread evenly over them, clips are windows of 5 s. Of the telephone call
the true speakers are those of its STM, which is another annotation; elsewhere they are the turns.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks import given_media
from media_assets.scoring.attribution import LEVELS, pool_attribution, score_attribution
from media_assets.scoring.truth import read_rttm, read_srt, read_stm
from media_assets.speech.lines.attribute import AttributionSettings, attribute

CLIP_S = 5.0
FILES = (
    ("speech/phone/sample.rttm", "speech/phone/sample.stm"),
    ("composite/dev/dev_episode_a.rttm", "composite/dev/dev_episode_a.srt"),
    ("composite/dev/dev_lecture.rttm", "composite/dev/dev_lecture.srt"),
)
HOURS, TURNS, SPEAKERS, SEGMENTS = 2, 2_000, 30, 2_000
TEXT = "Ten words of a long film that nobody ever made."


@dataclass(frozen=True)
class Attributed:
    """name: the file of turns; score: as `score_attribution` gives it; overlaps: by level."""

    name: str
    score: dict[str, Any]
    overlaps: dict[str, int]


def measure(media: Path) -> list[Attributed]:
    """The score of each file, then of all together."""
    results = [_file(media / turns, media / text) for turns, text in FILES]
    overlaps = {level: sum(each.overlaps[level] for each in results) for level in LEVELS}
    return [
        *results, Attributed("all", pool_attribution(each.score for each in results), overlaps)
    ]  # fmt: skip


def seconds_for_a_long_episode() -> float:
    """What the rules take for two hours: 20,000 words, 2,000 turns of 30 speakers."""
    step = HOURS * 3600 / TURNS
    turns = pl.DataFrame(
        {
            "start_s": [number * step for number in range(TURNS)],
            "end_s": [number * step + 0.5 + number % 7 for number in range(TURNS)],
            "speaker": [f"SPEAKER_{number * 7 % SPEAKERS:02d}" for number in range(TURNS)],
        }
    )
    step = HOURS * 3600 / SEGMENTS
    text = pl.DataFrame(
        [(number * step, (number + 0.9) * step, TEXT) for number in range(SEGMENTS)],
        schema=["start_s", "end_s", "text"],
        orient="row",
    )
    tables = _tables(turns, text)
    began = time.perf_counter()
    attribute("long", *tables, AttributionSettings())
    return time.perf_counter() - began


def _file(rttm: Path, text: Path) -> Attributed:
    turns = read_rttm(rttm)
    truth = turns
    if text.suffix == ".stm":
        known = read_stm(text)
        truth, said = known["turns"], known["text"]
    else:
        said = read_srt(text)
    both, segments, words, clips = _tables(turns, said)
    table = attribute(rttm.stem, both, segments, words, clips, AttributionSettings())
    spans = pl.concat(
        frame.select("start_s", "end_s", id=f"{level}_id", level=pl.lit(level))
        for level, frame in zip(LEVELS, (words, segments, clips), strict=True)
    )
    items = table.join(spans, on=["level", "id"])
    overlaps = {level: int(table.filter(level=level)["overlap"].sum()) for level in LEVELS}
    return Attributed(rttm.stem, score_attribution(truth, turns, items), overlaps)


def _alone(turns: pl.DataFrame) -> pl.DataFrame:
    """The turns without the time in which two speak at once."""
    edges = pl.concat([turns["start_s"], turns["end_s"]]).unique().sort()
    pieces = pl.DataFrame({"from_s": edges[:-1], "to_s": edges[1:]})
    return (
        pieces.join_where(
            turns, pl.col("start_s") < pl.col("to_s"), pl.col("end_s") > pl.col("from_s")
        )
        .group_by("from_s", "to_s")
        .agg(pl.col("speaker").unique())
        .filter(pl.col("speaker").list.len() == 1)
        .select(start_s="from_s", end_s="to_s", speaker=pl.col("speaker").list.first())
        .sort("start_s")
    )


def _tables(
    turns: pl.DataFrame, text: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Turns of both sets, segments, words and clips, with the columns that the rules read."""
    both = [turns.with_columns(exclusive=False), _alone(turns).with_columns(exclusive=True)]
    segments = text.with_columns(segment_id=pl.format("s{}", pl.int_range(pl.len())))
    count = pl.col("word").list.len()
    step = (pl.col("end_s") - pl.col("start_s")) / count
    words = (
        segments.with_columns(word=pl.col("text").str.split(" "))
        .with_columns(step=step, word_index=pl.int_ranges(0, count))
        .explode("word", "word_index")
        .select(
            *("segment_id", "word_index", "word"),
            word_id=pl.format("{}.{}", "segment_id", "word_index"),
            start_s=pl.col("start_s") + pl.col("step") * pl.col("word_index"),
            end_s=pl.col("start_s") + pl.col("step") * (pl.col("word_index") + 1),
        )
    )
    last = int(max(turns["end_s"]) // CLIP_S)
    starts = pl.arange(0, last + 1, eager=True) * CLIP_S
    clips = pl.DataFrame({"start_s": starts, "end_s": starts + CLIP_S}).with_columns(
        clip_id=pl.format("c{}", pl.int_range(pl.len()))
    )
    return pl.concat(both), segments, words, clips


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"


def main() -> None:
    """Print the tables."""
    results = measure(given_media(__doc__))
    print("| true turns of | level | items | right | assigned | nobody speaks | overlaps |")
    print("|---|---|---|---|---|---|---|")
    for result in results:
        for level, counts in result.score.items():
            print(
                f"| {result.name} | {level} | {counts['items']} | {_share(counts['accuracy'])} | "
                f"{_share(counts['coverage'])} | {counts['silent']} | {result.overlaps[level]} |"
            )
    print("\n| margin at least | words kept | of them wrong |\n|---|---|---|")
    for point in results[-1].score["word"]["curve"]:
        print(f"| {point['margin']} | {_share(point['coverage'])} | {_share(point['risk'])} |")
    print(
        f"\n{HOURS} hours with {SEGMENTS * len(TEXT.split()):,} words and {TURNS:,} turns of "
        f"{SPEAKERS} speakers: {seconds_for_a_long_episode():.2f} s."
    )


if __name__ == "__main__":
    main()
