from collections import Counter
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_assets.captions.annotate import (
    AnnotateSettings,
    annotate,
    clip_facts,
    motion_words,
    spoken_lines,
)
from media_assets.ingest.schema import SUBTITLES
from media_assets.speech.schema import LINES

SETTINGS = AnnotateSettings()
MS = st.integers(0, 20_000)


def clips(*spans: tuple[float, float]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The columns of `clips` and `clip_quality` that annotation reads; all clips kept."""
    ids = [f"e-{round(start * 1000):08d}" for start, _ in spans]
    frame = pl.DataFrame(
        [("e", i, float(a), float(b)) for i, (a, b) in zip(ids, spans, strict=True)],
        schema={"episode_id": str, "clip_id": str, "start_s": float, "end_s": float},
        orient="row",
    )
    return frame, frame.select("clip_id", motion=pl.lit(2.0), kept=pl.lit(True))


def subtitles(*lines: tuple[float, float, str, str | None]) -> pl.DataFrame:
    return SUBTITLES.frame(
        {
            "episode_id": "e",
            "subtitle_id": f"{index:08d}",
            "start_s": float(start),
            "end_s": float(end),
            "text": text,
            "speaker": speaker,
            "spoken": not text.startswith("["),
            "source": "e.srt",
        }
        for index, (start, end, text, speaker) in enumerate(lines)
    )


def annotations(spans, lines, speakers=()):  # type: ignore[no-untyped-def]
    spoken = spoken_lines(LINES.empty(), subtitles(*lines), dict(speakers), SETTINGS)
    return annotate(clip_facts(*clips(*spans), spoken, SETTINGS), SETTINGS).to_dicts()


def spoken(row: dict) -> list[str]:  # type: ignore[type-arg]
    return [line["line"] for line in row["lines"]]


def test_a_line_belongs_to_the_clip_that_holds_most_of_it():
    first, second = annotations([(0, 2), (2, 4)], [(1.5, 3.5, "Look!", None)])
    assert spoken(first) == []
    assert spoken(second) == ["Look!"]


def test_a_clip_that_cuts_off_its_line_says_so():
    (row,) = annotations([(0, 2)], [(0, 3, "Look out!", None), (-0.1, 0.9, "Hey.", None)])
    assert "The clip cuts off part of 1 line" in row["notes"]
    assert len(row["lines"]) == 2


def test_a_line_cut_in_half_belongs_to_the_earlier_clip_alone():
    first, second = annotations([(0, 2), (2, 4)], [(1, 3, "Look!", None)])
    assert (spoken(first), spoken(second)) == (["Look!"], [])


def test_a_line_of_which_every_clip_holds_less_than_half_is_quoted_nowhere_but_noted():
    rows = annotations([(0, 1), (1, 2), (2, 3)], [(0, 3, "A long line", None)])
    assert [spoken(row) for row in rows] == [[], [], []]
    assert all(row["notes"] == ["Part of 1 line is heard, not transcribed"] for row in rows)


@settings(deadline=None)
@given(
    st.lists(st.tuples(MS, st.integers(1, 6000)), max_size=12),
    st.lists(st.integers(300, 5000), min_size=1, max_size=8),
)
def test_every_line_is_in_at_most_one_clip_which_holds_half_of_it(lines, lengths):
    edges = [0]
    for length in lengths:
        edges.append(edges[-1] + length)
    spans = [(a / 1000, b / 1000) for a, b in pairwise(edges)]
    events = [(a / 1000, (a + n) / 1000, f"{i}", None) for i, (a, n) in enumerate(sorted(lines))]
    rows = annotations(spans, events)
    times = Counter(line for row in rows for line in spoken(row))
    assert all(count == 1 for count in times.values())
    for (start, end), row in zip(spans, rows, strict=True):
        assert spoken(row) == sorted(spoken(row), key=int)
        for line in spoken(row):
            a, b, *_ = events[int(line)]
            assert min(b, end) - max(a, start) >= 0.5 * (b - a) - 1e-9


def test_sounds_and_signs_are_not_lines():
    (row,) = annotations([(0, 4)], [(0, 4, "[door]", None)])
    assert (row["lines"], row["scene_type"], row["notes"]) == ([], None, [])


def test_lines_over_half_the_clip_make_a_dialogue_and_overlapping_lines_count_once():
    short = [(0.0, 1.2, "One.", None), (0.2, 1.4, "Two.", None)]
    assert annotations([(0, 4)], short)[0]["scene_type"] is None
    long = [*short, (2.0, 3.5, "Three.", None)]
    assert annotations([(0, 4)], long)[0]["scene_type"] == "dialogue"


def test_who_speaks_is_not_thereby_seen():
    (row,) = annotations([(0, 2)], [(0, 2, "Look!", "MINA")], {"mina": "Mina"})
    assert row["lines"] == [{"speaker": "Mina", "label": None, "line": "Look!"}]
    assert row["characters"] == []
    assert row["outfits"] == []


def test_a_speaker_nobody_knows_is_noted_and_left_out():
    (row,) = annotations([(0, 2)], [(0, 2, "Halt!\nWho is there?", "GUARD")])
    assert row["lines"] == [{"speaker": None, "label": None, "line": "Halt! Who is there?"}]
    assert row["notes"] == ["Speaker unknown for 1 line"]


def line(start: float, end: float, text: str, **known: str | None) -> dict[str, object]:
    """A row of `lines` of subtitle 00000000, unless said otherwise."""
    return {
        "episode_id": "e",
        "line_id": f"{round(start * 1000):08d}",
        "segment_id": "00000000",
        "start_s": float(start),
        "end_s": float(end),
        "text": text,
        "overlap": False,
        "source": "subtitles",
        "status": "aligned",
    } | known


def of_lines(spans, rows, lines=(), settings=SETTINGS):  # type: ignore[no-untyped-def]
    spoken = spoken_lines(LINES.frame(rows), subtitles(*lines), {"mina": "Mina"}, settings)
    return annotate(clip_facts(*clips(*spans), spoken, settings), settings).to_dicts()


def test_a_placed_line_stands_for_its_subtitle_with_its_own_time_and_voices():
    said = (0, 4, "Look! Where?", "MINA")
    first = line(0.5, 1.5, "Look!", character="Mina", speaker="SPEAKER_00")
    second = line(2.5, 3.5, "Where?", speaker="SPEAKER_01")
    rows = of_lines([(0, 2), (2, 4)], [first, second], [said])
    assert [row["lines"] for row in rows] == [
        [{"speaker": "Mina", "label": "SPEAKER_00", "line": "Look!"}],
        [{"speaker": None, "label": "SPEAKER_01", "line": "Where?"}],
    ]
    assert [row["notes"] for row in rows] == [[], ["Speaker not named for 1 line"]]


def test_a_subtitle_that_nothing_placed_counts_as_it_stands():
    said = [(0, 1, "Look!", "MINA"), (1, 2, "Where?", "MINA")]
    (row,) = of_lines([(0, 2)], [line(0, 1, "Look!", speaker="SPEAKER_00")], said)
    assert row["lines"] == [
        {"speaker": None, "label": "SPEAKER_00", "line": "Look!"},
        {"speaker": "Mina", "label": None, "line": "Where?"},
    ]


def test_drafts_of_a_recogniser_count_only_where_wanted():
    draft = line(0, 2, "look far", segment_id="r00000000", source="draft")
    (row,) = of_lines([(0, 2)], [draft])
    assert (row["lines"], row["notes"], row["scene_type"]) == ([], [], None)
    (row,) = of_lines([(0, 2)], [draft], settings=AnnotateSettings(drafts=True))
    assert spoken(row) == ["look far"]
    assert "Recognised without a text: 1 line" in row["notes"]


def test_only_kept_clips_are_annotated_and_an_episode_without_subtitles_too():
    frame, quality = clips((0, 2), (2, 4))
    quality = quality.with_columns(kept=pl.Series([True, False]))
    spoken = spoken_lines(LINES.empty(), SUBTITLES.empty(), {}, SETTINGS)
    facts = clip_facts(frame, quality, spoken, SETTINGS)
    assert annotate(facts, SETTINGS)["clip_id"].to_list() == ["e-00000000"]
    assert annotate(facts.clear(), SETTINGS).is_empty()


@pytest.mark.parametrize(
    ("frames", "words"), [((1170, 1215), "static frame"), ((700, 765), "strong motion")]
)
def test_credits_stand_still_and_flight_moves_in_a_real_film(
    media_dir: Path, frames: tuple[int, int], words: str
):
    import av
    import numpy as np

    film = media_dir / "animation" / "sintel_trailer_720p_vp8_opus.webm"
    pictures = []
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        container.seek(round(frames[0] / 24 / stream.time_base), stream=stream)
        for frame in container.decode(stream):
            index = round(frame.time * 24)
            if index >= frames[1]:
                break
            if index >= frames[0]:
                small = frame.reformat(64, 36, format="gray").to_ndarray()
                pictures.append(small.astype(np.float32))
    assert len(pictures) == frames[1] - frames[0]
    motion = float(np.abs(np.diff(np.stack(pictures), axis=0)).mean())
    assert motion_words(motion, SETTINGS) == words
