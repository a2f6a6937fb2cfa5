"""What is said in an episode, from a plain-text file beside it that knows no times.

Choice as for subtitles: a file that names the spoken language before one that names none; one in
another language is a translation and is not used, nor is one whose name says that it holds notes.

Structure: blank lines part paragraphs; dashes and names (`MINA: ...`) part voices; lines that were
only wrapped at a width are put together again, others stay apart; then come sentences. Sounds such
as `[door slams]` and times are no text.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from media_assets.ingest.sentences import sentences
from media_assets.ingest.sidecars import find_sidecars
from media_assets.ingest.subtitle_files import decode_text
from media_assets.ingest.subtitle_text import is_shouted, plain_text, utterances
from media_assets.ingest.subtitles import Log, Track, choose
from resources.problems import BadInput

NOTES = frozenset(
    ("credits", "description", "info", "licence", "license", "notes", "readme", "synopsis")
)
# No text of one episode comes near this: 16 MiB are 200 hours of talk.
LARGEST_BYTES = 16 * 2**20
# Text has no control characters but these; other files have them everywhere.
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f\ufffd]")
_MOST_CONTROLS = 0.005
_OTHER_FORMATS = {
    "{\\rtf": "Rich Text",
    "%pdf": "PDF",
    "pk\x03\x04": "a packed document",
    "<!doctype": "HTML",
    "<html": "HTML",
    "<?xml": "XML",
}
_CLOCK = r"(?:\d{1,2}:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?"
_TIME = re.compile(rf"^[ \t]*[\[(]?{_CLOCK}[\])]?(?:[ \t]+(?=\S)|[ \t]*$)", re.MULTILINE)
# So many lines of a text that was taken down with times begin with one.
_TIMED_SHARE = 0.25
# A line of a label file (HTK, xlabel): begin, end or a colour, and what is there.
_LABEL = re.compile(r"\d[\d.]*[ \t]+-?\d[\d.]*[ \t]+\S.*")
_LONE_NAME = re.compile(r"^([^\n:]{1,40}:)[ \t]*\n(?=\S)", re.MULTILINE)
_LINE_NAME = re.compile(
    r"^([^\W\d_a-z][\w.'-]*(?:[ ][^\W_a-z][\w.'-]*){0,3}):[ \t]+\S", re.MULTILINE
)
_NARROWEST = 40


@dataclass(frozen=True)
class TranscriptSettings:
    """What can be a transcript of an episode, and how long its lines may become.

    most_characters_per_s: of the whole; the fastest speaker on record says 637 words a minute
        (Guinness World Records 1990, S. Woodmore), which are about 60.
    longest_characters: of a line without a full stop; what is said in 30 s, the window of Whisper,
        at 13 characters per second.
    """

    most_characters_per_s: float = 60.0
    longest_characters: int = 400


def transcript_rows(
    master: Path,
    *,
    language: str | None,
    duration_s: float | None,
    names: Iterable[str],
    settings: TranscriptSettings,
    log: Log,
) -> list[dict[str, Any]]:
    """Rows of TRANSCRIPTS, without `episode_id`, of the best file; none where there is no file.

    language: that of the dialogue, if known; names: of the show's characters.
    A file that can not be read is logged and the next one serves; BadInput is raised only if
    none does.
    """
    broken: BadInput | None = None
    names = list(names)
    for file in choose(_files(master, language, log), language, log):
        try:
            text = file.read()
            spoken = file.language or language
            lines = list(transcript_lines(text, names, spoken, settings, _named(file.name, log)))
            _require_sayable(file.name, lines, duration_s, settings)
        except BadInput as problem:
            broken = broken or problem
            log(str(problem))
            continue
        log(f"{file.name}: {len(lines)} lines")
        facts = {"language": file.language, "source": file.name}
        return [
            {"line_id": f"t{index:05d}", "text": text, "speaker": speaker} | facts
            for index, (speaker, text) in enumerate(lines)
        ]
    if broken:
        raise broken
    return []


def read_transcript(path: Path, language: str | None = None) -> str:
    """The text of a file in any encoding, with its markup.

    Raises BadInput where it is empty, too large, no text, or a text of another kind.
    """
    try:
        size = path.stat().st_size
        if size > LARGEST_BYTES:
            raise _unusable(path.name, f"{size:,} bytes are too many for a transcript")
        text = decode_text(path.read_bytes(), language)
    except OSError as error:
        raise _unusable(path.name, f"the file can not be read ({error.strerror})") from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise _unusable(path.name, "the file is empty")
    start = text.lstrip("\ufeff \t\n")[:12].casefold()
    for mark, name in _OTHER_FORMATS.items():
        if start.startswith(mark):
            raise _unusable(path.name, f"it is {name}, not plain text")
    if len(_CONTROL.findall(text)) > _MOST_CONTROLS * len(text):
        raise _unusable(path.name, "it is no text but binary data")
    written = [line.strip() for line in text.split("\n") if line.strip()]
    labels = sum(bool(_LABEL.fullmatch(line)) for line in written)
    if any("-->" in line for line in written) or labels >= len(written) / 2:
        raise _unusable(path.name, "its lines are times and labels")
    return _CONTROL.sub("", text)


def transcript_lines(
    marked: str,
    names: Sequence[str],
    language: str | None,
    settings: TranscriptSettings,
    log: Log = lambda text: None,
) -> Iterator[tuple[str | None, str]]:
    """Speaker, where named, and text of every sentence, in order.

    names: known ones; a prefix that begins two lines or more counts as one too.
    """
    text = _LONE_NAME.sub(r"\1 ", _without_times(marked))
    blocks = [plain_text(block) for block in re.split(r"\n(?:[ \t\f]*\n)+", text)]
    wrapped = is_wrapped(blocks)
    prefixes = Counter(_LINE_NAME.findall("\n".join(blocks)))
    known = [*names, *(name for name, count in prefixes.items() if count > 1)]
    shouted = is_shouted(blocks)
    sounds: list[str] = []
    for block in blocks:
        for said in utterances(block, names=known, shouted=shouted):
            if not said.spoken:
                sounds.append(said.text)
                continue
            lines = [said.text.replace("\n", " ")] if wrapped else said.text.split("\n")
            for line in lines:
                for sentence in sentences(line, language, settings.longest_characters):
                    yield said.speaker, sentence
    if sounds:
        log(f"{len(sounds)} sounds and signs are left out, such as {sounds[0]!r}")


def is_wrapped(blocks: Iterable[str]) -> bool:
    """Whether lines end where the next word would not have fitted, not where something ends."""
    paragraphs = [block.split("\n") for block in blocks]
    width = max((len(line) for lines in paragraphs for line in lines), default=0)
    breaks = [pair for lines in paragraphs for pair in pairwise(lines)]
    full = [len(line) + 1 + len(after.split(" ")[0]) > width for line, after in breaks]
    return width >= _NARROWEST and len(full) > 1 and sum(full) > 0.8 * len(full)


def _without_times(text: str) -> str:
    lines = sum(bool(line.strip()) for line in text.split("\n"))
    bare, times = _TIME.subn("", text)
    return bare if times >= _TIMED_SHARE * lines else text


def _files(master: Path, language: str | None, log: Log) -> Iterator[Track[str]]:
    for sidecar in find_sidecars(master):
        if sidecar.timed:
            continue
        if sidecar.labels & NOTES:
            log(f"{sidecar.name} is not used: {' '.join(sorted(sidecar.labels & NOTES))}")
            continue
        read = partial(read_transcript, sidecar.path, sidecar.language or language)
        yield Track(sidecar.name, sidecar.language, sidecar.labels, False, read)


def _require_sayable(
    name: str,
    lines: Sequence[tuple[str | None, str]],
    duration_s: float | None,
    settings: TranscriptSettings,
) -> None:
    if not lines:
        raise _unusable(name, "there are no words in it")
    characters = sum(len(text) for _, text in lines)
    if duration_s and characters > settings.most_characters_per_s * duration_s:
        raise _unusable(name, f"nobody says {characters:,} characters in {duration_s:.1f} s")


def _named(name: str, log: Log) -> Callable[[str], None]:
    return lambda text: log(f"{name}: {text}")


def _unusable(name: str, what: str) -> BadInput:
    return BadInput(
        what,
        where=name,
        remedy="Save what is said as plain text in UTF-8, subtitles as .srt, or remove the file.",
    )
