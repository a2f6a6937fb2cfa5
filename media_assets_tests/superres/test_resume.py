"""Nothing that stops the work on patches, at whatever moment, changes what comes of it."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from media_assets.library import Registration, load, register
from media_assets_tests.superres.standin import alive, tree
from resources.home import ENV, Home
from resources.journal import read_journal
from resources.tables import read_footer, read_table

EPISODE = "big_buck_bunny_0_30_720p"
CONFIG = "patch_plan: {base_frame_limit: 44}\npatches: {max_workers: 2}\n"
CLI = [sys.executable, "-m", "media_assets.cli"]
# The same as the asset does, without Dagster, which takes seconds to start.
WORK = """
import sys
from pathlib import Path
import polars as pl
from media_assets.library import load
from media_assets.superres.jobs import Master
from media_assets.superres.patch import Patch, Source
from media_assets.superres.settings import PatchSettings
from media_assets.superres.work import make_patches
from resources.home import Home

if __name__ == "__main__":
    home, episode = Home(Path(sys.argv[1])), sys.argv[2]
    (row,) = pl.read_parquet(home.table("patch_source", episode)).iter_rows(named=True)
    plan = pl.read_parquet(home.table("patch_plan", episode)).iter_rows(named=True)
    master = Master(
        episode, load(home, episode).master, home.root / row["index_path"], row["sha256"],
        row["title"], Source.of(row),
    )
    settings = PatchSettings(max_workers=2 if sys.argv[3] == "True" else 1)
    make_patches(master, [Patch.of(place) for place in plan], settings, home, "1")
"""


def media_assets(home: Home, *arguments: str) -> list[str]:
    return [*CLI, "--home", str(home.root), *arguments]


@contextmanager
def started(command: list[str]) -> Iterator["subprocess.Popen[str]"]:
    """A process that leads a group of its own, as in a terminal; nothing of it stays."""
    environment = {k: v for k, v in os.environ.items() if k not in (ENV, "DAGSTER_HOME")}
    with subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def rows_in(home: Home) -> int:
    journal = read_journal(home.journal("patches", EPISODE))
    return len(journal.entries) if journal else 0


def wait_until(what: Callable[[], bool]) -> None:
    until = time.monotonic() + 300
    while not what():
        assert time.monotonic() < until, "nothing happens any more"
        time.sleep(0.01)


def until_rows(process: "subprocess.Popen[str]", home: Home, more: int) -> None:
    """Wait until so many rows have come, or the process has ended."""
    before = rows_in(home)
    wait_until(lambda: rows_in(home) >= before + more or process.poll() is not None)


def children_of(process: "subprocess.Popen[str]") -> list[int]:
    return [child.pid for child in psutil.Process(process.pid).children(recursive=True)]


def kill(process: "subprocess.Popen[str]") -> None:
    """End a process alone, as the system does; its children have to see for themselves."""
    children = children_of(process)
    process.kill()
    process.wait()
    wait_until(lambda: not alive(children))


@pytest.fixture(scope="module")
def undisturbed(media_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("undisturbed") / "home")
    home.root.mkdir()
    home.config.write_text(CONFIG)
    master = media_dir / "animation" / f"{EPISODE}.webm"
    for command in (["add", str(master), "--use", "superres"], ["run", "--select", "patches"]):
        subprocess.run(media_assets(home, *command), check=True, capture_output=True)
    return home


@pytest.fixture
def before(undisturbed: Home, home: Home) -> Iterator[Home]:
    """The same home with the patches still to be made."""
    shutil.copytree(undisturbed.root, home.root)
    shutil.rmtree(home.exports)
    shutil.rmtree(home.tables / "patches")
    home.journal("patches", EPISODE).unlink()
    return home


def go_on(home: Home) -> None:
    run = media_assets(home, "run", "--select", "patches", "--episode", EPISODE)
    done = subprocess.run(run, capture_output=True)
    assert done.returncode == 0, done.stderr


def assert_same(home: Home, undisturbed: Home) -> None:
    assert tree(home.exports) == tree(undisturbed.exports)
    versions = {
        footer.version
        for each in (home, undisturbed)
        if (footer := read_footer(each.table("patches", EPISODE)))
    }
    assert len(versions) == 1
    assert not list(home.exports.rglob(".*"))


@pytest.mark.slow
def test_twenty_kills_at_random_moments_change_nothing(undisturbed: Home, before: Home) -> None:
    whole = read_table(undisturbed.table("patches", EPISODE))
    assert {"written", "rejected"} == set(whole["status"])
    chance = random.Random(4)
    kept = 0
    for number in range(20):
        command = [sys.executable, "-c", WORK, str(before.root), EPISODE, str(number % 4 == 3)]
        if number == 7:
            command = media_assets(before, "run", "--select", "patches")
        with started(command) as process:
            until_rows(process, before, chance.choice((0, 1, 1, 2)))
            time.sleep(chance.random() / 10)
            assert process.poll() is None
            kill(process)
        assert rows_in(before) >= kept
        kept = rows_in(before)
    assert 10 <= kept < whole.height
    go_on(before)
    assert_same(before, undisturbed)


@pytest.mark.slow
def test_after_ctrl_c_the_next_run_goes_on_at_the_window(undisturbed: Home, before: Home) -> None:
    master = load(before, EPISODE).master
    register(before, Registration("z_another_film", master, master.parent, ("superres",)))
    with started(media_assets(before, "run", "--select", "patches")) as process:
        until_rows(process, before, 6)
        children = children_of(process)
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "stopped" in said
    assert "Traceback" not in said
    wait_until(lambda: not alive(children))
    assert not before.table("patches", EPISODE).exists()
    assert not before.table("masters", "z_another_film").exists()
    assert not list(before.exports.rglob(".*"))
    kept = rows_in(before)
    journal = read_journal(before.journal("patches", EPISODE))
    assert journal
    assert journal.errors[-1][1] == "interrupted"

    go_on(before)
    journal = read_journal(before.journal("patches", EPISODE))
    assert journal
    entries = journal.entries.values()
    assert sum(entry.at >= journal.began for entry in entries) == len(entries) - kept
    assert_same(before, undisturbed)
