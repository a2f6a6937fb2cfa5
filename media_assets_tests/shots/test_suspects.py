"""What inside a shot is set aside because it may be a transition."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from media_assets.shots.clips import ClipSettings, Piece, set_aside
from media_assets.shots.suspects import suspected_spans
from media_assets.shots.transitions import detect_transitions
from media_assets_tests.shots.test_transitions import BLACK, SIZE, A, B, features, mixed

LEAST = ClipSettings().suspect_mix


def test_a_title_that_fades_to_black_and_the_black_after_it_are_set_aside() -> None:
    title = BLACK.copy()
    title[80:92, 100:220:3] = 230
    frames = [title] * 60 + mixed(title, BLACK, 20) + [BLACK] * 10 + [title] * 30
    table = features(frames)
    assert detect_transitions(table) == []
    [(start, end)] = suspected_spans(table, [(0, len(frames))], LEAST)
    assert start <= 62
    assert end >= 90


def test_a_still_shot_a_pan_and_black_hold_nothing_to_suspect() -> None:
    wide = np.concatenate([A, B, A[::-1]], axis=1)
    pan = [wide[:, 4 * i : 4 * i + SIZE[1]] for i in range(120)]
    for frames in ([A] * 90, pan, [BLACK] * 90):
        assert suspected_spans(features(frames), [(0, len(frames))], LEAST) == []


def test_a_dissolve_that_a_shot_was_not_ended_by_is_suspected() -> None:
    table = features([A] * 40 + mixed(A, B, 24) + [B] * 40)
    [(start, end)] = suspected_spans(table, [(0, 104)], LEAST)
    assert start <= 41
    assert end >= 63


def test_nothing_outside_the_pieces_is_looked_at() -> None:
    table = features([A] * 40 + mixed(A, B, 24) + [B] * 40)
    assert suspected_spans(table, [(0, 38), (66, 104)], LEAST) == []


PIECES = st.tuples(st.integers(0, 300), st.integers(1, 300)).map(lambda s: Piece(s[0], sum(s)))
SPANS = st.lists(st.integers(0, 600), unique=True, max_size=8).map(
    lambda ends: list(zip(sorted(ends)[::2], sorted(ends)[1::2], strict=False))
)


@given(PIECES, SPANS, st.integers(0, 9))
def test_parts_cover_the_piece_and_clean_ones_keep_clear_of_suspects(
    piece: Piece, spans: list[tuple[int, int]], handle: int
) -> None:
    parts = list(set_aside(piece, spans, ClipSettings(handle_frames=handle)))
    assert [p.start_frame for p, _ in parts] == [
        piece.start_frame,
        *(p.end_frame for p, _ in parts[:-1]),
    ]
    assert parts[-1][0].end_frame == piece.end_frame
    for part, suspected in parts:
        near = any(
            start - handle < part.end_frame and part.start_frame < end + handle
            for start, end in spans
        )
        assert near == suspected
