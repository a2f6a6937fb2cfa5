"""The text files beside a master: which belong to it, and what their names say."""

import os
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from media_assets.library import AUDIO_SUFFIXES, VIDEO_SUFFIXES, shown_path
from media_assets.media.hashing import sha256_file
from media_assets.media.language import language_tag

SUBTITLE_SUFFIXES = frozenset((".srt", ".vtt", ".ass", ".ssa"))
TRANSCRIPT_SUFFIXES = frozenset((".txt", ".lab"))


@dataclass(frozen=True)
class Sidecar:
    """A text file of a master: `stem.srt`, `stem.en.srt`, `stem.en.forced.srt`, `stem.lab` ...

    language: BCP 47; None where the name says none.
    labels: the other words of the name, in lower case, such as `forced` or `chapters`.
    """

    path: Path
    language: str | None
    labels: frozenset[str]

    @property
    def name(self) -> str:
        return shown_path(Path(self.path.name))

    @property
    def timed(self) -> bool:
        return self.path.suffix.lower() in SUBTITLE_SUFFIXES


def find_sidecars(master: Path) -> list[Sidecar]:
    """The text files beside `master` that carry its stem, in order of their names.

    `Show.01.srt` belongs to `Show.01.mkv` rather than to `Show.mkv`, where both stand there.
    """
    stem = _composed(master.stem)
    if not master.parent.is_dir():
        return []
    with os.scandir(master.parent) as entries:
        names = sorted(entry.name for entry in entries if _composed(entry.name).startswith(stem))
    masters = {*VIDEO_SUFFIXES, *AUDIO_SUFFIXES}
    nearer = [_composed(Path(n).stem) + "." for n in names if Path(n).suffix.lower() in masters]
    nearer = [other for other in nearer if len(other) > len(stem) + 1]
    found = []
    for name in names:
        path = master.parent / name
        is_ours = _composed(name).startswith(stem + ".") and not any(
            _composed(name).startswith(other) for other in nearer
        )
        if is_ours and path.suffix.lower() in SUBTITLE_SUFFIXES | TRANSCRIPT_SUFFIXES:
            found.append(_sidecar(path, _composed(path.stem)[len(stem) :]))
    return found


def sidecar_hashes(master: Path, *, timed: bool) -> dict[str, str | None]:
    """The content of the subtitle files, or of the transcripts, as hashes; None if unreadable."""
    hashes: dict[str, str | None] = {}
    for sidecar in find_sidecars(master):
        if sidecar.timed == timed:
            try:
                hashes[sidecar.name] = sha256_file(sidecar.path)
            except OSError:
                hashes[sidecar.name] = None
    return hashes


def _sidecar(path: Path, words: str) -> Sidecar:
    """`words` is what stands between the master's stem and the suffix."""
    labels = [word for word in words.split(".") if word]
    # The first word that is a language counts: in `stem.en.hi.srt`, `hi` is hearing-impaired.
    spoken = next((word for word in labels if language_tag(word)), None)
    if spoken:
        labels.remove(spoken)
    return Sidecar(path, language_tag(spoken), frozenset(word.lower() for word in labels))


def _composed(name: str) -> str:
    """The name as one sequence of characters: file systems differ in how they write `é`."""
    return unicodedata.normalize("NFC", name)
