"""`media-assets add --config` and the estimate of `media-assets run`, as a person sees them."""

import json
from pathlib import Path
from typing import Any

import click
import pytest
from typer.testing import CliRunner

from media_assets.cli import app
from media_assets.library import PatchWishes, load, registrations
from media_assets.superres import space
from resources.home import Home


@pytest.fixture(autouse=True)
def _instance_at_home(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the program puts into the environment is gone after the test."""
    for name in ("MEDIA_ASSETS_DAGSTER", "DAGSTER_HOME"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def media_assets(home: Home, *arguments: str | Path) -> Any:
    done = CliRunner().invoke(app, ["--home", str(home.root), *map(str, arguments)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def film(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def configuration(folder: Path, **base_settings: object) -> Path:
    videos = [
        {"name": "Avatar (2009)", "path": "Avatar.mkv", "categories": {"space": 0.6, "toon": 0.4}},
        {"name": "Frozen", "path": "films/Frozen.mkv", "categories": {"toon": 1}},
    ]
    for video in videos:
        film(folder / str(video["path"]))
    path = folder / "generator_config.json"
    path.write_text(json.dumps({"base_settings": base_settings, "videos": videos}))
    return path


def test_a_configuration_is_added_and_told(home: Home, tmp_path: Path) -> None:
    home.root.mkdir()
    home.config.write_text("# This box\nclips:\n  max_s: 6.0  # short\n")
    said = configuration(tmp_path / "lib", base_frame_limit=500, val_percent=0)
    first = media_assets(home, "add", "--config", said)
    assert first.exit_code == 0, first.output
    assert first.stdout.splitlines() == [
        "added  Avatar  Avatar (2009)  (space 0.6, toon 0.4)",
        "added  Frozen  Frozen  (toon 1)",
        "set    patch_plan.base_frame_limit 500 (was 3000)",
        "note   generator_config.json: val_percent says nothing here: "
        "Val/GT stays empty, to be filled by hand",
    ]
    assert home.config.read_text() == (
        "# This box\nclips:\n  max_s: 6.0  # short\npatch_plan:\n  base_frame_limit: 500\n"
    )
    again = media_assets(home, "add", "--config", said)
    assert [line.split()[0] for line in again.stdout.splitlines()] == ["known", "known", "note"]


def test_a_fault_is_one_line_and_nothing_is_added(home: Home, tmp_path: Path) -> None:
    said = configuration(tmp_path / "lib", max_workers=True)
    done = media_assets(home, "add", "--config", said)
    assert done.exit_code == 2
    assert done.stderr == (
        "generator_config.json, base_settings.max_workers: not a whole number (got True). "
        "Write a whole number.\n"
    )
    assert not home.episodes.exists()
    assert not home.config.exists()


def test_a_configuration_goes_alone(home: Home, tmp_path: Path) -> None:
    said = configuration(tmp_path / "lib")
    for others in ([tmp_path], ["--show", "x"], ["--id", "x"], ["--use", "video"]):
        done = media_assets(home, "add", "--config", said, *others)
        assert done.exit_code == 2
        assert "without paths, --show, --id and --use" in done.stderr
    assert media_assets(home, "add").exit_code == 2


def test_a_folder_is_added_for_patches_without_a_configuration(home: Home, tmp_path: Path) -> None:
    film(tmp_path / "lib" / "Das Boot.mkv")
    assert media_assets(home, "add", tmp_path / "lib", "--use", "superres").exit_code == 0
    wishes = load(home, "Das-Boot").patch_wishes
    assert wishes == PatchWishes("Das Boot", {"general": 1.0})
    film(tmp_path / "more" / "Das_Boot.mkv")
    done = media_assets(home, "add", tmp_path / "more", "--use", "superres")
    assert done.exit_code == 2
    assert "'Das Boot' (Das-Boot) and 'Das_Boot' (Das_Boot)" in done.stderr
    assert list(registrations(home)) == ["Das-Boot"]


def test_adding_a_folder_again_takes_nothing_away(home: Home, tmp_path: Path) -> None:
    said = configuration(tmp_path / "lib")
    media_assets(home, "add", tmp_path / "lib" / "Avatar.mkv", "--id", "a1")
    media_assets(home, "add", "--config", said)
    before = registrations(home)
    assert before["a1"].uses == ("video", "speech", "superres")
    assert before["a1"].patch_wishes.title == "Avatar (2009)"
    new = film(tmp_path / "lib" / "films" / "New.mkv")
    media_assets(home, "add", tmp_path / "lib")
    after = registrations(home)
    assert after.pop("New").master == new
    assert {k: (v.uses, v.patches) for k, v in after.items()} == {
        k: (v.uses, v.patches) for k, v in before.items()
    }


def test_patches_that_would_not_fit_stop_the_run_before_any_work(
    home: Home, media_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cartoon = media_dir / "animation" / "big_buck_bunny_0_30_720p.webm"
    media_assets(home, "add", cartoon, "--use", "superres")
    monkeypatch.setattr(space, "free_bytes", lambda folder: 20_000_000)
    done = media_assets(home, "run", "--select", "superres")
    assert done.exit_code == 2
    told = click.unstyle(done.stderr)
    assert told.startswith("exports/superres: about 1")
    assert "MB to write, 20 MB free. Free space, run fewer episodes, or" in told
    assert not home.tables.exists()


def test_categories_without_a_folder_stop_the_run(home: Home, media_dir: Path) -> None:
    media_assets(home, "add", media_dir / "animation" / "bbb_10s_180p.webm", "--use", "superres")
    home.config.write_text("patches: {roots: {general: G}}\n")
    done = media_assets(home, "run", "--select", "patches")
    assert done.exit_code == 2
    assert "patches.roots: category 'space' is in patch_plan.formats alone" in done.stderr
