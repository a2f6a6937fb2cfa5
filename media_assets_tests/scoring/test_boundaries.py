"""The transitions that a table of shots implies."""

import polars as pl
import pytest

from media_assets.scoring.boundaries import transitions_of
from media_assets.shots.kinds import Transition
from media_assets.shots.schema import SHOTS
from media_assets.shots.transitions import shots_from_transitions

Shot = tuple[int, int, str, str]


def shots(*rows: Shot) -> pl.DataFrame:
    names = ["start_frame", "end_frame", "transition_in", "transition_out"]
    schema = {name: SHOTS.dtypes[name] for name in names}
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(confidence=pl.lit(0.5))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([(0, 100, "start", "end")], []),
        ([(0, 60, "start", "cut"), (60, 100, "cut", "end")], [(60, 60, "cut")]),
        ([(0, 40, "start", "dissolve"), (52, 100, "dissolve", "end")], [(40, 52, "dissolve")]),
        ([(9, 90, "fade_in", "fade_out")], [(0, 9, "fade_in"), (90, 100, "fade_out")]),
        ([(0, 40, "start", "fade_out"), (60, 100, "fade_in", "end")], [(40, 60, "fade")]),
        # Two cuts around frames too few to be a shot.
        ([(0, 40, "start", "cut"), (42, 100, "cut", "end")], [(40, 40, "cut"), (42, 42, "cut")]),
        (
            [(0, 40, "start", "cut"), (52, 100, "dissolve", "end")],
            [(40, 40, "cut"), (40, 52, "dissolve")],
        ),
        ([], []),
    ],
)
def test_gaps_between_shots_are_transitions(
    rows: list[Shot], expected: list[tuple[int, int, str]]
) -> None:
    found = transitions_of(shots(*rows), 100)
    assert [(t.start_frame, t.end_frame, t.kind) for t in found] == expected


def test_what_was_detected_comes_back_from_the_shots() -> None:
    detected = [
        Transition(0, 12, "fade_in", 0.9),
        Transition(50, 50, "cut", 0.8),
        Transition(100, 120, "dissolve", 0.7),
        Transition(180, 196, "fade", 0.6),
        Transition(290, 300, "fade_out", 0.5),
    ]
    spans = shots_from_transitions(detected, 300)
    rows = [
        (s.start_frame, s.end_frame, s.transition_in or "start", s.transition_out or "end")
        for s in spans
    ]
    found = transitions_of(shots(*rows), 300)
    assert [(t.start_frame, t.end_frame, t.kind) for t in found] == [
        (t.start_frame, t.end_frame, t.kind) for t in detected
    ]
