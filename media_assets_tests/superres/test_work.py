"""Patches come out the same however the work is done, and no more is done than must be."""

import shutil
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from media_assets.superres import work
from media_assets.superres.patch import Patch
from media_assets.superres.pool import WorkerFailed
from media_assets.superres.settings import PatchSettings
from media_assets.superres.space import RESERVE_BYTES
from media_assets.superres.stale_files import paths_of
from media_assets.superres.work import DiskFull, MasterChanged, make_patches
from media_assets_tests.superres.standin import (
    as_told,
    breaking_off,
    empty_folders,
    failing,
    film,
    planned,
    standin,
    tree,
)
from resources.home import Home
from resources.journal import read_journal
from resources.samples import Rows

SETTINGS = PatchSettings(max_workers=1, max_retry_attempts=3)


def made(
    home: Home,
    plan: list[Patch] | None = None,
    settings: PatchSettings = SETTINGS,
    previous: pl.DataFrame | None = None,
    **other: str,
) -> Rows:
    master = film(home, **other)
    return make_patches(
        master, plan or planned(master), settings, home, "1", previous, extraction=standin
    )


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Rows]:
    home = Home(tmp_path_factory.mktemp("made"))
    return home, made(home)


@pytest.fixture
def first(made_once: tuple[Home, Rows], home: Home) -> Rows:
    """What a first run made in this home."""
    there, rows = made_once
    shutil.copytree(there.root, home.root)
    return rows


def test_the_number_of_workers_changes_nothing(
    made_once: tuple[Home, Rows], tmp_path: Path
) -> None:
    one, alone = made_once
    three = Home(tmp_path)
    together = made(three, settings=replace(SETTINGS, max_workers=3))
    assert as_told(alone.frame) == as_told(together.frame)
    assert tree(one.exports) == tree(three.exports)
    assert alone.frame["attempt"].max() == 3


def test_each_planned_patch_is_written_or_was_tried_as_often_as_allowed(
    home: Home, first: Rows
) -> None:
    for patch in planned(film(home)):
        tries = first.frame.filter(window=patch.window, category=patch.category)
        assert tries["attempt"].to_list() == list(range(tries.height))
        *before, last = tries["status"]
        assert set(before) <= {"rejected"}
        assert last == "written" or tries.height == 4
    named = {path for row in first.frame.iter_rows(named=True) for path in paths_of(row)}
    assert {f"exports/{path}" for path in tree(home.exports)} == named
    assert empty_folders(home.exports / "superres") == [
        "Toon/ToonModel/Learn/Val/GT",
        "Universal/Mastermodell/Learn/Val/GT",
    ]


def test_the_journal_counts_what_is_done_of_what_is_planned(home: Home, first: Rows) -> None:
    plan = planned(film(home))
    journal = read_journal(home.journal("patches", "film"))
    assert journal
    assert journal.finished
    assert journal.done == journal.header.total == len(plan)
    assert sum(part["total"] for part in journal.header.planned) == len(plan)
    assert sorted(journal.entries) == first.frame["row_key"].sort().to_list()


@pytest.mark.parametrize("journal", [True, False])
def test_a_second_run_makes_nothing(home: Home, first: Rows, journal: bool) -> None:
    before = {path: path.stat().st_mtime_ns for path in home.exports.rglob("*.png")}
    # A table is emptied while the drive of its master is away: then the journal knows.
    previous = first.frame.clear() if journal else first.frame
    if not journal:
        home.journal("patches", "film").unlink()
    again = made(home, settings=replace(SETTINGS, max_workers=2), previous=previous)
    assert again.computed == 0
    assert as_told(again.frame) == as_told(first.frame)
    assert {path: path.stat().st_mtime_ns for path in home.exports.rglob("*.png")} == before


@pytest.mark.parametrize("damage", ["removed", "cut short"])
def test_a_patch_whose_file_is_gone_is_made_again_alone(
    home: Home, first: Rows, damage: str
) -> None:
    whole = tree(home.exports)
    path = home.root / first.frame["lr7_path"].drop_nulls()[0]
    path.unlink() if damage == "removed" else path.write_bytes(path.read_bytes()[:-1])
    again = made(home, previous=first.frame)
    assert again.computed == 1
    assert tree(home.exports) == whole


def test_what_no_longer_belongs_goes_and_what_is_of_others_stays(home: Home, first: Rows) -> None:
    other = made(home, episode="other", title="Other")
    both = tree(home.exports)
    plan = planned(film(home), general=1.0)
    second = made(home, plan, replace(SETTINGS, naming="LR"), first.frame)
    now = tree(home.exports)
    of_other = {path: text for path, text in both.items() if "patch_Other_" in path}
    assert {path: text for path, text in now.items() if "patch_Other_" in path} == of_other
    named = {
        path
        for rows in (other, second)
        for row in rows.frame.iter_rows(named=True)
        for path in paths_of(row)
    }
    assert {f"exports/{path}" for path in now} == named
    assert "exports/superres/Universal/Mastermodell/Learn/Patches/LR/" in " ".join(sorted(named))
    # Nobody has patches of toon but the other film, and the place for validation stays.
    assert (home.exports / "superres/Toon/ToonModel/Learn/Val/GT").is_dir()


def test_empty_folders_of_formats_go(home: Home, first: Rows) -> None:
    only = [patch for patch in planned(film(home)) if patch.format == "small_540"]
    made(home, only, previous=first.frame)
    folders = {path.name for path in home.exports.rglob("Patches*")}
    assert folders == {"Patches"}


def test_a_title_that_went_to_another_episode_keeps_its_files(home: Home) -> None:
    first = made(home, episode="one", title="Name")
    home.table("patches", "one").parent.mkdir(parents=True)
    first.frame.write_parquet(home.table("patches", "one"))
    # The two change names: what the one had belongs to the other now.
    taken = made(home, episode="two", title="Name")
    made(home, episode="one", title="New Name", previous=first.frame)
    for row in taken.frame.iter_rows(named=True):
        assert all((home.root / path).exists() for path in paths_of(row))


@pytest.mark.parametrize("workers", [1, 2])
def test_a_failure_keeps_what_was_made_and_the_next_run_goes_on(
    made_once: tuple[Home, Rows], home: Home, workers: int
) -> None:
    master, settings = film(home), replace(SETTINGS, max_workers=workers)
    plan = planned(master)
    with pytest.raises(WorkerFailed, match="No space left on device"):
        make_patches(master, plan, settings, home, "1", extraction=failing)
    journal = read_journal(home.journal("patches", "film"))
    assert journal
    assert not journal.finished
    assert "No space left" in journal.errors[-1][1]
    assert str(home.root) not in home.journal("patches", "film").read_text()
    kept = len(journal.entries)
    assert kept >= 10
    again = made(home, plan)
    assert again.computed == again.frame.height - kept
    undisturbed, rows = made_once
    assert as_told(again.frame) == as_told(rows.frame)
    assert tree(home.exports) == tree(undisturbed.exports)


def test_a_master_that_changes_meanwhile_ends_it_and_what_was_damaged_is_tried_again(
    made_once: tuple[Home, Rows], home: Home
) -> None:
    master = film(home)
    master.path.write_bytes(b"whole film")
    with pytest.raises(MasterChanged, match="run again"):
        make_patches(master, planned(master), SETTINGS, home, "1", extraction=breaking_off)
    journal = read_journal(home.journal("patches", "film"))
    assert journal
    assert "changed or went away" in journal.errors[-1][1]
    again = made(home)
    undisturbed, rows = made_once
    assert as_told(again.frame) == as_told(rows.frame)
    assert tree(home.exports) == tree(undisturbed.exports)
    assert 0 < again.computed < again.frame.height


def test_settings_that_change_and_change_back_leave_no_file_of_the_others(
    home: Home, first: Rows
) -> None:
    """A file that a broken run wrote over is not taken for the one that was there before."""
    whole = tree(home.exports)
    other = replace(SETTINGS, lr_filter="area")
    master = film(home)
    with pytest.raises(WorkerFailed):
        make_patches(master, planned(master), other, home, "1", first.frame, extraction=failing)
    back = made(home, previous=first.frame)
    assert tree(home.exports) == whole
    assert as_told(back.frame) == as_told(first.frame)


def test_files_of_a_window_that_was_killed_go_when_it_is_planned_otherwise(home: Home) -> None:
    """A worker dies when its files stand and nobody has been told; then the settings change."""
    master = film(home)
    with pytest.raises(WorkerFailed):
        make_patches(master, planned(master), SETTINGS, home, "1", extraction=failing)
    journal = read_journal(home.journal("patches", "film"))
    assert journal
    told = {path for row in journal.known for path in paths_of(row)}
    assert {f"exports/{path}" for path in tree(home.exports)} - told
    curated = home.exports / "superres/Universal/Mastermodell/Learn/Val/GT/patch_A_Film_idx0.png"
    others = home.exports / "superres/Toon/ToonModel/Learn/Patches/GT/patch_A_Film_idx1_idx0.png"
    for path in (curated, others):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"not of this film's patches")
    second = made(home, planned(master, seed=5), replace(SETTINGS, naming="LR"))
    named = {path for row in second.frame.iter_rows(named=True) for path in paths_of(row)}
    mine = {home.relative(path) for path in (curated, others)}
    assert {f"exports/{path}" for path in tree(home.exports)} == named | mine


def test_too_little_room_ends_it_before_any_work_and_says_how_much_is_needed(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "free_bytes", lambda folder: RESERVE_BYTES + 10_000)
    with pytest.raises(DiskFull, match=r"24 patches would not fit.*MB to write.*free"):
        made(home)
    assert not list(home.exports.rglob("*.png"))
    journal = read_journal(home.journal("patches", "film"))
    assert journal
    assert "would not fit" in journal.errors[-1][1]
    monkeypatch.undo()
    assert made(home).computed > 24


def test_half_written_files_of_this_film_alone_are_swept(home: Home) -> None:
    folder = home.exports / "superres/Universal/Mastermodell/Learn"
    folder.mkdir(parents=True)
    mine, others = folder / ".patch_A_Film_idx3.png.gt", folder / ".patch_A_Film_2_idx3.png.gt"
    mine.write_bytes(b"half")
    others.write_bytes(b"half")
    made(home)
    assert not mine.exists()
    assert others.exists()
