"""An index comes back from its file as it was."""

from dataclasses import fields
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assets.media.index import FrameIndex, read_index
from media_assets.media.index_file import frame_index_path, read_frame_index, write_frame_index

stamps = st.lists(st.integers(-(2**40), 2**62), min_size=1, max_size=20, unique=True)
ratios = st.fractions(min_value=Fraction(1, 10**9), max_value=2**31, max_denominator=2**31 - 1)


def assert_same(one: FrameIndex, other: FrameIndex) -> None:
    for field in fields(FrameIndex):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        if isinstance(mine, np.ndarray):
            assert mine.dtype == theirs.dtype, field.name
            assert np.array_equal(mine, theirs), field.name
        else:
            assert (type(mine), mine) == (type(theirs), theirs), field.name


@pytest.mark.parametrize(
    "name",
    [
        "hdr_uhd/hlg_hevc_1080p_editlist.mp4",
        "hostile/made_dev/resolution_changes_midway.ts",
        "hostile/made_dev/vfr.mp4",
        "hostile/no_duration.webm",
        "talking_heads/bbaf2n.mpg",
    ],
)
def test_the_index_of_a_real_file_comes_back(media_dir: Path, tmp_path: Path, name: str) -> None:
    index = read_index(media_dir / name)
    write_frame_index(tmp_path / "index.npz", index)
    assert_same(index, read_frame_index(tmp_path / "index.npz"))


@given(
    pts=stamps,
    delays=st.lists(st.integers(-1000, 1000), max_size=20),
    time_base=ratios,
    start=st.fractions(min_value=-(10**6), max_value=10**6, max_denominator=10**6),
    rate=st.none() | ratios,
    restamped=st.booleans(),
)
def test_any_index_comes_back(
    tmp_path_factory: pytest.TempPathFactory,
    pts: list[int],
    delays: list[int],
    time_base: Fraction,
    start: Fraction,
    rate: Fraction | None,
    restamped: bool,
) -> None:
    times = np.array(sorted(pts), np.int64)
    seek = times[: len(delays)]
    index = FrameIndex(
        stream=3,
        time_base=time_base,
        clock_start=start,
        pts=times,
        seek_pts=seek,
        seek_dts=seek - np.array(delays[: len(seek)], np.int64),
        last_duration=7,
        declared_rate=rate,
        restamped=restamped,
    )
    path = tmp_path_factory.mktemp("index") / "index.npz"
    write_frame_index(path, index)
    assert_same(index, read_frame_index(path))


def test_the_same_index_has_the_same_bytes_and_they_are_few(
    media_dir: Path, tmp_path: Path
) -> None:
    index = read_index(media_dir / "hostile/long_1080p_lowbitrate.mp4")
    one, other = tmp_path / "one.npz", tmp_path / "other.npz"
    write_frame_index(one, index)
    write_frame_index(other, index)
    assert one.read_bytes() == other.read_bytes()
    assert one.stat().st_size < len(index)


def test_the_file_is_named_by_content_and_stream(tmp_path: Path) -> None:
    paths = {frame_index_path(tmp_path, sha, stream) for sha in ("a", "b") for stream in (0, 1)}
    assert len(paths) == 4
    assert frame_index_path(tmp_path, "a", 0) in paths
    assert {path.suffix for path in paths} == {".npz"}
