"""What is said in a subtitle: markup, sounds, songs and speakers told apart from the words."""

import html
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# `{\an8}` and the like of SubStation Alpha, which SubRip files use too; `{y:i}` of MicroDVD.
_OVERRIDE = re.compile(r"\{\\[^}]*\}|\{[A-Za-z]:[^}]*\}")
_HTML_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
# Only tags that subtitles use, and WebVTT's karaoke times: `I <3 you` and `a < b` are text.
_HTML_TAG = re.compile(
    r"</?(?:i|b|u|s|em|strong|font|span|c|v|lang|ruby|rt)(?:[\s.][^<>]*)?/?>|<(?:\d+:)?\d+:\d+\.\d+>",
    re.IGNORECASE,
)
# Byte order marks, zero-width spaces and the marks of writing direction: invisible, never said.
_INVISIBLE = re.compile("[\ufeff\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]")

_DASH = re.compile(r"^\s*(?:[-\u2010\u2013](?!\d)|>>+)\s*(?=\S)")
_BRACKETS = r"\[[^\[\]]*\]|\u3010[^\u3011]*\u3011"
# A remark in round brackets stands at an end of a line or before a speaker's colon; elsewhere
# round brackets are part of the sentence.
_PARENTHESES = (
    r"^[ ]*[(\uff08][^()\uff08\uff09]*[)\uff09](?=[ ]*(?:\S|$))"
    r"|[(\uff08][^()\uff08\uff09]*[)\uff09](?=[ ]*(?::|$))"
)
_SONG = r"[\u266a\u266b][^\u266a\u266b]*(?:[\u266a\u266b]+|$(?![\s\S]))"
_SOUND = re.compile(rf"{_BRACKETS}|{_PARENTHESES}|\*[^*\n]+\*|{_SONG}", re.MULTILINE)
_BETWEEN_HASHES = re.compile(r"#\s[\s\S]*\s#")
_PREFIX = re.compile(r"(?P<name>[^\W\d_][^:\n\[\]]{0,39}?)\s*:(?=\s)\s*(?=\S)")
_LONGEST_NAME_WORDS = 4


@dataclass(frozen=True)
class Utterance:
    """Words of one voice, or (`spoken` false) a sound, a song or a sign."""

    text: str
    speaker: str | None
    spoken: bool


def plain_text(marked: str) -> str:
    """The text without markup: one blank between words, no empty lines, composed characters.

    >>> plain_text(r"{\\an8}<i>Caf&eacute;</i>\\N  <font color=red>I <3 you</font>")
    'Café\\nI <3 you'
    """
    text = _OVERRIDE.sub("", marked)
    text = text.replace(r"\N", "\n").replace(r"\n", "\n").replace(r"\h", " ")
    text = _HTML_TAG.sub("", _HTML_BREAK.sub("\n", text))
    text = _INVISIBLE.sub("", html.unescape(text))
    return _tidy(unicodedata.normalize("NFC", text))


def utterances(
    text: str, speaker: str | None = None, names: Iterable[str] = (), shouted: bool = False
) -> list[Utterance]:
    """The voices and the sounds of one subtitle's plain text; voices first.

    speaker: who speaks, where the file says so beside the text.
    names: known names, which count as a speaker's prefix in any case (`Mina: Hello`).
    shouted: the file is written in capitals, so that these do not tell a name.

    >>> utterances("- MINA: Hi.\\n- [door slams] Who is it?")
    [Utterance(text='Hi.', speaker='MINA', spoken=True), \
Utterance(text='Who is it?', speaker=None, spoken=True), \
Utterance(text='[door slams]', speaker=None, spoken=False)]
    """
    known = frozenset(name.casefold() for name in names)
    voices: list[Utterance] = []
    sounds: list[Utterance] = []
    for part in _parts(text, known, shouted):
        words, heard = _without_sounds(part, known)
        named, words = _speaker_and_words(words, known, shouted)
        if any(letter.isalnum() for letter in words):
            voices.append(Utterance(words, named or speaker, True))
        elif words and not heard:
            sounds.append(Utterance(words, named or speaker, False))
        sounds += [Utterance(sound, None, False) for sound in heard]
    return voices + sounds


def is_shouted(texts: Iterable[str]) -> bool:
    """Whether a file is written in capitals."""
    letters = [letter for text in texts for letter in text if letter.isupper() or letter.islower()]
    return sum(letter.isupper() for letter in letters) > 0.7 * len(letters)


def _parts(text: str, known: frozenset[str], shouted: bool) -> list[str]:
    """The text cut where another voice begins: at dashes and at speakers' names.

    One dash, in front of the first line, may as well be mere style; it parts nothing.
    """
    parts: list[list[str]] = []
    for line in text.split("\n"):
        bare = _DASH.sub("", line)
        begins = bare != line or _named(bare, known, shouted)
        if begins or not parts:
            parts.append([bare])
        else:
            parts[-1].append(line)
    return ["\n".join(lines) for lines in parts]


def _named(line: str, known: frozenset[str], shouted: bool) -> bool:
    return _speaker_and_words(_without_sounds(line, known)[0], known, shouted)[0] is not None


def _without_sounds(text: str, known: frozenset[str]) -> tuple[str, list[str]]:
    """The words, and the sounds and songs that stood between them."""
    if _BETWEEN_HASHES.fullmatch(text):
        return "", [text]
    sounds: list[str] = []

    def cut(match: re.Match[str]) -> str:
        inside = match[0].strip("[]() ")
        if inside.casefold() in known:
            return f"{inside}: "
        if any(letter.isalnum() for letter in inside) or not sounds:
            sounds.append(_tidy(match[0]))
        return " "

    return _tidy(_SOUND.sub(cut, text)), sounds


def _speaker_and_words(text: str, known: frozenset[str], shouted: bool) -> tuple[str | None, str]:
    match = _PREFIX.match(text)
    if match:
        name = match["name"].strip()
        is_capitals = name.isupper() and len(name.split()) <= _LONGEST_NAME_WORDS
        if name.casefold() in known or (is_capitals and not shouted):
            return name, text[match.end() :]
    return None, text


def _tidy(text: str) -> str:
    lines: Sequence[str] = [" ".join(line.split()) for line in text.splitlines()]
    return "\n".join(line for line in lines if line)
