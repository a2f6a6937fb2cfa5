"""What the bars of a run show of the table in work."""

import io
import json
import os
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from media_assets import progress
from media_assets.progress import bars, in_work, pace
from resources.home import Home
from resources.journal import SILENT_S, Header, JournalWriter, read_journal


def note(home: Home, *entries: dict[str, object], episode: str = "film") -> None:
    header = Header("patches", episode, "key", total=10)
    with closing(JournalWriter(home.journal("patches", episode), header)) as writer:
        writer.append(*entries)


def row(number: int, *, computed: bool = True, settles: bool = True) -> dict[str, object]:
    return {"row": {"row_key": f"k{number}"}, "computed": computed, "settles": settles}


def test_the_work_shown_is_of_the_episodes_that_run_and_goes_on(home: Home) -> None:
    assert in_work(home, ["film"]) is None
    note(home)
    note(home, episode="other")
    found = in_work(home, ["film"])
    assert found
    assert found.header.episode == "film"
    note(home, {"finished": True})
    assert in_work(home, ["film"]) is None


def test_a_journal_that_has_long_been_silent_is_not_in_work(home: Home) -> None:
    note(home)
    long_ago = time.time() - SILENT_S - 1
    os.utime(home.journal("patches", "film"), (long_ago, long_ago))
    assert in_work(home, ["film"]) is None


def test_pace_counts_what_this_run_made_after_its_first_row(home: Home) -> None:
    start = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def at(seconds: float, **line: object) -> str:
        return json.dumps({"at": (start + timedelta(seconds=seconds)).isoformat()} | line) + "\n"

    header = {"asset": "patches", "episode": "film", "key": "key", "total": 10, "planned": []}
    lines = [
        at(0, header=header),
        at(1, **row(1)),
        # The next day it is taken up; a worker needs 20 s to start.
        at(100_000, header=header),
        at(100_001, **row(2, computed=False)),
        at(100_020, **row(3)),
        at(100_030, **row(4, settles=False)),
        at(100_040, **row(5)),
        at(100_050, **row(6)),
    ]
    path = home.journal("patches", "film")
    path.parent.mkdir(parents=True)
    path.write_text("".join(lines[:5]))
    journal = read_journal(path)
    assert journal
    assert pace(journal) == ""
    path.write_text("".join(lines))
    journal = read_journal(path)
    assert journal
    assert journal.done == 5
    assert pace(journal) == "4.0/min, 0:01:15 left"


def test_bars_show_tables_and_rows_and_leave_nothing(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "LOOK_S", 0.01)
    note(home, row(1), row(2))
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100)
    with bars(console, home, ["film"], tables=3) as watch:
        watch("film", "patch_plan")
        until = time.monotonic() + 30
        while "└ patches" not in screen.getvalue():
            assert time.monotonic() < until
            time.sleep(0.02)
    shown = screen.getvalue()
    assert "film  patch_plan" in shown
    assert "1/3" in shown
    assert "2/10" in shown
    # The lines are taken back at the end.
    assert shown.rstrip("\n").endswith("\x1b[2K")


def test_where_there_is_no_terminal_nothing_is_drawn(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "LOOK_S", 0.01)
    note(home, row(1))
    written = io.StringIO()
    with bars(Console(file=written), home, ["film"], tables=1) as watch:
        watch("film", "patch_plan")
        time.sleep(0.1)
    assert "film" not in written.getvalue()
