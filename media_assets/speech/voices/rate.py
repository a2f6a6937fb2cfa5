"""How fast an utterance is spoken, and how fast is plausible."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Below this many utterances quartiles say little (Tukey's fences assume a sample).
LEAST_UTTERANCES = 20
# Letters per second. Read speech has 5.2 to 7.8 syllables a second over seven languages
# (Pellegrino, Coupe, Marsico 2011); at 2 to 3 letters a syllable and with slow and hurried
# speakers, 4 to 28. Where one character is a syllable or more: 1.5 to 12.
ALPHABETIC, SYLLABIC = (4.0, 28.0), (1.5, 12.0)
SYLLABIC_LANGUAGES = ("zh", "ja", "ko", "yue")
FENCE = 1.5


@dataclass(frozen=True)
class RateBounds:
    """The lowest and highest plausible characters per second, and where they are from."""

    low: float
    high: float
    source: str


def characters_per_second(text: str, duration_s: float) -> float:
    """Letters and digits per second of speech."""
    return sum(c.isalnum() for c in text) / max(duration_s, 0.01)


def rate_bounds(rates: Sequence[float], language: str | None) -> RateBounds:
    """Tukey's fences (1.5 IQR) of utterances of one language; of the literature for a few."""
    if len(rates) < LEAST_UTTERANCES:
        syllabic = (language or "").split("-")[0] in SYLLABIC_LANGUAGES
        return RateBounds(*(SYLLABIC if syllabic else ALPHABETIC), "literature")
    lower, upper = np.percentile(rates, [25, 75])
    reach = FENCE * (upper - lower)
    # To half a character, so that one more utterance does not have all others judged anew.
    low, high = np.floor(2 * (lower - reach)) / 2, np.ceil(2 * (upper + reach)) / 2
    return RateBounds(float(low), float(high), "1.5 IQR")
