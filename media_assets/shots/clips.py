"""Clips: pieces of one shot each, clear of its transitions, at an exact constant rate."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

# Transitions that mix pictures over several frames.
GRADUAL = frozenset({"dissolve", "fade", "fade_in", "fade_out", "wipe", "flash"})
# Reference frames inside a clip lie on this grid from its first frame, so that they can be told
# while the master is still being decoded.
REFERENCE_STEP = 12


@dataclass(frozen=True)
class ClipSettings:
    """What a clip may be. Length and height: spec-decisions.md, "Everywhere".

    handle_frames: frames given up on each side of a gradual transition, whose first and last
        frames hold too little of the other picture to be seen by a detector.
    cut_handle_frames: frames given up at a cut; one, because a detector may be off by one.
    suspect_mix: score times spread from which a window inside a shot may be a dissolve and is set
        aside. Generated joins of benchmarks.shots, both parts: missed dissolves from 0.195, clean
        shots up to 0.168; files: dissolves around still figures 0.17 and 0.20, wing beats 0.20.
    """

    max_s: float = 10.0
    max_height_px: int = 720
    handle_frames: int = 4
    cut_handle_frames: int = 1
    suspect_mix: float = 0.16

    def __post_init__(self) -> None:
        if self.max_s <= 0:
            raise ValueError(f"no clip is {self.max_s} s long")
        if self.max_height_px < 2:
            raise ValueError(f"no clip is {self.max_height_px} px high")
        if self.handle_frames < 0 or self.cut_handle_frames < 0:
            raise ValueError("handles can not be negative")


@dataclass(frozen=True)
class Piece:
    """Frames [start_frame, end_frame) of the master."""

    start_frame: int
    end_frame: int


def usable_piece(
    start_frame: int,
    end_frame: int,
    transition_in: str,
    transition_out: str,
    settings: ClipSettings,
) -> Piece:
    """The shot without its handles; the whole shot where nothing would be left of it."""
    start = start_frame + _handle(transition_in, settings)
    end = end_frame - _handle(transition_out, settings)
    return Piece(start, end) if start < end else Piece(start_frame, end_frame)


def set_aside(
    piece: Piece, suspects: Sequence[tuple[int, int]], settings: ClipSettings
) -> Iterator[tuple[Piece, bool]]:
    """`piece` in consecutive parts, and whether each may be a transition.

    suspects: spans [start, end) in order; what lies in one or within its handles is set aside.
    """
    at, handle = piece.start_frame, settings.handle_frames
    for start, end in suspects:
        low, high = max(start - handle, at), min(end + handle, piece.end_frame)
        if low >= high:
            continue
        if low > at:
            yield Piece(at, low), False
        yield Piece(low, high), True
        at = high
    if at < piece.end_frame:
        yield Piece(at, piece.end_frame), False


def split(piece: Piece, times: np.ndarray, settings: ClipSettings) -> Iterator[Piece]:
    """`piece` in consecutive pieces of at most `max_s`; each begins where the one before ends.

    times: start of every frame of the master in seconds. Pieces are cut from the front, so that
    where one ends does not depend on what comes after it.
    """
    start = piece.start_frame
    while start < piece.end_frame:
        limit = int(np.searchsorted(times, times[start] + settings.max_s + 1e-6, "right")) - 1
        end = min(max(limit, start + 1), piece.end_frame)
        yield Piece(start, end)
        start = end


def reference_frames(piece: Piece) -> tuple[int, int, int]:
    """First, middle and last frame; the middle one on the grid of `REFERENCE_STEP`."""
    half = (piece.end_frame - piece.start_frame) // 2
    middle = piece.start_frame + half - half % REFERENCE_STEP
    return piece.start_frame, middle, piece.end_frame - 1


def clip_id(episode_id: str, start_s: float) -> str:
    """`{episode_id}-{start in ms, 8 digits}`: stable when other shots move (spec-decisions.md)."""
    return f"{episode_id}-{max(0, round(start_s * 1000)):08d}"


def _handle(transition: str, settings: ClipSettings) -> int:
    if transition in GRADUAL:
        return settings.handle_frames
    return settings.cut_handle_frames if transition == "cut" else 0
