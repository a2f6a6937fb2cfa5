"""What is and what is not a transition between shots."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_assets.media.luma import luma_plane
from media_assets.scoring.shots import read_truth, score_cuts
from media_assets.shots.features import FeatureStream
from media_assets.shots.transitions import (
    Transition,
    detect_transitions,
    shots_from_transitions,
)

SIZE = (180, 320)


def picture(seed: int) -> np.ndarray:
    """A smooth random picture with some fine detail, float."""
    draw = np.random.default_rng(seed)
    coarse = np.kron(draw.uniform(20, 230, (6, 8)), np.ones((30, 40)))
    return coarse + draw.normal(0, 25, SIZE).repeat(1, axis=0)


def features(frames: list[np.ndarray]) -> pl.DataFrame:
    stream = FeatureStream()
    for frame in frames:
        stream.push(np.clip(frame, 0, 255).astype(np.uint8))
    return stream.finish()


def found(frames: list[np.ndarray]) -> list[tuple[str, int, int]]:
    return [(t.kind, t.start_frame, t.end_frame) for t in detect_transitions(features(frames))]


def mixed(first: np.ndarray, second: np.ndarray, count: int) -> list[np.ndarray]:
    shares = (np.arange(count) + 1) / (count + 1)
    return [(1 - share) * first + share * second for share in shares]


A, B = picture(1), picture(2)
BLACK, WHITE = np.full(SIZE, 16.0), np.full(SIZE, 240.0)


def test_constant_video_is_one_shot() -> None:
    assert found([A] * 100) == []
    assert found([BLACK] * 100) == []
    shots = shots_from_transitions([], 100)
    assert [(s.start_frame, s.end_frame) for s in shots] == [(0, 100)]


@pytest.mark.parametrize("at", [5, 31, 32, 33, 60])
def test_cut_is_the_first_frame_of_the_new_shot(at: int) -> None:
    assert found([A] * at + [B] * (90 - at)) == [("cut", at, at)]


@pytest.mark.parametrize("count", [6, 12, 24, 48])
def test_dissolve_is_the_gap_between_its_shots(count: int) -> None:
    [(kind, start, end)] = found([A] * 40 + mixed(A, B, count) + [B] * 40)
    assert kind == "dissolve"
    assert abs(start - 40) <= 1
    assert abs(end - 40 - count) <= 1


@pytest.mark.parametrize("shade", [BLACK, WHITE])
def test_fade_through_a_shade(shade: np.ndarray) -> None:
    frames = [A] * 40 + mixed(A, shade, 12) + [shade] * 4 + mixed(shade, B, 12) + [B] * 40
    [(kind, start, end)] = found(frames)
    assert kind == "fade"
    assert abs(start - 40) <= 2
    assert abs(end - 68) <= 2


def test_fade_out_and_fade_in_with_a_long_hold_are_two() -> None:
    frames = [A] * 40 + mixed(A, BLACK, 12) + [BLACK] * 40 + mixed(BLACK, B, 12) + [B] * 40
    assert [kind for kind, _, _ in found(frames)] == ["fade_out", "fade_in"]


def test_cut_from_black_is_a_cut() -> None:
    assert found([BLACK] * 30 + [A] * 30) == [("cut", 30, 30)]


@pytest.mark.parametrize("length", [1, 2, 4, 6])
def test_flash_ends_no_shot(length: int) -> None:
    frames = [A] * 40 + [A * 0.3 + 175] * length + [A] * 40
    transitions = detect_transitions(features(frames))
    assert [(t.kind, t.start_frame, t.end_frame) for t in transitions] == [
        ("flash", 40, 40 + length)
    ]
    assert len(shots_from_transitions(transitions, len(frames))) == 1


@pytest.mark.parametrize("count", [12, 30])
def test_wipe(count: int) -> None:
    edge = np.arange(SIZE[1])[None, :]
    wiped = [np.where(edge < SIZE[1] * (i + 1) / (count + 1), B, A) for i in range(count)]
    [(kind, start, end)] = found([A] * 30 + wiped + [B] * 30)
    assert kind == "wipe"
    assert abs(start - 30) <= 3
    assert abs(end - 30 - count) <= 3


@pytest.mark.parametrize("frames", [3, 10, 40])
def test_change_of_light_on_the_same_picture_is_nothing(frames: int) -> None:
    gains = np.concatenate([np.full(40, 0.5), np.linspace(0.5, 1, frames), np.full(40, 1.0)])
    assert found([16 + gain * (A - 16) for gain in gains]) == []


def test_pan_is_nothing() -> None:
    wide = np.concatenate([picture(seed) for seed in range(4)], axis=1)
    assert found([wide[:, 6 * i : 6 * i + SIZE[1]] for i in range(150)]) == []


def test_line_of_text_fading_is_nothing() -> None:
    slide, text = np.full(SIZE, 60.0), np.full(SIZE, 60.0)
    text[80:90, 100:220:3] = 230
    assert found([slide] * 40 + mixed(slide, text, 15) + [text] * 40) == []


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 7),
            st.integers(5, 50),
            st.sampled_from(["cut", "dissolve", "fade"]),
            st.integers(4, 20),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_shots_are_ordered_disjoint_and_leave_only_gaps(
    plan: list[tuple[int, int, str, int]],
) -> None:
    frames: list[np.ndarray] = []
    for seed, hold, kind, count in plan:
        scene = picture(seed)
        if frames and kind == "dissolve":
            frames += mixed(frames[-1], scene, count)
        if frames and kind == "fade":
            frames += mixed(frames[-1], BLACK, count) + mixed(BLACK, scene, count)
        frames += [scene] * hold
    transitions = detect_transitions(features(frames))
    inner = [t for t in transitions if t.kind != "flash"]
    for before, after in pairwise(inner):
        assert before.end_frame <= after.start_frame
    owner = np.zeros(len(frames), int)
    for shot in shots_from_transitions(transitions, len(frames)):
        assert 0 <= shot.start_frame < shot.end_frame <= len(frames)
        owner[shot.start_frame : shot.end_frame] += 1
    for t in inner:
        owner[t.start_frame : t.end_frame] += 1
    assert owner.max() == 1
    # What neither a shot nor a transition holds is too short to be a shot.
    loose = "".join("x" if n == 0 else " " for n in owner).split()
    assert all(len(run) < 4 for run in loose)


def test_short_stretch_between_cuts_is_no_shot() -> None:
    cuts = [Transition(at, at, "cut", 1.0) for at in (20, 22, 50)]
    spans = [(s.start_frame, s.end_frame) for s in shots_from_transitions(cuts, 80)]
    assert spans == [(0, 20), (22, 50), (50, 80)]


def test_frame_numbers_are_those_of_the_slice() -> None:
    table = features([A] * 50 + [B] * 50)
    assert [t.start_frame for t in detect_transitions(table[20:])] == [50]


@pytest.fixture(scope="session")
def trailer(media_dir: Path) -> pl.DataFrame:
    import av

    stream = FeatureStream()
    with av.open(str(media_dir / "animation/sintel_trailer_720p_vp8_opus.webm")) as container:
        container.streams.video[0].thread_type = "AUTO"
        for frame in container.decode(video=0):
            stream.push(luma_plane(frame))
    return stream.finish()


def test_trailer_cuts(trailer: pl.DataFrame, media_dir: Path) -> None:
    counts = score_cuts(
        detect_transitions(trailer), read_truth(media_dir / "shots/sintel_trailer.json")
    )
    assert counts.false == 0
    assert counts.hits >= 9
