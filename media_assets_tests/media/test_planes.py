"""A rectangle of a picture is worth as much as the picture, as far as it goes."""

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_assets.media.color import Look
from media_assets.media.planes import decimated, region
from media_assets.media.tone import rgb
from media_assets_tests.media.colours import noise

PLANAR = [
    *("yuv420p", "yuv422p", "yuv444p", "yuv440p", "yuv411p", "yuv410p", "yuvj420p", "yuva420p"),
    *("yuv420p10le", "yuv422p10le", "yuv444p12le", "yuv420p16le", "yuva444p10le"),
    *("gray", "gray12le", "gbrp", "gbrp10le", "gbrp16le"),
]
SITINGS = ["left", "center", "topleft", "top", "bottomleft", "bottom"]


@st.composite
def rectangles(draw: st.DrawFn) -> tuple[int, int, int, int, int, int]:
    """Size of a picture; position and size of a rectangle in it."""
    width, height = draw(st.integers(1, 40)), draw(st.integers(1, 30))
    x, y = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
    return width, height, x, y, draw(st.integers(1, width - x)), draw(st.integers(1, height - y))


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from(PLANAR),
    rectangles(),
    st.sampled_from(SITINGS),
    st.sampled_from(["sdr", "pq", "hlg"]),
    st.integers(0, 2**32 - 1),
)
def test_colours_of_a_rectangle_are_those_of_the_whole_picture(
    pixel_format: str, rectangle: tuple[int, ...], siting: str, hdr: str, seed: int
):
    width, height, x, y, across, down = rectangle
    frame = noise(pixel_format, width, height, seed)
    look = Look(hdr, 10.0, "bt2020", "tv", siting)
    whole = rgb(region(frame, 0, 0, width, height), look)
    part = rgb(region(frame, x, y, across, down), look)
    assert part.shape == (down, across, 3)
    assert np.array_equal(part, whole[y : y + down, x : x + across])


@given(st.sampled_from(PLANAR), rectangles(), st.integers(1, 7), st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_every_step_th_sample_is_one_of_the_picture(
    pixel_format: str, rectangle: tuple[int, ...], step: int, seed: int
):
    width, height, x, y, across, down = rectangle
    frame = noise(pixel_format, width, height, seed)
    few, all_ = decimated(frame, x, y, across, down, step), region(frame, x, y, across, down)
    assert np.array_equal(few.planes[0], all_.planes[0][::step, ::step])
    assert {plane.shape for plane in few.planes} == {few.planes[0].shape}
    if all_.subsampling == (1, 1):
        look = Look("sdr", 1.0, "bt709", "tv")
        assert np.array_equal(rgb(few, look), rgb(all_, look)[::step, ::step])


def test_each_decimated_sample_has_the_chroma_that_it_shares():
    frame = noise("yuv420p", 16, 12, 1)
    blue = np.frombuffer(frame.planes[1], np.uint8).reshape(-1, frame.planes[1].line_size)
    assert decimated(frame, 3, 2, 9, 8, 4).planes[1].tolist() == [
        [blue[1, 1], blue[1, 3], blue[1, 5]],
        [blue[3, 1], blue[3, 3], blue[3, 5]],
    ]


@pytest.mark.parametrize(
    ("stored", "planar"),
    [
        ("nv12", "yuv420p"),
        ("p010le", "yuv420p10le"),
        ("p210le", "yuv422p10le"),
        ("uyvy422", "yuv422p"),
        ("yuv420p10be", "yuv420p10le"),
        ("rgb24", "gbrp"),
        ("bgra", "gbrp"),
        ("rgb48le", "gbrp16le"),
        ("ya8", "gray"),
    ],
)
@pytest.mark.parametrize("color_range", [1, 2])
def test_other_formats_have_the_samples_of_their_planar_kin(
    stored: str, planar: str, color_range: int
):
    same = noise(planar, 32, 18, 5, color_range=color_range)
    packed = same.reformat(format=stored)
    ours, theirs = region(packed, 5, 3, 20, 11), region(same, 5, 3, 20, 11)
    assert (ours.subsampling, ours.is_rgb) == (theirs.subsampling, theirs.is_rgb)
    for one, other in zip(ours.planes, theirs.planes, strict=True):
        assert np.array_equal(one, other)


@pytest.mark.parametrize("stored", ["pal8", "monow", "xyz12le", "x2rgb10le", "grayf32le", "rgb565"])
def test_odd_formats_can_be_shown(stored: str):
    frame = av.VideoFrame(32, 18, stored)
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    picture = rgb(region(frame, 4, 2, 16, 8), Look("sdr", 1.0, "bt709", "pc"))
    assert picture.shape == (8, 16, 3)


def test_a_region_outlives_its_frame_and_is_small():
    frame = noise("yuv420p10le", 640, 360, 2)
    kept = region(frame, 101, 51, 64, 36)
    before = [plane.copy() for plane in kept.planes]
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    for plane, was in zip(kept.planes, before, strict=True):
        assert np.array_equal(plane, was)
        assert plane.base is None
    assert sum(plane.nbytes for plane in kept.planes) < 2 * 1.6 * 64 * 36


@pytest.mark.parametrize(
    "rectangle", [(-1, 0, 8, 8), (0, 0, 33, 8), (30, 0, 3, 8), (0, 0, 0, 8), (0, 16, 8, 3)]
)
def test_a_rectangle_must_lie_in_the_picture(rectangle: tuple[int, int, int, int]):
    frame = noise("yuv420p", 32, 18, 3)
    with pytest.raises(ValueError, match="not in 32x18"):
        region(frame, *rectangle)
    with pytest.raises(ValueError, match="not in 32x18"):
        decimated(frame, *rectangle, 2)
