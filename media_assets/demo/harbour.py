"""The harbour: houses on the left, the quay, the sea with boats, the lighthouse on its rock.

1600 units wide, the horizon at y = 312, the quay from y = 408 down.
"""

from __future__ import annotations

import random
from functools import lru_cache
from itertools import chain, pairwise

import skia

from media_assets.demo.brush import (
    INK,
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
    rgba,
    shape,
    smooth,
    wave,
)
from media_assets.demo.seaside import (
    HEIGHT,
    SKIES,
    Sky,
    draw_beam,
    draw_boat,
    draw_cloud,
    draw_gull,
    draw_lighthouse,
    draw_sea,
    draw_sky,
)

HARBOUR_WIDTH = 1600.0


HOUSES = (
    (-30, 190, 118, "#e0846a", "#8d4a44"),
    (86, 236, 110, "#f0c27b", "#6f5a76"),
    (194, 174, 128, "#7fb0a5", "#a1503f"),
    (320, 214, 104, "#e9a3a0", "#5b5a86"),
    (422, 158, 112, "#f3dfb2", "#a1503f"),
)


def smooth_roof(x: float, top: float, width: float) -> skia.Path:
    """A pitched roof with overhanging eaves."""
    return polygon(
        [
            (x - 10, top + 4),
            (x + 24, top - 46),
            (x + width - 24, top - 46),
            (x + width + 10, top + 4),
        ]
    )


def windows(index: int) -> list[tuple[float, float, bool]]:
    """The windows of a house as (x, y of the upper left corner, somebody is at home)."""
    x, height, width, _, _ = HOUSES[index]
    dice = random.Random(index)
    return [
        (x + 18 + column * (width - 62), 412 - height + 20 + row * 64, dice.random() < 0.7)
        for row in range(int((height - 60) // 62) + 1)
        for column in range(2)
    ]


def relight_windows(canvas: skia.Canvas) -> None:
    """Puts the light back into the windows that the dark has covered."""
    for x, y, on in chain.from_iterable(windows(index) for index in range(len(HOUSES))):
        if on:
            canvas.drawPath(box(x + 1, y + 1, 25, 34, 4), paint("#ffd874", 0.75))
            line(canvas, [(x + 13.5, y), (x + 13.5, y + 36)], INK, 2)
            line(canvas, [(x, y + 18), (x + 27, y + 18)], INK, 2)
            glow(canvas, (x + 13, y + 18), 46, "#ffb84a", 0.4)


def draw_house(canvas: skia.Canvas, index: int, lit: bool) -> None:
    """One house of the row, with flowers on its highest window sills."""
    x, height, width, wall, roof = HOUSES[index]
    top = 412 - height
    shape(canvas, box(x, top, width, height + 40), wall, shade=(-16, 0))
    shape(canvas, box(x + width * 0.68, top - 58, 17, 46), "#a86a58", shade=(-5, 0))
    shape(canvas, smooth_roof(x, top, width), roof, shade=(-10, -6))
    for k in range(1, 4):
        y = top - 46 + k * 13
        line(canvas, [(x + 34 - k * 9, y), (x + width - 34 + k * 9, y)], "#2a1a4a", 2, 0.25)
    for wx, wy, on in windows(index):
        bright, dim = ("#fff0a8", "#ffc25a") if lit and on else ("#a9c6d6", "#6f8ba6")
        shape(canvas, box(wx, wy, 27, 36, 4), gradient((wx, wy), (wx, wy + 36), [bright, dim]))
        line(canvas, [(wx + 13.5, wy), (wx + 13.5, wy + 36)], INK, 2)
        line(canvas, [(wx, wy + 18), (wx + 27, wy + 18)], INK, 2)
        shape(canvas, box(wx - 4, wy + 35, 35, 6, 2), "#fff3dc", outline=1.8)
        if wy < top + 30:
            for k, color in enumerate(("#e4573d", "#f7c948", "#ee8bb0", "#e4573d", "#f7c948")):
                canvas.drawCircle(wx + k * 7, wy + 33, 4.5, paint(color))
    shape(canvas, box(x + width / 2 - 17, 354, 34, 62, 12), roof)
    canvas.drawCircle(x + width / 2 + 9, 388, 2.6, paint("#f7d774"))


def draw_quay(canvas: skia.Canvas) -> None:
    """The quay of worn stone slabs, from y = 404 down."""
    left, right = -80.0, HARBOUR_WIDTH + 80
    quay = skia.Rect.MakeLTRB(left, 408, right, 580)
    canvas.drawRect(quay, gradient((0, 408), (0, 560), ["#cdb79c", "#9c8272"]))
    dice = random.Random(11)
    for row, (y, depth) in enumerate(((424, 22), (446, 28), (474, 36), (510, 60))):
        line(canvas, [(left, y), (right, y)], "#6a5250", 2, 0.35)
        slab = 58 + row * 22
        for k in range(-1, int(HARBOUR_WIDTH / slab) + 2):
            x = (k + 0.5 * (row % 2)) * slab + dice.uniform(-6, 6)
            line(canvas, [(x, y), (x + (x - 800) * 0.03, y + depth)], "#6a5250", 2, 0.3)
            if dice.random() < 0.35:
                tone = dice.choice(["#fff0d8", "#7d6560"])
                canvas.drawPath(box(x + 4, y + 4, slab - 8, depth - 8, 5), paint(tone, 0.16))
    canvas.drawRect(skia.Rect.MakeLTRB(left, 404, right, 413), paint("#e3d2b6"))
    line(canvas, [(left, 404), (right, 404)], INK, 2.6)
    line(canvas, [(left, 413), (right, 413)], INK, 1.8, 0.6)


def draw_quay_things(canvas: skia.Canvas, lit: bool) -> None:
    """What stands on the quay: bollards with a rope, crates, a net with floats, the street lamp."""
    half = [(-12, 412), (-10, 386), (-17, 378), (0, 370)]
    bollard = [*half, *((-x, y) for x, y in reversed(half[:-1]))]
    posts = (640, 905, 1180, 1420)
    for post in posts:
        shape(canvas, smooth([(post + x, y) for x, y in bollard]), "#4a4568", shade=(-5, -2))
    for a, b in pairwise(posts):
        line(canvas, [(a, 390), ((a + b) / 2, 408), (b, 390)], "#e8cfa0", 4)
    for x, y, w, h in ((1010, 366, 58, 44), (1062, 372, 50, 38), (1030, 330, 52, 38)):
        shape(canvas, box(x, y, w, h, 3), "#b98a55", shade=(-7, -5))
        for k in (0.33, 0.66):
            line(canvas, [(x + 2, y + 38 * k), (x + w - 2, y + 38 * k)], "#70492c", 2.4)
    shape(canvas, oval(1300, 396, 40, 18), "#5a8a7c", shade=(-6, -4))
    for k in range(-3, 4):
        line(canvas, [(1300 + k * 11, 382), (1300 + k * 8, 410)], "#2f5a55", 1.8, 0.7)
    for k in range(4):
        canvas.drawCircle(1272 + k * 18, 389 + 4 * (k % 2), 5, paint("#f0863c"))
    line(canvas, [(575, 408), (575, 210)], INK, 11)
    line(canvas, [(575, 408), (575, 210)], "#4a4568", 6)
    line(canvas, [(575, 222), (560, 206), (548, 214)], INK, 6)
    lantern = polygon([(536, 214), (560, 214), (564, 244), (532, 244)])
    shape(canvas, lantern, "#fff0a8" if lit else "#d8e6ea", outline=2.4)
    shape(canvas, polygon([(530, 214), (548, 200), (566, 214)]), "#4a4568", outline=2.4)


def paint_harbour_land(canvas: skia.Canvas, time: str) -> None:
    """Everything of the harbour that stands still, in the light of a time of day."""
    sky = SKIES[time]
    lit = time != "morning"
    canvas.saveLayer(None, None)
    for index in range(len(HOUSES)):
        draw_house(canvas, index, lit)
    draw_quay(canvas)
    draw_quay_things(canvas, lit)
    if sky.shadow:
        dark = skia.Paint(Color=rgba("#2c2268", sky.shadow), BlendMode=skia.BlendMode.kSrcATop)
        canvas.drawRect(skia.Rect.MakeLTRB(-100, -100, HARBOUR_WIDTH + 100, 600), dark)
    if lit:
        relight_windows(canvas)
        glow(canvas, (548, 228), 120, "#ffc870", 0.75)
    canvas.restore()


@lru_cache
def harbour_land(time: str) -> skia.Image:
    """The picture of what stands still in the harbour."""

    def draw(canvas: skia.Canvas) -> None:
        paint_harbour_land(canvas, time)
        soften = skia.Rect.MakeLTRB(-50, 400, HARBOUR_WIDTH, HEIGHT)
        grain(canvas, soften, 3, 0.5, scale=60)

    return picture(round(HARBOUR_WIDTH), round(HEIGHT), draw, 2.4)


def draw_headland(canvas: skia.Canvas, sky: Sky, lit: bool) -> None:
    """The far hills and the rock with the lighthouse."""
    far = smooth(
        [
            (-200, 330),
            (-100, 270),
            (150, 250),
            (420, 285),
            (700, 262),
            (1000, 292),
            (1300, 262),
            (1650, 280),
            (1800, 330),
        ]
    )
    canvas.drawPath(far, paint(sky.hills[0], 0.75))
    rock = smooth(
        [
            (1110, 318),
            (1150, 296),
            (1210, 276),
            (1290, 262),
            (1370, 272),
            (1450, 268),
            (1540, 250),
            (1720, 256),
            (1720, 330),
            (1100, 330),
        ]
    )
    canvas.drawPath(rock, gradient((0, 255), (0, 320), sky.hills))
    for x, y, w in ((1190, 296, 60), (1330, 284, 80), (1460, 292, 90)):
        line(canvas, [(x - w / 2, y), (x, y - 5), (x + w / 2, y + 2)], "#ffffff", 3, 0.13)
    draw_lighthouse(canvas, 1300, 268, 0.92, lit)


def draw_harbour(canvas: skia.Canvas, t: float, camera_x: float, time: str, lit: bool) -> None:
    """The harbour: houses on the left, the sea with boats, the lighthouse on its rock far right."""
    sky = SKIES[time]
    draw_sky(canvas, sky, HARBOUR_WIDTH, 312, t)
    if time == "dusk":
        glow(canvas, (880, 285), 260, "#ffd98a", 0.85)
        canvas.drawCircle(880, 284, 40, paint("#fff2c0", 0.95, blur=2))
    elif time == "night":
        glow(canvas, (760, 90), 170, "#cfe0ff", 0.6)
        canvas.drawCircle(760, 90, 34, paint("#fdf6df"))
        canvas.drawCircle(774, 82, 30, paint(sky.sky[1], 0.95, blur=2))
    else:
        glow(canvas, (980, 150), 330, "#fff4c0", 0.9)
        canvas.drawCircle(980, 150, 36, paint("#fffbe0", blur=2))
    canvas.save()
    canvas.translate((camera_x - HARBOUR_WIDTH / 2) * 0.3, 0)
    for x, y, size in (
        (300, 90, 1.0),
        (640, 150, 0.7),
        (1060, 70, 1.2),
        (1420, 140, 0.8),
        (60, 170, 0.7),
    ):
        draw_cloud(canvas, x + t * 7 * size, y, size, sky)
    canvas.restore()
    canvas.save()
    canvas.translate((camera_x - HARBOUR_WIDTH / 2) * 0.1, 0)
    draw_headland(canvas, sky, lit)
    canvas.restore()
    draw_sea(canvas, sky, HARBOUR_WIDTH, 310, 416, t)
    if time != "night":
        for k in range(9):
            w = 60 - 5 * k + 10 * wave(t, 1.7, k * 0.37)
            x = 880 if time == "dusk" else 980
            line(canvas, [(x - w, 318 + k * 10), (x + w, 318 + k * 10)], "#fff0c0", 3, 0.5)
    lamps = time != "morning"
    draw_boat(canvas, 650, 352, 0.62, t, "#cf4438", lamps)
    draw_boat(canvas, 1095, 338, 0.45, t, "#3f8f8a", lamps)
    draw_boat(canvas, 945, 384, 0.9, t, "#3b6fa8", lamps)
    if lit and time == "night":
        lamp_x = 1300 + (camera_x - HARBOUR_WIDTH / 2) * 0.1
        draw_beam(canvas, lamp_x, 268 - 168 * 0.92, t, 950)
    place(canvas, harbour_land(time), HARBOUR_WIDTH, HEIGHT)
    if time != "night":
        for k, (x, y, size) in enumerate(((500, 130, 1.0), (570, 170, 0.7), (1120, 110, 0.9))):
            draw_gull(canvas, x + 46 * t + 10 * k, y + 14 * wave(t, 5.0, k / 3), size, t, k / 3)
