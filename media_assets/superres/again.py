"""Other places for patches that were rejected."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import accumulate, groupby

import numpy as np

from media_assets.media.index import FrameIndex
from media_assets.superres.draws import below, draw_of
from media_assets.superres.formats import WINDOW_FRAMES
from media_assets.superres.patch import Outcome, Patch, Source
from media_assets.superres.plan import crop, place_at
from media_assets.superres.settings import PatchSettings

# Places from the first to before the second.
Span = tuple[int, int]


def places_again(
    planned: Sequence[Patch],
    tried: Sequence[Outcome],
    index: FrameIndex,
    source: Source,
    settings: PatchSettings,
) -> list[Patch]:
    """The next attempt of every patch that was rejected so far, in order of windows; [] at the end.

    The place is anywhere in the film where no frame is of a window planned or tried, and at least
    `retry_skip_seconds` away from where the patch was rejected, as far as there is such room; the
    crop is drawn anew. Patches of one window that are tried again together stay together. A
    function of what is given, in whatever order: whoever asks gets the same places.
    """
    standing = {(patch.window, patch.category): patch for patch in planned}
    tries: dict[tuple[int, str], list[Outcome]] = {key: [] for key in standing}
    for outcome in tried:
        key = outcome.patch.window, outcome.patch.category
        if key in tries:
            tries[key].append(outcome)
    again = []
    for key, outcomes in tries.items():
        last = max(outcomes, key=lambda outcome: outcome.patch.attempt, default=None)
        if last and last.status == "rejected" and last.patch.attempt < settings.max_retry_attempts:
            again.append(replace(standing[key], attempt=last.patch.attempt + 1))
    again.sort(key=lambda patch: (patch.window, patch.attempt, patch.category))

    taken = {patch.start_frame for patch in (*planned, *(outcome.patch for outcome in tried))}
    room = _Room(taken, len(index))
    skip = math.ceil(Fraction(settings.retry_skip_seconds) / index.time_base)
    placed: list[Patch] = []
    for _, together in groupby(again, key=lambda patch: (patch.window, patch.attempt)):
        patches = list(together)
        rejected = {o.patch.start_frame for p in patches for o in tries[p.window, p.category]}
        near = (_near(start, index, skip) for start in rejected)
        about = patches[0].draw, "again", patches[0].attempt
        start = room.free_start(_between(near, room.starts), *about)
        if start is None:
            start = room.free_start([(0, room.starts)], *about)
        if start is not None:
            room.take(start)
            placed += [_moved(patch, start, index, source) for patch in patches]
    return placed


def _moved(patch: Patch, start: int, index: FrameIndex, source: Source) -> Patch:
    place = place_at(start, index)
    its_crop = crop(
        draw_of(patch.draw, patch.attempt), patch.format, source.width_px, source.height_px
    )
    return replace(patch, **place | its_crop | {"frames": tuple(place["frames"])})


def _near(start: int, index: FrameIndex, skip: int) -> Span:
    """The frames that begin less than `skip` units of the time base before or after a frame."""
    pts = int(index.pts[start])
    first = int(np.searchsorted(index.pts, pts - skip, "right"))
    return first, int(np.searchsorted(index.pts, pts + skip, "left"))


def _between(spans: Iterable[Span], end: int) -> list[Span]:
    """What `spans` leave of 0 to `end`, in order."""
    left, at = [], 0
    for first, beyond in sorted(spans):
        if first > at:
            left.append((at, min(first, end)))
        at = max(at, beyond)
    return [*left, (at, end)] if at < end else left


class _Room:
    """The frames with which a window may begin that shares no frame with any other."""

    def __init__(self, taken: Iterable[int], frames: int):
        self.starts = max(0, frames - WINDOW_FRAMES + 1)
        blocked = (self._blocked(start) for start in taken)
        spans = _between(blocked, self.starts)
        self._first = [first for first, _ in spans]
        self._beyond = [beyond for _, beyond in spans]

    @staticmethod
    def _blocked(start: int) -> Span:
        return start - WINDOW_FRAMES + 1, start + WINDOW_FRAMES

    def free_start(self, allowed: Sequence[Span], *about: str | int) -> int | None:
        """A free start in the spans `allowed`, by chance; None if they have none.

        Chance names a frame of the spans; where it is not free, the next room after it serves.
        """
        lengths = list(accumulate(beyond - first for first, beyond in allowed))
        if not lengths:
            return None
        at = below(lengths[-1], *about, "place")
        number = bisect_right(lengths, at)
        beyond = allowed[number][1]
        wanted = beyond - (lengths[number] - at)
        order = [(wanted, beyond), *allowed[number + 1 :], *allowed[: number + 1]]
        for span in order:
            found = self._free_in(span)
            if found and found[0] == wanted:
                return wanted
            if found:
                return found[0] + below(found[1] - found[0], *about, "room")
        return None

    def _free_in(self, span: Span) -> Span | None:
        """The first free starts in a span."""
        number = bisect_right(self._beyond, span[0])
        if number == len(self._first):
            return None
        first = max(self._first[number], span[0])
        beyond = min(self._beyond[number], span[1])
        return (first, beyond) if first < beyond else None

    def take(self, start: int) -> None:
        """Put a window where there is room for it."""
        number = bisect_right(self._first, start) - 1
        blocked = self._blocked(start)
        old = self._first[number], self._beyond[number]
        parts = [(old[0], min(blocked[0], old[1])), (max(blocked[1], old[0]), old[1])]
        parts = [(first, beyond) for first, beyond in parts if first < beyond]
        self._first[number : number + 1] = [first for first, _ in parts]
        self._beyond[number : number + 1] = [beyond for _, beyond in parts]
