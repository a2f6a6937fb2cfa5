"""Strokes, fills and light: the few drawing moves that the places and the cast are made of.

Everything is drawn with Skia in world units (the ground is 540 units high in a wide shot).
Randomness is seeded by the caller, so a picture is the same on every run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import skia

Point = tuple[float, float]

INK = "#33263f"


def rgba(color: str, alpha: float = 1.0) -> int:
    """A Skia colour from '#rrggbb' and an opacity of 0 to 1."""
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return int(skia.ColorSetARGB(round(alpha * 255), red, green, blue))


def paint(color: str, alpha: float = 1.0, *, width: float = 0.0, blur: float = 0.0) -> skia.Paint:
    """A fill, or with `width` a round stroke; `blur` is the softness of the edge in units."""
    result = skia.Paint(AntiAlias=True, Color=rgba(color, alpha))
    if width:
        result.setStyle(skia.Paint.kStroke_Style)
        result.setStrokeWidth(width)
        result.setStrokeCap(skia.Paint.kRound_Cap)
        result.setStrokeJoin(skia.Paint.kRound_Join)
    if blur:
        result.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, blur))
    return result


def gradient(
    start: Point, end: Point, colors: Sequence[str | tuple[str, float]], at: Sequence[float] = ()
) -> skia.Paint:
    """A fill that runs through `colors` (each a colour or (colour, alpha)) from start to end."""
    values = [rgba(c) if isinstance(c, str) else rgba(*c) for c in colors]
    shader = skia.GradientShader.MakeLinear(
        points=[skia.Point(*start), skia.Point(*end)],
        colors=values,
        positions=list(at) or [i / (len(values) - 1) for i in range(len(values))],
    )
    return skia.Paint(AntiAlias=True, Shader=shader)


def glow(
    canvas: skia.Canvas,
    center: Point,
    radius: float,
    color: str,
    alpha: float = 1.0,
    *,
    add: bool = True,
) -> None:
    """A round light that fades to nothing at `radius`; `add` brightens what is below it."""
    shader = skia.GradientShader.MakeRadial(
        center=skia.Point(*center),
        radius=radius,
        colors=[rgba(color, alpha), rgba(color, alpha * 0.35), rgba(color, 0.0)],
        positions=[0.0, 0.4, 1.0],
    )
    brush = skia.Paint(AntiAlias=True, Shader=shader)
    if add:
        brush.setBlendMode(skia.BlendMode.kScreen)
    canvas.drawCircle(*center, radius, brush)


def smooth(points: Sequence[Point], *, closed: bool = True) -> skia.Path:
    """A soft path through `points` (Catmull-Rom), the hand-drawn line of the whole show."""
    path = skia.Path()
    count = len(points)
    path.moveTo(*points[0])
    for i in range(count if closed else count - 1):
        if closed:
            before, here, there, after = (points[(i + k) % count] for k in (-1, 0, 1, 2))
        else:
            before, here = points[max(i - 1, 0)], points[i]
            there, after = points[i + 1], points[min(i + 2, count - 1)]
        path.cubicTo(
            here[0] + (there[0] - before[0]) / 6,
            here[1] + (there[1] - before[1]) / 6,
            there[0] - (after[0] - here[0]) / 6,
            there[1] - (after[1] - here[1]) / 6,
            there[0],
            there[1],
        )
    if closed:
        path.close()
    return path


def polygon(points: Sequence[Point]) -> skia.Path:
    """A path with straight sides."""
    path = skia.Path()
    path.moveTo(*points[0])
    for point in points[1:]:
        path.lineTo(*point)
    path.close()
    return path


def oval(cx: float, cy: float, rx: float, ry: float) -> skia.Path:
    """An ellipse as a path."""
    path = skia.Path()
    path.addOval(skia.Rect.MakeLTRB(cx - rx, cy - ry, cx + rx, cy + ry))
    return path


def box(x: float, y: float, width: float, height: float, radius: float = 0.0) -> skia.Path:
    """A rectangle as a path, its corners rounded by `radius`."""
    path = skia.Path()
    path.addRoundRect(skia.Rect.MakeXYWH(x, y, width, height), radius, radius)
    return path


def shape(
    canvas: skia.Canvas,
    path: skia.Path,
    fill: str | skia.Paint,
    *,
    outline: float = 2.6,
    ink: str = INK,
    shade: tuple[float, float] | None = None,
) -> None:
    """Fills a path and draws its outline.

    `shade` = (dx, dy) darkens the part of the shape that a copy of it, moved by that much,
    does not cover: the soft core shadow of the cartoon.
    """
    canvas.drawPath(path, paint(fill) if isinstance(fill, str) else fill)
    if shade is not None:
        canvas.save()
        canvas.clipPath(path, skia.ClipOp.kIntersect, True)
        moved = skia.Path(path)
        moved.offset(*shade)
        moved.setFillType(skia.PathFillType.kInverseWinding)
        canvas.drawPath(moved, paint("#2a1a4a", 0.16))
        canvas.restore()
    if outline:
        canvas.drawPath(path, paint(ink, width=outline))


def line(
    canvas: skia.Canvas, points: Sequence[Point], color: str, width: float, alpha: float = 1.0
) -> None:
    """A soft stroke through `points`."""
    canvas.drawPath(smooth(points, closed=False), paint(color, alpha, width=width))


def limb(
    canvas: skia.Canvas,
    points: Sequence[Point],
    color: str,
    width: float,
    *,
    stripes: str | None = None,
    outline: float = 2.6,
) -> None:
    """An arm or a leg: a thick outlined stroke, striped across if `stripes` is a colour."""
    path = smooth(points, closed=False)
    canvas.drawPath(path, paint(INK, width=width + 2 * outline))
    canvas.drawPath(path, paint(color, width=width))
    if stripes is not None:
        brush = paint(stripes, width=width)
        brush.setStrokeCap(skia.Paint.kButt_Cap)
        brush.setPathEffect(skia.DashPathEffect.Make([4.5, 5.5], 0.0))
        canvas.drawPath(path, brush)


def ease(x: float) -> float:
    """0 to 1 with a soft start and end; clamped."""
    x = min(max(x, 0.0), 1.0)
    return x * x * (3 - 2 * x)


def wave(t: float, period_s: float, phase: float = 0.0) -> float:
    """A sine of time, -1 to 1; `phase` in turns."""
    return math.sin(2 * math.pi * (t / period_s + phase))


def picture(
    width: int, height: int, draw: Callable[[skia.Canvas], None], scale: float = 2.0
) -> skia.Image:
    """An image of what `draw` draws on width x height units: a layer that does not move."""
    surface = skia.Surface(round(width * scale), round(height * scale))
    canvas = surface.getCanvas()
    canvas.scale(scale, scale)
    draw(canvas)
    return surface.makeImageSnapshot()


def place(canvas: skia.Canvas, image: skia.Image, width: float, height: float) -> None:
    """Draws a `picture` on the units it was made for, at the origin."""
    sampling = skia.SamplingOptions(skia.CubicResampler.Mitchell())
    canvas.drawImageRect(image, skia.Rect.MakeWH(width, height), sampling, None)


def grain(canvas: skia.Canvas, area: skia.Rect, seed: int, alpha: float, *, scale: float) -> None:
    """Watercolour: uneven light over what has been drawn in `area`, in spots of about `scale`."""
    frequency = 1.0 / scale
    noise = skia.PerlinNoiseShader.MakeFractalNoise(frequency, frequency, 4, seed, None)
    grey = [1.0, 0.0, 0.0, 0.0, 0.0] * 3 + [0.0, 0.0, 0.0, 0.0, alpha]
    brush = skia.Paint(Shader=noise.makeWithColorFilter(skia.ColorFilters.Matrix(grey)))
    brush.setBlendMode(skia.BlendMode.kSoftLight)
    canvas.drawRect(area, brush)
