"""Sentences of running text, by the marks that end them."""

import re
import textwrap

# A mark that ends a sentence, with the quotes and brackets that close after it, then a blank; the
# marks of Chinese and Japanese need none.
_END = re.compile(
    "(?P<mark>(?<![.!?\u2026])[.!?\u2026\u061f\u06d4\u0964]+)[\"')\\]\u00bb\u2019\u201d]*\\s+(?=\\S)"
    "|[\u3002\uff01\uff1f]+[\u300d\u300f\uff09\u201d]*\\s*(?=\\S)"
)
_OPENING = "\"'([{\u00ab\u2018\u201c\u201e\u300c\u300e\u00bf\u00a1-\u2013\u2014"
# Titles, ranks and the like, which a name follows, and what stands in the middle of a sentence;
# English, German, French, Spanish, Italian, Portuguese, Dutch.
_ABBREVIATIONS = """
adm approx asst ave bldg blvd brig bros ca capt cdr cf cmdr co col corp cpl dept dist dr drs ed est
etc fr ft gen gov hon hr inc jr lt ltd maj messrs mlle mme mmes mr mrs ms mt mx pres prof pvt rep
resp rev rt sen sgt sr sra srta st supt univ viz vs
abs allg bzw dipl evtl frl geb ggf hrsg ing inkl kath lic mag mio mrd phil sog str usw zzgl
arch av avv bijv dhr dott dra ecc env enz exc geom ilmo mej mevr mons rag sig sigg spett ud uds
"""
_ABBREVIATED = frozenset(_ABBREVIATIONS.split())
# What a number follows: `No. 5` is one thing, `No. I will not` are two sentences.
_NUMBERED = frozenset(
    ("art", "bd", "ch", "chap", "fig", "no", "nos", "nr", "op", "p", "pp", "sec", "vol")
)
# `J.`, `U.S.`, `z.B.`; of single letters, small ones are words: `Это я.`
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]|[^\W\d_]")
_ORDINAL = re.compile(r"\d{1,2}")
# Elsewhere a full stop after a number may make it an ordinal: `am 3. Mai`.
_NO_ORDINALS = frozenset(("en", "es", "fr", "it", "ja", "ko", "nl", "pt", "zh"))
_LONGEST_WORD = 40


def sentences(text: str, language: str | None = None, longest: int = 400) -> list[str]:
    """The sentences of a text in one line; in doubt two stay together.

    longest: characters; what has no marks and is longer is cut at blanks in even parts.

    >>> sentences("Dr. Ames is out. Who asks? J. R. Lamb, of the U.S. Navy.")
    ['Dr. Ames is out.', 'Who asks?', 'J. R. Lamb, of the U.S. Navy.']
    """
    found, start = [], 0
    for match in _END.finditer(text):
        if match["mark"] is None or _ends(match, language):
            found.append(text[start : match.end()].strip())
            start = match.end()
    found.append(text[start:].strip())
    return [part for one in found if one for part in _parts(one, longest)]


def _ends(match: re.Match[str], language: str | None) -> bool:
    text, end = match.string, match.end()
    following = text[end : end + _LONGEST_WORD].lstrip(_OPENING)[:1]
    if following.islower() or match["mark"] != ".":
        return not following.islower()
    before = text[max(0, match.start() - _LONGEST_WORD) : match.start()].split()
    word = before[-1].lstrip(_OPENING) if before else ""
    is_initials = _INITIALS.fullmatch(word) and (len(word) > 1 or word.isupper())
    if is_initials or word.casefold() in _ABBREVIATED:
        return False
    if following.isdigit() and word.casefold() in _NUMBERED:
        return False
    ordinals = (language or "").split("-")[0] not in _NO_ORDINALS
    return not (ordinals and _ORDINAL.fullmatch(word))


def _parts(sentence: str, longest: int) -> list[str]:
    count = -(-len(sentence) // longest)
    if count == 1:
        return [sentence]
    # A little more than an even share, so that words that do not fit make no part of their own.
    width = min(longest, len(sentence) // count + 20)
    return textwrap.wrap(sentence, width, break_long_words=False, break_on_hyphens=False)
