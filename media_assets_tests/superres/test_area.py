"""The picture inside its bars, by what most of a film's telling frames show."""

from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assets.media.bars import BLACK_LUMA
from media_assets.media.index import read_index
from media_assets.superres.area import (
    BLACK_LUMA_FULL,
    LEAST_LOOKS,
    Area,
    Glance,
    glance,
    glances,
    picture_area,
)
from media_assets_tests.superres.films import FORMATS, film

FHD = (1920, 1080)
WHOLE = Area(0, 0, *FHD)
SCOPE, FULL, BLACK = (138, 138, 0, 0), (0, 0, 0, 0), None

edges = st.tuples(*[st.integers(0, 380)] * 2, *[st.integers(0, 680)] * 2)


def seen(*bars: tuple[int, int, int, int] | None, size: tuple[int, int] = FHD) -> list[Glance]:
    return [Glance(*size, "yuv420p", one) for one in bars]


def test_bars_of_most_frames_are_left_out_with_their_soft_edge() -> None:
    assert picture_area(seen(*[SCOPE] * 20), *FHD) == Area(0, 140, 1920, 800)
    assert picture_area(seen(*[(0, 0, 240, 240)] * 20), *FHD) == Area(244, 0, 1432, 1080)


def test_a_film_that_switches_formats_keeps_that_of_most_of_it() -> None:
    assert picture_area(seen(*[SCOPE] * 15, *[FULL] * 13), *FHD).height == 800
    assert picture_area(seen(*[SCOPE] * 13, *[FULL] * 15), *FHD) == WHOLE


def test_dark_scenes_make_no_bars() -> None:
    dark = [(n * 17, 300 - n * 11, n * 5, n * 9) for n in range(20)]
    assert picture_area(seen(*dark, *[FULL] * 6), *FHD) == WHOLE
    darker = [(138 + n * 13, 138 + n * 7, 0, 0) for n in range(20)]
    assert picture_area(seen(*darker, *[SCOPE] * 4), *FHD).height == 800


def test_too_few_telling_frames_tell_nothing() -> None:
    few = [SCOPE] * (LEAST_LOOKS - 1)
    assert picture_area(seen(*few, *[BLACK] * 26), *FHD) == WHOLE
    assert picture_area([], *FHD) == WHOLE


def test_frames_of_another_size_do_not_count() -> None:
    adverts = seen(*[(0, 0, 90, 90)] * 5, size=(720, 576))
    assert picture_area([*adverts, *seen(*[SCOPE] * 9)], *FHD) == Area(0, 140, 1920, 800)


def gray(inside: int, outside: int) -> av.VideoFrame:
    """A picture of one shade between bars of another, 10 rows each."""
    picture = np.full((90, 160), outside, np.uint8)
    picture[10:-10] = inside
    return av.VideoFrame.from_ndarray(picture, format="gray")


@pytest.mark.parametrize(
    ("inside", "outside", "black", "bars"),
    [
        (120, 16, BLACK_LUMA, (10, 10, 0, 0)),
        (120, 30, BLACK_LUMA, (10, 10, 0, 0)),
        (120, 30, BLACK_LUMA_FULL, FULL),
        (30, 0, BLACK_LUMA_FULL, (10, 10, 0, 0)),
        (30, 16, BLACK_LUMA, BLACK),
        (16, 120, BLACK_LUMA, FULL),
    ],
)
def test_black_depends_on_the_range_and_a_black_picture_tells_nothing(
    inside: int, outside: int, black: int, bars: tuple[int, int, int, int] | None
) -> None:
    assert glance(gray(inside, outside), black) == Glance(160, 90, "gray", bars)


@given(st.lists(edges, max_size=28), st.integers(16, 1921), st.integers(16, 1081))
def test_any_area_lies_in_the_picture_and_has_even_edges(
    bars: list[tuple[int, int, int, int]], width: int, height: int
) -> None:
    limits = np.array([height, height, width, width]) * 0.36
    inside = [tuple(np.minimum(one, limits).astype(int).tolist()) for one in bars]
    area = picture_area(seen(*inside, size=(width, height)), width, height)
    assert area.x % 2 == area.y % 2 == 0
    assert area.width > 0
    assert area.height > 0
    for edge, size in ((area.x + area.width, width), (area.y + area.height, height)):
        assert edge == size or (edge < size and edge % 2 == 0)


@pytest.mark.parametrize("name", list(FORMATS))
def test_bars_around_real_footage_are_found(media_dir: Path, tmp_path: Path, name: str) -> None:
    made = film(tmp_path / "film.mp4", media_dir, FORMATS[name])
    index = read_index(made.path)
    area = picture_area(list(glances(made.path, index, full_range=False)), *made.size)
    x, y, width, height = made.picture
    # Nothing of a bar is left, and little of the picture is lost: the soft edge, to even lines.
    assert x <= area.x <= x + 3 * (x > 0)
    assert y <= area.y <= y + 3 * (y > 0)
    assert 0 <= x + width - (area.x + area.width) <= 3 * (x > 0)
    assert 0 <= y + height - (area.y + area.height) <= 3 * (y > 0)


@pytest.mark.parametrize(
    ("name", "bars"),
    [
        ("animation/sintel_trailer_720p_vp8_opus.webm", 88),
        ("animation/big_buck_bunny_0_30_720p.webm", 0),
        ("animation/popeye_p3_1080p_hevc_pgs.mkv", 0),
        ("composite/dev/dev_lecture.mkv", 0),
        ("hostile/long_1080p_lowbitrate.mp4", 0),
        ("hostile/made_dev/all_black_silent.mp4", 0),
        ("hostile/made_dev/bitrot_middle.mp4", 0),
        ("hostile/corrupted.mp4", 0),
    ],
)
def test_the_letterbox_of_real_films(media_dir: Path, name: str, bars: int) -> None:
    path = media_dir / name
    looks = list(glances(path, read_index(path), full_range=False))
    width, height = looks[0].width, looks[0].height
    area = picture_area(looks, width, height)
    assert (area.x, area.width) == (0, width)
    assert bars <= area.y <= bars + 2
    assert bars <= height - area.y - area.height <= bars + 2
