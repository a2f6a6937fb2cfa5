"""What a journal says is what was appended to it, whatever stopped its writer."""

import errno
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resources.journal import Header, JournalWriter, read_journal

HEADER = Header("patches", "film", "key", 3, [{"category": "toon", "total": 3}])


def row(number: int, **more: Any) -> dict[str, Any]:
    return {"row": {"row_key": f"k{number}", "n": number} | more, "computed": True, "settles": True}


def test_there_is_no_journal_before_there_is_one(tmp_path: Path) -> None:
    assert read_journal(tmp_path / "none.jsonl") is None


def test_a_journal_is_read_while_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "film.jsonl"
    writer = JournalWriter(path, HEADER)
    for number in range(3):
        writer.append(row(number), row(number + 100))
        journal = read_journal(path)
        assert journal
        assert journal.header.total == 3
        assert journal.done == 2 * (number + 1)
        assert [entry.row["n"] for entry in journal.entries.values()][-1] == number + 100
        assert not journal.finished
    writer.append({"heartbeat": {"workers": 2, "cpu_percent": 190.5, "memory_bytes": 7}})
    writer.append({"finished": True})
    journal = read_journal(path)
    assert journal
    assert journal.heartbeat
    assert journal.heartbeat.cpu_percent == 190.5
    assert journal.finished
    assert journal.began <= journal.heartbeat.at <= journal.seen


@settings(max_examples=30, deadline=None)
@given(
    cut=st.integers(1, 400),
    tail=st.sampled_from(
        [b"", b"\0" * 40, b'{"at": "20'],
    ),
)
def test_a_torn_end_loses_only_what_was_torn(
    tmp_path_factory: pytest.TempPathFactory, cut: int, tail: bytes
) -> None:
    path = tmp_path_factory.mktemp("journal") / "film.jsonl"
    writer = JournalWriter(path, HEADER)
    lengths = [path.stat().st_size]
    for number in range(3):
        writer.append(row(number))
        lengths.append(path.stat().st_size)
    writer.close()
    left = max(lengths[0], lengths[-1] - cut)
    path.write_bytes(path.read_bytes()[:left] + tail)
    whole = sum(length <= left for length in lengths) - 1
    journal = read_journal(path)
    assert journal
    assert list(journal.entries) == [f"k{n}" for n in range(whole)]
    again = JournalWriter(path, HEADER)
    again.append(row(9))
    again.close()
    journal = read_journal(path)
    assert journal
    assert list(journal.entries) == [*(f"k{n}" for n in range(whole)), "k9"]


def test_the_same_work_goes_on_and_other_work_begins_anew_with_what_it_may_use(
    tmp_path: Path,
) -> None:
    path = tmp_path / "film.jsonl"
    first = JournalWriter(path, HEADER)
    first.append(row(1))
    first.append({"error": "the disk is full"})
    first.close()
    second = JournalWriter(path, HEADER, cached=[{"row_key": "not wanted"}])
    assert list(second.begun_with.entries) == ["k1"]
    second.append(row(2))
    second.close()
    journal = read_journal(path)
    assert journal
    assert list(journal.cache) == ["k1", "k2"]
    assert [text for _, text in journal.errors] == ["the disk is full"]

    other = Header("patches", "film", "another key", 1)
    third = JournalWriter(path, other, cached=[journal.cache["k2"]])
    assert third.begun_with.entries == {}
    assert list(third.begun_with.cache) == ["k2"]


def test_a_void_row_is_not_taken_over_but_its_files_are_known(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path / "film.jsonl", HEADER)
    writer.append(row(1, gt_path="a.png"), row(2))
    writer.append({"void": ["k1"]})
    journal = read_journal(tmp_path / "film.jsonl")
    assert journal
    assert list(journal.cache) == list(journal.entries) == ["k2"]
    assert journal.known[0]["gt_path"] == "a.png"
    writer.append(row(1, gt_path="b.png"))
    journal = read_journal(tmp_path / "film.jsonl")
    assert journal
    assert journal.cache["k1"]["gt_path"] == "b.png"


def test_a_full_disk_leaves_no_half_line(tmp_path: Path) -> None:
    path = tmp_path / "film.jsonl"
    writer = JournalWriter(path, HEADER)
    writer.append(row(1))
    before = path.read_bytes()

    class Full:
        """A file on a disk with room for ten bytes more."""

        def __init__(self, file: Any) -> None:
            self._file = file

        def write(self, data: bytes) -> int:
            return int(self._file.write(data[:10]))

        def __getattr__(self, name: str) -> Any:
            return getattr(self._file, name)

    whole, writer._file = writer._file, Full(writer._file)
    with pytest.raises(OSError, match="No space") as caught:
        writer.append(row(2))
    assert caught.value.errno == errno.ENOSPC
    assert path.read_bytes() == before
    writer._file = whole
    writer.append(row(3))
    journal = read_journal(path)
    assert journal
    assert list(journal.entries) == ["k1", "k3"]
