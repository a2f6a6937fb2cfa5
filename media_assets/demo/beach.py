"""The beach at night, 1300 units wide, and the bottle that the sea has left on its sand."""

from __future__ import annotations

import math
import random
from functools import lru_cache

import skia

from media_assets.demo.brush import (
    Point,
    box,
    glow,
    gradient,
    grain,
    line,
    oval,
    paint,
    picture,
    place,
    shape,
    smooth,
    wave,
)
from media_assets.demo.seaside import (
    HEIGHT,
    SKIES,
    draw_beam,
    draw_cloud,
    draw_lighthouse,
    draw_sea,
    draw_sky,
)

BEACH_WIDTH = 1300.0


@lru_cache
def beach_sand() -> skia.Image:
    """The picture of the sand, the dune, the rocks and the shells."""

    def draw(canvas: skia.Canvas) -> None:
        sand = smooth(
            [(-80, 600), (-80, 404), (200, 398), (520, 404), (850, 398), (1380, 406), (1380, 600)]
        )
        canvas.drawPath(sand, gradient((0, 395), (0, 560), ["#8d83a0", "#7a6f92", "#5d557e"]))
        dice = random.Random(4)
        for _ in range(150):
            x, y = dice.uniform(0, BEACH_WIDTH), dice.uniform(425, 556)
            w = dice.uniform(8, 34)
            line(
                canvas,
                [(x, y), (x + w / 2, y - 2.5), (x + w, y)],
                dice.choice(["#c9bfd0", "#453d68"]),
                1.8,
                0.35,
            )
        dune = smooth(
            [
                (-120, 600),
                (-120, 300),
                (-20, 318),
                (90, 352),
                (190, 392),
                (300, 420),
                (240, 470),
                (60, 520),
            ]
        )
        shape(canvas, dune, gradient((0, 310), (0, 520), ["#978cab", "#645a86"]), outline=0)
        for _ in range(26):
            x = dice.uniform(-10, 210)
            y = 322 + (x / 210) ** 1.2 * 78 + dice.uniform(-4, 10)
            lean, height = dice.uniform(-8, 18), dice.uniform(24, 52)
            line(
                canvas,
                [(x, y), (x + lean * 0.4, y - height * 0.6), (x + lean, y - height)],
                dice.choice(["#3f5f6b", "#34506a", "#56777a"]),
                3,
            )
        for x, y, s in ((1130, 476, 1.1), (1205, 492, 0.8), (1058, 484, 0.5)):
            rock = smooth(
                [
                    (x - 60 * s, y + 14 * s),
                    (x - 50 * s, y - 26 * s),
                    (x - 10 * s, y - 52 * s),
                    (x + 34 * s, y - 38 * s),
                    (x + 60 * s, y - 4 * s),
                    (x + 52 * s, y + 16 * s),
                ]
            )
            shape(canvas, rock, "#4d4a74", shade=(-14 * s, -10 * s), outline=2)
            line(canvas, [(x - 34 * s, y - 24 * s), (x - 6 * s, y - 42 * s)], "#a9bbea", 4, 0.5)
        for x, y in ((420, 508), (860, 520), (980, 476), (300, 486)):
            shell = smooth(
                [
                    (x - 10, y + 5),
                    (x - 9, y - 4),
                    (x, y - 10),
                    (x + 9, y - 4),
                    (x + 10, y + 5),
                    (x, y + 8),
                ]
            )
            shape(canvas, shell, "#e7c9d0", outline=1.8)
            for k in (-5, 0, 5):
                line(canvas, [(x, y + 6), (x + k, y - 5)], "#9a7d94", 1.4)
        grain(canvas, skia.Rect.MakeLTRB(0, 398, BEACH_WIDTH, HEIGHT), 21, 0.6, scale=40)

    return picture(round(BEACH_WIDTH), round(HEIGHT), draw, 2.4)


def draw_small_bottle(canvas: skia.Canvas, at: Point, angle: float, t: float, size: float) -> None:
    """The bottle with the letter, as it lies in the sand or in a hand; it glints."""
    canvas.save()
    canvas.translate(*at)
    canvas.rotate(angle)
    canvas.scale(size, size)
    body = smooth(
        [
            (-12, 16),
            (-13, -6),
            (-6, -18),
            (-5, -30),
            (5, -30),
            (6, -18),
            (13, -6),
            (12, 16),
            (0, 19),
        ]
    )
    shape(canvas, body, gradient((-13, 0), (13, 0), ["#bfeede", "#6fc0ad", "#a5e0cf"]), outline=2)
    shape(canvas, box(-6, -12, 12, 26, 4), "#fbeecb", outline=1.4)
    line(canvas, [(-6, 1), (6, 1)], "#cf4438", 3)
    shape(canvas, box(-5, -38, 10, 10, 3), "#b98a55", outline=1.6)
    canvas.restore()
    shine = max(wave(t, 1.4), 0.0)
    glow(
        canvas,
        (at[0] + 6 * size, at[1] - 10 * size),
        30 * size * (0.6 + shine),
        "#e8fff4",
        0.35 + 0.5 * shine,
    )


def draw_beach(canvas: skia.Canvas, t: float, camera_x: float, bottle: bool) -> None:
    """The beach at night: moon and stars, surf, the dune on the left, the lighthouse far away."""
    sky = SKIES["night"]
    draw_sky(canvas, sky, BEACH_WIDTH, 272, t)
    glow(canvas, (820, 96), 240, "#cfe0ff", 0.7)
    canvas.drawCircle(820, 96, 44, paint("#fdf6df"))
    for x, y, r in ((806, 84, 9), (834, 106, 7), (828, 76, 4)):
        canvas.drawCircle(x, y, r, paint("#e0d8c8", 0.8))
    canvas.save()
    canvas.translate((camera_x - BEACH_WIDTH / 2) * 0.3, 0)
    for x, y, size in ((230, 120, 0.9), (590, 76, 0.7), (1080, 150, 1.0)):
        draw_cloud(canvas, x + t * 6, y, size, sky)
    canvas.restore()
    hill = smooth([(-100, 290), (0, 246), (120, 226), (260, 240), (380, 268), (450, 290)])
    canvas.drawPath(hill, paint(sky.hills[1]))
    draw_beam(canvas, 300, 244 - 168 * 0.5, t, 760)
    draw_lighthouse(canvas, 300, 248, 0.5, True)
    draw_sea(canvas, sky, BEACH_WIDTH, 270, 412, t)
    for k in range(11):
        w = 18 + k * 7 + 10 * wave(t, 1.9, k * 0.31)
        middle = 820 + 8 * wave(t, 2.6, k * 0.23)
        line(canvas, [(middle - w, 276 + k * 11), (middle + w, 276 + k * 11)], "#fdf6df", 3, 0.5)
    place(canvas, beach_sand(), BEACH_WIDTH, HEIGHT)
    wash = 9 * wave(t, 4.2)
    edge = [
        (x, 414 + wash + 7 * math.sin(x / 83 + t * 0.5) + 3 * math.sin(x / 31 - t))
        for x in range(290, 1361, 30)
    ]
    water = smooth([*edge, (1400, 392), (290, 392)])
    canvas.drawPath(water, paint(sky.sea[0], 0.75))
    line(canvas, edge, "#eaf4ff", 5, 0.85)
    line(canvas, [(x, y - 9) for x, y in edge], "#eaf4ff", 2.4, 0.4)
    if bottle:
        draw_small_bottle(canvas, (730, 488), 64, t, 1.0)


@lru_cache
def bottle_sand() -> skia.Image:
    """The picture of the sand around the bottle, seen from above."""

    def draw(canvas: skia.Canvas) -> None:
        canvas.drawRect(
            skia.Rect.MakeLTRB(0, 0, 1000, HEIGHT),
            gradient((0, 0), (600, 560), ["#a79bb2", "#8a7fa0", "#665d88"]),
        )
        dice = random.Random(9)
        for _ in range(90):
            x, y, w = dice.uniform(0, 1000), dice.uniform(0, 560), dice.uniform(30, 110)
            line(
                canvas,
                [(x, y), (x + w / 2, y - 6), (x + w, y)],
                dice.choice(["#d5cbd8", "#4f4774"]),
                2.6,
                0.3,
            )
        for _ in range(160):
            canvas.drawCircle(
                dice.uniform(0, 1000),
                dice.uniform(0, 560),
                dice.uniform(1, 3.2),
                paint(dice.choice(["#e7dde2", "#4f4774"]), 0.5),
            )
        star = smooth(
            [
                (210 + r * math.cos(a), 170 + r * math.sin(a))
                for r, a in (
                    (62 if k % 2 == 0 else 25, math.radians(36 * k - 78)) for k in range(10)
                )
            ]
        )
        shape(canvas, star, "#e58a6b", shade=(-8, -8), outline=3.4)
        for k in range(5):
            a = math.radians(72 * k - 78)
            for r in (14, 28, 42):
                canvas.drawCircle(210 + r * math.cos(a), 170 + r * math.sin(a), 3, paint("#ffd3b8"))
        for x, y, s in ((790, 150, 1.0), (170, 420, 0.8)):
            fan = smooth(
                [
                    (x - 44 * s, y + 14 * s),
                    (x - 38 * s, y - 22 * s),
                    (x, y - 46 * s),
                    (x + 38 * s, y - 22 * s),
                    (x + 44 * s, y + 14 * s),
                    (x, y + 38 * s),
                ]
            )
            shape(canvas, fan, "#eccdd4", shade=(-8, -6), outline=3.2)
            for k in (-26, -13, 0, 13, 26):
                line(canvas, [(x, y + 32 * s), (x + k * s * 1.2, y - 30 * s)], "#a3859c", 3)
        grain(canvas, skia.Rect.MakeLTRB(0, 0, 1000, HEIGHT), 33, 0.5, scale=60)

    return picture(1000, round(HEIGHT), draw, 2.0)


def draw_bottle(canvas: skia.Canvas, t: float) -> None:
    """The bottle from close by: green glass, a cork, a rolled letter with a red ribbon."""
    place(canvas, bottle_sand(), 1000, HEIGHT)
    reach = 455 + 30 * wave(t, 5.0, 0.1)
    edge = [
        (x, reach + 14 * math.sin(x / 120 + t * 0.6) + 5 * math.sin(x / 47 - t))
        for x in range(-40, 1081, 40)
    ]
    canvas.drawPath(smooth([*edge, (1080, 640), (-40, 640)]), paint("#4a73a8", 0.72))
    line(canvas, edge, "#eef6ff", 9, 0.9)
    line(canvas, [(x, y + 20) for x, y in edge], "#eef6ff", 4, 0.4)
    canvas.save()
    canvas.translate(520, 290)
    canvas.rotate(-62 + 2.5 * wave(t, 3.3))
    canvas.drawPath(oval(14, 60, 96, 150), paint("#241a44", 0.35, blur=14))
    body = smooth(
        [
            (-70, 150),
            (-78, 20),
            (-66, -50),
            (-28, -96),
            (-24, -170),
            (24, -170),
            (28, -96),
            (66, -50),
            (78, 20),
            (70, 150),
            (0, 168),
        ]
    )
    letter = box(-38, -40, 76, 176, 16)
    shape(canvas, body, gradient((-80, 0), (80, 0), ["#c8f3e4", "#58ac9b", "#8fd6c4"]), outline=4.4)
    shape(canvas, letter, gradient((-38, 0), (38, 0), ["#fff6da", "#e9cf9c"]), outline=3)
    for y in (-16, 2, 92, 110):
        line(canvas, [(-24, y), (22, y + 1)], "#8a6a4a", 3, 0.6)
    shape(canvas, box(-42, 36, 84, 20, 4), "#cf4438", outline=3)
    shape(canvas, smooth([(0, 46), (-26, 28), (-34, 46), (-26, 64)]), "#e4573d", outline=3)
    shape(canvas, smooth([(0, 46), (26, 28), (34, 46), (26, 64)]), "#e4573d", outline=3)
    canvas.drawPath(body, paint("#9be8d2", 0.22))
    line(canvas, [(-56, 120), (-62, 30), (-50, -34)], "#ffffff", 12, 0.65)
    line(canvas, [(56, 110), (62, 60)], "#ffffff", 7, 0.4)
    shape(canvas, box(-26, -186, 52, 26, 8), "#9fd9c8", outline=3.4)
    shape(canvas, box(-20, -222, 40, 42, 8), "#b98a55", outline=3.4, shade=(-7, 0))
    canvas.restore()
    for k, (x, y) in enumerate(((430, 250), (610, 330), (520, 200))):
        shine = max(wave(t, 1.6, k / 3), 0.0) ** 2
        for dx, dy in ((16, 0), (0, 16)):
            line(
                canvas,
                [(x - dx * shine, y - dy * shine), (x + dx * shine, y + dy * shine)],
                "#ffffff",
                4,
                shine,
            )
    canvas.drawRect(skia.Rect.MakeLTRB(0, 0, 1000, HEIGHT), paint("#20306e", 0.14))
