"""A film that only serves super-resolution costs the main job next to nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from media_assets import runner
from media_assets.definitions import build_defs
from media_assets.jobs import SUPERRES_PATCHES
from media_assets.library import Registration, register
from media_assets.media import audio, reader, video
from resources.home import Home
from resources.tables import read_footer

EPISODE = "film"
FRAMES = 720


@pytest.fixture
def instance(media_dir: Path, home: Home) -> Iterator[dg.DagsterInstance]:
    master = media_dir / "animation" / "big_buck_bunny_0_30_720p.webm"
    register(home, Registration(EPISODE, master, master.parent, ("superres",)))
    state = home.root / "dagster"
    state.mkdir()
    with dg.DagsterInstance.ephemeral(str(state)) as instance:
        instance.add_dynamic_partitions("episodes", [EPISODE])
        yield instance


@pytest.mark.slow
def test_the_main_job_decodes_none_of_it_but_the_probes_first_frames(
    instance: dg.DagsterInstance, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = dict.fromkeys(("pictures", "sounds"), 0)

    def counted(module: Any, name: str, kind: str) -> None:
        original = getattr(module, name)

        def count(*given: Any, **named: Any) -> Iterator[Any]:
            for frame in original(*given, **named):
                counts[kind] += 1
                yield frame

        monkeypatch.setattr(module, name, count)

    counted(reader, "decoded", "pictures")
    counted(video, "decoded", "pictures")
    counted(audio, "_decoded", "sounds")
    defs = build_defs()
    planned = runner.plan(defs, [])
    report = runner.run(defs, instance, [EPISODE], planned, lambda episode, asset: None)
    assert report.exit_code == 0, report.failures
    assert 0 < counts["pictures"] < FRAMES / 10
    assert counts["sounds"] < 10
    for table in ("frame_measures", "shots", "clips", "audio"):
        footer = read_footer(home.table(table, EPISODE))
        assert footer
        assert footer.status == "not_applicable"
    assert not home.table("patches", EPISODE).exists()


def test_the_job_makes_the_patches_of_an_episode_and_what_they_need() -> None:
    job = build_defs().resolve_job_def(SUPERRES_PATCHES.name)
    names = {key.to_user_string() for key in job.asset_layer.executable_asset_keys}
    assert {"masters", "probe", "patch_source", "patch_targets", "patch_plan", "patches"} <= names
    assert not {"streams", "frame_measures", "audio", "superres_report"} & names
