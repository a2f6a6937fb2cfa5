"""What is kept of a frame is enough to show any crop of it as in the whole picture."""

from dataclasses import replace

import numpy as np
import pytest
from av import VideoFrame

from media_assets.superres.cut import crops, is_stored_as, keep
from media_assets.superres.geometry import place
from media_assets_tests.superres.pictures import frames_of, patch, scene, source

HDR = source(
    360,
    240,
    pixel_format="yuv420p10le",
    hdr="pq",
    peak_nits=1000.0,
    matrix="bt2020",
    range="tv",
    area_x_px=12,
    area_y_px=20,
    area_width_px=340,
    area_height_px=200,
)


def noisy() -> VideoFrame:
    samples = np.random.default_rng(2).integers(64, 941, (240 * 3 // 2, 360), dtype=np.uint16)
    return VideoFrame.from_ndarray(samples, format="yuv420p10le")


@pytest.mark.parametrize("scaled", [(340, 200), (170, 100), (257, 151)])
@pytest.mark.parametrize("turned", [False, True])
def test_a_crop_of_an_hdr_frame_is_bit_for_bit_a_part_of_its_whole_picture(
    scaled: tuple[int, int], turned: bool
) -> None:
    width, height = reversed(scaled) if turned else scaled
    src = replace(HDR, width_px=width, height_px=height, transpose=turned, mirror_x=turned)
    whole = place(patch(0, 0, (width, height)), src)
    parts = [(0, 0, 31, 17), (width - 40, height - 50, 40, 50), (21, 33, 64, 60)]
    places = [place(patch(x, y, (w, h)), src) for x, y, w, h in parts]
    kept = [keep(noisy(), [whole, *places], src)]
    (picture,) = crops(kept, whole, src)
    assert picture.shape == (height, width, 3)
    for (x, y, w, h), where in zip(parts, places, strict=True):
        (crop,) = crops(kept, where, src)
        assert np.array_equal(crop, picture[y : y + h, x : x + w])


def test_checks_see_a_small_picture_of_the_area_alone() -> None:
    stored = np.zeros((2160, 3840, 3), np.uint8)
    stored[200:1960] = 200
    src = source(3840, 2160, area_y_px=200, area_height_px=1760)
    ((_, frame),) = frames_of([stored])
    gray = keep(frame, [], src).gray
    assert gray.min() >= 199
    assert 0.8 < gray.size / (240 * 135) < 1.25


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        ({}, True),
        ({"coded_width_px": 1280}, False),
        ({"coded_height_px": 576}, False),
        ({"pixel_format": "yuv420p"}, False),
    ],
)
def test_a_frame_of_another_size_or_format_is_not_the_masters(
    changed: dict[str, object], same: bool
) -> None:
    ((_, frame),) = frames_of([scene()])
    assert is_stored_as(replace(source(), **changed), frame) is same


@pytest.mark.parametrize(
    ("tag", "hdr", "same"),
    [(16, "pq", True), (16, "sdr", False), (18, "pq", False), (2, "pq", True), (1, "sdr", True)],
)
def test_a_frame_whose_tag_says_that_its_light_means_another_is_not_the_masters(
    tag: int, hdr: str, same: bool
) -> None:
    ((_, frame),) = frames_of([scene()])
    frame.color_trc = tag
    assert is_stored_as(source(hdr=hdr), frame) is same
