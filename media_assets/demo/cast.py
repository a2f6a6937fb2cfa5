"""The three characters: how Mina, Jonas and Grandpa Bram look in any pose."""

from __future__ import annotations

import math
from collections.abc import Callable

import skia

from media_assets.demo.brush import INK, box, limb, line, oval, paint, rgba, shape, smooth
from media_assets.demo.rig import Face, Pose, draw_arm, draw_face, draw_head, draw_legs, tilted

MINA = Face((0, -146), 45, 43, "#ffd9b8", "#3f8f6b", "#a8391c", lashes=True)


JONAS = Face(
    (0, -144),
    44,
    42,
    "#9a623c",
    "#4a2b17",
    "#1d1518",
    blush="#d2452c",
    blush_alpha=0.32,
    nose="#552a1b",
)


BRAM = Face((0, -196), 43, 44, "#f4c4a0", "#3f74ad", "#f4f1ea", brow_width=7.5, brow_outline=1.8)


def draw_mina(canvas: skia.Canvas, pose: Pose) -> None:
    """Mina: a short red bob, a green raincoat with yellow toggles, yellow boots."""
    red, dark = "#d8472b", "#b5331d"
    green, trim = "#3fa564", "#2c8450"
    draw_legs(canvas, pose, -44, 13, 15, "#5a4a86", "#f4b92f", 0.8)
    hood = smooth([(-36, -96), (-30, -112), (0, -118), (30, -112), (36, -96), (0, -86)])
    coat = smooth(
        [
            (-19, -104),
            (0, -108),
            (19, -104),
            (31, -84),
            (41, -34),
            (24, -26),
            (0, -24),
            (-24, -26),
            (-41, -34),
            (-31, -84),
        ]
    )
    shape(canvas, coat, green, shade=(-9, -6))
    ox = pose.facing * 6
    line(canvas, [(ox, -104), (ox + 1, -60), (ox, -25)], trim, 3)
    for y in (-84, -64, -44):
        shape(canvas, box(ox - 9, y - 3, 18, 6, 3), "#ffd766", outline=1.8)
    for side in (-1, 1):
        line(canvas, [(side * 20, -48), (side * 31, -50)], trim, 4)
    for side in (-1, 1):
        draw_arm(canvas, pose, side, (side * 26, -93), 44, 17, green, MINA.skin, cuff=trim)
    tilted(canvas, pose, (0, -106))
    bob = smooth(
        [
            (0, -200),
            (36, -190),
            (54, -160),
            (56, -128),
            (44, -108),
            (30, -112),
            (-30, -112),
            (-44, -108),
            (-56, -128),
            (-54, -160),
            (-36, -190),
        ]
    )
    shape(canvas, bob, dark)
    shape(canvas, hood, trim, shade=(0, -6))
    draw_head(canvas, MINA)
    draw_face(canvas, MINA, pose)
    t = pose.facing * 8
    fringe = smooth(
        [
            (-47, -138),
            (-50, -165),
            (-36, -190),
            (0, -201),
            (36, -190),
            (50, -165),
            (47, -138),
            (41, -152),
            (37 + t * 0.3, -171),
            (24 + t, -164),
            (14 + t, -178),
            (0 + t, -166),
            (-12 + t, -179),
            (-22 + t, -166),
            (-37 + t * 0.3, -173),
            (-41, -152),
        ]
    )
    shape(canvas, fringe, red, shade=(-5, -5))
    for side in (-1, 1):
        lock = smooth(
            [
                (side * 46, -150),
                (side * 53, -138),
                (side * 51, -118),
                (side * 40, -107),
                (side * 42, -122),
                (side * 40, -140),
            ]
        )
        shape(canvas, lock, red)
    shape(canvas, smooth([(-4, -197), (-12, -212), (2, -207), (12, -217), (9, -198)]), red)
    line(canvas, [(-30, -178), (-12, -190), (8, -192)], "#f2805e", 4, 0.8)
    shape(
        canvas, box(22 * (1 if pose.facing < 0 else -1) - 8, -178, 16, 6, 3), "#ffd766", outline=1.6
    )
    canvas.restore()


def draw_jonas(canvas: skia.Canvas, pose: Pose) -> None:
    """Jonas: black curls, yellow dungarees over a red and white striped shirt, red shoes."""
    yellow, shade = "#f6c12e", "#d89a1b"
    draw_legs(canvas, pose, -46, 13, 18, yellow, "#c8402f", 0.15)
    shirt = smooth(
        [(-18, -104), (0, -107), (18, -104), (31, -90), (31, -50), (0, -46), (-31, -50), (-31, -90)]
    )
    shape(canvas, shirt, "#fff6e6")
    canvas.save()
    canvas.clipPath(shirt, skia.ClipOp.kIntersect, True)
    for stripe in range(-104, -46, 10):
        canvas.drawRect(skia.Rect.MakeXYWH(-40, stripe, 80, 5), paint("#d8473c"))
    canvas.restore()
    ox = pose.facing * 5
    bib = smooth(
        [
            (-22 + ox, -86),
            (0 + ox, -85),
            (22 + ox, -86),
            (27, -64),
            (33, -40),
            (16, -32),
            (0, -34),
            (-16, -32),
            (-33, -40),
            (-27, -64),
        ]
    )
    shape(canvas, bib, yellow, shade=(-7, -5))
    shape(canvas, box(-11 + ox, -72, 22, 17, 5), yellow, outline=2.0, ink=shade)
    for side in (-1, 1):
        limb(canvas, [(side * 17 + ox, -84), (side * 19, -104)], yellow, 7, outline=2)
        shape(canvas, oval(side * 17 + ox, -82, 4.2, 4.2), "#f5efe2", outline=1.6)
    for side in (-1, 1):
        draw_arm(
            canvas, pose, side, (side * 25, -94), 43, 16, "#fff6e6", JONAS.skin, stripes="#d8473c"
        )
    tilted(canvas, pose, (0, -104))
    curls = [
        (math.cos(a) * 44, -154 - math.sin(a) * 42, 15.0 + 3 * math.sin(a * 7))
        for a in (math.radians(d) for d in range(-12, 193, 17))
    ]
    for width in (2.8, 0.0):
        for x, y, r in curls:
            canvas.drawPath(oval(x, y, r + width, r + width), paint(INK if width else "#241b22"))
    for side in (-1, 1):
        shape(canvas, oval(side * 43, -139, 9, 11), JONAS.skin)
    draw_head(canvas, JONAS)
    draw_face(canvas, JONAS, pose, nose=0.13)
    t = pose.facing * 5
    for x, y, r in (
        (-36, -164, 13),
        (-25 + t, -174, 15),
        (-8 + t, -179, 15),
        (10 + t, -178, 15),
        (26 + t, -173, 14),
        (37, -163, 12),
        (-18, -188, 16),
        (4, -192, 17),
        (24, -187, 15),
    ):
        canvas.drawPath(oval(x, y, r, r), paint("#241b22"))
    for x, y, r in (
        (-20, -186, 9),
        (4, -191, 10),
        (25, -184, 8),
        (-36, -168, 7),
        (38, -165, 6),
        (-8 + t, -176, 8),
        (14 + t, -175, 7),
    ):
        arc = skia.Path()
        arc.addArc(skia.Rect.MakeLTRB(x - r, y - r, x + r, y + r), 190, 190)
        canvas.drawPath(arc, paint("#6b5568", 0.9, width=2.4))
    canvas.restore()


def draw_bram(canvas: skia.Canvas, pose: Pose) -> None:
    """Grandpa Bram: a full white beard, a navy cap, a blue cable-knit fisherman's jumper."""
    blue, knit = "#2f6fb3", "#245790"
    draw_legs(canvas, pose, -62, 18, 22, "#6d6259", "#3b3a44", 0.62)
    jumper = smooth(
        [
            (-26, -150),
            (0, -154),
            (26, -150),
            (46, -132),
            (51, -90),
            (47, -54),
            (0, -48),
            (-47, -54),
            (-51, -90),
            (-46, -132),
        ]
    )
    shape(canvas, jumper, blue, shade=(-11, -7))
    canvas.save()
    canvas.clipPath(jumper, skia.ClipOp.kIntersect, True)
    for column in (-30, -10, 10, 30):
        for row in range(8):
            y, x = -140 + row * 12, column + pose.facing * 4
            line(canvas, [(x - 5, y), (x, y + 6), (x + 5, y)], knit, 2.4, 0.8)
    canvas.drawRect(skia.Rect.MakeXYWH(-60, -64, 120, 18), paint(knit))
    for x in range(-48, 50, 8):
        line(canvas, [(x, -62), (x, -50)], blue, 2.2)
    canvas.restore()
    canvas.drawPath(jumper, paint(INK, width=2.6))
    for side in (-1, 1):
        draw_arm(canvas, pose, side, (side * 40, -136), 66, 22, blue, BRAM.skin, cuff=knit)
    shape(
        canvas,
        smooth([(-27, -150), (0, -164), (27, -150), (24, -140), (0, -135), (-24, -140)]),
        knit,
    )
    tilted(canvas, pose, (0, -150))
    white, grey = "#fbf8f1", "#ded9d2"
    for side in (-1, 1):
        shape(
            canvas,
            smooth([(side * 34, -214), (side * 50, -205), (side * 51, -186), (side * 40, -176)]),
            white,
        )
        shape(canvas, oval(side * 43, -193, 9, 12), BRAM.skin)
    draw_head(canvas, BRAM)
    talk = {"open": 8.0, "mid": 5.0, "wide": 4.0, "round": 5.0, "teeth": 2.0}.get(pose.mouth, 0.0)
    t = pose.facing * 7
    beard = smooth(
        [
            (-45, -190),
            (-48, -170),
            (-44, -150 + talk * 0.5),
            (-30, -132 + talk),
            (-14, -120 + talk),
            (0 + t * 0.5, -114 + talk),
            (14, -120 + talk),
            (30, -132 + talk),
            (44, -150 + talk * 0.5),
            (48, -170),
            (45, -190),
            (39, -176),
            (22 + t, -172),
            (0 + t, -178),
            (-22 + t, -172),
            (-39, -176),
        ]
    )
    shape(canvas, beard, white, shade=(-8, -6))
    for x, y in ((-30, -152), (-16, -138), (2, -130), (20, -140), (32, -154)):
        line(
            canvas,
            [(x - 5, y + talk * 0.6), (x, y + 9 + talk * 0.8), (x + 7, y + 8 + talk)],
            grey,
            3,
        )
    draw_face(canvas, BRAM, pose, nose=0.02)
    for side in (-1, 1):
        shape(
            canvas,
            smooth(
                [
                    (t * 1.4, -181),
                    (t * 1.4 + side * 16, -184),
                    (t + side * 30, -172),
                    (t + side * 17, -170),
                    (t * 1.4 + side * 2, -174),
                ]
            ),
            white,
            outline=2.0,
        )
    nose = oval(t * 1.9, -185, 11, 9.5)
    shape(canvas, nose, "#f0a98a", shade=(-3, -3))
    canvas.drawPath(oval(t * 1.9 - 4, -189, 3, 2.4), paint("#ffffff", 0.6))
    cap = smooth(
        [
            (-45, -227),
            (-50, -245),
            (-36, -263),
            (0, -268),
            (36, -263),
            (50, -245),
            (45, -227),
            (0, -237),
        ]
    )
    shape(canvas, cap, "#28375c", shade=(-8, -5))
    band = smooth([(-46, -224), (-46, -238), (0, -245), (46, -238), (46, -224), (0, -232)])
    shape(canvas, band, "#1d2846")
    peak = smooth(
        [
            (-36 + t, -226),
            (0 + t, -235),
            (36 + t, -226),
            (30 + t * 1.8, -216),
            (0 + t * 2, -219),
            (-28 + t * 1.8, -217),
        ]
    )
    shape(canvas, peak, "#1d2846")
    line(canvas, [(-16 + t, -234), (0 + t, -237), (16 + t, -234)], "#e2b64a", 3)
    canvas.restore()


DRAW: dict[str, Callable[[skia.Canvas, Pose], None]] = {
    "Mina": draw_mina,
    "Jonas": draw_jonas,
    "Bram": draw_bram,
}


def draw_character(canvas: skia.Canvas, name: str, pose: Pose, light: str) -> None:
    """Draws a character of the show in a pose; `light` is the colour of the light it stands in."""
    canvas.save()
    canvas.translate(pose.x, pose.y)
    canvas.scale(pose.scale, pose.scale)
    canvas.drawPath(oval(0, 2, 44 if name != "Bram" else 58, 8), paint("#1a1030", 0.35, blur=5))
    tint = skia.Paint(ColorFilter=skia.ColorFilters.Blend(rgba(light), skia.BlendMode.kModulate))
    canvas.saveLayer(None, tint)
    if pose.walk is not None:
        canvas.translate(0, -abs(math.sin(2 * math.pi * pose.walk)) * -3 - 3)
    DRAW[name](canvas, pose)
    canvas.restore()
    canvas.restore()
