"""How shot transitions and clips are scored."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assets.scoring.shots import (
    Counts,
    contaminated,
    parse_truth,
    read_truth,
    score_cuts,
    score_gradual,
)
from media_assets.shots.kinds import Transition

LABELS = {
    "fps": 24,
    "frames": 1440,
    "hard_cuts": [100, 200, 300],
    "gradual": [
        {"start": 400, "end": 420, "type": "dissolve"},
        {"start": 500, "end": 515, "type": "fade out"},
        {"start": 516, "end": 530, "type": "fade in"},
        {"start": 600, "end": 640, "type": "through white fog to a new shot"},
    ],
    "ambiguous": [
        {"frame": 250, "why": "jump in the print"},
        {"range": [700, 720], "why": "smoke"},
    ],
}
TRUTH = parse_truth(LABELS)


def cuts(*frames: int) -> list[Transition]:
    return [Transition(frame, frame, "cut", 1.0) for frame in frames]


frame_sets = st.lists(st.integers(0, 1439), unique=True, max_size=30)


def test_tolerance() -> None:
    found = cuts(100, 201, 305)
    assert score_cuts(found, TRUTH, 0) == Counts(1, 2, 2)
    assert score_cuts(found, TRUTH, 1) == Counts(2, 1, 1)


def test_ambiguous_is_neither_hit_nor_miss() -> None:
    assert score_cuts(cuts(100, 200, 300, 250, 710), TRUTH) == Counts(3, 0, 0)
    assert score_gradual([Transition(702, 718, "dissolve", 1.0)], TRUTH).counts.false == 0


def test_two_found_cuts_do_not_share_a_label() -> None:
    assert score_cuts(cuts(99, 101), TRUTH, 1) == Counts(1, 1, 2)


def test_fade_out_and_in_match_one_fade_and_the_other_way_round() -> None:
    for found in (
        [Transition(500, 530, "fade", 1.0)],
        [Transition(500, 515, "fade_out", 1.0), Transition(517, 530, "fade_in", 1.0)],
    ):
        score = score_gradual(found, TRUTH)
        assert score.counts == Counts(1, 0, 2)
        assert score.by_kind["fade"] == Counts(1, 0, 0)


def test_extent_and_kind_of_gradual_transitions() -> None:
    score = score_gradual(
        [
            Transition(402, 424, "wipe", 1.0),
            Transition(600, 610, "dissolve", 1.0),
            Transition(900, 920, "dissolve", 1.0),
        ],
        TRUTH,
    )
    assert score.counts == Counts(1, 2, 2)
    assert score.by_kind["dissolve"] == Counts(0, 2, 1)
    assert score.alien == 1
    assert score.false_per_minute == 1.0


def test_clip_that_spans_a_cut_or_reaches_into_a_transition_is_contaminated() -> None:
    good = [(0, 100), (100, 200), (300, 400), (420, 500), (640, 1440)]
    bad = [(99, 101), (390, 401), (419, 430), (150, 250)]
    assert contaminated(good + bad, TRUTH) == bad


@given(frame_sets, frame_sets, st.integers(0, 3))
def test_counts_add_up(labels: list[int], frames: list[int], tolerance: int) -> None:
    truth = parse_truth({"frames": 1440, "hard_cuts": labels})
    score = score_cuts(cuts(*frames), truth, tolerance)
    assert score.hits + score.missed == len(labels)
    assert score.hits + score.false == len(frames)
    assert 0 <= score.f1 <= 1


@given(frame_sets)
def test_truth_scores_itself_perfectly(labels: list[int]) -> None:
    truth = parse_truth({"frames": 1440, "hard_cuts": labels})
    assert score_cuts(cuts(*labels), truth) == Counts(len(labels), 0, 0)


@given(frame_sets, frame_sets)
def test_more_tolerance_never_hits_less(labels: list[int], frames: list[int]) -> None:
    truth = parse_truth({"frames": 1440, "hard_cuts": labels})
    hits = [score_cuts(cuts(*frames), truth, k).hits for k in range(3)]
    assert hits == sorted(hits)


def test_counts_pool() -> None:
    pooled = Counts(3, 1, 0) + Counts(1, 0, 3)
    assert (pooled.precision, pooled.recall) == (0.8, 4 / 7)
    assert Counts().f1 == 1


def test_truth_files_are_read(tmp_path: Path) -> None:
    path = tmp_path / "cuts.json"
    path.write_text(json.dumps(LABELS), encoding="utf-8")
    assert read_truth(path) == TRUTH
    with pytest.raises(KeyError):
        parse_truth({"frames": 10})
