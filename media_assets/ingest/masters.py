"""The row that a master has in the manifest of licensed sources (000)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media_assets.ingest.sidecars import find_sidecars
from media_assets.ingest.streams import scan
from media_assets.library import Registration, shown_path
from media_assets.media.hashing import sha256_file
from media_assets.media.language import language_tag
from resources.problems import BadInput


@dataclass(frozen=True)
class MasterSettings:
    """language: that is spoken (BCP 47); None: what the show says, else the tag of the sound.

    Of several audio tracks the one in the spoken language is used, and of texts those in it.
    """

    language: str | None = None

    def __post_init__(self) -> None:
        if self.language is not None and language_tag(self.language) is None:
            raise ValueError(f"{self.language!r} is no language code such as en, de or pt-BR")


def file_facts(master: Path) -> dict[str, Any] | None:
    """Size and time of last change, by which an untouched file is known; None if it is gone."""
    try:
        stat = master.stat()
    except OSError:
        return None
    return {"bytes": stat.st_size, "mtime_ns": stat.st_mtime_ns}


def master_row(
    registration: Registration,
    info: dict[str, Any],
    known_sha256: str | None,
    settings: MasterSettings,
) -> dict[str, Any]:
    """The row of MASTERS.

    info: the row of EPISODE_INFO, or nothing.
    known_sha256: the hash, where the file has not been touched since it was taken.
    Raises BadInput where the master is unreadable, or is being written.
    """
    before = file_facts(registration.master)
    found = scan(registration.master)
    sha256 = known_sha256 or sha256_file(registration.master)
    if before is None or file_facts(registration.master) != before:
        raise BadInput(
            "the file changed while it was read",
            where=registration.relative_path,
            remedy="Run again when the copy is complete.",
        )
    sounds = [s for s in found.streams if s.kind == "audio" and s.language]
    spoken = next((s.language for s in sorted(sounds, key=lambda s: not s.default)), None)
    told = ("rights_holder", "show", "season", "number", "title")
    return {
        "episode_id": registration.episode_id,
        "path": registration.relative_path,
        "sha256": sha256,
        "bytes": before["bytes"],
        "duration_s": found.duration_s,
        "container": found.container,
        "streams": [stream.about for stream in found.streams],
        "language": language_tag(settings.language) or info.get("language") or spoken,
        **{name: info.get(name) for name in told},
        "uses": registration.uses,
        "sidecars": [
            shown_path(sidecar.path.relative_to(registration.root))
            for sidecar in find_sidecars(registration.master)
        ],
    }
