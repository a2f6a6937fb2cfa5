"""decord is used only where it shows the frames that the index means."""

import sys
from pathlib import Path

import numpy as np
import pytest

from media_assets.media.decord_reader import DecordReader, DecordRefusedError, import_decord
from media_assets.media.index import read_index
from media_assets.media.picture import read_pictures


def test_a_missing_extra_names_the_command_that_adds_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "decord", None)
    with pytest.raises(ImportError, match=r"pip install 'media-assets\[decord\]'"):
        import_decord()


@pytest.mark.parametrize(
    "name",
    [
        "hostile/made_dev/base.mp4",
        "hostile/made_dev/rot90.mov",
        "hostile/made_dev/vfr.mp4",
        "cartoon_two_characters/penny_and_chip_spring.mp4",  # HD: another matrix
    ],
)
def test_what_it_reads_are_the_pictures_of_the_index(media_dir: Path, name: str):
    pytest.importorskip("decord")
    path = media_dir / name
    index = read_index(path)
    numbers = [3, 20, 21, 50]
    theirs = DecordReader(path, index).read(numbers)
    ours = [rgb for _, rgb in read_pictures(path, index.pts[numbers].tolist(), index=index)]
    assert theirs.dtype == np.uint8
    for mine, other in zip(ours, theirs, strict=True):
        assert np.abs(mine.astype(int) - other).mean() < 2.5


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("hdr_uhd/hlg_hevc_1080p_editlist.mp4", "86 frames instead of 77"),
        ("hostile/made_dev/resolution_changes_midway.ts", "other times"),
        ("hostile/made_dev/interlaced_tff_pal_sar.mpg", "another size"),
    ],
)
def test_files_that_it_misreads_are_refused(media_dir: Path, name: str, why: str):
    pytest.importorskip("decord")
    with pytest.raises(DecordRefusedError, match=why):
        DecordReader(media_dir / name)
