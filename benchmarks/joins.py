"""Sequences of real footage joined at known frames, made in memory.

Every source is a stretch of one shot, looked at by eye: no cut, dissolve or fade inside. The
footage keeps moving through a transition, as it does in an edited master. The two parts share no
footage: thresholds are tuned on `TUNING` and reported on both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

SIZE = (320, 180)
LONGEST = 48
SHORTEST = 6
SHORTEST_HOLD = 16
BLACK = 16.0


@dataclass(frozen=True)
class Source:
    """Frames [start, end) of a file."""

    path: str
    start: int
    end: int


@dataclass(frozen=True)
class Join:
    """A made transition: `cut`, `dissolve` or `fade`; frames as in `shots.transitions`."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True)
class Sequence:
    """Luma of shape (frames, 180, 320) and the joins in it."""

    luma: np.ndarray
    joins: list[Join]


_SINTEL = "animation/sintel_trailer_720p_vp8_opus.webm"
_BUNNY = "animation/big_buck_bunny_0_30_720p.webm"
_POPEYE_3 = "animation/popeye_p3_1080p_hevc_pgs.mkv"
_POPEYE_4 = "animation/popeye_p4_1080p_hevc_pgs.mkv"
_EPISODE = "composite/dev/dev_episode_a.mkv"
_NASA = "speech/nasa_webb_2audio_2video_2subs.mp4"
_PAIR = "cartoon_two_characters/penny_and_chip_"

TUNING = (
    Source(_SINTEL, 46, 108),
    Source(_SINTEL, 300, 334),
    Source(_SINTEL, 460, 500),
    Source(_SINTEL, 571, 621),
    Source(_SINTEL, 621, 658),
    Source(_SINTEL, 790, 830),
    Source(_POPEYE_3, 75, 330),
    Source(_POPEYE_3, 332, 529),
    Source(_POPEYE_3, 531, 737),
    Source(_POPEYE_3, 1072, 1335),
    Source(_EPISODE, 72, 158),
    Source(_EPISODE, 256, 296),
    Source(_EPISODE, 316, 360),
    Source(_EPISODE, 480, 552),
    Source(_PAIR + "rpi.mp4", 42, 148),
    Source(_PAIR + "spring.mp4", 60, 168),
    Source(_NASA, 0, 120),
    Source(_NASA, 215, 320),
    Source("talking_heads/bbaf2n.mpg", 0, 75),
    Source("talking_heads/lrwp9a.mpg", 0, 75),
)
HELD_OUT = (
    Source(_BUNNY, 60, 282),
    Source(_BUNNY, 284, 375),
    Source(_BUNNY, 377, 550),
    Source(_BUNNY, 552, 719),
    Source(_POPEYE_4, 17, 270),
    Source(_POPEYE_4, 306, 769),
    Source(_POPEYE_4, 771, 964),
    Source(_POPEYE_4, 966, 1085),
    Source(_POPEYE_4, 1087, 1243),
    Source(_POPEYE_4, 1245, 1439),
    Source(_EPISODE, 856, 930),
    Source(_EPISODE, 1000, 1128),
    Source(_EPISODE, 1390, 1500),
    Source(_PAIR + "skateboarding.mp4", 66, 156),
    Source(_PAIR + "summer.mp4", 84, 168),
    Source(_PAIR + "winter.mp4", 72, 165),
    Source("talking_heads/brbk7n.mpg", 0, 75),
    Source("talking_heads/lwbsza.mpg", 0, 75),
)


def make_sequences(
    media: Path, sources: tuple[Source, ...], *, count: int, seed: int, shots: int = 12
) -> Iterator[Sequence]:
    """`count` sequences of `shots` shots each; the same seed makes the same sequences."""
    footage = _footage(media, sources)
    for number in range(count):
        yield _sequence(footage, np.random.default_rng([seed, number]), shots)


def _sequence(footage: list[np.ndarray], draw: np.random.Generator, shots: int) -> Sequence:
    plans = [_plan(draw) for _ in range(shots - 1)]
    ends = [_Plan("cut", 0, 0, 0), *plans, _Plan("cut", 0, 0, 0)]
    pieces: list[np.ndarray] = []
    joins: list[Join] = []
    at, last, tail = 0, -1, footage[0][:0]
    for before, after in pairwise(ends):
        least = before.incoming + SHORTEST_HOLD + after.outgoing
        fitting = [i for i, film in enumerate(footage) if len(film) >= least and i != last]
        last = int(draw.choice(fitting))
        hold = min(int(draw.integers(SHORTEST_HOLD, 72)), len(footage[last]) - least)
        length = least + max(hold - SHORTEST_HOLD, 0)
        begin = int(draw.integers(0, len(footage[last]) - length + 1))
        used = footage[last][begin : begin + length].astype(np.float32)
        head, body, rest = np.split(used, [before.incoming, length - after.outgoing])
        mixed = _blend(before, tail, head)
        if pieces:
            joins.append(Join(before.kind, at, at + len(mixed)))
        pieces += [mixed, body]
        at += len(mixed) + len(body)
        tail = rest
    return Sequence(np.concatenate(pieces).round().astype(np.uint8), joins)


@dataclass(frozen=True)
class _Plan:
    """A transition to make: how many frames of the two shots it uses, and black between them."""

    kind: str
    outgoing: int
    incoming: int
    black: int


def _plan(draw: np.random.Generator) -> _Plan:
    kind = str(draw.choice(["cut", "dissolve", "fade"]))
    mixed = int(draw.integers(SHORTEST, LONGEST + 1))
    if kind == "cut":
        return _Plan(kind, 0, 0, 0)
    if kind == "dissolve":
        return _Plan(kind, mixed, mixed, 0)
    black = int(draw.integers(0, mixed // 3 + 1))
    outgoing = (mixed - black) // 2
    return _Plan(kind, outgoing, mixed - black - outgoing, black)


def _blend(plan: _Plan, out: np.ndarray, into: np.ndarray) -> np.ndarray:
    """The mixed frames between two shots."""
    rise = _ramp(len(into))
    if plan.kind == "dissolve":
        mix: np.ndarray = (1 - rise) * out + rise * into
        return mix
    fall = _ramp(len(out))[::-1]
    hold = np.full((plan.black, SIZE[1], SIZE[0]), BLACK, np.float32)
    return np.concatenate([BLACK + fall * (out - BLACK), hold, BLACK + rise * (into - BLACK)])


def _ramp(count: int) -> np.ndarray:
    """`count` weights strictly between 0 and 1, shaped to scale pictures."""
    return ((np.arange(count, dtype=np.float32) + 1) / (count + 1))[:, None, None]


def _footage(media: Path, sources: tuple[Source, ...]) -> list[np.ndarray]:
    """Luma of each source at 320x180; every file is decoded once."""
    import av
    import cv2

    from media_assets.media.luma import luma_plane

    frames: dict[Source, list[np.ndarray]] = {source: [] for source in sources}
    for path in dict.fromkeys(source.path for source in sources):
        wanted = [source for source in sources if source.path == path]
        last = max(source.end for source in wanted)
        with av.open(str(media / path)) as container:
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            for number, frame in enumerate(container.decode(stream)):
                if number >= last:
                    break
                for source in wanted:
                    if source.start <= number < source.end:
                        small = cv2.resize(luma_plane(frame), SIZE, interpolation=cv2.INTER_AREA)
                        frames[source].append(small)
    return [np.stack(frames[source]) for source in sources]
