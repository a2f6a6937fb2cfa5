"""The lamp room of the lighthouse: four windows on the sea, the great lamp, the lever.

1000 units wide, the floor from y = 430 down.
"""

from __future__ import annotations

import math
from functools import lru_cache

import skia

from media_assets.demo.brush import (
    INK,
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
    polygon,
    shape,
    smooth,
    wave,
)
from media_assets.demo.seaside import HEIGHT, SKIES, draw_boat, draw_cloud, draw_sea, draw_sky

ROOM_WIDTH = 1000.0


LAMP = (500.0, 270.0)


@lru_cache
def room_walls() -> skia.Image:
    """The picture of the round lamp room with clear panes in its windows."""

    def draw(canvas: skia.Canvas) -> None:
        canvas.drawRect(
            skia.Rect.MakeLTRB(0, 0, ROOM_WIDTH, HEIGHT),
            gradient(
                (0, 0), (ROOM_WIDTH, 0), ["#5d4a63", "#8f7480", "#a98a86", "#8f7480", "#5d4a63"]
            ),
        )
        for y in range(20, 440, 36):
            line(canvas, [(0, y + 14), (500, y), (1000, y + 14)], "#4a3650", 1.6, 0.35)
            for k in range(12):
                x = k * 90 + (45 if (y // 36) % 2 else 0)
                line(canvas, [(x, y + 8), (x, y + 40)], "#4a3650", 1.4, 0.3)
        clear = skia.Paint(AntiAlias=True, BlendMode=skia.BlendMode.kClear)
        for x, width in ((70, 120), (250, 150), (600, 150), (810, 120)):
            pane = skia.Path()
            pane.addRoundRect(skia.Rect.MakeXYWH(x, 92, width, 220), width / 2, width / 2)
            pane.addRect(skia.Rect.MakeXYWH(x, 200, width, 112))
            canvas.drawPath(pane, paint("#4a3244", width=26))
            canvas.drawPath(pane, paint("#c79a66", width=17))
            canvas.drawPath(pane, clear)
            line(canvas, [(x + width / 2, 96), (x + width / 2, 312)], "#8a6242", 5)
            line(canvas, [(x, 205), (x + width, 205)], "#8a6242", 5)
            shape(canvas, box(x - 18, 312, width + 36, 14, 4), "#c79a66", shade=(0, -5))
        for x in (0, 215, 425, 575, 785, 1000):
            line(canvas, [(x, 62), (x, 440)], "#4a3650", 12, 0.28)
        ceiling = smooth(
            [(-60, -60), (1060, -60), (1060, 70), (800, 48), (500, 40), (200, 48), (-60, 70)]
        )
        shape(canvas, ceiling, gradient((0, 0), (0, 70), ["#33243c", "#6b4a42"]))
        for k in range(9):
            x = 60 + k * 110
            line(canvas, [(500 + (x - 500) * 0.5, -20), (x, 52)], "#33243c", 6, 0.7)
        floor = polygon([(-20, 430), (1020, 430), (1020, 580), (-20, 580)])
        canvas.drawPath(floor, gradient((0, 430), (0, 560), ["#a8754a", "#7d5236"]))
        for k in range(-9, 28):
            x = k * 60
            line(
                canvas,
                [(500 + (x - 500) * 0.8, 430), (500 + (x - 500) * 1.25, 560)],
                "#5b3826",
                2.2,
                0.6,
            )
        line(canvas, [(-20, 430), (1020, 430)], INK, 3)
        canvas.drawRect(skia.Rect.MakeLTRB(-20, 418, 1020, 430), paint("#7d5236"))
        rug = oval(500, 492, 300, 46)
        shape(canvas, rug, "#b5483f")
        canvas.drawPath(oval(500, 492, 278, 39), paint("#f0c27b", width=5))
        canvas.drawPath(oval(500, 492, 236, 29), paint("#3d6a80", width=7))
        shape(canvas, box(868, 345, 110, 12, 3), "#8a6242")
        for k, color in enumerate(("#cf4438", "#3f8f8a", "#f0c27b", "#5b5a86", "#e0846a")):
            shape(
                canvas,
                box(876 + k * 15, 300 + 4 * (k % 2), 13, 45 - 4 * (k % 2), 2),
                color,
                outline=1.8,
            )
        shape(canvas, oval(962, 334, 11, 11), "#dfe9e4", outline=2)
        shape(canvas, box(12, 336, 84, 96, 8), "#9a6a3f", shade=(-10, 0))
        for y in (352, 412):
            line(canvas, [(12, y), (54, y + 5), (96, y)], "#4a4568", 6)
        shape(canvas, box(28, 286, 36, 48, 8), gradient((0, 286), (0, 334), ["#ffe9a0", "#ffb84a"]))
        shape(canvas, polygon([(24, 288), (46, 268), (68, 288)]), "#4a4568")
        line(canvas, [(40, 270), (46, 256), (52, 270)], INK, 3)
        glow(canvas, (46, 310), 110, "#ffb84a", 0.6)
        grain(canvas, skia.Rect.MakeLTRB(0, 430, ROOM_WIDTH, HEIGHT), 8, 0.55, scale=50)

    return picture(round(ROOM_WIDTH), round(HEIGHT), draw, 2.4)


def draw_lamp(canvas: skia.Canvas, t: float, power: float) -> None:
    """The great lens on its pedestal; `power` 0 dark to 1 lit."""
    x, y = LAMP
    shape(
        canvas,
        polygon([(x - 58, 470), (x - 44, 392), (x + 44, 392), (x + 58, 470)]),
        "#6f5a76",
        shade=(-14, 0),
    )
    shape(canvas, box(x - 70, 456, 140, 18, 6), "#8a6f86", shade=(0, -6))
    for k in range(4):
        canvas.drawCircle(x - 36 + k * 24, 432, 4, paint("#e2b64a"))
    shape(canvas, box(x - 64, 372, 128, 22, 8), "#d79f3d", shade=(0, -7))
    glass = smooth(
        [
            (x - 48, 374),
            (x - 68, 310),
            (x - 66, 230),
            (x - 40, 170),
            (x, 160),
            (x + 40, 170),
            (x + 66, 230),
            (x + 68, 310),
            (x + 48, 374),
        ]
    )
    shape(
        canvas,
        glass,
        gradient((x - 60, 160), (x + 60, 374), ["#cfe4ea", "#7f9fb6", "#a9c8d4", "#6f8ba6"]),
    )
    if power:
        canvas.drawPath(glass, paint("#fff3b0", 0.9 * power))
    canvas.save()
    canvas.clipPath(glass, skia.ClipOp.kIntersect, True)
    for k in range(-5, 6):
        ring = y + k * 20
        bow = k * 3.2
        line(canvas, [(x - 72, ring), (x, ring + bow), (x + 72, ring)], "#ffffff", 3.4, 0.5)
        line(
            canvas,
            [(x - 72, ring + 4), (x, ring + bow + 4), (x + 72, ring + 4)],
            "#3d5470",
            1.8,
            0.45,
        )
    canvas.drawPath(oval(x, y, 26, 30), paint("#fffbe0" if power else "#9db8c8", 0.95))
    canvas.drawPath(oval(x, y, 26, 30), paint("#3d5470", 0.6, width=2.6))
    line(canvas, [(x - 44, 210), (x - 54, 260), (x - 50, 310)], "#ffffff", 7, 0.5)
    canvas.restore()
    canvas.drawPath(glass, paint(INK, width=3))
    for side in (-1, 1):
        line(canvas, [(x + side * 66, 374), (x + side * 80, 270), (x + side * 52, 158)], INK, 9)
        line(
            canvas, [(x + side * 66, 374), (x + side * 80, 270), (x + side * 52, 158)], "#d79f3d", 5
        )
    shape(
        canvas,
        smooth([(x - 56, 166), (x - 30, 142), (x, 130), (x + 30, 142), (x + 56, 166), (x, 172)]),
        "#d79f3d",
        shade=(-10, -5),
    )
    shape(canvas, oval(x, 127, 9, 9), "#d79f3d")
    if power:
        pulse = 1 + 0.04 * wave(t, 1.3)
        glow(canvas, LAMP, 190 * pulse, "#fff2a8", 0.95 * power)
        glow(canvas, LAMP, 620 * pulse, "#ffc65a", 0.75 * power)


def draw_lever(canvas: skia.Canvas, pulled: float) -> None:
    """The big lever beside the lamp; `pulled` 0 up to 1 down."""
    angle = math.radians(-58 + 96 * pulled)
    tip = (655 + math.cos(angle) * 74, 432 + math.sin(angle) * 74 - 12)
    shape(canvas, box(622, 424, 66, 46, 8), "#4a4568", shade=(-8, -5))
    line(canvas, [(655, 428), tip], INK, 13)
    line(canvas, [(655, 428), tip], "#b9bfca", 8)
    shape(canvas, oval(*tip, 12, 12), "#e4573d", shade=(-4, -4))
    shape(canvas, oval(655, 430, 11, 11), "#d79f3d")


def lever_tip(pulled: float) -> Point:
    """Where the knob of the lever is, in units of the room."""
    angle = math.radians(-58 + 96 * pulled)
    return 655 + math.cos(angle) * 74, 432 + math.sin(angle) * 74 - 12


def draw_lamp_room(canvas: skia.Canvas, t: float, power: float, pulled: float) -> None:
    """The lamp room: four windows on the sea at dusk, the great lamp, the lever."""
    sky = SKIES["night"]
    canvas.save()
    canvas.clipRect(skia.Rect.MakeLTRB(0, 60, ROOM_WIDTH, 330))
    draw_sky(canvas, sky, ROOM_WIDTH, 250, t)
    for x, y, size in ((150, 130, 0.7), (660, 150, 0.9), (900, 120, 0.6)):
        draw_cloud(canvas, x + 5 * t, y, size, sky)
    draw_sea(canvas, sky, ROOM_WIDTH, 248, 340, t)
    draw_boat(canvas, 690, 268, 0.26, t, "#cf4438", True)
    canvas.restore()
    place(canvas, room_walls(), ROOM_WIDTH, HEIGHT)
    draw_lamp(canvas, t, power)
    draw_lever(canvas, pulled)
    if power:
        canvas.drawRect(
            skia.Rect.MakeLTRB(0, 0, ROOM_WIDTH, HEIGHT),
            skia.Paint(
                Color=skia.ColorSetARGB(round(56 * power), 255, 196, 96),
                BlendMode=skia.BlendMode.kSoftLight,
            ),
        )
