"""The library: which masters are registered as episodes, and under which ids.

A registration is a small JSON file in the home. It is the only place that knows where a master
lies on this machine; tables name masters relative to their root.
"""

import json
import math
import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from resources.home import Home
from resources.problems import BadInput
from resources.tables import atomic_write

USES = ("video", "speech", "layout", "superres")
VIDEO_SUFFIXES = (
    *(".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".m2ts", ".mts"),
    *(".mxf", ".ogv", ".wmv", ".flv", ".3gp"),
)
AUDIO_SUFFIXES = (".wav", ".flac", ".mp3", ".m4a", ".aac", ".ogg", ".opus", ".aif", ".aiff", ".wma")

# File names take 255 bytes; those of patches add up to 28 to the title.
MAX_TITLE = 200
# How far shares may be from a sum of 1: room for thirds written with six decimals.
SUM_TOLERANCE = 1e-6

_EPISODE_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")


@dataclass(frozen=True)
class PatchWishes:
    """What super-resolution patches of a master are called and which categories they serve.

    title: stands in file names. categories: share of the master's windows by category; they sum
    to 1. Other values are a `ValueError` that begins with the field.
    """

    title: str
    categories: Mapping[str, float]

    def __post_init__(self) -> None:
        if not self.title.strip() or len(self.title) > MAX_TITLE:
            raise ValueError(f"title: not a text of 1 to {MAX_TITLE} characters")
        try:
            self.title.encode()
        except UnicodeEncodeError:
            raise ValueError("title: not whole Unicode characters") from None
        for name, share in self.categories.items():
            if not 0 <= share <= 1:
                raise ValueError(f"categories.{name}: {share} is not a share of 0 to 1")
        total = math.fsum(self.categories.values())
        if abs(total - 1) > SUM_TOLERANCE:
            raise ValueError(f"categories: shares sum to {total:.7g}, not 1")


@dataclass(frozen=True)
class Registration:
    """One episode as `media-assets add` recorded it.

    master, root: absolute paths on this machine; the master lies below the root.
    show: folder name of the show's knowledge below `<home>/knowledge`, or None.
    patches: for use `superres`, where a configuration says it.
    """

    episode_id: str
    master: Path
    root: Path
    uses: tuple[str, ...]
    show: str | None = None
    patches: PatchWishes | None = None

    @property
    def relative_path(self) -> str:
        return shown_path(self.master.relative_to(self.root))

    @property
    def patch_wishes(self) -> PatchWishes:
        """What was asked for, else: named after the file, all for the category `general`."""
        if self.patches:
            return self.patches
        return PatchWishes(shown_path(Path(self.master.stem))[:MAX_TITLE], {"general": 1.0})

    @property
    def place(self) -> Path:
        """The master, whatever spelling of its folder it was registered by."""
        return place_of(self.master)


def place_of(path: Path) -> Path:
    """The path with the links and `..` of its folder resolved; the file itself may be a link."""
    return Path(os.path.realpath(path.parent), path.name)


def shown_path(path: Path) -> str:
    r"""A relative path as tables and messages name it; bytes that are not UTF-8 as `\xe9`."""
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")


def episode_id_of(stem: str) -> str:
    """The episode id for a file stem: ASCII letters, digits, `_` and `-`; other runs become `-`.

    >>> episode_id_of("Épisode 01 – Test [480p]")
    'Episode-01-Test-480p'
    """
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^A-Za-z0-9_]+", "-", plain).strip("-")[:128]
    if not slug:
        raise BadInput(
            "no letter or digit to make an episode id of", where=stem, remedy="Give one with --id."
        )
    return slug


def check_episode_id(episode_id: str) -> str:
    if not _EPISODE_ID.fullmatch(episode_id):
        raise BadInput(
            f"{episode_id!r} is no episode id",
            where="--id",
            remedy="Use 1 to 128 of A-Z a-z 0-9 _ -.",
        )
    return episode_id


def default_uses(master: Path) -> tuple[str, ...]:
    return ("speech",) if master.suffix.lower() in AUDIO_SUFFIXES else ("video", "speech")


def find_masters(paths: Iterable[Path]) -> Iterator[tuple[Path, Path]]:
    """Each master below `paths` with its root: a folder is searched, a file is taken as it is."""
    for path in paths:
        if path.is_dir():
            for found in sorted(path.rglob("*")):
                hidden = any(part.startswith(".") for part in found.relative_to(path).parts)
                known = found.suffix.lower() in (*VIDEO_SUFFIXES, *AUDIO_SUFFIXES)
                if known and not hidden and not found.is_dir():
                    yield found.absolute(), path.absolute()
        elif path.is_file():
            yield path.absolute(), path.absolute().parent
        else:
            raise BadInput("no such file or folder", where=path.name, remedy="Check the path.")


def registrations(home: Home) -> dict[str, Registration]:
    """All registered episodes by id, in order of their ids."""
    if not home.episodes.is_dir():
        return {}
    return {path.stem: load(home, path.stem) for path in sorted(home.episodes.glob("*.json"))}


def load(home: Home, episode_id: str) -> Registration:
    """The registration of one episode; `BadInput` where there is none."""
    path = home.episodes / f"{check_episode_id(episode_id)}.json"
    try:
        record: dict[str, Any] = json.loads(path.read_text())
        return Registration(
            episode_id=episode_id,
            master=Path(record["master"]),
            root=Path(record["root"]),
            uses=tuple(record["uses"]),
            show=record["show"],
            patches=PatchWishes(**record["patches"]) if record.get("patches") else None,
        )
    except FileNotFoundError:
        raise BadInput(
            "no such episode", where=episode_id, remedy="Register it: media-assets add PATH."
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(
            f"registration is damaged ({error})",
            where=f"episodes/{path.name}",
            remedy="Remove the file and add the master again.",
        ) from None


def refuse_collisions(new: Iterable[Registration]) -> None:
    """Raise `BadInput` naming both files where two masters would get one episode id."""
    seen: dict[str, Registration] = {}
    for entry in new:
        other = seen.setdefault(entry.episode_id, entry)
        if other.master != entry.master:
            raise BadInput(
                f"{other.relative_path} and {entry.relative_path} both make the episode id "
                f"{entry.episode_id!r}",
                where=entry.relative_path,
                remedy="Add one of them by itself with --id.",
            )


def register(home: Home, new: Registration) -> bool:
    """Record an episode; False if it stood there already, just so.

    Raises `BadInput` if the id belongs to another master, or a use is unknown.
    """
    check_episode_id(new.episode_id)
    unknown = sorted(set(new.uses) - set(USES))
    if unknown or not new.uses:
        raise BadInput(
            f"uses {unknown} are unknown" if unknown else "no uses",
            where=new.relative_path,
            remedy=f"Choose from {', '.join(USES)}.",
        )
    path = home.episodes / f"{new.episode_id}.json"
    if path.exists():
        old = load(home, new.episode_id)
        if old.master != new.master:
            raise BadInput(
                f"episode id {new.episode_id!r} already stands for {old.relative_path}",
                where=new.relative_path,
                remedy="Give another id with --id.",
            )
        if old == new:
            return False
    record = asdict(new) | {"master": str(new.master), "root": str(new.root)}
    # ASCII, because file names may hold bytes that are not UTF-8.
    text = json.dumps(record, indent=1) + "\n"
    atomic_write(path, lambda file: file.write(text.encode()))
    return True
