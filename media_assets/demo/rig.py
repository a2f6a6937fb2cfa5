"""The body that all characters share: pose, face, mouth, limbs.

A character stands on the origin, is drawn upwards (y is negative above the feet) and is placed by
its `Pose`. Left and right are the viewer's. The mouth shapes are those of `voices.MOUTHS`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import skia

from media_assets.demo.brush import INK, Point, box, glow, limb, line, oval, paint, shape, smooth


@dataclass(frozen=True)
class Pose:
    """Where a character is and what its body does at one moment.

    `facing` is -1 (looks left) to 1 (right); `walk` the phase of the step in turns, None when
    standing; hands are points relative to the feet, None lets them hang; `blink` 0 open, 1 shut.
    """

    x: float
    y: float = 470.0
    scale: float = 1.0
    facing: float = 1.0
    walk: float | None = None
    left_hand: Point | None = None
    right_hand: Point | None = None
    mouth: str = "rest"
    blink: float = 0.0
    look: Point = (0.0, 0.0)
    tilt: float = 0.0
    brows: float = 0.0
    breath: float = 0.0


@dataclass(frozen=True)
class Face:
    """Measures and colours of one head, in units of the character's own space."""

    center: Point
    rx: float
    ry: float
    skin: str
    iris: str
    brow: str
    blush: str = "#ff5a4f"
    blush_alpha: float = 0.55
    nose: str = "#a4503f"
    brow_width: float = 4.0
    brow_outline: float = 0.0
    lashes: bool = False


# width, height above and below the line of the lips, teeth, tongue: in parts of the head's radius
MOUTH_SHAPES = {
    "open": (0.23, 0.07, 0.30, True, True),
    "mid": (0.21, 0.06, 0.18, True, True),
    "wide": (0.27, 0.06, 0.13, True, False),
    "round": (0.12, 0.10, 0.17, False, False),
    "teeth": (0.20, 0.06, 0.06, True, False),
}


def draw_mouth(canvas: skia.Canvas, mouth: str, at: Point, size: float) -> None:
    """The mouth in one of its shapes, centred on the line of the lips."""
    x, y = at
    if mouth in ("rest", "closed"):
        depth = 0.11 if mouth == "rest" else 0.02
        width = 0.26 if mouth == "rest" else 0.19
        line(
            canvas,
            [(x - width * size, y), (x, y + depth * size), (x + width * size, y)],
            INK,
            size * 0.065,
        )
        return
    half, up, down, teeth, tongue = MOUTH_SHAPES[mouth]
    corner = y - (up + 0.015) * size if teeth else y
    path = smooth(
        [
            (x - half * size, corner),
            (x, y - up * 0.7 * size),
            (x + half * size, corner),
            (x + half * size * 0.62, y + down * size * 0.8),
            (x, y + down * size),
            (x - half * size * 0.62, y + down * size * 0.8),
        ]
    )
    canvas.save()
    canvas.drawPath(path, paint("#6d1f33"))
    canvas.clipPath(path, skia.ClipOp.kIntersect, True)
    if tongue:
        canvas.drawPath(
            oval(x, y + down * size * 1.05, half * size * 0.7, down * size * 0.5), paint("#e8737c")
        )
    if teeth:
        canvas.drawPath(
            box(x - half * size, y - up * size, 2 * half * size, (up + 0.055) * size, 2),
            paint("#fffaf0"),
        )
    canvas.restore()
    canvas.drawPath(path, paint(INK, width=size * 0.05))


def draw_eye(canvas: skia.Canvas, face: Face, pose: Pose, at: Point, narrow: float) -> None:
    """One eye with its brow; `narrow` < 1 is the far eye of a turned head."""
    x, y = at
    rx, ry = face.rx * 0.19 * narrow, face.ry * 0.26
    brow_y = y - ry * (1.5 + 0.35 * abs(pose.brows))
    inner = math.copysign(1.0, face.center[0] + pose.facing * face.rx * 0.2 - x)
    worry = max(-pose.brows, 0.0) * ry * 0.5
    brow = [
        (x - inner * rx * 1.05, brow_y + ry * 0.3),
        (x - inner * rx * 0.1, brow_y - ry * 0.12),
        (x + inner * rx * 0.95, brow_y - ry * 0.05 - worry),
    ]
    limb(canvas, brow, face.brow, face.brow_width, outline=face.brow_outline)
    if pose.blink > 0.75:
        line(canvas, [(x - rx, y), (x, y + ry * 0.35), (x + rx, y)], INK, 3.0)
        return
    open_ry = ry * (1 - 0.75 * pose.blink)
    white = oval(x, y, rx, open_ry)
    canvas.save()
    canvas.drawPath(white, paint("#fffdf6"))
    canvas.clipPath(white, skia.ClipOp.kIntersect, True)
    ix = x + pose.look[0] * rx * 0.4 + pose.facing * rx * 0.18
    iy = y + pose.look[1] * ry * 0.35 + ry * 0.08
    canvas.drawPath(oval(ix, iy, rx * 0.74, ry * 0.72), paint(face.iris))
    canvas.drawPath(oval(ix, iy + ry * 0.2, rx * 0.6, ry * 0.42), paint("#ffffff", 0.16))
    canvas.drawPath(oval(ix, iy, rx * 0.42, ry * 0.42), paint("#1b1424"))
    canvas.drawPath(oval(ix + rx * 0.22, iy - ry * 0.25, rx * 0.24, ry * 0.2), paint("#ffffff"))
    canvas.drawPath(oval(ix - rx * 0.25, iy + ry * 0.28, rx * 0.12, ry * 0.1), paint("#ffffff"))
    canvas.drawRect(
        skia.Rect.MakeXYWH(x - rx, y - open_ry, 2 * rx, ry * 0.34), paint("#3a2a55", 0.18)
    )
    canvas.restore()
    canvas.drawPath(white, paint(INK, width=1.5))
    lid = smooth(
        [(x - rx, y - open_ry * 0.25), (x, y - open_ry), (x + rx, y - open_ry * 0.25)], closed=False
    )
    canvas.drawPath(lid, paint(INK, width=3.4))
    if face.lashes:
        for side in (-1.0, 1.0):
            if side != inner:
                line(
                    canvas,
                    [(x + side * rx, y - open_ry * 0.3), (x + side * rx * 1.4, y - open_ry * 0.75)],
                    INK,
                    2.6,
                )


def draw_face(canvas: skia.Canvas, face: Face, pose: Pose, *, nose: float = 0.1) -> None:
    """The features on a head that has been drawn: cheeks, eyes, nose, mouth."""
    cx, cy = face.center
    turn = pose.facing * face.rx
    for side in (-1, 1):
        narrow = 1.0 if side * pose.facing < 0.25 else 0.86
        at = (cx + turn * 0.2 + side * face.rx * 0.4 * (0.96 if narrow < 1 else 1), cy + 4)
        glow(
            canvas,
            (at[0] + side * 6, cy + face.ry * 0.47),
            face.rx * 0.27,
            face.blush,
            face.blush_alpha,
            add=False,
        )
        draw_eye(canvas, face, pose, at, narrow)
    draw_mouth(canvas, pose.mouth, (cx + turn * 0.24, cy + face.ry * 0.58), face.rx)
    nx, ny = cx + turn * 0.3, cy + face.ry * 0.33
    way = math.copysign(1.0, pose.facing)
    line(
        canvas,
        [
            (nx - way * nose * face.rx, ny),
            (nx + way * nose * face.rx * 0.6, ny + 3),
            (nx - way * 2, ny + 6),
        ],
        face.nose,
        2.6,
    )


def step(pose: Pose, side: int) -> tuple[float, float]:
    """How far the foot (or, opposite, the hand) of a side swings forward, and how high it lifts."""
    if pose.walk is None:
        return 0.0, 0.0
    angle = 2 * math.pi * (pose.walk + (0.5 if side > 0 else 0.0))
    return math.sin(angle) * math.copysign(1.0, pose.facing), max(math.cos(angle), 0.0)


def draw_legs(
    canvas: skia.Canvas,
    pose: Pose,
    hip: float,
    spread: float,
    width: float,
    color: str,
    boot: str,
    boot_top: float,
) -> None:
    """Two legs with boots, from the hip's height down to the ground."""
    direction = math.copysign(1.0, pose.facing)
    for side in (-1, 1):
        swing, lift = step(pose, side)
        top = (side * spread, hip)
        foot = (side * spread + swing * 24, -7 - lift * 13)
        knee = (
            (top[0] + foot[0]) / 2 + direction * (5 + lift * 8 if pose.walk is not None else 0),
            (top[1] + foot[1]) / 2,
        )
        limb(canvas, [top, knee, foot], color, width)
        ankle = (
            foot[0] + (knee[0] - foot[0]) * boot_top,
            foot[1] + (knee[1] - foot[1]) * boot_top,
        )
        limb(canvas, [ankle, foot], boot, width + 3)
        fx, fy = foot
        sole = smooth(
            [
                (fx - direction * 11, fy - 3),
                (fx + direction * 2, fy - 10),
                (fx + direction * 17, fy - 1),
                (fx + direction * 17, fy + 7),
                (fx, fy + 8),
                (fx - direction * 11, fy + 7),
            ]
        )
        shape(canvas, sole, boot, shade=(0, -4))
        line(canvas, [(fx - 4 * direction, fy - 8), (fx + 2 * direction, fy - 8)], boot, width - 2)


def draw_arm(
    canvas: skia.Canvas,
    pose: Pose,
    side: int,
    shoulder: Point,
    length: float,
    width: float,
    sleeve: str,
    skin: str,
    *,
    stripes: str | None = None,
    cuff: str | None = None,
) -> None:
    """One arm from the shoulder to the hand; hanging or swinging unless the pose moves the hand."""
    hand = pose.left_hand if side < 0 else pose.right_hand
    sx, sy = shoulder
    if hand is None:
        swing, _ = step(pose, -side)
        hand = (sx + side * 11 + swing * 20, sy + length - abs(swing) * 5 + pose.breath * 1.5)
    hx, hy = hand
    reach = math.hypot(hx - sx, hy - sy)
    bend = math.sqrt(max(length**2 - min(reach, length) ** 2, 0.0)) * 0.5 + 3
    elbow = (
        (sx + hx) / 2 + side * bend * (hy - sy) / max(reach, 1) * 0.9 + side * 2,
        (sy + hy) / 2 + bend * 0.5,
    )
    canvas.drawPath(oval(hx, hy, width * 0.55 + 2.4, width * 0.55 + 2.4), paint(INK))
    canvas.drawPath(oval(hx, hy, width * 0.55, width * 0.55), paint(skin))
    wrist = (hx + (elbow[0] - hx) * 0.28, hy + (elbow[1] - hy) * 0.28)
    limb(canvas, [shoulder, elbow, wrist], sleeve, width, stripes=stripes)
    if cuff is not None:
        inner = (wrist[0] + (elbow[0] - wrist[0]) * 0.12, wrist[1] + (elbow[1] - wrist[1]) * 0.12)
        limb(canvas, [inner, wrist], cuff, width * 1.02, outline=2.0)
    thumb = math.copysign(1.0, -side)
    canvas.drawPath(oval(hx + thumb * width * 0.34, hy - width * 0.2, 3.4, 4.2), paint(skin))


def draw_head(canvas: skia.Canvas, face: Face, *, jaw: float = 1.0) -> None:
    """The bare head with its core shadow: round, a little wider at the cheeks."""
    cx, cy = face.center
    rx, ry = face.rx, face.ry
    outline = smooth(
        [
            (cx, cy - ry),
            (cx + rx * 0.78, cy - ry * 0.66),
            (cx + rx, cy + ry * 0.12),
            (cx + rx * 0.72 * jaw, cy + ry * 0.78),
            (cx, cy + ry * 1.02),
            (cx - rx * 0.72 * jaw, cy + ry * 0.78),
            (cx - rx, cy + ry * 0.12),
            (cx - rx * 0.78, cy - ry * 0.66),
        ]
    )
    shape(canvas, outline, face.skin, shade=(-7, -5))


def tilted(canvas: skia.Canvas, pose: Pose, neck: Point) -> None:
    """Leans what follows around the neck by the pose's tilt; the caller restores."""
    canvas.save()
    canvas.translate(0, pose.breath * 1.2)
    canvas.rotate(pose.tilt, *neck)
