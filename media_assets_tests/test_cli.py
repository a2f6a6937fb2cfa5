"""`media-assets` as a person uses it, on the mini show."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from media_assets.demo import show_dir
from media_assets.runner import TableRun
from resources.home import ENV, Home

pytestmark = pytest.mark.slow

PROGRAM = (sys.executable, "-m", "media_assets.cli")
FIRST = "harbour-lights-s01e01"


def media_assets(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The program's result; its environment names no other home or instance."""
    hidden = (ENV, "DAGSTER_HOME", "MEDIA_ASSETS_DAGSTER")
    environment = {k: v for k, v in os.environ.items() if k not in hidden}
    return subprocess.run(
        [*PROGRAM, "--home", str(home), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def run_json(home: Path, *arguments: str) -> dict[str, Any]:
    done = media_assets(home, "run", "--json", *arguments)
    assert done.returncode in (0, 3), done.stdout + done.stderr
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


def computed(summary: dict[str, Any]) -> dict[str, int]:
    """Rows computed by asset, over all episodes; assets without any left out."""
    rows: dict[str, int] = {}
    for tables in [*summary["episodes"].values(), summary["library"]]:
        for name, table in tables.items():
            rows[name] = rows.get(name, 0) + TableRun(**table).computed
    return {name: count for name, count in rows.items() if count}


def copy_show(target: Path, stems: Sequence[str] = ("harbour-lights",)) -> Path:
    """The show's masters and sidecars of these episodes, and its knowledge."""
    target.mkdir()
    for path in show_dir().iterdir():
        if path.is_file() and path.name.startswith(tuple(stems)):
            shutil.copy(path, target)
    shutil.copytree(show_dir() / "knowledge", target / "knowledge")
    return target


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, dict[str, Any]]:
    """A home with the dataset of the mini show, its masters, and the summary of the first run."""
    root = tmp_path_factory.mktemp("show")
    masters = copy_show(root / "masters")
    home = root / "home"
    added = media_assets(home, "add", str(masters), "--show", str(masters / "knowledge"))
    assert added.returncode == 0, added.stderr
    return home, masters, run_json(home)


Made = tuple[Path, Path, dict[str, Any]]


def test_the_first_run_makes_everything(made: Made) -> None:
    home, _, summary = made
    assert summary["failures"] == summary["marked"] == {}
    assert len(summary["episodes"]) == 2
    manifest = json.loads((home / "exports" / "dataset" / "manifest.json").read_text())
    assert len(manifest) >= 15
    assert all((home / "exports/dataset/clips" / record["clip"]).exists() for record in manifest)


def test_a_second_run_computes_no_rows_and_changes_no_file(made: Made) -> None:
    home, _, _ = made
    files = {p: p.stat().st_mtime_ns for p in home.rglob("*") if p.is_file()}
    state = ("dagster", "locks")
    kept = {p: t for p, t in files.items() if p.relative_to(home).parts[0] not in state}
    summary = run_json(home)
    assert summary["rows_computed"] == 0
    assert computed(summary) == {}
    assert {p: p.stat().st_mtime_ns for p in kept} == kept


def test_every_clip_has_its_frames_at_its_exact_rate(made: Made) -> None:
    import av

    home, _, _ = made
    clips = pl.read_parquet(home / "tables" / "clips" / "*.parquet")
    planned = {row["clip"]: row for row in clips.iter_rows(named=True)}
    for path in (home / "exports" / "dataset" / "clips").iterdir():
        clip = planned[path.name]
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            count = sum(1 for _ in container.decode(stream))
        assert count == clip["frames"]
        assert stream.average_rate == Fraction(clip["fps_num"], clip["fps_den"])
        assert (stream.width, stream.height) == (clip["width_px"], clip["height_px"])


def test_the_exported_first_frame_is_the_clips_first_frame(made: Made) -> None:
    import av
    import cv2
    import numpy as np

    home, _, _ = made
    dataset = home / "exports" / "dataset"
    for item in json.loads((dataset / "wan21_metadata.json").read_text())[:6]:
        with av.open(str(dataset / item["media_path"])) as container:
            first = next(container.decode(video=0)).to_ndarray(format="bgr24")
        still = cv2.imread(str(dataset / item["first_frame"]))
        assert still.shape == first.shape
        assert np.abs(still.astype(int) - first).mean() < 2.5


def test_shots_of_the_show_are_found_and_no_clip_holds_a_transition(made: Made) -> None:
    home, _, _ = made
    done = media_assets(home, "score", "--truth", str(show_dir() / "truth"), "--json")
    assert done.returncode == 0, done.stderr
    scores = json.loads(done.stdout)
    clips, shots = scores["all"]["clips"], scores["all"]["shots"]
    assert clips["contaminated"] == 0, clips
    assert shots["cuts"]["f1"] == 1.0, shots


def test_status_and_doctor_speak(made: Made) -> None:
    home, _, _ = made
    status = media_assets(home, "status")
    assert status.returncode == 0
    assert FIRST in status.stdout
    doctor = media_assets(home, "doctor")
    assert doctor.returncode == 0
    assert "embedded" in doctor.stdout


def test_no_path_of_the_machine_is_in_tables_and_exports(made: Made) -> None:
    home, masters, _ = made
    for path in [*(home / "tables").rglob("*"), *(home / "exports").rglob("*")]:
        if path.is_file() and path.suffix != ".mp4":
            content = path.read_bytes()
            assert str(home).encode() not in content, path
            assert str(masters).encode() not in content, path


def test_editing_one_subtitle_line_recomputes_only_what_depends_on_it(made: Made) -> None:
    home, masters, _ = made
    sidecar = masters / f"{FIRST}.en.vtt"
    text = sidecar.read_text()
    assert "pull the big lever" in text
    sidecar.write_text(text.replace("pull the big lever", "pull the red lever"))
    try:
        rows = computed(run_json(home))
    finally:
        sidecar.write_text(text)
    lines = pl.read_parquet(home / "tables" / "subtitles" / f"{FIRST}.parquet").height
    assert rows["annotations"] == rows["captions"] == rows["records"] == 1
    assert rows["subtitles"] == lines
    untouched = {"frame_measures", "shots", "clips", "clip_files", "reference_frames", "audio"}
    assert not untouched & set(rows), rows


def test_selecting_one_asset_runs_it_and_what_it_needs(made: Made) -> None:
    home, _, _ = made
    summary = run_json(home, "--select", "group:shots", "--episode", FIRST)
    assert set(summary["episodes"]) == {FIRST}
    assert set(summary["episodes"][FIRST]) >= {"masters", "probe", "frame_measures", "clip_files"}
    assert "captions" not in summary["episodes"][FIRST]
    assert summary["library"] == {}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("run", "--select", "nonsense"), "no such asset or group"),
        (("run", "--episode", "nobody"), "no such episode"),
        (("add", "nowhere.mp4"), "no such file or folder"),
        (("add", __file__, "--show", "Nobody"), "no such show"),
    ],
)
def test_bad_arguments_are_one_line_and_status_2(
    made: Made, arguments: tuple[str, ...], complaint: str
) -> None:
    home, _, _ = made
    done = media_assets(home, *arguments)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr


def test_a_kill_at_any_moment_loses_no_finished_table_and_leaves_no_half_file(
    tmp_path: Path,
) -> None:
    masters = copy_show(tmp_path / "masters", [FIRST])
    home = tmp_path / "home"
    media_assets(home, "add", str(masters), "--show", str(masters / "knowledge"))
    environment = {k: v for k, v in os.environ.items() if k not in (ENV, "DAGSTER_HOME")}
    finished: set[Path] = set()
    # The later kills fall into decoding, reference frames and encoding.
    for wanted in ("masters", "frame_measures", "reference_frames"):
        process = subprocess.Popen(
            [*PROGRAM, "--home", str(home), "run"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        table = Home(home).table(wanted, FIRST)
        while not table.exists() and process.poll() is None:
            time.sleep(0.02)
        time.sleep(0.3)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert finished <= set((home / "tables").rglob("*.parquet"))
        for path in (home / "tables").rglob("*.parquet"):
            pl.read_parquet(path)
        finished = set((home / "tables").rglob("*.parquet"))
        assert table in finished
    before = {path: path.stat().st_mtime_ns for path in finished}
    summary = run_json(home)
    assert summary["failures"] == {}
    assert {path: path.stat().st_mtime_ns for path in finished} == before
    for path in (home / "files").rglob(".*"):
        os.utime(path, (0, 0))
    Home(home).sweep()
    assert not list((home / "files").rglob(".*"))


def test_no_scene_joins_two_places_of_the_show(made: Made) -> None:
    home, _, _ = made
    for truth in sorted((show_dir() / "truth").glob("*.json")):
        places = [
            (shot["start_frame"], shot["end_frame"], shot["location"])
            for shot in json.loads(truth.read_text())["shots"]
        ]
        scenes = pl.read_parquet(home / "tables" / "scenes" / f"{truth.stem}.parquet")
        for start, end in scenes.select("start_frame", "end_frame").iter_rows():
            seen = {place for first, last, place in places if first < end and start < last}
            assert len(seen) <= 1, (truth.stem, start, end, seen)
        assert scenes.height < len(places)
