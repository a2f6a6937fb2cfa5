import csv
import errno
import io
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assets.exports.files import (
    csv_text,
    json_array,
    json_lines,
    place,
    remove_others,
    write_text,
)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(VALUES, max_size=4))
def test_an_array_written_item_by_item_is_the_array_written_whole(items):
    assert "".join(json_array(items)) == json.dumps(items, indent=2, ensure_ascii=False) + "\n"


@given(st.lists(st.dictionaries(st.text(), VALUES, max_size=3), max_size=4))
def test_every_object_has_one_line(items):
    text = "".join(json_lines(items))
    assert [json.loads(line) for line in text.splitlines()] == items
    assert [json.loads(line) for line in io.StringIO(text)] == items


def test_a_csv_reads_back():
    text = "".join(csv_text(["a", "b"], [{"a": 'say "x", y', "b": ["1", "2"]}, {"a": "", "b": []}]))
    assert list(csv.DictReader(io.StringIO(text))) == [
        {"a": 'say "x", y', "b": "1; 2"},
        {"a": "", "b": ""},
    ]


def test_a_file_that_says_the_same_is_not_written_again(tmp_path: Path):
    path = tmp_path / "new" / "a.json"
    assert write_text(path, ["x"])
    before = path.stat()
    assert not write_text(path, ["", "x"])
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert write_text(path, ["y"])
    assert path.read_text() == "y"
    assert [p.name for p in path.parent.iterdir()] == ["a.json"]


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path):
    def breaks():
        yield "half"
        raise RuntimeError("out of luck")

    path = tmp_path / "a.json"
    write_text(path, ["old"])
    with pytest.raises(RuntimeError):
        write_text(path, breaks())
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.parametrize("linkable", [True, False])
def test_media_are_placed_once_and_replaced_when_their_source_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, linkable: bool
):
    def refuse(*_):
        raise OSError(errno.EXDEV, "another disk")

    if not linkable:
        monkeypatch.setattr(os, "link", refuse)
    one, two, target = tmp_path / "one", tmp_path / "two", tmp_path / "out" / "clip.mp4"
    one.write_bytes(b"1")
    two.write_bytes(b"22")
    assert place(one, target)
    assert (target.stat().st_ino == one.stat().st_ino) is linkable
    assert not place(one, target)
    assert place(two, target)
    assert target.read_bytes() == b"22"
    assert one.read_bytes() == b"1"
    assert [p.name for p in target.parent.iterdir()] == ["clip.mp4"]


def test_a_source_that_is_gone_is_an_error_and_the_target_stays(tmp_path: Path):
    (tmp_path / "clip.mp4").write_bytes(b"1")
    with pytest.raises(FileNotFoundError):
        place(tmp_path / "gone", tmp_path / "clip.mp4")
    assert (tmp_path / "clip.mp4").read_bytes() == b"1"


def test_files_that_are_no_longer_named_are_removed_and_folders_stay(tmp_path: Path):
    for name in ("a.mp4", "b.mp4", ".c.mp4.new"):
        (tmp_path / name).touch()
    (tmp_path / ".precomputed").mkdir()
    assert remove_others(tmp_path, {"a.mp4"}) == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == [".precomputed", "a.mp4"]
    assert remove_others(tmp_path / "none", set()) == 0
