"""Materializing the assets of `ingest/` and what they read, over masters in a folder."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest

from media_assets.ingest import assets as ingest
from media_assets.knowledge import assets as knowledge
from media_assets.library import Registration, register
from resources.home import Home
from resources.storage import io_managers
from resources.tables import Footer, read_footer, read_table


@dataclass
class Ingest:
    """One episode whose master and sidecars lie in a folder; `run` says what was computed."""

    home: Home
    folder: Path
    instance: dg.DagsterInstance = field(default_factory=dg.DagsterInstance.ephemeral)

    def add(self, source: Path, name: str, show: str | None = None) -> Path:
        master = self.folder / name
        shutil.copy(source, master)
        register(self.home, Registration("ep", master, self.folder, ("video", "speech"), show))
        self.instance.add_dynamic_partitions("episodes", ["ep"])
        return master

    def run(self, settings: dict[str, dict[str, Any]] | None = None) -> dict[str, int]:
        """Rows computed by asset; settings: by asset."""
        assets = [
            *(knowledge.cast, knowledge.locations, knowledge.speaker_map, knowledge.episode_info),
            *(ingest.masters, ingest.streams, ingest.subtitles, ingest.probe),
            ingest.transcripts,
        ]
        result = dg.materialize(
            assets,
            partition_key="ep",
            resources=io_managers(self.home),
            instance=self.instance,
            run_config={"ops": {name: {"config": one} for name, one in (settings or {}).items()}},
        )
        made = {}
        for event in result.get_asset_materialization_events():
            data: Any = event.step_materialization_data.materialization
            made[data.asset_key.to_user_string()] = data.metadata["rows_computed"].value
        return made

    def table(self, name: str) -> pl.DataFrame:
        return read_table(self.home.table(name, "ep"))

    def footer(self, name: str) -> Footer:
        footer = read_footer(self.home.table(name, "ep"))
        assert footer
        return footer


@pytest.fixture
def ingest_room(home: Home, tmp_path: Path) -> Ingest:
    folder = tmp_path / "library" / "season 1"
    folder.mkdir(parents=True)
    return Ingest(home, folder)


@pytest.fixture
def touch() -> Callable[[Path], None]:
    """Change a file's time, not its content."""

    def touched(path: Path) -> None:
        os.utime(path, ns=(0, path.stat().st_mtime_ns + 1_000_000_000))

    return touched
