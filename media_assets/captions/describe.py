"""The visual description of a clip from measured facts alone.

Sharpness is left out on purpose: flat drawings measure as soft without being blurred.
"""

from collections.abc import Sequence
from dataclasses import dataclass

BACKEND = "measures"


@dataclass(frozen=True)
class DescribeSettings:
    """When a measure is worth a word.

    dark, bright: luma of `clip_quality` below and above which a clip looks so. In three animated
        films (black is 16 in most video) unlit rooms measure 18 to 30, a pale sky 172, and what
        nobody would call either 50 to 155.
    flat: contrast of `clip_quality` below which it is low: there fog and title cards measure 10
        to 17, other shots 24 to 67.
    """

    dark: float = 45.0
    bright: float = 165.0
    flat: float = 20.0


def describe(
    motion: Sequence[str], luma: float, contrast: float, settings: DescribeSettings
) -> str:
    """One sentence, such as `A dark shot with strong motion.`

    motion: words of the annotation, `static frame` among them if nothing moves.
    A dark clip is always low in contrast, so only others are called that.
    """
    words = []
    if luma < settings.dark:
        words.append("dark")
    elif luma > settings.bright:
        words.append("bright")
    if contrast < settings.flat and luma >= settings.dark:
        words.append("low-contrast")
    if "static frame" in motion:
        words.append("static")
    moving = " and ".join(word for word in motion if word != "static frame")
    shot = f"A {', '.join(words)} shot" if words else "A shot"
    return f"{shot} with {moving}." if moving else f"{shot}."
