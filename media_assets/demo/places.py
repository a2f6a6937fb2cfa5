"""The places of the show as a shot uses them: where it is, how to draw it, its light."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import skia

from media_assets.demo.beach import draw_beach, draw_bottle
from media_assets.demo.brush import ease
from media_assets.demo.harbour import draw_harbour
from media_assets.demo.lamp_room import draw_lamp_room
from media_assets.demo.seaside import SKIES


@dataclass(frozen=True)
class Set:
    """A place as a shot uses it: how to draw it, and the light its people stand in."""

    location: str
    light: str
    draw: Callable[[skia.Canvas, float, float], None]


def lamp_power(t: float, at: float | None) -> float:
    """The lamp's power at a time when it is switched on `at`: it flickers, then stays."""
    if at is None or t < at:
        return 0.0
    since = t - at
    return ease(since / 0.5) * (0.55 + 0.45 * ease((since - 0.25) / 0.3))


def harbour(time: str, *, lit: bool) -> Set:
    """The harbour at a time of day, its lighthouse lit or dark."""
    return Set("Harbour", SKIES[time].light, lambda c, t, x: draw_harbour(c, t, x, time, lit))


def lamp_room(*, power: float = 0.0, on_at: float | None = None) -> Set:
    """The lamp room: dark, lit, or switched on by the lever at a second of the shot."""

    def draw(canvas: skia.Canvas, t: float, _camera_x: float) -> None:
        pulled = 1.0 if power else (0.0 if on_at is None else ease((t - on_at + 0.45) / 0.45))
        draw_lamp_room(canvas, t, max(power, lamp_power(t, on_at)), pulled)

    return Set("Lamp Room", "#fff0d6" if power else "#e6d4e4", draw)


def beach(*, bottle: bool = True) -> Set:
    """The beach at night, the bottle lying in the sand or taken away."""
    return Set("Night Beach", "#c8cef2", lambda c, t, x: draw_beach(c, t, x, bottle))


def bottle_in_sand() -> Set:
    """The sand of the beach from close by, with nobody in it."""
    return Set("Night Beach", "#c8cef2", lambda c, t, _x: draw_bottle(c, t))
