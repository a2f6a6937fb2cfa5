import cv2
import dagster as dg
import numpy as np
import pytest

from media_assets.ingest.schema import MASTERS
from media_assets.superres.assets import septuplets, superres_report
from media_assets.superres.schema import SEPTUPLETS, SUPERRES_REPORT
from media_assets_tests.superres.patch_home import (
    Row,
    add,
    planned,
    put,
    put_patches,
    put_plan,
    rejected,
    written,
)
from resources.home import ALL, Home
from resources.storage import io_managers
from resources.tables import Footer, read_footer, read_table

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def run(home: Home, *assets: dg.AssetsDefinition) -> dg.ExecuteInProcessResult:
    with dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize(
            assets, resources=io_managers(home), instance=instance, run_config=QUIET,
            raise_on_error=False,
        )  # fmt: skip


def failed_checks(result: dg.ExecuteInProcessResult) -> dict[str, str]:
    found = result.get_asset_check_evaluations()
    return {check.check_name: check.description or "" for check in found if not check.passed}


def footer(home: Home, table: str) -> Footer:
    found = read_footer(home.table(table, ALL))
    assert found is not None
    return found


def seven(row: Row) -> Row:
    return row | {"gt7_path": row["gt_path"].replace("/GT/", "/GT_7frames/")}


@pytest.fixture
def film(home: Home) -> list[Row]:
    """The rows of an episode of four planned patches, three of which stand with their files."""
    add(home, "Film")
    put(home, MASTERS, "Film", [{"path": "a/Film.mkv"}])
    plan = planned(4)
    version = put_plan(home, "Film", plan)
    rows = [rejected(plan[0]), *(seven(written(row)) for row in plan[1:])]
    noise = np.random.default_rng(7).integers(0, 255, (7 * 30, 30, 3), np.uint8)
    for row in rows[1:]:
        small = noise[:, ::3][::3]
        pictures = {"gt_path": noise[90:120], "lr5_path": small[10:60], "lr7_path": small}
        for column, picture in (pictures | {"gt7_path": noise}).items():
            path = home.root / row[column]
            path.parent.mkdir(parents=True, exist_ok=True)
            assert cv2.imwrite(str(path), picture)
    put_patches(home, "Film", rows, version)
    return rows


def test_the_report_comes_with_statistics_and_card_and_is_made_once(home: Home, film: list[Row]):
    result = run(home, superres_report)
    assert result.success
    assert failed_checks(result) == {}
    (row,) = read_table(home.table(SUPERRES_REPORT.name, ALL)).to_dicts()
    assert (row["target"], row["written"], row["missing"]) == (4, 3, 1)
    root = home.exports / "superres"
    card = root / "README.md"
    assert "a/Film.mkv" in card.read_text()
    before = footer(home, SUPERRES_REPORT.name).key
    assert run(home, superres_report).success
    assert footer(home, SUPERRES_REPORT.name).key == before
    card.unlink()
    assert run(home, superres_report).success
    assert card.exists()


def test_a_patch_that_is_lost_fails_the_report(home: Home, film: list[Row]):
    put_patches(home, "Film", film[:-1])
    assert "planned_patches_stand_or_are_missing" in failed_checks(run(home, superres_report))


def test_a_file_too_many_is_told(home: Home, film: list[Row]):
    (home.root / film[1]["gt_path"]).with_name("stray.png").touch()
    result = run(home, superres_report)
    assert result.success
    assert "4 there, 3 named" in failed_checks(result)["files_are_those_of_the_tables"]


def test_every_standing_patch_becomes_a_clip(home: Home, film: list[Row]):
    result = run(home, septuplets)
    assert result.success
    assert failed_checks(result) == {}
    table = read_table(home.table(SEPTUPLETS.name, ALL))
    assert table["clip"].to_list() == [f"general-Film/{k:05d}" for k in (1, 2, 3)]


def test_without_seven_frames_the_export_does_not_apply_and_says_the_remedy(
    home: Home, film: list[Row]
):
    put_patches(home, "Film", [row | {"gt7_path": None} for row in film])
    assert run(home, septuplets).success
    made = footer(home, SEPTUPLETS.name)
    assert made.status == "not_applicable"
    assert "gt_frames of patches to all" in made.reason


def test_without_patches_there_is_no_report(home: Home):
    home.root.mkdir()
    assert run(home, superres_report).success
    assert footer(home, SUPERRES_REPORT.name).status == "not_applicable"
    assert not (home.exports / "superres").exists()
