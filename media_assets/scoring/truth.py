"""Truth files: found for an episode in a folder, and read into frames.

What can be known of an episode, and the frame it becomes:

- turns (start_s, end_s, speaker): RTTM, else a TextGrid's speaker tiers, else STM
- words (word, start_s, end_s): a TextGrid's word tiers
- text (start_s, end_s, text): STM, else SRT, else a TextGrid's speaker or word tiers
- scored (start_s, end_s): the regions of a UEM; without one, everything is scored
- cuts: a JSON file with `hard_cuts`; it is read where shots are scored
- stems (`voice`, `background`): sound files `<name>.speech_stem.*` and `<name>.music_stem.*`
"""

import json
import math
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pysubs2

from media_assets.library import AUDIO_SUFFIXES
from media_assets.scoring.extra import bench
from resources.problems import BadInput

TURNS = {"start_s": pl.Float64, "end_s": pl.Float64, "speaker": pl.String}
WORDS = {"word": pl.String, "start_s": pl.Float64, "end_s": pl.Float64}
TEXT = {"start_s": pl.Float64, "end_s": pl.Float64, "text": pl.String}
REGIONS = {"start_s": pl.Float64, "end_s": pl.Float64}

# Where a line of these formats names the recording it is about.
FILE_ID_FIELD = {".rttm": 1, ".uem": 0, ".stm": 0}
# First words of RTTM lines that are no turns (NIST RT-09 evaluation plan, appendix A).
OTHER_RTTM = {"NOSCORE", "NO_RT_METADATA", "SEGMENT", "LEXEME", "NON-LEX", "NON-SPEECH", "FILLER"}
OTHER_RTTM |= {"EDIT", "IP", "SU", "CB", "A/P", "SPKR-INFO"}

# How the files of true stems are named after the episode.
STEM_ENDINGS = {"voice": ".speech_stem", "background": ".music_stem"}

# A language suffix of a file name: `ep.en.srt`, `ep.pt-BR.srt`.
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")

# What may be the name of a speaker before a line; it is one if it is in capitals.
SPEAKER_NAME = re.compile(r"(?m)^[-–\s]*([^:\n]{2,30}):\s")

# Tier names in use by Praat users, the Montreal Forced Aligner and WebMAUS; other interval
# tiers are named after who speaks in them.
WORD_TIERS = frozenset({"word", "words", "ort", "ort-mau"})
PHONE_TIERS = frozenset({"phone", "phones", "phoneme", "phonemes", "segments", "mau", "kan-mau"})
TEXT_TIERS = frozenset(
    {"text", "transcript", "transcription", "sentence", "sentences", "utterance", "utterances"}
)
# Labels of aligners for what is no word: silence, short pause, spoken noise.
NO_WORD = frozenset({"", "sil", "sp", "spn", "<eps>", "<sil>", "<p:>", "<usb>", "<nib>"})


@dataclass(frozen=True)
class Truth:
    """What is known of an episode; None where no file says it.

    files: part (cuts, turns, words, text, scored, stems) to the file it came from, relative to the
    folder.
    """

    cuts: Path | None = None
    turns: pl.DataFrame | None = None
    words: pl.DataFrame | None = None
    text: pl.DataFrame | None = None
    scored: pl.DataFrame | None = None
    stems: dict[str, Path] | None = None
    files: dict[str, str] = field(default_factory=dict)


def find_truth(folder: Path, episode_id: str, master: str, language: str | None = None) -> Truth:
    """The truth about an episode, from the files below `folder` that are about it.

    master: file name of the master. A file is about the episode if its stem, with or without a
    language suffix, is the master's stem or the episode id; the one in `language` comes first,
    then the one without a suffix. Where no file of a format is named so, those count that name
    the master inside: a cuts JSON by `applies_to`, RTTM, UEM and STM by their file ids.

    Raises `BadInput` if two files of one format are equally close, or if one cannot be read.
    """
    if not folder.is_dir():
        raise BadInput("no such folder", where=folder.name, remedy="Check --truth.")
    names = frozenset({_nfc(episode_id), _nfc(Path(master).stem)})
    files = _files(folder)
    held: dict[str, dict[str, Any]] = {}
    source: dict[str, str] = {}
    for suffix, read in READERS.items():
        closest = _closest(files.get(suffix, []), names, Path(master).name, language)
        relative = [path.relative_to(folder).as_posix() for path in closest]
        if len(closest) > 1:
            raise BadInput(
                f"as much about {episode_id} as {relative[1]}",
                where=relative[0],
                remedy="Keep one of them in the truth folder.",
            )
        for path in closest:
            held[suffix], source[suffix] = read(path, names), relative[0]
    parts, origin = {}, {}
    for part, suffixes in PRECEDENCE.items():
        for suffix in suffixes:
            if part not in parts and part in held.get(suffix, {}):
                parts[part], origin[part] = held[suffix][part], source[suffix]
    if stems := _stems(files, names):
        parts["stems"], origin["stems"] = stems, stems["voice"].relative_to(folder).as_posix()
    return Truth(**parts, files=origin)


def read_rttm(path: Path, names: frozenset[str] | None = None) -> pl.DataFrame:
    """Turns (start_s, end_s, speaker) of the recordings in `names`; of all if None.

    Source: Rich Transcription Time Marked, NIST RT-09 evaluation plan, appendix A:
    `SPEAKER file channel start duration <NA> <NA> speaker <NA> [<NA>]`.
    """
    rows = []
    for line in _lines(path):
        kind = line.fields[0]
        if kind in OTHER_RTTM:
            continue
        if kind != "SPEAKER" or not 8 <= len(line.fields) <= 10:
            raise line.problem("is no RTTM line: SPEAKER file channel start duration ... speaker")
        start, duration = line.seconds(3), line.seconds(4)
        rows.append((line.fields[1], (start, start + duration, line.fields[7])))
    return _frame(_about(path, rows, names), TURNS)


def read_uem(path: Path, names: frozenset[str] | None = None) -> pl.DataFrame:
    """Regions (start_s, end_s) that are scored: lines of `file channel start end`."""
    rows = []
    for line in _lines(path):
        if len(line.fields) != 4:
            raise line.problem("is no UEM line: file channel start end")
        rows.append((line.fields[0], line.interval(2)))
    return _frame(_about(path, rows, names), REGIONS)


def read_stm(path: Path, names: frozenset[str] | None = None) -> dict[str, pl.DataFrame]:
    """`turns` and `text` of a NIST STM: `file channel speaker start end [<label>] words`.

    Of alternatives `{ a / b }` the first counts; what is marked `ignore_time_segment_in_scoring`
    and gaps between segments are left out.
    """
    rows = []
    for line in _lines(path, most_fields=6):
        if len(line.fields) < 5:
            raise line.problem("is no STM line: file channel speaker start end words")
        start, end = line.interval(3)
        words = line.fields[5] if len(line.fields) > 5 else ""
        words = re.sub(r"^<[^>]*>", "", words)
        words = re.sub(r"\{([^/{}]*)/[^{}]*\}", r"\1", words).replace("@", " ")
        speaker = line.fields[2]
        if "ignore_time_segment_in_scoring" in words.lower() or speaker == "inter_segment_gap":
            continue
        rows.append((line.fields[0], (start, end, speaker, " ".join(words.split()))))
    frame = _frame(_about(path, rows, names), TURNS | TEXT)
    return {"turns": frame.select(list(TURNS)), "text": frame.select(list(TEXT))}


def read_srt(path: Path) -> pl.DataFrame:
    """Spoken text (start_s, end_s, text) of a SubRip file.

    Left out, as nobody says them: sounds and notes in brackets, song signs, and the name of the
    speaker before a line (`MINA: Look!`).
    """
    events = pysubs2.SSAFile.from_string(_text(path), format_="srt").events
    if not events:
        raise BadInput("holds no subtitle", where=path.name, remedy="Is it SubRip?")
    rows = []
    for event in sorted(events, key=lambda event: (event.start, event.end)):
        text = re.sub(r"\[[^\]]*\]|\([^)]*\)|[♪♫#]", " ", event.plaintext)
        text = SPEAKER_NAME.sub(lambda found: "" if found[1].isupper() else found[0], text)
        if text := " ".join(text.split()):
            rows.append((event.start / 1000, event.end / 1000, text))
    return _frame(rows, TEXT)


def read_textgrid(path: Path) -> dict[str, pl.DataFrame]:
    """What the interval tiers of a Praat TextGrid hold, of `turns`, `words` and `text`.

    A tier is told by its name, for the Montreal Forced Aligner by what follows `speaker - `:
    words, phones (not used), text, or else the name of who speaks in it. Long and short form,
    UTF-8 and UTF-16. Times are rounded to microseconds.
    """
    grid = bench("textgrid").TextGrid(strict=False)
    try:
        grid.read(str(path), round_digits=6)
    except Exception as error:  # the reader fails in many ways on what is no TextGrid
        raise BadInput(
            f"is no readable TextGrid ({type(error).__name__}: {str(error)[:80]})",
            where=path.name,
            remedy="Save it again from Praat, as text.",
        ) from None
    turns, words, text = [], [], []
    for tier in grid.tiers:
        kind = tier.name.rpartition(" - ")[2].strip().casefold()
        if not hasattr(tier, "intervals") or kind in PHONE_TIERS:
            continue
        for interval in tier.intervals:
            start, end, label = interval.minTime, interval.maxTime, interval.mark.strip()
            if label.casefold() in NO_WORD:
                continue
            if kind in WORD_TIERS:
                words.append((label, start, end))
                continue
            text.append((start, end, " ".join(label.split())))
            if kind not in TEXT_TIERS:
                turns.append((start, end, tier.name))
    text = text or [(start, end, word) for word, start, end in words]
    frames = {"turns": _frame(turns, TURNS), "words": _frame(words, WORDS)}
    frames["text"] = _frame(text, TEXT)
    return {part: frame for part, frame in frames.items() if frame.height}


def _closest(
    files: list[Path], names: frozenset[str], master: str, language: str | None
) -> list[Path]:
    """The files of one format that are closest to the episode; more than one is ambiguous."""
    ranked: dict[int, list[Path]] = {}
    wanted = f"{language or ''}-".casefold()
    for path in files:
        stem, _, suffix = _nfc(path.stem).rpartition(".")
        if _nfc(path.stem) in names:
            rank = 1
        elif stem in names and LANGUAGE.fullmatch(suffix):
            # `ep.en.srt` serves an episode in `en` and one in `en-GB`.
            rank = 0 if wanted.startswith(f"{suffix}-".casefold()) else 2
        else:
            continue
        if path.suffix.lower() != ".json" or _cuts(path, must_parse=True) is not None:
            ranked.setdefault(rank, []).append(path)
    if ranked:
        return ranked[min(ranked)]
    return [path for path in files if _names_inside(path) & (names | {_nfc(master)})]


def _stems(files: dict[str, list[Path]], names: frozenset[str]) -> dict[str, Path] | None:
    """The true stems among the files; None without a voice."""
    sounds = [path for suffix in AUDIO_SUFFIXES for path in files.get(suffix, [])]
    held = {
        stem: path
        for stem, ending in STEM_ENDINGS.items()
        for path in sounds
        if _nfc(path.stem).removesuffix(ending) in names and path.stem.endswith(ending)
    }
    return held if "voice" in held else None


def _names_inside(path: Path) -> frozenset[str]:
    """The recordings that a file says it is about: by file id, a cuts JSON by file name."""
    if path.suffix.lower() == ".json":
        applies_to = (_cuts(path, must_parse=False) or {}).get("applies_to") or []
        listed = [applies_to] if isinstance(applies_to, str) else applies_to
        return frozenset(_nfc(Path(str(one)).name) for one in listed)
    if path.suffix.lower() not in FILE_ID_FIELD:
        return frozenset()
    position = FILE_ID_FIELD[path.suffix.lower()]
    # A file that is about other episodes is not judged here, so it may be in any encoding.
    lines = path.read_bytes().decode(errors="replace").split("\n")
    fields = (line.split() for line in lines if not line.startswith(";;"))
    return frozenset(_nfc(found[position]) for found in fields if len(found) > position)


def _cuts(path: Path, must_parse: bool) -> dict[str, Any] | None:
    """The JSON object if it is a cuts file: one with `hard_cuts`."""
    try:
        value = json.loads(path.read_bytes())
    except ValueError as error:
        if must_parse:
            raise BadInput(
                f"is no JSON ({error})", where=path.name, remedy="Mend or remove the file."
            ) from None
        return None
    return value if isinstance(value, dict) and "hard_cuts" in value else None


@dataclass(frozen=True)
class _Line:
    file: str
    number: int
    fields: list[str]

    def problem(self, what: str) -> BadInput:
        shown = " ".join(self.fields)[:60]
        return BadInput(
            f"{shown!r} {what}", where=f"{self.file}, line {self.number}", remedy="Mend the line."
        )

    def seconds(self, position: int) -> float:
        try:
            value = float(self.fields[position])
        except ValueError:
            value = math.nan
        if not (math.isfinite(value) and value >= 0):
            raise self.problem(f"has no time in seconds in field {position + 1}")
        return value

    def interval(self, position: int) -> tuple[float, float]:
        start, end = self.seconds(position), self.seconds(position + 1)
        if end < start:
            raise self.problem("ends before it starts")
        return start, end


def _lines(path: Path, most_fields: int | None = None) -> Iterator[_Line]:
    """The lines of a table, without those that `;;` makes a comment.

    Blanks and tabs divide fields; other white space may be part of a name.
    """
    for number, raw in enumerate(_text(path).split("\n"), start=1):
        if (line := raw.strip()) and not line.startswith(";;"):
            fields = re.split(r"[ \t]+", line, maxsplit=most_fields - 1 if most_fields else 0)
            yield _Line(path.name, number, fields)


def _about(
    path: Path, rows: list[tuple[str, tuple[Any, ...]]], names: frozenset[str] | None
) -> list[tuple[Any, ...]]:
    """The rows (file id, row) of the recordings in `names`; all rows if None.

    A file about a single recording is taken whole: its own name says what it is about.
    """
    ids = {_nfc(file_id) for file_id, _ in rows}
    if names is None or (len(ids) == 1 and not ids & names):
        return [row for _, row in rows]
    if rows and not ids & names:
        raise BadInput(
            f"holds {len(ids)} recordings, none of them {' or '.join(sorted(names))}",
            where=path.name,
            remedy="Correct the file ids.",
        )
    return [row for file_id, row in rows if _nfc(file_id) in names]


def _files(folder: Path) -> dict[str, list[Path]]:
    """All files below `folder` by suffix in lower case, hidden ones left out."""
    files: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden:
            files.setdefault(path.suffix.lower(), []).append(path)
    return files


def _text(path: Path) -> str:
    """The text of a file in UTF-8, or in UTF-16 if a byte order mark says so."""
    data = path.read_bytes()
    try:
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(
            f"is not UTF-8 (byte {error.start})", where=path.name, remedy="Save it as UTF-8."
        ) from None


def _frame(rows: list[Any], schema: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=schema, orient="row").sort("start_s", "end_s")


def _nfc(text: str) -> str:
    """File systems differ in how they compose accents, so names are compared composed."""
    return unicodedata.normalize("NFC", text)


# What each format holds. A cuts JSON is named only: it is read where shots are scored.
READERS: dict[str, Callable[[Path, frozenset[str]], dict[str, Any]]] = {
    ".json": lambda path, _: {"cuts": path},
    ".uem": lambda path, names: {"scored": read_uem(path, names)},
    ".rttm": lambda path, names: {"turns": read_rttm(path, names)},
    ".stm": read_stm,
    ".textgrid": lambda path, _: read_textgrid(path),
    ".srt": lambda path, _: {"text": read_srt(path)},
}
# Which format counts where several hold the same: the one that is made for it, and the finer.
PRECEDENCE = {
    "cuts": (".json",),
    "turns": (".rttm", ".textgrid", ".stm"),
    "words": (".textgrid",),
    "text": (".stm", ".srt", ".textgrid"),
    "scored": (".uem",),
}
