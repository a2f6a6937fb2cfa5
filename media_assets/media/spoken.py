"""Written text as it is spoken: numbers, amounts, signs and abbreviations as words."""

import re
import unicodedata
from collections.abc import Callable
from functools import partial

# Read as one word each, as in the front ends of Tacotron and of LJ Speech.
ABBREVIATIONS = {
    "en": {
        "mr": "mister",
        "mrs": "missus",
        "ms": "miz",
        "dr": "doctor",
        "st": "saint",
        "jr": "junior",
        "sr": "senior",
        "prof": "professor",
        "capt": "captain",
        "lt": "lieutenant",
        "col": "colonel",
        "gen": "general",
        "sgt": "sergeant",
        "rev": "reverend",
        "hon": "honorable",
        "vs": "versus",
        "etc": "et cetera",
        "no": "number",
    }
}
# `No.` is a number only before one; as a word of its own it is more often an answer.
_BEFORE_NUMBERS = ("no",)
SIGNS = {
    "en": {"&": "and", "+": "plus", "%": "percent", "@": "at", "=": "equals", "°": "degrees"},
    "de": {"&": "und", "+": "plus", "%": "Prozent", "=": "gleich", "°": "Grad"},
    "fr": {"&": "et", "+": "plus", "%": "pour cent", "=": "égale", "°": "degrés"},
    "es": {"&": "y", "+": "más", "%": "por ciento", "=": "igual", "°": "grados"},
}
CURRENCIES = {"$": "USD", "£": "GBP", "€": "EUR"}
# Languages whose numbers have a comma between thousands and a point before decimals.
POINT_DECIMAL = ("en", "ja", "zh", "ko", "th", "he")
_NUMBER = re.compile(
    r"(?P<before>[$£€])?(?P<number>\d+(?:[.,]\d+)*)(?P<ending>st|nd|rd|th|s)?\b ?(?P<after>[£€])?",
    re.IGNORECASE,
)
# Of these num2words makes letters that are none, and needs minutes for seven digits.
_MISSAID = ("am",)
# Four digits alone are years more often than counts.
_YEAR = re.compile(r"1[1-9]\d\d|20[1-9]\d")


def spoken_text(text: str, language: str | None) -> tuple[str, bool]:
    """The text in words, and whether it is all words: False where digits were left as written.

    Numbers by num2words, which knows about 60 languages; a language that it lacks keeps them.

    >>> spoken_text("Dr. Who paid $5 for No. 9 in 1999.", "en")
    ('Doctor Who paid five dollars for Number nine in nineteen ninety-nine.', True)
    """
    base = (language or "").split("-")[0].lower()
    for short, long in ABBREVIATIONS.get(base, {}).items():
        follows = r"\s+\d" if short in _BEFORE_NUMBERS else r"\s|$"
        pattern = rf"\b{short}\.(?={follows})"
        text = re.sub(pattern, partial(_as_cased, long), text, flags=re.IGNORECASE)
    if any(c.isdigit() for c in text):
        text = re.sub(r"(?<=[^\W\d_])(?=\d)|(?<=\d):(?=\d\d\b)", " ", text)  # R2-D2, 10:30
        text = _NUMBER.sub(lambda match: _said(match, base) or match.group(), text)
    for sign, name in SIGNS.get(base, {}).items():
        text = re.sub(rf"\s*{re.escape(sign)}(?=\s|\w|$)", f" {name} ", text)
        text = re.sub(rf"\s*{re.escape(sign)}", f" {name}", text)
    return " ".join(text.split()), not any(c.isdigit() for c in text)


def spoken_words(written: str, following: str, language: str | None) -> list[str]:
    """What is said for one written word; nothing for a dash or a note sign.

    following: the written word after it, on which some abbreviations depend.

    >>> spoken_words("1999,", "", "en"), spoken_words("Dr.", "Who", "en")
    (['nineteen', 'ninety-nine'], ['Doctor'])
    """
    ahead = "0" if following[:1].isdigit() else ""
    text, _ = spoken_text(f"{written} {ahead}" if ahead else written, language or "en")
    if ahead:
        text = text.rsplit(" ", 1)[0]
    words = re.sub(r"--|[^\w'’-]|_", " ", text).split()
    return [_bare(word) for word in words if any(_is_said(c) for c in word)]


def is_abbreviation(word: str, language: str | None) -> bool:
    """Whether the dot at the word's end ends no sentence."""
    base = (language or "").split("-")[0].lower()
    return word.endswith(".") and word[:-1].lower() in ABBREVIATIONS.get(base, {})


def _as_cased(long: str, match: re.Match[str]) -> str:
    return long.capitalize() if match.group()[0].isupper() else long


def _bare(word: str) -> str:
    """Without hyphens and quotes around it; apostrophes stay: `'tis`, `goin'`."""
    word = word.strip("-")
    return word.strip("'’") if word[0] in "'’" and word[-1] in "'’" else word


def _is_said(character: str) -> bool:
    return unicodedata.category(character)[0] in "LN"


def _said(match: re.Match[str], language: str) -> str | None:
    """A number in words; None where it cannot be said in the language."""
    from num2words import CONVERTER_CLASSES, num2words

    number = _value(match["number"], language)
    if language not in CONVERTER_CLASSES or language in _MISSAID or number is None:
        return None
    currency, ending = match["before"] or match["after"], (match["ending"] or "").lower()
    say: Callable[..., str] = partial(num2words, number, lang=language)
    blank = " " if match.group().endswith(" ") else ""
    try:
        if currency:
            # Whole numbers would be cents to it, and whole amounts are said without any.
            say = partial(num2words, float(number), lang=language)
            said = str(say(to="currency", currency=CURRENCIES[currency]))
            return (said.split(",")[0] if number == int(number) else said) + blank
        if ending and ending != "s":
            return say(to="ordinal") + blank
        said = say(to="year") if _YEAR.fullmatch(match["number"]) else say()
        return (re.sub(r"y$", "ie", said) + "s" if ending else said) + blank
    except (
        NotImplementedError,
        AttributeError,
        LookupError,
        ArithmeticError,
        TypeError,
        ValueError,
    ):
        return None


def _value(written: str, language: str) -> int | float | None:
    """The number as the language writes it; None for what is no number (dates, versions)."""
    thousands, decimal = (",", ".") if language in POINT_DECIMAL else (".", ",")
    pattern = rf"(\d+|\d{{1,3}}(?:\{thousands}\d{{3}})+)(?:\{decimal}(\d+))?"
    match = re.fullmatch(pattern, written)
    if not match:
        return None
    whole, fraction = match[1].replace(thousands, ""), match[2]
    return float(f"{whole}.{fraction}") if fraction else int(whole)
