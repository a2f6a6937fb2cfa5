"""Turns as rows: labels, ids, overlaps, voice prints, hints, the picture."""

import base64
from collections.abc import Sequence
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_assets.knowledge.schema import SPEAKER_HINTS
from media_assets.speech.schema import DIARIZATION, VOICE_ACTIVITY
from media_assets.speech.turns.diarize import (
    DiarizationSettings,
    diarize,
    overlap_rows,
    print_rows,
    prints_path,
    turn_rows,
    write_prints,
)
from media_assets.speech.turns.timeline import speaker_timeline
from resources.models.interfaces import Span, SpeakerHints, Turn, Turns


class Told:
    """A diarizer that says what it was told to say."""

    backend = "told"

    def __init__(self, turns: Turns):
        self.answer = turns

    def turns(self, audio: Path, activity: Sequence[Span], hints: SpeakerHints) -> Turns:
        return self.answer


def activity(*spans: tuple[float, float]) -> pl.DataFrame:
    return pl.DataFrame(spans, {"start_s": pl.Float64, "end_s": pl.Float64}, orient="row")


def rows_of(turns: Turns) -> pl.DataFrame:
    made = diarize(Path("x.wav"), activity((0, 9)), Told(turns), SpeakerHints())
    return DIARIZATION.frame(row | {"episode_id": "e"} for row in turn_rows(made, "told"))


def test_labels_go_by_first_appearance() -> None:
    turns = [Turn(2, 3, "b"), Turn(0.5, 1, "z"), Turn(4, 5, "a")]
    table = rows_of(Turns(turns, turns))
    assert table.filter("exclusive")["speaker"].to_list() == [f"SPEAKER_0{n}" for n in range(3)]
    assert table["turn_id"][0] == "t00000500-SPEAKER_00"
    assert table["turn_id"][3] == "x00000500-SPEAKER_00"


turn_lists = st.lists(
    st.builds(
        lambda start, length, who: Turn(start / 10, (start + length) / 10, who),
        st.integers(0, 50),
        st.integers(0, 30),
        st.sampled_from("abc"),
    ),
    min_size=1,
    max_size=12,
)


@settings(deadline=None)
@given(turn_lists)
def test_nobody_speaks_twice_at_a_time_and_ids_are_unique(turns: list[Turn]) -> None:
    table = DIARIZATION.validate(rows_of(Turns(turns, ())))
    for _, own in table.group_by("speaker"):
        spans = own.sort("start_s").select("start_s", "end_s").rows()
        assert all(a[1] < b[0] for a, b in pairwise(spans))


@settings(deadline=None)
@given(turn_lists)
def test_overlaps_are_where_two_speak(turns: list[Turn]) -> None:
    table = rows_of(Turns(turns, ()))
    found = list(overlap_rows(table))
    for tenth in range(81):
        now = tenth / 10 + 0.05
        speaking = sorted(
            speaker
            for start, end, speaker in table.select("start_s", "end_s", "speaker").iter_rows()
            if start < now < end
        )
        inside = [row["speakers"] for row in found if row["start_s"] < now < row["end_s"]]
        assert inside == ([speaking] if len(speaking) > 1 else [])
    assert all(len(row["speakers"]) > 1 for row in found)
    assert all(a["end_s"] <= b["start_s"] for a, b in combinations(found, 2))


def test_voice_prints_are_kept_beside_the_turns(tmp_path: Path) -> None:
    prints = {"b": np.array([0.6, 0.8], np.float32), "nobody": np.array([1, 0], np.float32)}
    turns = Turns([Turn(0, 2, "b"), Turn(2, 3, "c")], [Turn(0, 1.5, "b")], prints, untrained=True)
    named = diarize(Path("x.wav"), activity((0, 9)), Told(turns), SpeakerHints())
    table = DIARIZATION.frame(row | {"episode_id": "e"} for row in turn_rows(named, "told"))
    path = prints_path(tmp_path, table)
    write_prints(path, named)
    (row,) = print_rows(path, table)
    assert row["speaker"] == "SPEAKER_00"
    assert row["speech_s"] == pytest.approx(1.5)
    assert row["embedding"] == pytest.approx([0.6, 0.8])
    assert (row["dimensions"], row["untrained"], row["backend"]) == (2, True, "told")
    data = path.read_bytes()
    write_prints(path, named)
    assert path.read_bytes() == data


def test_the_show_knows_better_than_the_settings() -> None:
    configured = DiarizationSettings(at_most=9)
    assert configured.hints(SPEAKER_HINTS.empty()) == SpeakerHints(at_most=9)
    row = {"episode_id": "e", "exactly": 2, "at_least": None, "at_most": None}
    assert configured.hints(SPEAKER_HINTS.frame([row])) == SpeakerHints(exactly=2)


@pytest.mark.parametrize(
    "wrong", [{"exactly": 0}, {"exactly": 2, "at_most": 3}, {"at_least": 4, "at_most": 3}]
)
def test_hints_that_make_no_sense_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"exactly|at_least|count of speakers"):
        DiarizationSettings(**wrong)


def test_the_picture_is_small_even_for_a_long_film() -> None:
    draw = np.random.default_rng(0)
    starts = np.arange(3000) * 2.4
    turns = [Turn(s, s + 2, f"{draw.integers(25)}") for s in starts]
    table = rows_of(Turns(turns, turns))
    spoken = VOICE_ACTIVITY.frame(
        {"episode_id": "e", "start_s": s, "end_s": s + 2, "probability": 1.0, "backend": "b"}
        for s in starts
    )
    picture = speaker_timeline(table, spoken)
    assert len(picture) < 50_000
    data = base64.b64decode(picture.removesuffix(")").split("base64,")[1])
    assert data.startswith(b"\x89PNG")
