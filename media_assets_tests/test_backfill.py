"""A backfill of all episodes, launched through the GraphQL of a running UI."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from media_assets.demo import show_dir
from resources.home import ENV
from resources.tables import read_footer

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
EPISODES = ("harbour-lights-s01e01", "harbour-lights-s01e02")
# What a backfill of shots needs; later assets add nothing to what is tested here.
ASSETS = ("episode_info", "masters", "probe", "frame_measures", "shots")

LAUNCH = """mutation($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) {
    __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }"""
STATUS = """query($id: String!) { partitionBackfillOrError(backfillId: $id) {
  ... on PartitionBackfill { status numPartitions error { message } } } }"""


class Ui:
    """A `dagster dev` on its own port."""

    def __init__(self, home: Path):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        state = home / "dagster"
        state.mkdir(parents=True, exist_ok=True)
        self.process = subprocess.Popen(
            [
                Path(sys.executable).with_name("dagster"),
                "dev",
                "-w",
                "workspace.yaml",
                "-h",
                "127.0.0.1",
                "-p",
                str(self.port),
            ],
            cwd=ROOT,
            env=os.environ
            | {ENV: str(home), "MEDIA_ASSETS_DAGSTER": str(state), "DAGSTER_HOME": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def ask(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/graphql",
            json.dumps({"query": query, "variables": variables}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            found: dict[str, Any] = json.load(answer)["data"]
        return found

    def wait_until_up(self) -> None:
        for _ in range(240):
            try:
                self.ask("{ version }", {})
                return
            except OSError:
                assert self.process.poll() is None, "dagster dev ended"
                time.sleep(0.5)
        raise AssertionError("dagster dev does not answer")

    def backfill(self) -> str:
        """Launch a backfill of `ASSETS` for all episodes; its status when it has ended."""
        params = {
            "allPartitions": True,
            "assetSelection": [{"path": [asset]} for asset in ASSETS],
        }
        launched = self.ask(LAUNCH, {"params": params})["launchPartitionBackfill"]
        assert launched["__typename"] == "LaunchBackfillSuccess", launched
        for _ in range(600):
            state = self.ask(STATUS, {"id": launched["backfillId"]})["partitionBackfillOrError"]
            if state["status"] not in ("REQUESTED", "CANCELING", "FAILING"):
                assert state["numPartitions"] == len(EPISODES)
                return str(state["status"])
            time.sleep(0.5)
        raise AssertionError("the backfill does not end")

    def stop(self) -> None:
        """Its servers and daemon are children: the whole group has to go."""
        os.killpg(self.process.pid, signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@pytest.fixture
def ui(tmp_path: Path) -> Iterator[tuple[Ui, Path]]:
    masters, home = tmp_path / "masters", tmp_path / "home"
    shutil.copytree(show_dir(), masters)
    hidden = ("DAGSTER_HOME", "MEDIA_ASSETS_DAGSTER", ENV)
    subprocess.run(
        [sys.executable, "-m", "media_assets.cli", "--home", str(home), "add", str(masters)],
        env={k: v for k, v in os.environ.items() if k not in hidden},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    ui = Ui(home)
    try:
        ui.wait_until_up()
        yield ui, home
    finally:
        ui.stop()


def test_a_backfill_makes_all_episodes_and_again_does_nothing(ui: tuple[Ui, Path]) -> None:
    server, home = ui
    assert server.backfill() == "COMPLETED_SUCCESS"
    tables = [
        home / "tables" / asset / f"{episode}.parquet" for asset in ASSETS for episode in EPISODES
    ]
    for table in tables:
        footer = read_footer(table)
        assert footer is not None
        assert footer.status == "ok"
    assert pl.read_parquet(tables[-1]).height >= 8
    written = {table: table.stat().st_mtime_ns for table in tables}
    assert server.backfill() == "COMPLETED_SUCCESS"
    assert {table: table.stat().st_mtime_ns for table in tables} == written
