"""Checkpoints on this machine: a folder per model below one root; nothing is fetched unasked."""

import hashlib
import logging
import os
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import dagster as dg

from resources.gpu import Gpu
from resources.home import Home

if TYPE_CHECKING:
    import torch

M = TypeVar("M")

ENV = "MEDIA_ASSETS_CHECKPOINTS"

# A file of this name in a checkpoint's folder says that its weights are random or a toy's.
UNTRAINED = "UNTRAINED"

log = logging.getLogger(__name__)


class MissingCheckpoint(RuntimeError):
    """A model was asked for whose files are not here."""


def checkpoints_root() -> Path:
    """The folder that `MEDIA_ASSETS_CHECKPOINTS` names, else `checkpoints` in the home."""
    named = os.environ.get(ENV)
    return Path(named).absolute() if named else Home.current().root / "checkpoints"


@dataclass(frozen=True)
class Checkpoint:
    """A model as files on disk.

    folder: relative to the root.
    files: what must lie in the folder; patterns as of `Path.glob`, `a|b` where either will do.
    repo, revision: where they come from on the Hugging Face hub.
    """

    folder: str
    files: tuple[str, ...]
    repo: str = ""
    revision: str = ""

    @property
    def path(self) -> Path:
        return checkpoints_root() / self.folder

    def missing(self) -> list[str]:
        """The entries of `files` that are not there."""
        return [
            entry
            for entry in self.files
            if not any(any(self.path.glob(pattern)) for pattern in entry.split("|"))
        ]

    @property
    def untrained(self) -> bool:
        """Whether the folder says that its weights are random."""
        return (self.path / UNTRAINED).exists()

    def fingerprint(self) -> str:
        """12 hex digits of a hash of names and contents, or `missing`."""
        if self.missing():
            return "missing"
        whole = hashlib.sha256()
        for file in sorted(self.path.rglob("*")):
            relative = file.relative_to(self.path)
            # The hub's client keeps its notes in a hidden folder.
            if file.is_file() and not relative.parts[0].startswith("."):
                stat = file.stat()
                content = _content_hash(file, stat.st_size, stat.st_mtime_ns)
                whole.update(f"{relative.as_posix()}\n{content}\n".encode())
        return whole.hexdigest()[:12]

    @property
    def name(self) -> str:
        """For backends: the last folder @ fingerprint, and whether it is untrained."""
        mark = ", untrained" if self.untrained else ""
        return f"{Path(self.folder).name} @ {self.fingerprint()}{mark}"

    def require(self, allow_hub: bool = False) -> Path:
        """The folder, complete; `MissingCheckpoint` says what belongs where.

        allow_hub: what is missing is fetched from the hub into the folder.
        """
        missing = self.missing()
        if missing and allow_hub and self.repo:
            self._fetch()
            missing = self.missing()
        if missing:
            raise MissingCheckpoint(
                f"checkpoints/{self.folder} lacks {', '.join(missing)}. {self.remedy}"
            )
        return self.path

    @property
    def remedy(self) -> str:
        source = f" (from huggingface.co/{self.repo})" if self.repo else ""
        return (
            f"Put the files{source} into {self.folder} below the folder that {ENV} names; "
            "`media-assets doctor` lists all checkpoints."
        )

    def _fetch(self) -> None:
        from huggingface_hub import snapshot_download
        from huggingface_hub.constants import HF_HUB_OFFLINE

        if HF_HUB_OFFLINE:
            raise MissingCheckpoint(
                f"checkpoints/{self.folder} is to be fetched, but HF_HUB_OFFLINE is set. "
                f"{self.remedy}"
            )
        log.warning("fetching %s into checkpoints/%s", self.repo, self.folder)
        try:
            # Of weights in several formats the first that the repository has.
            for choice in (0, -1):
                wanted = [entry.split("|")[choice] for entry in self.files]
                if self.missing():
                    snapshot_download(
                        self.repo,
                        revision=self.revision or None,
                        local_dir=self.path,
                        allow_patterns=[*wanted, "*.json", "*.txt"],
                        etag_timeout=10,
                    )
        except Exception as error:
            raise MissingCheckpoint(
                f"checkpoints/{self.folder} could not be fetched from {self.repo} "
                f"({type(error).__name__}). {self.remedy}"
            ) from error


@cache
def _content_hash(file: Path, size: int, changed_ns: int) -> str:
    """Of gigabytes, so once per process as long as the file looks the same."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


class LocalModel(dg.ConfigurableResource[Any]):
    """An adapter whose weights lie in a checkpoint folder and run where `gpu` says.

    folder: of the checkpoint, relative to the root; repo, revision: where it comes from on the hub;
    allow_hub: whether a missing checkpoint may be fetched from there.
    """

    gpu: dg.ResourceDependency[Gpu]
    folder: str
    repo: str = ""
    revision: str = ""
    allow_hub: bool = False

    @property
    @abstractmethod
    def files(self) -> tuple[str, ...]:
        """What must lie in the folder; see `Checkpoint`."""

    @property
    def checkpoint(self) -> Checkpoint:
        return Checkpoint(self.folder, self.files, self.repo, self.revision)

    def checkpoints(self) -> list[Checkpoint]:
        """All folders that it reads."""
        return [self.checkpoint]

    def warm(self, checkpoint: Checkpoint, load: Callable[[Path, "torch.device"], M]) -> M:
        """What `load` makes of the folder, loaded once per process and version of the files."""
        path = checkpoint.require(self.allow_hub)
        name = f"{type(self).__name__} {path} @ {checkpoint.fingerprint()}"
        return self.gpu.model(name, lambda device, dtype: load(path, device))
