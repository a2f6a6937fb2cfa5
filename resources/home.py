"""The data home: one folder that holds tables, files, exports, locks and Dagster's state."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

ENV = "MEDIA_ASSETS_HOME"

# Stands where an episode's id would in the file name of a table over all episodes; `+` keeps it
# apart from any episode id.
ALL = "+all"

ABANDONED_S = 3600


@dataclass(frozen=True)
class Home:
    """Where everything of one set of episodes lies.

    episodes/     one registration per episode (`<episode>.json`)
    knowledge/    one folder per show
    tables/       `<asset>/<episode>.parquet`; assets over all episodes: `<asset>/+all.parquet`
    files/        media that tables point to, named by content key
    exports/      what trainers read
    journal/      `<asset>/<episode>.jsonl`: work in flight
    config.yaml   settings of assets that differ from the defaults
    """

    root: Path

    @classmethod
    def current(cls) -> "Home":
        """The home that `MEDIA_ASSETS_HOME` names, else `./data`."""
        return cls(Path(os.environ.get(ENV) or "data").absolute())

    @property
    def tables(self) -> Path:
        return self.root / "tables"

    @property
    def files(self) -> Path:
        return self.root / "files"

    @property
    def exports(self) -> Path:
        return self.root / "exports"

    @property
    def episodes(self) -> Path:
        return self.root / "episodes"

    @property
    def knowledge(self) -> Path:
        return self.root / "knowledge"

    @property
    def config(self) -> Path:
        return self.root / "config.yaml"

    def table(self, asset: str, episode: str) -> Path:
        return self.tables / asset / f"{episode}.parquet"

    def journal(self, asset: str, episode: str) -> Path:
        return self.root / "journal" / asset / f"{episode}.jsonl"

    def preview(self, asset: str, episode: str) -> Path:
        return self.files / "previews" / asset / f"{episode}.md"

    def writer(self, asset: str, episode: str) -> FileLock:
        """The lock that makes one writer per asset and episode; the system frees it on a crash."""
        path = self.root / "locks" / asset / f"{episode}.lock"
        path.parent.mkdir(parents=True, exist_ok=True)
        return FileLock(path)

    def sweep(self) -> None:
        """Remove what a killed process left half written: hidden files untouched for an hour."""
        for folder in (self.tables, self.files, self.exports, self.episodes):
            for path in folder.rglob(".*"):
                if path.is_file() and time.time() - path.stat().st_mtime > ABANDONED_S:
                    path.unlink(missing_ok=True)

    def relative(self, path: Path) -> str:
        """`path` as tables name it: relative to the home, with forward slashes."""
        return path.relative_to(self.root).as_posix()
