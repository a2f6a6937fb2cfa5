"""The two episodes of Harbour Lights: every shot, who is in it, what they do and say."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace

import skia

from media_assets.demo.beach import draw_small_bottle
from media_assets.demo.brush import Point, ease, wave
from media_assets.demo.lamp_room import lever_tip
from media_assets.demo.places import (
    beach,
    bottle_in_sand,
    harbour,
    lamp_room,
)
from media_assets.demo.rig import Pose
from media_assets.demo.timeline import Actor, Episode, Join, Line, Shot, View


def standing(name: str, x: float, y: float, facing: float, **pose: object) -> Actor:
    """A character that stands, breathes and blinks."""
    base = replace(Pose(x=x, y=y, facing=facing), **pose)  # type: ignore[arg-type]
    return Actor(name, lambda t: alive(name, base, t))


def acting(name: str, pose: Callable[[float], Pose]) -> Actor:
    """A character whose pose is a function of time; it breathes and blinks as well."""
    return Actor(name, lambda t: alive(name, pose(t), t))


def alive(name: str, pose: Pose, t: float) -> Pose:
    """The pose with breath and, every three seconds or so, a blink of 5 frames."""
    phase = zlib.crc32(name.encode()) % 1000 / 1000
    since = (t + 3.1 * phase) % 3.1
    blink = max(1.0 - abs(since - 0.1) / 0.1, 0.0)
    return replace(
        pose,
        blink=max(pose.blink, blink),
        breath=wave(t, 2.4, phase),
        tilt=pose.tilt + 0.8 * wave(t, 3.7, phase),
    )


def walk(
    x: float,
    to_x: float,
    seconds: float,
    *,
    y: float,
    scale: float = 1.0,
    at_s: float = 0.0,
    pace: float = 1.6,
    then: Callable[[Pose, float], Pose] | None = None,
) -> Callable[[float], Pose]:
    """Walks from x to to_x within `seconds` from `at_s`, then stands (`then` may move it)."""
    facing = 1.0 if to_x > x else -1.0

    def pose(t: float) -> Pose:
        part = min(max((t - at_s) / seconds, 0.0), 1.0)
        here = x + (to_x - x) * part
        moving = 0 < part < 1 or (part == 0 and at_s == 0 and t <= 0)
        stand = Pose(x=here, y=y, scale=scale, facing=facing, walk=t * pace if moving else None)
        return then(stand, t) if then is not None and part == 1 else stand

    return pose


def pulling(t: float) -> Pose:
    """Jonas at the lever: his hand stays on the knob while it goes down at 2.15 s."""
    x, y, scale = 742.0, 508.0, 1.0
    pulled = ease((t - 2.15 + 0.45) / 0.45)
    tip = lever_tip(pulled)
    happy = ease((t - 2.6) / 0.3)
    return Pose(
        x=x - 8 * pulled,
        y=y,
        scale=scale,
        facing=-1.0,
        left_hand=((tip[0] - x + 8 * pulled) / scale, (tip[1] - y) / scale),
        right_hand=(40 + 6 * happy, -64 - 60 * happy) if happy else None,
        tilt=-9 * pulled * (1 - happy),
        brows=0.6 * happy,
        look=(-0.4, -0.3 * happy),
    )


DARK = harbour("dusk", lit=False)
NIGHT = harbour("night", lit=True)
MORNING = harbour("morning", lit=False)

THE_DARK_LAMP = Episode(
    stem="harbour-lights-s01e01",
    title="The Dark Lamp",
    closing=Join(fade_out=24, black=10),
    shots=(
        Shot(
            DARK, "wide", "location-establish", 90,
            View(500, 285, 520), View(1110, 285, 520),
            join=Join(black=6, fade_in=18), cues=((0.3, "gull"), (0.9, "gull"), (2.6, "gull")),
        ),
        Shot(
            DARK, "medium", "dialogue", 96,
            View(965, 402, 250), View(965, 402, 250),
            cast=(
                acting("Mina", lambda t: Pose(
                    x=882, y=522, facing=1.0, brows=0.7, look=(0.3, -0.2),
                    right_hand=(62, -96 - 12 * ease((t - 0.9) / 0.3)) if t > 0.9 else None)),
                acting("Jonas", lambda t: Pose(
                    x=1052, y=522, facing=-1.0 if t < 1.5 else 1.0, brows=0.5 if t > 1.5 else 0,
                    look=(0.0, -0.3) if t > 1.5 else (-0.2, 0.0))),
            ),
            lines=(Line("Mina", "Jonas, look! The lighthouse is dark tonight.", 0.4),),
        ),
        Shot(
            DARK, "close-up", "dialogue", 84,
            View(1022, 386, 172), View(1022, 382, 142),
            cast=(standing("Jonas", 1030, 522, -1.0, brows=-0.9),),
            lines=(Line("Jonas", "Then the boats can't find the way home, Mina!", 0.3),),
        ),
        Shot(
            DARK, "wide", "action", 62,
            View(700, 352, 380), View(1010, 352, 380),
            cast=(
                acting("Jonas", walk(560, 1060, 2.6, y=486, scale=0.72, pace=2.7)),
                acting("Mina", walk(680, 1190, 2.6, y=502, scale=0.72, pace=2.8)),
            ),
            cues=tuple((0.1 + 0.19 * k, "step") for k in range(13)),
        ),
        Shot(
            lamp_room(), "medium-wide", "dialogue", 112,
            View(520, 318, 440), View(520, 318, 440),
            cast=(
                acting("Bram", lambda t: Pose(
                    x=330, y=496, scale=0.92, facing=1.0, brows=-0.6,
                    right_hand=(54 + 5 * wave(t, 0.5), -206) if t < 1.6 else None,
                    look=(0.3, -0.3 if t < 1.6 else 0.1), tilt=-4 if t < 1.6 else 0)),
                acting("Jonas", walk(1010, 838, 1.3, y=498, scale=0.92, pace=2.2)),
                acting("Mina", walk(900, 722, 1.3, y=512, scale=0.92, pace=2.2,
                                    then=lambda p, t: replace(p, brows=0.8, left_hand=(
                                        -46, -92 - 8 * wave(t, 0.9))))),
            ),
            lines=(Line("Mina", "Grandpa Bram! The great lamp has gone out!", 1.5),),
            join=Join(dissolve=16), cues=((0.1, "step"), (0.4, "step"), (0.7, "step")),
        ),
        Shot(
            lamp_room(), "close-up", "dialogue", 92,
            View(345, 318, 186), View(345, 318, 186),
            cast=(standing("Bram", 330, 496, 1.0, scale=0.92, brows=0.8),),
            lines=(Line("Bram", "Good heavens! Quick, Jonas, pull the big lever!", 0.3),),
        ),
        Shot(
            lamp_room(on_at=2.15), "medium", "gadget-reveal", 88,
            View(612, 356, 320), View(598, 350, 330),
            cast=(acting("Jonas", pulling),),
            lines=(Line("Jonas", "Here I go. One, two, three!", 0.15),),
            cues=((2.1, "clunk"), (2.2, "shimmer")),
        ),
        Shot(
            lamp_room(power=1.0), "close-up", "comedy-reaction", 76,
            View(390, 372, 176), View(390, 372, 176),
            cast=(
                acting("Mina", lambda t: Pose(
                    x=390, y=512 - 5 * abs(wave(t, 0.9)), facing=1.0, brows=0.9, look=(0.2, -0.2),
                    left_hand=(-66, -140), right_hand=(66, -140))),
            ),
            lines=(Line("Mina", "It works! Come home, little boats!", 0.25),),
        ),
        Shot(
            NIGHT, "wide", "location-establish", 80,
            View(1020, 270, 500), View(1130, 240, 400),
        ),
    ),
)  # fmt: skip


def mina_with_bottle(x: float, y: float, facing: float) -> tuple[Actor, Point]:
    """Mina with the bottle in her raised hand, and the place of the hand."""
    hand = (facing * 44, -92.0)
    moved = {"right_hand": hand} if facing > 0 else {"left_hand": hand}
    actor = standing("Mina", x, y, facing, brows=0.7, look=(facing * 0.3, 0.3), **moved)
    return actor, (x + hand[0], y + hand[1])


def bottle_at(at: Point, angle: float) -> Callable[[skia.Canvas, float], None]:
    """The bottle as a prop in somebody's hand."""
    return lambda canvas, t: draw_small_bottle(canvas, at, angle + 2 * wave(t, 2.4), t, 1.15)


BEACH_MINA, BEACH_HAND = mina_with_bottle(590, 488, 1.0)
QUAY_MINA, QUAY_HAND = mina_with_bottle(860, 520, 1.0)

A_LETTER_FROM_THE_SEA = Episode(
    stem="harbour-lights-s01e02",
    title="A Letter from the Sea",
    closing=Join(fade_out=24, black=10),
    letterbox=42,
    shots=(
        Shot(
            beach(), "wide", "location-establish", 78,
            View(650, 278, 464), View(650, 278, 464),
            cast=(acting("Jonas", walk(330, 600, 3.6, y=486, scale=0.7, pace=1.5)),),
        ),
        Shot(
            beach(), "medium", "dialogue", 92,
            View(672, 392, 246), View(672, 392, 246),
            cast=(
                acting("Jonas", lambda t: Pose(
                    x=628, y=488, facing=-1.0 if 0.2 < t < 1.7 else 1.0, brows=0.7,
                    look=(0.3, 0.6) if t >= 1.7 else (-0.3, 0.0),
                    right_hand=(50, -62) if t > 1.6 else None)),
            ),
            lines=(Line("Jonas", "Mina, come here! Something is shining in the sand.", 0.3),),
        ),
        Shot(
            bottle_in_sand(), "insert", "gadget-reveal", 52,
            View(510, 290, 400), View(515, 285, 345),
        ),
        Shot(
            beach(bottle=False), "medium", "dialogue", 88,
            View(662, 388, 250), View(662, 388, 250),
            cast=(
                BEACH_MINA,
                standing("Jonas", 738, 488, -1.0, brows=0.4, look=(-0.4, 0.2)),
            ),
            lines=(Line("Mina", "It's a bottle, Jonas, with a letter inside!", 0.3),),
            prop=bottle_at(BEACH_HAND, 12),
        ),
        Shot(
            MORNING, "wide", "location-establish", 74,
            View(760, 318, 430), View(900, 318, 430),
            cast=(
                standing("Bram", 1130, 492, -1.0, scale=0.72),
                acting("Jonas", walk(560, 850, 3.4, y=488, scale=0.72, pace=1.7)),
                acting("Mina", walk(660, 960, 3.4, y=504, scale=0.72, pace=1.7)),
            ),
            join=Join(fade_out=16, black=8, fade_in=16),
            cues=((0.2, "gull"), (1.3, "gull"), (1.7, "gull")),
        ),
        Shot(
            MORNING, "medium", "dialogue", 84,
            View(925, 380, 272), View(925, 380, 272),
            cast=(standing("Bram", 985, 520, -1.0, brows=0.3, look=(-0.3, 0.4)), QUAY_MINA),
            lines=(Line("Mina", "Grandpa Bram, did you write this letter?", 0.35),),
            prop=bottle_at(QUAY_HAND, 10),
        ),
        Shot(
            MORNING, "close-up", "dialogue", 92,
            View(975, 332, 190), View(975, 330, 158),
            cast=(standing("Bram", 985, 520, -1.0, brows=0.5),),
            lines=(Line("Bram", "I did, Mina. I was only nine years old.", 0.4),),
        ),
        Shot(
            MORNING, "close-up", "dialogue", 68,
            View(800, 380, 166), View(800, 380, 166),
            cast=(standing("Jonas", 785, 522, 1.0, brows=-0.5, look=(0.2, -0.3)),),
            lines=(Line("Jonas", "Did anybody ever answer you?", 0.35),),
        ),
        Shot(
            MORNING, "medium", "dialogue", 84,
            View(890, 374, 286), View(890, 346, 372),
            cast=(
                acting("Bram", lambda t: Pose(
                    x=985, y=514, facing=-1.0, brows=0.5, look=(-0.3, 0.4),
                    left_hand=(-66, -104 + 3 * wave(t, 1.2)))),
                standing("Jonas", 738, 518, 1.0, brows=0.6, look=(0.3, -0.3)),
                QUAY_MINA,
            ),
            lines=(Line("Bram", "You just did.", 0.9),),
            join=Join(dissolve=14),
            prop=bottle_at(QUAY_HAND, 10),
        ),
    ),
)  # fmt: skip

EPISODES = (THE_DARK_LAMP, A_LETTER_FROM_THE_SEA)
