"""From a master to its plan, through Dagster."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest

from media_assets.ingest.assets import masters, probe
from media_assets.knowledge.assets import cast, episode_info, locations, speaker_map
from media_assets.library import PatchWishes, Registration, register
from media_assets.media.index import read_index
from media_assets.media.index_file import read_frame_index
from media_assets.superres.assets import patch_plan, patch_source, patch_targets
from resources.home import Home
from resources.storage import io_managers
from resources.tables import Footer, read_footer, read_table

NAMES = ("patch_source", "patch_plan", "patch_targets")
FILM = "animation/sintel_trailer_720p_vp8_opus.webm"


@dataclass
class Room:
    """One episode; `run` says how many rows of each of the room's tables were computed."""

    home: Home
    instance: dg.DagsterInstance

    def add(
        self,
        master: Path,
        uses: tuple[str, ...] = ("superres",),
        patches: PatchWishes | None = None,
    ) -> None:
        register(self.home, Registration("ep", master, master.parent, uses, None, patches))
        self.instance.add_dynamic_partitions("episodes", ["ep"])

    def run(self, **settings: Any) -> dict[str, int]:
        result = dg.materialize(
            [
                *(cast, locations, speaker_map, episode_info, masters, probe),
                *(patch_source, patch_plan, patch_targets),
            ],
            partition_key="ep",
            resources=io_managers(self.home),
            instance=self.instance,
            run_config={"ops": {name: {"config": one} for name, one in settings.items()}},
        )
        assert all(check.passed for check in result.get_asset_check_evaluations())
        made: dict[str, int] = {}
        for event in result.get_asset_materialization_events():
            data: Any = event.step_materialization_data.materialization
            made[data.asset_key.to_user_string()] = data.metadata["rows_computed"].value
        return {name: made[name] for name in NAMES}

    def table(self, name: str) -> pl.DataFrame:
        return read_table(self.home.table(name, "ep"))

    def footer(self, name: str) -> Footer:
        footer = read_footer(self.home.table(name, "ep"))
        assert footer
        return footer


@pytest.fixture
def room(home: Home) -> Room:
    return Room(home, dg.DagsterInstance.ephemeral())


def test_a_master_gets_a_source_with_its_index_a_plan_and_targets(
    room: Room, media_dir: Path
) -> None:
    room.add(media_dir / FILM, patches=PatchWishes("Sintel (2010)", {"general": 0.5, "toon": 0.5}))
    made = room.run()
    assert made == {"patch_source": 1, "patch_plan": 180, "patch_targets": 7}
    (row,) = room.table("patch_source").iter_rows(named=True)
    index = read_frame_index(room.home.root / row["index_path"])
    assert index.pts.tolist() == read_index(media_dir / FILM).pts.tolist()
    plan = room.table("patch_plan")
    assert plan["file_name"][0].startswith("patch_Sintel__2010__idx0")
    assert room.table("patch_targets")["target"].sum() == plan.height
    assert room.run() == dict.fromkeys(NAMES, 0)


def test_the_previews_show_the_area_and_the_plan(room: Room, media_dir: Path) -> None:
    room.add(media_dir / FILM)
    room.run()
    shown = {name: room.home.preview(name, "ep").read_text() for name in NAMES}
    assert "![sheet](data:image/jpeg;base64," in shown["patch_source"]
    assert "| 1280 | 720 | 0 | 90 | 1280 | 542 |" in shown["patch_source"]
    assert "179 windows, 179 patches" in shown["patch_plan"]
    assert "do not fit in 1280x542" in shown["patch_targets"]
    assert max(map(len, shown.values())) < 50_000


def test_other_wishes_make_the_tables_again_without_reading_the_packets(
    room: Room, media_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.add(media_dir / FILM)
    room.run()
    before = room.table("patch_source")
    room.add(media_dir / FILM, patches=PatchWishes("Sintel", {"toon": 1.0}))
    monkeypatch.setattr("media_assets.media.index_file.read_index", None)
    assert room.run() == {"patch_source": 1, "patch_plan": 179, "patch_targets": 2}
    assert room.table("patch_source")["index_path"][0] == before["index_path"][0]
    assert room.table("patch_plan")["category"].unique().to_list() == ["toon"]


def test_the_settings_of_the_plan_hold_for_the_targets_too(room: Room, media_dir: Path) -> None:
    room.add(media_dir / FILM)
    room.run()
    assert room.run(patch_plan={"base_frame_limit": 20}) == {
        "patch_source": 0,
        "patch_plan": 20,
        "patch_targets": 5,
    }
    assert room.table("patch_targets")["target"].sum() == 20


def test_a_lost_index_is_read_again(room: Room, media_dir: Path) -> None:
    room.add(media_dir / FILM)
    room.run()
    path = room.home.root / room.table("patch_source")["index_path"][0]
    path.unlink()
    assert room.run() == {"patch_source": 1, "patch_plan": 0, "patch_targets": 0}
    assert path.is_file()


@pytest.mark.parametrize(
    ("name", "status", "told"),
    [
        ("hostile/made_dev/interlaced_tff_pal_sar.mpg", "bad_input", "interlaced"),
        ("hostile/made_dev/base.mp4", "not_applicable", "fits in 640x360"),
        ("hostile/made_dev/one_frame.mp4", "not_applicable", "1 frames are less than"),
        ("hostile/made_dev/audio_only.m4a", "not_applicable", "no video"),
        ("hostile/invalid-bitstream.webm", "bad_input", "no frame of the video can be decoded"),
    ],
)
def test_what_gives_no_patches_is_marked_with_the_reason(
    room: Room, media_dir: Path, name: str, status: str, told: str
) -> None:
    room.add(media_dir / name)
    room.run()
    for table in ("patch_plan", "patch_targets"):
        assert room.table(table).is_empty()
        assert room.footer(table).status == status
        assert told in room.footer(table).reason
        assert str(media_dir) not in room.footer(table).reason


def test_a_master_for_other_uses_is_left_alone(
    room: Room, media_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.add(media_dir / FILM, uses=("video",))
    monkeypatch.setattr("media_assets.superres.assets.kept_frame_index", None)
    room.run()
    assert {room.footer(name).status for name in NAMES} == {"not_applicable"}
