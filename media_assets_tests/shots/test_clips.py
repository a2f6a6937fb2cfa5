"""Which frames a clip holds."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assets.shots.clips import (
    REFERENCE_STEP,
    ClipSettings,
    Piece,
    clip_id,
    reference_frames,
    split,
    usable_piece,
)

KINDS = st.sampled_from(["start", "end", "cut", "dissolve", "fade_in", "fade_out", "fade", "wipe"])
SHOTS = st.tuples(st.integers(0, 500), st.integers(1, 500)).map(lambda s: (s[0], s[0] + s[1]))


@given(SHOTS, KINDS, KINDS, st.integers(0, 9), st.integers(0, 9))
def test_a_clip_never_holds_a_neighbouring_shots_frame(
    shot: tuple[int, int], opened: str, closed: str, handle: int, cut_handle: int
) -> None:
    settings = ClipSettings(handle_frames=handle, cut_handle_frames=cut_handle)
    piece = usable_piece(*shot, opened, closed, settings)
    assert shot[0] <= piece.start_frame < piece.end_frame <= shot[1]


def test_handles_are_given_up_at_transitions_and_not_at_the_ends_of_the_file() -> None:
    settings = ClipSettings(handle_frames=4, cut_handle_frames=1)
    assert usable_piece(0, 50, "start", "end", settings) == Piece(0, 50)
    assert usable_piece(0, 50, "cut", "dissolve", settings) == Piece(1, 46)


@given(SHOTS, st.floats(0.2, 10), st.integers(0, 99))
def test_pieces_cover_the_shot_and_none_is_too_long(
    shot: tuple[int, int], max_s: float, seed: int
) -> None:
    times = np.cumsum(np.random.default_rng(seed).integers(1, 9, 1001)) / 24
    pieces = list(split(Piece(*shot), times, ClipSettings(max_s=max_s)))
    assert pieces[0].start_frame == shot[0]
    assert pieces[-1].end_frame == shot[1]
    for before, after in pairwise(pieces):
        assert before.end_frame == after.start_frame
    for piece in pieces:
        length = times[piece.end_frame] - times[piece.start_frame]
        assert length <= max_s + 1e-6 or piece.end_frame == piece.start_frame + 1


def test_where_a_piece_ends_does_not_depend_on_what_comes_after() -> None:
    times = np.arange(2000) / 24
    short = list(split(Piece(5, 600), times, ClipSettings()))
    long = list(split(Piece(5, 1600), times, ClipSettings()))
    assert short[:-1] == long[: len(short) - 1]


@given(SHOTS)
def test_reference_frames_lie_inside_in_order(shot: tuple[int, int]) -> None:
    first, middle, last = reference_frames(Piece(*shot))
    assert shot[0] == first <= middle <= last == shot[1] - 1
    assert (middle - first) % REFERENCE_STEP == 0
    assert abs(middle - (shot[0] + shot[1]) / 2) <= REFERENCE_STEP + 1


@pytest.mark.parametrize(
    ("start_s", "name"),
    [(0.0, "e-00000000"), (42.1604, "e-00042160"), (36000.0, "e-36000000"), (-0.01, "e-00000000")],
)
def test_a_clip_is_named_by_its_start(start_s: float, name: str) -> None:
    assert clip_id("e", start_s) == name
