"""The files of `speech_files`: who speaks and what is said, one file per format."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from media_assets.media.files import place, remove_others
from media_assets.speech.lines.records import audio_path, utterances_json, who_spoke, who_spoke_json
from media_assets.speech.text.writers.nist import ctm, rttm
from media_assets.speech.text.writers.subtitles import srt, vtt
from media_assets.speech.text.writers.textgrid import textgrid
from resources.tables import atomic_write


@dataclass(frozen=True)
class SpeechFileSettings:
    """drafts: whether the files hold them too, without saying so: no format has a place for it.
    The embedded recognizer gets up to every second word wrong.
    """

    drafts: bool = False


@dataclass(frozen=True)
class SpeechFile:
    """A file before it is written; entries: turns, words, cues, intervals or records in it."""

    format: str
    name: str
    text: str
    entries: int

    def write(self, folder: Path) -> Path:
        """Whole or not at all; a file that says the same already is not touched."""
        path = folder / self.name
        atomic_write(path, lambda file: file.write(self.text.encode()), unless_equal=True)
        return path


def speech_files_of(
    episode: str,
    tables: Mapping[str, pl.DataFrame],
    duration_s: float,
) -> Iterator[SpeechFile]:
    """The files of an episode; where there is nothing to say, they say so by being empty.

    tables: diarization, words, phones, lines and utterances by name, of what is to be `told`.
    """
    words, phones, utterances = tables["words"], tables["phones"], tables["utterances"]
    lines = tables["lines"].filter(pl.col("text").str.strip_chars() != "")
    turns = tables["diarization"].filter(~pl.col("exclusive"))
    grid = textgrid(words, phones, lines, duration_s)
    intervals = words.height + phones.height + lines.height
    records = utterances_json(utterances).decode()
    yield SpeechFile("rttm", f"{episode}.rttm", rttm(episode, turns), turns.height)
    yield SpeechFile("ctm", f"{episode}.ctm", ctm(episode, words), words.height)
    yield SpeechFile("srt", f"{episode}.srt", srt(lines), lines.height)
    yield SpeechFile("vtt", f"{episode}.vtt", vtt(lines), lines.height)
    yield SpeechFile("textgrid", f"{episode}.TextGrid", grid, intervals)
    yield SpeechFile("utterances", "utterances.json", records, utterances.height)
    spoke = who_spoke_json(utterances).decode()
    yield SpeechFile("who_spoke", "who_spoke.json", spoke, who_spoke(utterances).height)


def told(
    tables: Mapping[str, pl.DataFrame], settings: SpeechFileSettings
) -> dict[str, pl.DataFrame]:
    """The tables without drafts, and without lines of a transcript not found in the sound.

    Nobody knows when the latter are said, nor that they are; the files have no place to say so.
    """
    left_out = (pl.col("source") == "transcript") & (pl.col("status") == "failed")
    if not settings.drafts:
        left_out |= pl.col("source") == "draft"
    kept = {name: tables[name].filter(~left_out) for name in ("lines", "utterances")}
    words = tables["words"].join(kept["lines"], on="segment_id", how="semi", maintain_order="left")
    phones = tables["phones"].join(words, on="word_id", how="semi", maintain_order="left")
    return {**tables, **kept, "words": words, "phones": phones}


def place_voices(utterances: pl.DataFrame, root: Path, folder: Path) -> None:
    """Put the sound of every utterance where its record says, and remove what no record names.

    root: what paths in tables are relative to; folder: that of `utterances.json`.
    """
    kept = set()
    for name, path in utterances.select("utterance_id", "path").iter_rows():
        target = folder / audio_path(name)
        place(root / path, target)
        kept.add(target.name)
    remove_others((folder / audio_path("")).parent, kept)
