"""What every table asset of the house promises, on a room made for the purpose."""

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest

from media_assets.checks import Check, table_check
from media_assets.library import Registration, register
from media_assets.table_assets import Episode, Library, episode_table, library_table
from resources.home import ALL, Home
from resources.problems import BadInput
from resources.samples import Rows
from resources.storage import io_managers
from resources.tables import Column, TableSchema, read_footer

LINES = TableSchema("lines", "Lines of a text.", {"line": Column(pl.String, "A line.")})
LENGTHS = TableSchema(
    "lengths",
    "Their lengths.",
    {"length": Column(pl.Int64, "Letters."), "row_key": Column(pl.String, "Key.")},
)
LONGEST = TableSchema(
    "longest", "The longest line of all.", {"length": Column(pl.Int64, "Letters.")}
)


@dataclass(frozen=True)
class LengthSettings:
    extra: int = 0


@table_check(blocking=True)
def no_swearing(table: pl.DataFrame) -> Check:
    """No line says darn."""
    return Check(not table["line"].str.contains("darn").any(), "looked for darn")


@table_check(blocking=False)
def as_many_as_lines(table: pl.DataFrame, lines: pl.DataFrame) -> Check:
    """A length for every line."""
    return Check(table.height == lines.height, f"{table.height} of {lines.height}")


def text_of(registration: Registration, home: Home) -> str:
    return registration.master.read_text()


class Room:
    """Three assets over text files that stand for masters, and how often their functions ran."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.calls: list[str] = []
        self.instance = dg.DagsterInstance.ephemeral()

        @episode_table(
            LINES,
            group="room",
            code_version="1",
            use="speech",
            external=text_of,
            checks=[no_swearing],
            preview=lambda home, frame: f"{frame.height} lines",
        )
        def lines(episode: Episode) -> pl.DataFrame:
            self.calls.append("lines")
            text = episode.master.read_text()
            if not text:
                raise BadInput("empty", where=episode.master.name, remedy="Write something.")
            return LINES.frame({"line": line} for line in text.splitlines())

        @episode_table(
            LENGTHS,
            group="room",
            code_version="1",
            inputs=[LINES],
            settings=LengthSettings,
            checks=[as_many_as_lines],
        )
        def lengths(episode: Episode, lines: pl.DataFrame, config: LengthSettings) -> Rows:
            def measure(missing: pl.DataFrame) -> pl.DataFrame:
                return LENGTHS.frame(
                    {"length": len(line) + config.extra, "row_key": ""} for line in missing["line"]
                )

            self.calls.append("lengths")
            return episode.rows(lines, measure)

        @library_table(LONGEST, group="room", code_version="1", over=[LENGTHS])
        def longest(library: Library, lengths: pl.LazyFrame) -> pl.DataFrame:
            self.calls.append("longest")
            return lengths.select(pl.col("length").max()).drop_nulls().collect()

        self.assets = {"lines": lines, "lengths": lengths, "longest": longest}

    def add(self, name: str, text: str, *uses: str) -> None:
        master = self.home.root / f"{name}.txt"
        master.parent.mkdir(parents=True, exist_ok=True)
        master.write_text(text)
        register(self.home, Registration(name, master, master.parent, uses or ("speech",)))
        self.instance.add_dynamic_partitions("episodes", [name])

    def run(
        self, *names: str, episode: str | None, tags: dict[str, str] | None = None
    ) -> dict[str, dict[str, Any]]:
        """Materialize; metadata by asset."""
        self.calls.clear()
        result = dg.materialize(
            list(self.assets.values()),
            selection=[self.assets[name] for name in names],
            partition_key=episode,
            tags=tags,
            instance=self.instance,
            resources=io_managers(self.home),
            raise_on_error=False,
        )
        self.success = result.success
        self.checks = {
            event.check_name: event.passed for event in result.get_asset_check_evaluations()
        }
        events = [e for e in result.all_events if e.is_step_materialization]
        return {
            e.asset_key.to_user_string(): {
                key: value.value
                for key, value in e.step_materialization_data.materialization.metadata.items()
            }
            for e in events
            if e.asset_key
        }

    def table(self, name: str, episode: str) -> pl.DataFrame:
        return pl.read_parquet(self.home.table(name, episode))


@pytest.fixture
def room(home: Home) -> Room:
    return Room(home)


def test_a_second_run_computes_nothing(room: Room) -> None:
    room.add("one", "a\nbcd")
    first = room.run("lines", "lengths", episode="one")
    assert first["lengths"]["rows_computed"] == 2
    second = room.run("lines", "lengths", episode="one")
    assert room.calls == []
    assert {name: run["rows_computed"] for name, run in second.items()} == {
        "lines": 0,
        "lengths": 0,
    }
    assert second["lines"]["rows_reused"] == 2
    assert second["lines"]["preview"] == first["lines"]["preview"] == "2 lines"


def test_nothing_is_computed_even_when_dagster_has_forgotten_all(room: Room) -> None:
    room.add("one", "a\nbcd")
    room.run("lines", "lengths", episode="one")
    room.instance = dg.DagsterInstance.ephemeral()
    room.instance.add_dynamic_partitions("episodes", ["one"])
    room.run("lines", "lengths", episode="one")
    assert room.calls == []


def test_editing_one_line_computes_one_row(room: Room) -> None:
    room.add("one", "a\nbcd\nef")
    room.run("lines", "lengths", episode="one")
    (room.home.root / "one.txt").write_text("a\nbcde\nef")
    assert room.run("lines", "lengths", episode="one")["lengths"]["rows_computed"] == 1
    assert room.table("lengths", "one")["length"].to_list() == [1, 4, 2]


def test_an_unchanged_output_stops_the_wave(room: Room) -> None:
    room.add("one", "a\nbcd")
    room.run("lines", "lengths", episode="one")
    (room.home.root / "one.txt").write_text("a\nbcd\n")
    room.run("lines", "lengths", episode="one")
    assert room.calls == ["lines"]


def test_bad_input_empties_what_depends_on_it_and_nothing_else(room: Room) -> None:
    room.add("bad", "")
    room.add("good", "fine")
    for episode in ("bad", "good"):
        ran = room.run("lines", "lengths", episode=episode)
        assert room.success
        assert ran["lengths"]["status"] == ("bad_input" if episode == "bad" else "ok")
    footer = read_footer(room.home.table("lengths", "bad"))
    assert footer is not None
    assert footer.reason == "bad.txt: empty. Write something."
    room.run("longest", episode=None)
    assert room.table("longest", ALL)["length"].to_list() == [4]


def test_what_the_master_is_not_for_does_not_apply(room: Room) -> None:
    room.add("one", "a", "video")
    assert room.run("lines", "lengths", episode="one")["lengths"]["status"] == "not_applicable"
    assert room.calls == []


def test_mended_input_is_taken_up(room: Room) -> None:
    room.add("one", "")
    room.run("lines", "lengths", episode="one")
    (room.home.root / "one.txt").write_text("a")
    assert room.run("lines", "lengths", episode="one")["lengths"]["status"] == "ok"


def test_a_blocking_check_stops_what_is_downstream(room: Room) -> None:
    room.add("one", "darn")
    room.run("lines", "lengths", episode="one")
    assert not room.success
    assert room.calls == ["lines"]


def test_checks_are_told_of_inputs_and_run_on_reused_tables_too(room: Room) -> None:
    room.add("one", "a\nb")
    for _ in range(2):
        room.run("lines", "lengths", episode="one")
        assert room.checks == {"no_swearing": True, "as_many_as_lines": True}


def test_one_run_over_several_episodes_checks_all_of_them(room: Room) -> None:
    room.add("one", "a\nb")
    room.add("two", "c")
    both = {
        "dagster/asset_partition_range_start": "one",
        "dagster/asset_partition_range_end": "two",
    }
    room.run("lines", "lengths", episode=None, tags=both)
    assert room.success
    assert room.checks == {"no_swearing": True, "as_many_as_lines": True}
    assert room.table("lengths", "two").height == 1
    room.add("two", "darn")
    room.run("lines", "lengths", episode=None, tags=both)
    assert not room.success
    assert room.checks == {"no_swearing": False}


def test_settings_at_home_change_the_result_and_the_key(home: Home) -> None:
    before = Room(home)
    before.add("one", "abc")
    before.run("lines", "lengths", episode="one")
    home.config.write_text("lengths: {extra: 10}")
    after = Room(home)
    after.instance.add_dynamic_partitions("episodes", ["one"])
    after.run("lines", "lengths", episode="one")
    assert after.calls == ["lengths"]
    assert after.table("lengths", "one")["length"].to_list() == [13]


def test_a_table_over_all_follows_new_episodes(room: Room) -> None:
    room.add("one", "abc")
    room.run("lines", "lengths", episode="one")
    room.run("longest", episode=None)
    room.add("two", "abcdef")
    room.run("lines", "lengths", episode="two")
    room.run("longest", episode=None)
    assert room.calls == ["longest"]
    assert room.table("longest", ALL)["length"].to_list() == [6]
    room.run("longest", episode=None)
    assert room.calls == []


def test_two_writers_of_one_table_take_turns(room: Room) -> None:
    room.add("one", "a")
    held = room.home.writer("lines", "one")
    with held:
        run = threading.Thread(target=room.run, args=("lines",), kwargs={"episode": "one"})
        run.start()
        run.join(2)
        assert run.is_alive()
        assert not room.home.table("lines", "one").exists()
    run.join(30)
    assert room.table("lines", "one").height == 1


def test_no_path_of_the_machine_is_in_a_table_or_footer(room: Room) -> None:
    room.add("bad", "")
    room.run("lines", "lengths", episode="bad")
    for path in Path(room.home.tables).rglob("*.parquet"):
        assert str(room.home.root).encode() not in path.read_bytes()
