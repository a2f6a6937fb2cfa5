"""A picture of who speaks when."""

from __future__ import annotations

import polars as pl

from media_assets.speech.pictures import WIDTH_IN, as_markdown, speaker_colours
from media_assets.speech.turns.diarize import overlap_rows

SPEECH_COLOUR, OVERLAP_COLOUR = "#BBBBBB", "#000000"


def speaker_timeline(turns: pl.DataFrame, activity: pl.DataFrame) -> str:
    """A row per speaker with the turns of the standard set, below them the speech, as Markdown.

    Where turns overlap, the row of speech is black.
    """
    from matplotlib.figure import Figure

    standard = turns.filter(~pl.col("exclusive"))
    colours = speaker_colours(standard["speaker"])
    figure = Figure((WIDTH_IN, 0.22 * (len(colours) + 1) + 0.5), layout="constrained")
    axis = figure.subplots()
    for row, (speaker, colour) in enumerate(colours.items()):
        axis.broken_barh(_bars(standard.filter(speaker=speaker)), (row, 0.85), color=colour)
    axis.broken_barh(_bars(activity), (len(colours), 0.85), color=SPEECH_COLOUR)
    overlaps = [(row["start_s"], row["end_s"] - row["start_s"]) for row in overlap_rows(turns)]
    axis.broken_barh(overlaps, (len(colours), 0.85), color=OVERLAP_COLOUR)
    axis.set_yticks([row + 0.42 for row in range(len(colours) + 1)], [*colours, "speech"])
    axis.set_ylim(len(colours) + 1, 0)
    axis.set_xlim(0, max([1.0, *standard["end_s"], *activity["end_s"]]))
    axis.set_xlabel("s", fontsize=8)
    axis.tick_params(labelsize=7)
    return as_markdown(figure, "speakers")


def _bars(spans: pl.DataFrame) -> list[tuple[float, float]]:
    return [(start, end - start) for start, end in spans.select("start_s", "end_s").iter_rows()]
