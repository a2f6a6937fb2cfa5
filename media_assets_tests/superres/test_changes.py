"""Masters, wishes and homes change between runs: what lies in exports is what holds now."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest

from media_assets import runner
from media_assets.definitions import build_defs
from media_assets.library import PatchWishes, Registration, register, registrations
from media_assets.runner import RunReport
from media_assets.superres import work
from media_assets_tests.superres.alone import Alone
from media_assets_tests.superres.standin import tree
from resources.home import ALL, ENV, Home
from resources.journal import read_journal
from resources.tables import read_footer, read_table

pytestmark = pytest.mark.slow

CARTOON = "animation/bbb_1s_1080p60_vp8_6ch.webm"
OTHER = "hdr_uhd/hdr10_av1_1080p60_mdcv_clli.mp4"
SMALL = "hostile/made_dev/base.mp4"
PATCHES = 8
TOON = PatchWishes("A Film", {"toon": 1.0})


@dataclass
class Library:
    """A home and its masters, in a folder of their own."""

    home: Home
    masters: Path

    def add(
        self,
        episode: str,
        source: Path,
        wishes: PatchWishes = TOON,
        uses: tuple[str, ...] = ("superres",),
    ) -> Path:
        master = self.masters / f"{episode}{source.suffix}"
        if not master.exists():
            shutil.copyfile(source, master)
        register(self.home, Registration(episode, master, self.masters, uses, None, wishes))
        return master

    def run(self) -> RunReport:
        episodes = list(registrations(self.home))
        state = self.home.root / "dagster"
        state.mkdir(exist_ok=True)
        with (
            pytest.MonkeyPatch.context() as patch,
            dg.DagsterInstance.ephemeral(str(state)) as instance,
        ):
            patch.setenv(ENV, str(self.home.root))
            patch.setattr(work, "Workers", Alone)
            instance.add_dynamic_partitions("episodes", episodes)
            defs = build_defs()
            planned = runner.plan(defs, ["superres"])
            return runner.run(defs, instance, episodes, planned, lambda episode, asset: None)

    @property
    def pictures(self) -> dict[str, str]:
        """Every patch by its path in exports/superres, as a hash."""
        exports = tree(self.home.exports / "superres")
        return {path: said for path, said in exports.items() if path.endswith(".png")}

    def computed(self, report: RunReport, episode: str = "film") -> int:
        return report.episodes[episode]["patches"].computed


def library(root: Path) -> Library:
    (root / "home").mkdir(parents=True)
    (root / "masters").mkdir()
    return Library(Home(root / "home"), root / "masters")


@pytest.fixture(scope="module")
def made_once(media_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Library:
    made = library(tmp_path_factory.mktemp("made"))
    made.add("film", media_dir / CARTOON)
    report = made.run()
    assert report.exit_code == 0, report.failures
    assert len(made.pictures) == 3 * PATCHES
    return made


@pytest.fixture
def made(made_once: Library, tmp_path: Path) -> Iterator[Library]:
    """The same in a copy of the home; the registration says where the copy of the master is."""
    copy = Library(Home(tmp_path / "home"), tmp_path / "masters")
    shutil.copytree(made_once.home.root, copy.home.root)
    shutil.copytree(made_once.masters, copy.masters, copy_function=shutil.copy2)
    path = copy.home.episodes / "film.json"
    said = json.loads(path.read_text())
    moved = {"root": str(copy.masters), "master": str(copy.masters / Path(said["master"]).name)}
    path.write_text(json.dumps(said | moved))
    yield copy
    # Whatever happened, nothing half written is left.
    assert not [path for path in copy.home.exports.rglob(".*") if path.is_file()]


def test_a_copied_home_stands(made: Library) -> None:
    before = made.pictures
    report = made.run()
    assert report.exit_code == 0
    assert made.computed(report) == 0
    assert made.pictures == before


def test_another_film_in_its_place_takes_over_its_files(
    made: Library, media_dir: Path, tmp_path: Path
) -> None:
    old = set(made.pictures.values())
    shutil.copyfile(media_dir / OTHER, made.masters / "film.webm")
    assert made.run().exit_code == 0
    fresh = library(tmp_path / "fresh")
    shutil.copyfile(media_dir / OTHER, fresh.masters / "film.webm")
    fresh.add("film", media_dir / CARTOON)
    fresh.run()
    assert made.pictures == fresh.pictures
    assert not old & set(made.pictures.values())


def test_a_master_that_is_away_keeps_its_patches_and_costs_nothing_when_it_is_back(
    made: Library,
) -> None:
    before = made.pictures
    master = made.masters / "film.webm"
    master.rename(made.masters / "away")
    report = made.run()
    assert report.exit_code == 3
    assert "the file is gone" in report.marked["film"]
    assert made.pictures == before
    (made.masters / "away").rename(master)
    report = made.run()
    assert report.exit_code == 0
    assert made.computed(report) == 0
    assert made.pictures == before


def test_other_categories_leave_what_a_new_home_would_hold(
    made: Library, media_dir: Path, tmp_path: Path
) -> None:
    fresh = library(tmp_path / "fresh")
    wishes = PatchWishes("A Film", {"space": 0.5, "toon": 0.5})
    for each in (made, fresh):
        each.add("film", media_dir / CARTOON, wishes)
        assert each.run().exit_code == 0
    assert made.pictures == fresh.pictures
    assert {path.split("/")[0] for path in made.pictures} == {"Space", "Toon"}


@pytest.mark.parametrize("how", ["use taken away", "removed", "replaced by a film too small"])
def test_patches_of_an_episode_that_gives_none_any_more_go(
    made: Library, media_dir: Path, how: str
) -> None:
    master = made.add("other", media_dir / CARTOON, PatchWishes("Other", {"toon": 1.0}))
    made.run()
    both = made.pictures
    if how == "removed":
        (made.home.episodes / "film.json").unlink()
    elif how == "use taken away":
        made.add("film", master, uses=("speech",))
    else:
        shutil.copyfile(media_dir / SMALL, made.masters / "film.webm")
    report = made.run()
    assert report.failures == {}
    of_other = {path: said for path, said in both.items() if "patch_Other_" in path}
    assert len(of_other) == 3 * PATCHES
    assert made.pictures == of_other
    table = read_table(made.home.table("superres_report", ALL))
    assert table["written"].sum() == PATCHES
    told = json.loads((made.home.exports / "superres" / "statistics.json").read_text())
    assert [each["title"] for each in told["masters"] if each["written"]] == ["Other"]
    assert read_journal(made.home.journal("patches", "film")) is None


def test_with_the_last_episode_the_card_goes(made: Library, media_dir: Path) -> None:
    made.add("film", media_dir / CARTOON, uses=("speech",))
    assert made.run().exit_code == 0
    assert tree(made.home.exports / "superres") == {}
    footer = read_footer(made.home.table("superres_report", ALL))
    assert footer
    assert footer.status == "not_applicable"


def test_two_masters_of_the_same_content_give_the_same_patches_under_two_names(
    made: Library, media_dir: Path
) -> None:
    made.add("twin", media_dir / CARTOON, PatchWishes("Twin", {"toon": 1.0}))
    assert made.run().exit_code == 0
    assert len(made.pictures) == 6 * PATCHES
    assert {path.replace("Twin", "A_Film"): said for path, said in made.pictures.items()} == {
        path: said for path, said in made.pictures.items() if "A_Film" in path
    }


def test_exports_that_cannot_be_written_fail_one_asset_and_nothing_is_lost(
    made: Library, media_dir: Path
) -> None:
    """As root every folder can be written; a file where a folder should be can by nobody."""
    before = made.pictures
    folder = made.home.exports / "superres" / "Space"
    folder.write_text("in the way")
    made.add("other", media_dir / CARTOON, PatchWishes("Other", {"space": 1.0}))
    report = made.run()
    assert report.exit_code == 1
    assert list(report.failures) == ["other"]
    assert "exports/superres cannot be written (Not a directory)" in report.failures["other"]
    assert made.pictures == before
    folder.unlink()
    assert made.run().exit_code == 0
    assert len(made.pictures) == 6 * PATCHES
