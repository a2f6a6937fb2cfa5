"""What is stale, and that a run of the main job starts nothing where nothing is."""

from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from media_assets import runner
from media_assets.checks import Check, table_check
from media_assets.library import Registration, load, register
from media_assets.recipes import stale
from media_assets.table_assets import Episode, episode_table, recipe_of
from resources.home import Home
from resources.samples import Rows
from resources.storage import io_managers
from resources.tables import Column, TableSchema

WORDS = TableSchema("words_said", "Words of a text.", {"word": Column(pl.String, "A word.")})
CARDS = TableSchema(
    "cards",
    "A card with each word.",
    {
        "path": Column(pl.String, "The card, relative to the home."),
        "row_key": Column(pl.String, "Key."),
    },
    files=("path",),
)


@table_check(blocking=True)
def no_swearing(table: pl.DataFrame) -> Check:
    """No word is darn."""
    return Check("darn" not in table["word"].to_list(), "looked for darn")


@table_check(blocking=False)
def no_shouting(table: pl.DataFrame) -> Check:
    """No word is all capitals."""
    return Check(not table["word"].str.contains("^[A-Z]+$").any(), "somebody shouts")


class Job:
    """Two assets over a text that stands for a master, run as the command line runs them."""

    def __init__(self, home: Home, text: str) -> None:
        self.home, self.master = home, home.root / "one.txt"
        self.instance = dg.DagsterInstance.ephemeral()
        self.instance.add_dynamic_partitions("episodes", ["one"])
        self.cards_made = 0
        home.root.mkdir(parents=True)
        self.write(text)
        register(home, Registration("one", self.master, home.root, ("speech",)))

        @episode_table(
            WORDS,
            group="room",
            code_version="1",
            external=lambda registration, home: registration.master.read_text(),
            checks=[no_swearing, no_shouting],
        )
        def words_said(ep: Episode) -> pl.DataFrame:
            return WORDS.frame({"word": word} for word in ep.master.read_text().split())

        @episode_table(CARDS, group="room", code_version="1", inputs=[WORDS])
        def cards(ep: Episode, words_said: pl.DataFrame) -> Rows:
            def make(missing: pl.DataFrame) -> pl.DataFrame:
                self.cards_made += missing.height
                return CARDS.frame(
                    {"path": self.card(word), "row_key": ""} for word in missing["word"]
                )

            return ep.rows(words_said, make, ep.has_file)

        self.defs = dg.Definitions([words_said, cards], resources=io_managers(home))
        self.recipes = [recipe_of(words_said), recipe_of(cards)]

    def write(self, text: str) -> None:
        self.master.write_text(text)

    def card(self, word: str) -> str:
        path = self.home.files / f"{word}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(word)
        return self.home.relative(path)

    def run(self) -> runner.RunReport:
        planned = runner.plan(self.defs, ["room"])
        return runner.run(self.defs, self.instance, ["one"], planned, lambda *told: None)

    @property
    def stale(self) -> set[str]:
        return stale(self.recipes, self.home, load(self.home, "one"), {})

    @property
    def dagster_runs(self) -> int:
        return self.instance.get_runs_count()


@pytest.fixture
def job(home: Home) -> Job:
    return Job(home, "a few words")


def test_what_was_never_made_is_stale(job: Job) -> None:
    assert job.stale == {"words_said", "cards"}


def test_a_run_over_what_stands_starts_nothing_and_tells_of_it_all(job: Job) -> None:
    assert job.run().rows_computed == 6
    assert job.stale == set()
    again = job.run()
    assert job.dagster_runs == 1
    assert again.rows_computed == 0
    assert {n: t.reused for n, t in again.episodes["one"].items()} == {"words_said": 3, "cards": 3}


def test_a_change_makes_stale_what_is_made_from_it(job: Job) -> None:
    job.run()
    job.write("a few more words")
    assert job.stale == {"words_said", "cards"}
    job.run()
    assert job.cards_made == 4


def test_a_file_that_is_gone_is_made_again_and_no_other(job: Job) -> None:
    job.run()
    (job.home.files / "few.txt").unlink()
    assert job.stale == {"cards"}
    job.run()
    assert job.cards_made == 4
    assert (job.home.files / "few.txt").read_text() == "few"


def test_a_damaged_table_is_stale(job: Job) -> None:
    job.run()
    path = job.home.table("cards", "one")
    path.write_bytes(path.read_bytes()[:-9])
    assert job.stale == {"cards"}


def test_a_failed_check_fails_every_run_until_it_is_mended(home: Home) -> None:
    job = Job(home, "darn it")
    assert job.run().exit_code == 1
    assert job.run().exit_code == 1
    job.write("oh well")
    assert job.run().exit_code == 0


def test_a_warning_is_told_by_every_run(home: Home) -> None:
    job = Job(home, "HELP me")
    assert job.run().warnings == {"one": ["somebody shouts"]}
    assert job.run().warnings == {"one": ["somebody shouts"]}
    assert job.dagster_runs == 1


def test_dagster_is_told_of_tables_that_it_does_not_know(job: Job) -> None:
    job.run()
    job.instance = dg.DagsterInstance.ephemeral()
    job.instance.add_dynamic_partitions("episodes", ["one"])
    assert job.run().rows_computed == 0
    assert job.dagster_runs == 1


def test_a_master_that_can_not_be_read_leaves_the_telling_to_the_run(job: Job) -> None:
    job.run()
    Path(job.master).unlink()
    assert "words_said" in job.stale
