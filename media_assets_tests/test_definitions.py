"""The code location, through Dagster."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from media_assets.definitions import build_defs
from media_assets.schemas import TABLES
from resources.home import ENV, Home
from resources.profiles import PROFILES

SNAPSHOT = Path(__file__).parent / "asset_specs.json"
HEAVY = ("torch", "cv2", "av", "whisperx", "matplotlib", "PIL", "decord", "scipy", "pysubs2")


def specs(defs: dg.Definitions) -> dict[str, Any]:
    """What the code location promises, in a form that a reviewer can read."""
    graph = defs.resolve_asset_graph()
    checks: dict[str, list[str]] = {}
    for key in sorted(graph.asset_check_keys, key=str):
        spec = graph.get_check_spec(key)
        checks.setdefault(key.asset_key.to_user_string(), []).append(
            key.name + (" (blocking)" if spec.blocking else "")
        )
    described = {}
    for key in sorted(graph.get_all_asset_keys()):
        node, name = graph.get(key), key.to_user_string()
        columns = node.metadata.get("dagster/column_schema")
        described[name] = {
            "group": node.group_name,
            "kinds": sorted(node.kinds),
            "code_version": node.code_version,
            "partitioned": node.is_partitioned,
            "deps": sorted(parent.to_user_string() for parent in node.parent_keys),
            "checks": checks.get(name, []),
            "columns": [f"{c.name}: {c.type}" for c in (columns.columns if columns else [])],
        }
    return {
        "assets": described,
        "jobs": sorted(job.name for job in defs.jobs or []),
        "sensors": sorted(sensor.name for sensor in defs.sensors or []),
        "schedules": sorted(schedule.name for schedule in defs.schedules or []),
    }


def test_the_code_location_is_what_was_reviewed(home: Home) -> None:
    """After a wanted change: UPDATE_SNAPSHOT=1 pytest media_assets_tests/test_definitions.py."""
    found = json.dumps(specs(build_defs()), indent=1) + "\n"
    if os.environ.get("UPDATE_SNAPSHOT"):
        SNAPSHOT.write_text(found)
    assert json.loads(found) == json.loads(SNAPSHOT.read_text())


def test_every_asset_is_described_and_every_table_has_an_asset(home: Home) -> None:
    graph = build_defs().resolve_asset_graph()
    nodes = {key.to_user_string(): graph.get(key) for key in graph.get_all_asset_keys()}
    assert set(TABLES) <= set(nodes)
    for name, node in nodes.items():
        assert node.description, name
        assert node.kinds, name
        assert node.code_version, name
    for name in TABLES:
        assert "dagster/column_schema" in nodes[name].metadata, name


@pytest.mark.parametrize("profile", PROFILES)
def test_both_profiles_load(home: Home, monkeypatch: pytest.MonkeyPatch, profile: str) -> None:
    monkeypatch.setenv("MEDIA_ASSETS_PROFILE", profile)
    dg.Definitions.validate_loadable(build_defs())


def test_an_unknown_profile_is_named_with_the_known_ones(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDIA_ASSETS_PROFILE", "tpu")
    with pytest.raises(ValueError, match="'tpu' is no profile; choose from embedded, gpu"):
        build_defs()


def test_importing_the_code_location_imports_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys, media_assets.definitions, media_assets.cli;"
        f"sys.exit(', '.join(m for m in {HEAVY} if m in sys.modules) or None)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {ENV: str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_dagster_validates_the_workspace(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[1]
    state = {"DAGSTER_HOME": str(root), "MEDIA_ASSETS_DAGSTER": str(tmp_path / "dagster")}
    done = subprocess.run(
        [Path(sys.executable).with_name("dagster"), "definitions", "validate"],
        cwd=root,
        env=os.environ | state | {ENV: str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    # Dagster's own remark that `dg check defs` is to follow this command is not about us.
    warnings = [line for line in done.stderr.splitlines() if "Warning" in line]
    assert all("SupersessionWarning" in line for line in warnings), done.stderr
