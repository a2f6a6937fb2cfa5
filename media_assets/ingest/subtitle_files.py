"""Subtitle files as cues: SubRip, WebVTT and (Advanced) SubStation Alpha in any encoding."""

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from resources.problems import BadInput

FORMATS = ("srt", "vtt", "ass", "ssa")

# Styles by which SubStation Alpha files mark what nobody says.
_SIGN_STYLE = re.compile(r"sign|title|credit|song|karaoke|lyric|note|^(op|ed)\b", re.IGNORECASE)
_COMMENT = re.compile(r"\{[^\\}]*\}")
_DRAWING = re.compile(r"\{[^}]*\\p[1-9]")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
# A cue whose times can not be read, with its number: it stands in the text of the one before.
_BROKEN_CUE = re.compile(r"(?:^|\n)(?:[ \t]*\d+[ \t]*\n)?[^\n]*-->[\s\S]*")

_MARKS = (  # the mark of UTF-32 begins with that of UTF-16, so it comes first
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The legacy code pages of Windows by language; every other language is written in 1252.
_CODE_PAGES = {
    language: page
    for page, languages in {
        "cp1250": "bs cs hr hu pl ro sk sl sq",
        "cp1251": "be bg kk mk mn ru sr tg tt uk",
        "cp1253": "el",
        "cp1254": "az tr",
        "cp1255": "he yi",
        "cp1256": "ar fa ur",
        "cp1257": "et lt lv",
        "cp1258": "vi",
        "cp874": "th",
        "cp932": "ja",
        "cp949": "ko",
        "gb18030": "zh",
        "big5hkscs": "zh-TW zh-HK zh-Hant",
    }.items()
    for language in languages.split()
}
# With more than so many letters beyond ASCII for each that is broken, it is UTF-8 with a damage;
# of a text in another encoding, hardly any letter is right.
_GOOD_TO_BAD = 10


@dataclass(frozen=True)
class Cue:
    """One event as it stands in a file: times in ms, text with its markup, lines by newline."""

    start_ms: int
    end_ms: int
    marked: str
    speaker: str | None = None
    sign: bool = False


def read_subtitles(
    path: Path, language: str | None = None, log: Callable[[str], None] = lambda text: None
) -> list[Cue]:
    """The cues of a subtitle file in the file's order; what the file is, its content says.

    language: that of the file, as far as known; it decides how bytes that are no Unicode are read.
    Raises BadInput where there is no cue to be found.
    """
    try:
        text = decode_text(path.read_bytes(), language)
    except OSError as error:
        raise _unreadable(path, f"the file can not be read ({error.strerror})") from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        cues = _cues(text.replace("\0", ""))
    except Exception as error:  # the parser meets any text, and fails on it in ways of its own
        raise _unreadable(path, f"the subtitles can not be parsed ({error})") from error
    if not cues:
        raise _unreadable(path, "no subtitle event in it")
    whole = [cue for cue in cues if not _BROKEN_CUE.search(cue.marked)]
    if len(whole) < len(cues):
        log(f"{path.name}: {len(cues) - len(whole)} cues with unreadable times are left out")
        cues = [
            Cue(c.start_ms, c.end_ms, _BROKEN_CUE.sub("", c.marked).strip(), c.speaker, c.sign)
            for c in cues
        ]
    return cues


def decode_text(data: bytes, language: str | None) -> str:
    """The text of a file: Unicode where it is valid, else in the code page of its language.

    A guess from the bytes alone goes wrong on texts this short; the language does not. Bytes
    that no table has are read as Latin-1, so that every file gives a text.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    text = data.decode("utf-8", "replace")
    damaged = text.count("\ufffd")
    if sum(letter > "\x7f" for letter in text) > _GOOD_TO_BAD * damaged > 0:
        return text
    page = _CODE_PAGES.get(language or "") or _CODE_PAGES.get((language or "").split("-")[0])
    for encoding in (_unmarked_utf16(data) or "utf-8", page or "cp1252", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def ass_cue(start_ms: int, end_ms: int, style: str, name: str, text: str) -> Cue | None:
    """An event of SubStation Alpha; None for a drawing."""
    if _DRAWING.search(text):
        return None
    sign = bool(_SIGN_STYLE.search(style))
    return Cue(start_ms, end_ms, _COMMENT.sub("", text), name.strip() or None, sign)


def _unmarked_utf16(data: bytes) -> str | None:
    """UTF-16 without a mark shows by the zero bytes of its digits and blanks."""
    head = data[:2000]
    for encoding, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if zeros and zeros.count(0) > len(zeros) / 4:
            return encoding
    return None


def _cues(text: str) -> list[Cue]:
    import pysubs2

    kind = pysubs2.formats.autodetect_format(text)
    if kind not in FORMATS:
        raise ValueError(f"{kind} is none of {', '.join(FORMATS)}")
    if kind in ("ass", "ssa"):
        events = pysubs2.SSAFile.from_string(text, format_=kind).events
        made = [
            ass_cue(event.start, event.end, event.style, event.name, event.text)
            for event in events
            if not event.is_comment
        ]
        return [cue for cue in made if cue]
    # The reader takes a number that ends a cue's text for the number of the next cue: give it one.
    text = _numbered(text) if kind == "vtt" else f"{text}\n\n0\n"
    events = pysubs2.SSAFile.from_string(text, format_=kind, keep_html_tags=True).events
    return [
        Cue(event.start, event.end, words.strip(), speaker)
        for event in events
        for speaker, words in _voices(event.text.replace(r"\N", "\n"))
    ]


def _numbered(text: str) -> str:
    """The cues of a WebVTT file alone, numbered: no header, notes, styles, names of cues."""
    cues: list[str] = []
    for block in _BLANK_LINES.split(text):
        lines = block.strip().split("\n")
        times = next((number for number, line in enumerate(lines) if "-->" in line), None)
        if times is not None:
            cues.append("\n".join([str(len(cues) + 1), *lines[times:]]))
    return "WEBVTT\n\n" + "\n\n".join([*cues, "0\n"])


def _voices(text: str) -> Iterator[tuple[str | None, str]]:
    """The parts of a cue by WebVTT's voice tags, `<v Mina>Hello`."""
    before, *parts = _VOICE.split(text)
    if before.strip() or not parts:
        yield None, before
    for name, words in zip(parts[::2], parts[1::2], strict=True):
        yield name.strip(), words.replace("</v>", "")


def _unreadable(path: Path, what: str) -> BadInput:
    return BadInput(
        what,
        where=path.name,
        remedy="Save it as SubRip (.srt) or WebVTT (.vtt) in UTF-8, or remove it.",
    )
