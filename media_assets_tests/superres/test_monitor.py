import io
import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from typer.testing import CliRunner

from media_assets.cli import app
from media_assets.superres.monitor.facts import (
    Collector,
    EpisodeFacts,
    Facts,
    State,
    expected_bytes,
)
from media_assets.superres.monitor.journals import JournalFollower
from media_assets.superres.monitor.screen import picture
from media_assets.superres.monitor.tally import Tally
from media_assets.superres.schema import PATCH_PLAN, PATCH_TARGETS, PATCHES
from media_assets_tests.superres.patch_home import (
    NOON,
    add,
    entry,
    header,
    heartbeat,
    line,
    minutes_ago,
    planned,
    put_journal,
    put_nothing,
    put_patches,
    put_plan,
    rejected,
    written,
)
from resources.home import Home
from resources.journal import SILENT_S
from resources.problems import BadInput

SOON = timedelta(seconds=2)


def facts_of(home: Home, now: datetime = NOON) -> Facts:
    return Collector(home).collect(now)


def episode(facts: Facts, name: str) -> EpisodeFacts:
    return next(one for one in facts.episodes if one.id == name)


def drawn(facts: Facts, width: int = 80, height: int | None = None, colour: bool = False) -> str:
    system: Literal["standard"] | None = "standard" if colour else None
    console = Console(file=io.StringIO(), width=width, color_system=system)
    console.print(picture(facts, console, height))
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text


def at_work(home: Home, name: str = "Running", patches: int = 10) -> Path:
    """Work taken up 4 minutes ago: 6 of 10 patches stand, one was rejected, all in 3 minutes."""
    add(home, name)
    plan = planned(patches)
    put_plan(home, name, plan)
    rows = [written(plan[0]), rejected(plan[1]), *(written(row) for row in plan[2:7])]
    made = [
        entry(minutes_ago(3.5 - k / 2), row, settles=row["status"] == "written")
        for k, row in enumerate(rows)
    ]
    return put_journal(
        home, name, header(minutes_ago(4), name, patches), *made, heartbeat(NOON - SOON)
    )


def everything(home: Home) -> None:
    """An episode in every state there is."""
    at_work(home)
    stopped = at_work(home, "Stopped").read_bytes().replace(b"2026-03-01", b"2026-02-28")
    put_journal(home, "Stopped", stopped)
    add(home, "Waiting")
    add(home, "Planned")
    put_plan(home, "Planned", planned(4, "toon", "medium_169"))
    add(home, "Done")
    plan = planned(5, "space", "xlarge_1440")
    version = put_plan(home, "Done", plan)
    lost = [rejected(plan[0], k, "scene_difference") for k in range(3)]
    put_patches(home, "Done", [*lost, *(written(row) for row in plan[1:])], version)
    add(home, "Marked")
    for table in (PATCH_PLAN, PATCHES):
        problem = BadInput("Dolby Vision profile 5", where="Marked.mkv", remedy="Give another.")
        put_nothing(home, table, "Marked", problem)
    add(home, "Spoken", ["speech"])


def test_every_state_is_told_from_the_files(home: Home):
    everything(home)
    states = {one.id: one.state for one in facts_of(home).episodes}
    assert states == {
        "Done": "done",
        "Marked": "failed",
        "Planned": "planned",
        "Running": "running",
        "Stopped": "stopped",
        "Waiting": "waiting",
    }


def test_progress_counts_windows_and_patches_that_are_settled(home: Home):
    everything(home)
    facts = facts_of(home)
    running, done = episode(facts, "Running"), episode(facts, "Done")
    assert (running.windows_done, running.windows) == (6, 10)
    assert (running.settled, running.patches) == (6, 10)
    assert (done.windows_done, done.windows) == (5, 5)
    assert (done.written, done.settled, done.patches) == (4, 5, 5)
    assert facts.targets[("space", "xlarge_1440")] == 5
    assert facts.tally.written[("space", "xlarge_1440")] == 4
    assert facts.tally.missing[("space", "xlarge_1440")] == 1
    assert facts.tally.reasons == {"scene_difference": 3, "cut_inside": 2}
    assert facts.tally.tried == 7 + 7 + 7


def test_targets_are_known_as_soon_as_there_is_a_plan(home: Home):
    at_work(home)
    home.table(PATCH_TARGETS.name, "Running").unlink()
    assert facts_of(home).targets == {("general", "small_540"): 10}


def test_a_window_of_two_categories_is_done_when_both_are(home: Home):
    add(home, "Two")
    plan = [*planned(3), *planned(3, "toon")]
    put_plan(home, "Two", plan)
    some = [entry(NOON, written(row)) for row in plan[:4]]
    put_journal(home, "Two", header(minutes_ago(1), "Two", 6), *some)
    two = episode(facts_of(home), "Two")
    assert (two.windows_done, two.windows, two.settled, two.patches) == (1, 3, 4, 6)


def test_speed_and_time_left_follow_from_the_last_minutes(home: Home):
    at_work(home)
    facts = facts_of(home)
    minutes = (4 * 60 - 2) / 60
    assert facts.per_minute == pytest.approx(6 / minutes)
    assert facts.eta_s == pytest.approx(4 / (6 / minutes) * 60)
    assert facts.workers is not None
    assert (facts.workers.count, facts.workers.cpu_percent) == (4, 380.0)


def test_what_came_longer_ago_or_was_taken_over_is_no_speed(home: Home):
    add(home, "Long")
    plan = planned(4)
    put_plan(home, "Long", plan)
    taken_over = line(minutes_ago(1), row=written(plan[2]), computed=False, settles=True)
    put_journal(
        home,
        "Long",
        header(minutes_ago(60), "Long", 4),
        entry(minutes_ago(30), written(plan[0])),
        entry(minutes_ago(2), written(plan[1])),
        taken_over,
        heartbeat(NOON),
    )
    assert facts_of(home).per_minute == pytest.approx(1 / 5)


def test_speed_does_not_break_off_when_an_episode_is_done(home: Home):
    first = at_work(home, "First")
    at_work(home, "Second")
    collector = Collector(home)
    before = collector.collect(NOON)
    put_patches(home, "First", [written(row) for row in planned(10)])
    os.utime(first, (0, 0))
    after = collector.collect(NOON)
    assert episode(after, "First").state == "done"
    assert before.per_minute == after.per_minute != None  # noqa: E711


def test_without_a_heartbeat_nobody_is_at_work(home: Home):
    at_work(home)
    late = NOON + timedelta(hours=2)
    facts = facts_of(home, late)
    assert episode(facts, "Running").state == "stopped"
    assert facts.per_minute is facts.eta_s is facts.workers is None
    ((name, what),) = facts.errors
    assert name == "Running"
    since = (NOON - SOON).astimezone()
    assert what == f"no heartbeat since {since:%Y-%m-%d %H:%M:%S}"


def test_a_journal_that_grows_is_alive_whatever_its_clock_says(home: Home):
    path = at_work(home)
    collector = Collector(home)
    slow = NOON + timedelta(seconds=10 * SILENT_S)
    assert episode(collector.collect(slow), "Running").state == "stopped"
    with path.open("ab") as file:
        file.write(heartbeat(NOON))
    assert episode(collector.collect(slow), "Running").state == "running"


def test_why_a_run_ended_is_told_until_it_is_taken_up(home: Home):
    path = at_work(home)
    with path.open("ab") as file:
        file.write(line(NOON, error="the disk is full"))
    facts = facts_of(home)
    assert episode(facts, "Running").state == "stopped"
    assert ("Running", "the disk is full") in facts.errors
    with path.open("ab") as file:
        file.write(header(NOON, "Running", 10))
    facts = facts_of(home)
    assert episode(facts, "Running").state == "running"
    assert facts.errors == []


def test_patches_of_an_older_plan_are_not_done(home: Home):
    add(home, "Replanned")
    plan = planned(3)
    put_patches(
        home, "Replanned", [written(row) for row in plan], put_plan(home, "Replanned", plan)
    )
    assert episode(facts_of(home), "Replanned").state == "done"
    put_plan(home, "Replanned", planned(4))
    assert episode(facts_of(home), "Replanned").state == "planned"


def test_a_journal_that_is_older_than_its_table_is_history(home: Home):
    path = at_work(home)
    put_patches(home, "Running", [written(row) for row in planned(10)])
    table = home.table(PATCHES.name, "Running")
    os.utime(path, (table.stat().st_mtime + 1,) * 2)
    assert episode(facts_of(home), "Running").state == "running"
    os.utime(path, (table.stat().st_mtime - 1,) * 2)
    facts = facts_of(home)
    assert episode(facts, "Running") == EpisodeFacts("Running", "done", 10, 10, 10, 10, 10)


def test_work_that_broke_off_after_the_table_was_made_is_no_episode_done(home: Home):
    path = at_work(home)
    put_patches(home, "Running", [written(row) for row in planned(10)])
    with path.open("ab") as file:
        file.write(line(minutes_ago(1), error="interrupted"))
    table = home.table(PATCHES.name, "Running")
    os.utime(path, (table.stat().st_mtime + 1,) * 2)
    facts = facts_of(home)
    assert episode(facts, "Running").state == "stopped"
    assert episode(facts, "Running").written == 6
    assert ("Running", "interrupted") in facts.errors
    with path.open("ab") as file:
        file.write(header(minutes_ago(1), "Running", 10) + line(minutes_ago(1), finished=True))
    os.utime(path, (table.stat().st_mtime + 2,) * 2)
    assert episode(facts_of(home), "Running").state == "done"


def test_rows_that_were_made_void_or_anew_count_once(home: Home):
    add(home, "Anew")
    plan = planned(3)
    put_plan(home, "Anew", plan)
    rows = [written(row) for row in plan]
    put_journal(
        home,
        "Anew",
        header(minutes_ago(2), "Anew", 3),
        *(entry(minutes_ago(1), row) for row in rows),
        line(NOON, void=[rows[0]["row_key"], rows[1]["row_key"], "never heard of"]),
        entry(NOON, rows[1]),
        entry(NOON, rows[1]),
    )
    facts = facts_of(home)
    assert episode(facts, "Anew").settled == 2
    assert facts.tally.bytes[("general", "small_540")] == 2000


def test_a_torn_line_is_read_when_it_is_whole(home: Home):
    path = at_work(home)
    follower = JournalFollower(path)
    said = follower.look()
    assert said is not None
    assert said.tally.settled == 6
    whole = path.read_bytes()
    more = entry(NOON, written(planned(9)[8]))
    for torn in (more[:40], more[:-1], b"\0" * 80):
        path.write_bytes(whole + torn)
        assert follower.look().tally.settled == 6  # type: ignore[union-attr]
    path.write_bytes(whole + more)
    assert follower.look().tally.settled == 7  # type: ignore[union-attr]


def test_a_journal_begun_anew_is_read_from_its_start(home: Home):
    path = at_work(home)
    follower = JournalFollower(path)
    follower.look()
    fresh = path.with_suffix(".new")
    fresh.write_bytes(path.read_bytes() + header(NOON, "Running", 3))
    fresh.replace(path)
    said = follower.look()
    assert said is not None
    assert (said.planned, said.tally.settled) == (3, 6)
    path.unlink()
    assert follower.look() is None


def test_journals_and_tables_are_read_once_until_they_change(
    home: Home, monkeypatch: pytest.MonkeyPatch
):
    everything(home)
    collector = Collector(home)
    first = collector.collect(NOON)
    monkeypatch.setattr("media_assets.superres.monitor.tables.read_footer", pytest.fail)
    monkeypatch.setattr(Path, "open", pytest.fail)
    monkeypatch.setattr(Path, "read_bytes", pytest.fail)
    assert collector.collect(NOON).episodes == first.episodes


def test_bytes_to_come_are_told_from_those_that_came():
    small, large = ("general", "small_540"), ("toon", "large_720")
    tally = Tally()
    tally.written[small], tally.bytes[small], tally.missing[small] = 10, 5_000, 2
    targets = {small: 20, large: 1}
    per_pixel = 500 / 540**2
    assert expected_bytes(targets, tally) == round(8 * 500 + 720**2 * per_pixel)
    assert expected_bytes(targets, Tally()) is None
    assert expected_bytes({small: 12}, tally) == 0


@pytest.mark.parametrize("width", [80, 100, 160])
def test_the_picture_says_in_words_what_it_says_in_colours(home: Home, width: int):
    everything(home)
    facts = facts_of(home)
    plain = drawn(facts, width)
    assert all(len(text) <= width for text in plain.splitlines())
    for word in ("1 running", "1 stopped", "1 failed", "1 planned", "1 waiting", "1 done"):
        assert word in plain
    for words in (
        "16 of 29",
        "6/10",
        "4/5",
        "3 scene difference, 2 cut inside",
        "no heartbeat since",
    ):
        assert words in plain
    assert "Dolby Vision profile 5" in plain
    assert "\x1b[" not in plain
    coloured = drawn(facts, width, colour=True)
    assert "\x1b[32m" in coloured
    assert "\x1b[33m" in coloured
    assert "\x1b[31m" in coloured


@pytest.mark.parametrize("height", [24, 30, 40, 60])
@pytest.mark.parametrize("width", [80, 132])
def test_many_episodes_fit_a_screen(height: int, width: int):
    states: list[State] = ["running", "failed", "done", "waiting"]
    facts = Facts(
        at=NOON,
        episodes=[EpisodeFacts(f"Film-{k:03}", states[k % 4], 1, 2, 2, 1, 1) for k in range(500)],
        targets={("general", f): 10 for f in ("small_540", "medium_169", "large_720")},
        errors=[(f"Film-{k:03}", "broken " * 30) for k in range(100)],
    )
    lines = drawn(facts, width, height).rstrip("\n").splitlines()
    assert len(lines) <= height
    assert "colours: " in lines[-1]
    assert any("125 done" in text for text in lines)


def test_names_with_markup_and_control_characters_are_shown_as_they_are():
    name = "[red]x[/] \x1b[2J\n"
    facts = Facts(at=NOON, episodes=[EpisodeFacts(name, "done", 1, 1, 1, 1)], errors=[(name, name)])
    assert r"[red]x[/] \x1b[2J\n" in drawn(facts, 120)


def test_an_empty_home_has_a_picture(home: Home):
    home.root.mkdir()
    assert "No episodes" in drawn(facts_of(home))


def listing(root: Path) -> dict[str, tuple[int, int, int]]:
    return {
        str(path): (path.stat().st_ino, path.stat().st_mtime_ns, path.stat().st_size)
        for path in sorted(root.rglob("*"))
    }


def test_the_command_prints_one_picture_and_writes_nothing(
    home: Home, monkeypatch: pytest.MonkeyPatch
):
    everything(home)
    before = listing(home.root)
    for name in ("DAGSTER_HOME", "MEDIA_ASSETS_DAGSTER"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    shown = CliRunner().invoke(app, ["--home", str(home.root), "monitor", "--once"])
    assert shown.exit_code == 0, shown.output
    assert "Super-resolution patches" in shown.output
    assert listing(home.root) == before


def test_a_home_that_is_not_there_is_refused_and_not_made(tmp_path: Path):
    shown = CliRunner().invoke(app, ["--home", str(tmp_path / "none"), "monitor", "--once"])
    assert shown.exit_code == 2
    assert not (tmp_path / "none").exists()


GARBAGE = st.one_of(
    st.binary(max_size=200),
    st.just(b""),
    st.just(b"\0" * 300),
    st.builds(
        lambda value: json.dumps(value).encode() + b"\n",
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        ("at", "row", "header", "void", "heartbeat", "error", "status")
                    ),
                    inner,
                    max_size=4,
                )
            ),
            max_leaves=8,
        ),
    ),
)


def mangled(content: bytes, cut: float, garbage: bytes) -> bytes:
    """The beginning of a file, then something else."""
    return content[: round(len(content) * cut)] + garbage


@pytest.fixture(scope="module")
def sound_home(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, bytes]:
    """The files of a home with everything in it; the shortest path is that of the home."""
    home = Home(tmp_path_factory.mktemp("home"))
    everything(home)
    files = {path: path.read_bytes() for path in home.root.rglob("*") if path.is_file()}
    return {home.root: b""} | files


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_torn_and_strange_files_are_survived_and_left_alone(
    sound_home: dict[Path, bytes], data: st.DataObject
):
    """Whatever becomes of any file, a picture comes of it; mended, all is seen again."""
    root, *files = sound_home
    home = Home(root)
    for path in files:
        path.write_bytes(sound_home[path])
    collector = Collector(home)
    sound = collector.collect(NOON)
    for path in data.draw(st.lists(st.sampled_from(files), unique=True, min_size=1)):
        cut, garbage = data.draw(st.floats(0, 1)), data.draw(GARBAGE)
        path.write_bytes(mangled(sound_home[path], cut, garbage))
    before = listing(root)
    facts_of(home)
    drawn(collector.collect(NOON), 80, 24)
    assert listing(root) == before
    for path in files:
        path.unlink()
        path.write_bytes(sound_home[path])
    assert facts_of(home).episodes == sound.episodes
    mended = collector.collect(NOON)
    assert mended.tally == sound.tally
    assert [one.settled for one in mended.episodes] == [one.settled for one in sound.episodes]
