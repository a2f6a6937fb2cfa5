"""What the places by the sea share: sky, sea, clouds, gulls, boats and the lighthouse."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import skia

from media_assets.demo.brush import (
    INK,
    box,
    glow,
    gradient,
    line,
    oval,
    paint,
    polygon,
    shape,
    smooth,
    wave,
)

HEIGHT = 560.0


@dataclass(frozen=True)
class Sky:
    """The colours of one time of day."""

    sky: tuple[str, ...]
    sea: tuple[str, str]
    foam: str
    hills: tuple[str, str]
    cloud: str
    cloud_alpha: float
    light: str
    """the tint of whoever stands outdoors"""
    shadow: float
    """how much the fixed things are darkened"""
    stars: bool


SKIES = {
    "dusk": Sky(
        ("#4b4f97", "#c06c9a", "#ff9f78", "#ffd9a0"),
        ("#8a76a8", "#38507f"),
        "#ffd9b8",
        ("#7c5d8c", "#5a4a7c"),
        "#ffc2a4",
        0.75,
        "#ffe4d2",
        0.16,
        False,
    ),
    "night": Sky(
        ("#0e1437", "#1b2a5e", "#35508a", "#5b7fae"),
        ("#3c5f94", "#152a55"),
        "#bcd8ff",
        ("#2a3c6b", "#1f2c55"),
        "#5f78ad",
        0.45,
        "#a9bbea",
        0.5,
        True,
    ),
    "morning": Sky(
        ("#58aee0", "#93d0ea", "#cfeaf0", "#fff1cf"),
        ("#6fc3cf", "#2b7f9f"),
        "#ffffff",
        ("#7fb6a6", "#5b9a86"),
        "#ffffff",
        0.9,
        "#ffffff",
        0.0,
        False,
    ),
}


def draw_sky(canvas: skia.Canvas, sky: Sky, width: float, horizon: float, t: float) -> None:
    """The sky down to the horizon, stars that twinkle."""
    canvas.drawRect(
        skia.Rect.MakeLTRB(-300, -200, width + 300, horizon),
        gradient((0, 0), (0, horizon), sky.sky, (0.0, 0.42, 0.78, 1.0)),
    )
    if sky.stars:
        dice = random.Random(5)
        for _ in range(90):
            x, y = dice.uniform(-100, width + 100), dice.uniform(-60, horizon * 0.75) ** 1.0
            size, phase = dice.uniform(0.7, 2.0), dice.random()
            shine = 0.65 + 0.3 * wave(t, 2.0 + 2 * phase, phase)
            canvas.drawCircle(x, y, size, paint("#fff7dd", shine))


def draw_cloud(canvas: skia.Canvas, x: float, y: float, size: float, sky: Sky) -> None:
    """One flat-bottomed cloud made of soft puffs."""
    path = smooth(
        [
            (x - 92 * size, y + 14 * size),
            (x - 84 * size, y - 4 * size),
            (x - 52 * size, y - 12 * size),
            (x - 34 * size, y - 38 * size),
            (x + 2 * size, y - 42 * size),
            (x + 24 * size, y - 20 * size),
            (x + 52 * size, y - 26 * size),
            (x + 74 * size, y - 6 * size),
            (x + 94 * size, y + 12 * size),
            (x, y + 18 * size),
        ]
    )
    canvas.drawPath(path, paint(sky.cloud, sky.cloud_alpha, blur=1.5))
    under = smooth(
        [
            (x - 90 * size, y + 13 * size),
            (x - 30 * size, y + 2 * size),
            (x + 30 * size, y + 4 * size),
            (x + 92 * size, y + 12 * size),
            (x, y + 17 * size),
        ]
    )
    canvas.drawPath(under, paint(sky.hills[0], 0.22, blur=3))


def draw_sea(
    canvas: skia.Canvas, sky: Sky, width: float, top: float, bottom: float, t: float
) -> None:
    """Rows of rolling waves, longer and quicker towards the viewer, with glints on the crests."""
    canvas.drawRect(
        skia.Rect.MakeLTRB(-300, top, width + 300, bottom),
        gradient((0, top), (0, bottom), sky.sea),
    )
    rows = 7
    for row in range(rows):
        near = (row + 1) / rows
        y = top + (bottom - top) * near**1.5
        length, height = 34 + 100 * near, 1.2 + 5.5 * near
        drift = t * (6 + 22 * near) * (1 if row % 2 else -0.7) + row * 37
        points = [
            (
                x,
                y
                + height * math.sin(2 * math.pi * (x + drift) / length)
                + height * 0.4 * math.sin(2 * math.pi * (x * 0.43 - drift * 0.8) / length),
            )
            for x in range(-120, int(width) + 121, max(int(length / 7), 6))
        ]
        body = smooth([*points, (width + 120, bottom + 30), (-120, bottom + 30)])
        canvas.drawPath(body, paint(sky.sea[1], 0.2))
        canvas.drawPath(
            smooth(points, closed=False),
            paint(sky.foam, 0.16 + 0.16 * near, width=0.8 + 1.6 * near),
        )


def draw_gull(canvas: skia.Canvas, x: float, y: float, size: float, t: float, phase: float) -> None:
    """A gull on the wing."""
    flap = wave(t, 0.9, phase) * 8 * size
    for color, width in ((INK, 5.2 * size), ("#fffaf2", 3.2 * size)):
        wings = smooth(
            [
                (x - 20 * size, y - flap),
                (x - 9 * size, y - 6 * size - flap * 0.3),
                (x, y),
                (x + 9 * size, y - 6 * size - flap * 0.3),
                (x + 20 * size, y - flap),
            ],
            closed=False,
        )
        canvas.drawPath(wings, paint(color, width=width))
    canvas.drawPath(oval(x, y + 1, 5 * size, 3 * size), paint("#fffaf2"))


def draw_lighthouse(canvas: skia.Canvas, x: float, base: float, size: float, lit: bool) -> None:
    """The red and white lighthouse, its foot at (x, base), about 200 units high at size 1."""
    canvas.save()
    canvas.translate(x, base)
    canvas.scale(size, size)
    tower = polygon([(-27, 0), (-17, -150), (17, -150), (27, 0)])
    shape(canvas, tower, "#fbf3e6", outline=0)
    canvas.save()
    canvas.clipPath(tower, skia.ClipOp.kIntersect, True)
    for y in (-40, -100):
        canvas.drawRect(skia.Rect.MakeXYWH(-40, y, 80, 30), paint("#cf4438"))
    canvas.drawRect(skia.Rect.MakeLTRB(4, -160, 40, 0), paint("#2a1a4a", 0.17))
    canvas.restore()
    canvas.drawPath(tower, paint(INK, width=2.4))
    for y in (-62, -120):
        shape(canvas, box(-5, y, 9, 13, 4), "#ffd98a" if lit else "#4a4568", outline=1.6)
    shape(canvas, box(-7, -20, 14, 20, 6), "#6b4630", outline=1.8)
    shape(canvas, box(-24, -156, 48, 8, 2), "#4a4568", outline=2)
    shape(canvas, box(-13, -180, 26, 25, 3), "#fff2a8" if lit else "#6f7796", outline=2)
    for dx in (-4, 4):
        line(canvas, [(dx, -179), (dx, -156)], INK, 1.4)
    shape(canvas, smooth([(-18, -180), (0, -203), (18, -180), (0, -178)]), "#cf4438", outline=2.2)
    line(canvas, [(0, -200), (0, -212)], INK, 2.2)
    canvas.restore()


def draw_beam(canvas: skia.Canvas, x: float, y: float, t: float, reach: float) -> None:
    """The two turning beams of a lit lighthouse, seen from the side: they swell as they pass."""
    for half in (0.0, 0.5):
        turn = 2 * math.pi * (t / 6.0 + half + 0.06)
        along, toward = math.cos(turn), math.sin(turn)
        length, spread = reach * along, 26 + 46 * abs(along)
        strength = 0.26 + 0.2 * max(toward, 0.0)
        path = polygon(
            [(x, y - 4), (x + length, y - spread), (x + length, y + spread * 0.7), (x, y + 4)]
        )
        brush = gradient(
            (x, y), (x + (length or 1.0), y), [("#fff4b8", strength), ("#fff4b8", 0.0)]
        )
        brush.setBlendMode(skia.BlendMode.kScreen)
        brush.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, 5))
        canvas.drawPath(path, brush)
    glow(canvas, (x, y), 80, "#fff0a0", 0.9)


def draw_boat(
    canvas: skia.Canvas, x: float, y: float, size: float, t: float, hull: str, lamp: bool
) -> None:
    """A small fishing boat that rides the waves."""
    canvas.save()
    canvas.translate(x, y + 3 * wave(t, 2.7, x / 400))
    canvas.rotate(2.6 * wave(t, 3.4, x / 300))
    canvas.scale(size, size)
    line(canvas, [(6, -14), (6, -86)], "#5b4030", 4)
    shape(canvas, smooth([(8, -84), (34, -52), (44, -24), (8, -26)]), "#fff3dc", shade=(-6, -4))
    shape(canvas, polygon([(6, -86), (22, -80), (6, -75)]), "#e4573d", outline=1.6)
    shape(canvas, box(-34, -40, 30, 28, 4), "#fbe7c6", shade=(-5, 0))
    shape(canvas, box(-38, -46, 38, 9, 4), "#3f6f8f")
    shape(canvas, box(-29, -33, 12, 11, 3), "#ffe08a" if lamp else "#7aa7bd", outline=1.8)
    body = smooth(
        [
            (-66, -18),
            (-40, -13),
            (0, -12),
            (40, -14),
            (70, -24),
            (58, 6),
            (30, 14),
            (-34, 14),
            (-58, 4),
        ]
    )
    shape(canvas, body, hull, shade=(0, -8))
    line(canvas, [(-60, -9), (0, -4), (62, -14)], "#fff3dc", 4)
    shape(canvas, oval(-20, 2, 4, 4), "#fff3dc", outline=1.8)
    shape(canvas, oval(6, 3, 4, 4), "#fff3dc", outline=1.8)
    if lamp:
        glow(canvas, (-23, -28), 60, "#ffcf6a", 0.7)
    canvas.restore()
    for k in range(3):
        w = (64 - 12 * k) * size
        line(
            canvas,
            [
                (x - w, y + (16 + 6 * k) * size),
                (x + 6 * wave(t, 2.0, k / 3), y + (18 + 6 * k) * size),
                (x + w, y + (16 + 6 * k) * size),
            ],
            "#ffffff",
            2,
            0.22,
        )
