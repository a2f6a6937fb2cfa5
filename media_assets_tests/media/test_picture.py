"""Pictures come out upright, square, in the right colours, one for one."""

import gc
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assets.media.index import read_index
from media_assets.media.picture import (
    Geometry,
    fit_size,
    read_geometry,
    read_pictures,
    upright,
    upright_rgb,
)
from media_assets.media.video import decode_frames
from media_assets_tests.media.moving import picture


def rgb_pictures(path: Path, size: tuple[int, int] | None = None) -> dict[int, np.ndarray]:
    index = read_index(path)
    return dict(upright_rgb(decode_frames(path, index), read_geometry(path, index), size))


def difference(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a.astype(int) - b).mean())


def flat(yuv: tuple[int, int, int], size=(64, 64), pixel_format="yuv420p", **tags) -> av.VideoFrame:
    """One colour as a tagged frame."""
    width, height = size
    frame = av.VideoFrame(width, height, pixel_format)
    for plane, value in zip(frame.planes, yuv, strict=True):
        plane.update(bytes([value]) * plane.buffer_size)
    for tag, value in tags.items():
        setattr(frame, tag, value)
    frame.pts, frame.time_base = 0, Fraction(1, 24)
    return frame


def test_a_transposed_file_shows_its_picture_transposed(media_dir: Path):
    """sample_rotate_and_reflect is sample_video_only with another matrix."""
    plain = rgb_pictures(media_dir / "hostile/sample_video_only.mp4")
    turned = rgb_pictures(media_dir / "hostile/sample_rotate_and_reflect.mp4")
    assert plain.keys() == turned.keys()
    for pts in plain:
        assert np.array_equal(turned[pts], plain[pts].transpose(1, 0, 2))


@pytest.mark.parametrize(
    ("name", "quarters"),
    # Quarter turns against the clock: phones say how they were held, the made file was laid down.
    [("hostile/video_90.mov", -1), ("hostile/made_dev/rot90.mov", 1)],
)
def test_a_rotated_file_is_turned_back(media_dir: Path, name: str, quarters: int):
    path = media_dir / name
    index = read_index(path)
    coded = next(decode_frames(path, index))
    geometry = Geometry(coded.width, coded.height)
    ((_, lying),) = upright_rgb([coded], geometry)
    ((_, standing),) = read_pictures(path, [int(index.pts[0])], index=index)
    assert np.array_equal(standing, np.rot90(lying, quarters))


@pytest.mark.parametrize("transpose", [False, True])
@pytest.mark.parametrize("mirror_x", [False, True])
@pytest.mark.parametrize("mirror_y", [False, True])
def test_all_eight_orientations_in_both_kinds_of_output(
    transpose: bool, mirror_x: bool, mirror_y: bool
):
    rgb = picture(5, 160, 96)
    frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
    frame.pts, frame.time_base = 7, Fraction(1, 24)
    geometry = Geometry(160, 96, Fraction(1), transpose, mirror_x, mirror_y)
    expected = rgb.transpose(1, 0, 2) if transpose else rgb
    expected = expected[:: -1 if mirror_y else 1, :: -1 if mirror_x else 1]
    ((pts, shown),) = upright_rgb([frame], geometry)
    assert pts == 7
    assert np.array_equal(shown, expected)
    (encoded,) = upright([frame], geometry)
    assert (encoded.width, encoded.height) == geometry.shown_size
    luma = encoded.to_ndarray()[: encoded.height]
    expected_luma = 16 + expected @ np.array([0.1826, 0.6142, 0.0620])
    assert difference(luma, np.rint(expected_luma)) < 1


def test_pixels_become_square(media_dir: Path):
    geometry = read_geometry(media_dir / "hostile/made_dev/interlaced_tff_pal_sar.mpg")
    assert geometry.pixel_aspect == Fraction(16, 15)
    assert geometry.interlaced
    assert geometry.shown_size == (768, 576)
    tall = read_geometry(media_dir / "animation/popeye_p3_480p_hevc_vobsub.mkv")
    assert (tall.pixel_aspect, tall.shown_size) == (Fraction(8, 9), (720, 538))


@pytest.mark.parametrize(
    ("matrix", "yuv"),
    # Limited-range codes of pure red by the weights of ITU-R BT.709, BT.601 and BT.2020.
    [(1, (63, 102, 240)), (6, (81, 90, 240)), (9, (74, 97, 240))],
)
def test_red_is_red_by_every_matrix(matrix: int, yuv: tuple[int, int, int]):
    frame = flat(yuv, colorspace=matrix)
    ((_, rgb),) = upright_rgb([frame], Geometry(64, 64))
    assert difference(rgb, np.broadcast_to([255, 0, 0], rgb.shape)) < 2.5
    (encoded,) = upright([frame], Geometry(64, 64))
    planes = [np.frombuffer(plane, np.uint8)[0] for plane in encoded.planes]
    assert np.abs(np.array(planes, int) - [63, 102, 240]).max() <= 2, "BT.709 whatever came in"
    assert (encoded.colorspace, encoded.color_range) == (1, 1)


def test_untagged_colour_follows_the_size():
    sd = flat((81, 90, 240))
    hd = flat((63, 102, 240), size=(1280, 720))
    for frame in (sd, hd):
        geometry = Geometry(frame.width, frame.height)
        ((_, rgb),) = upright_rgb([frame], geometry)
        assert difference(rgb, np.broadcast_to([255, 0, 0], rgb.shape)) < 2.5


@pytest.mark.parametrize("tags", [{"pixel_format": "yuvj420p"}, {"color_range": 2}])
def test_full_range_is_not_stretched(tags: dict):
    frame = flat((100, 128, 128), colorspace=1, **tags)
    ((_, rgb),) = upright_rgb([frame], Geometry(64, 64))
    assert difference(rgb, np.full_like(rgb, 100)) <= 1
    (encoded,) = upright([frame], Geometry(64, 64))
    assert abs(int(encoded.to_ndarray()[0, 0]) - (16 + 100 * 219 / 255)) <= 1


@pytest.mark.parametrize(
    "name",
    [
        "hostile/made_dev/interlaced_tff_pal_sar.mpg",
        "hostile/made_dev/resolution_changes_midway.ts",
        "hostile/made_dev/odd_size_641x359_444.mp4",
        "hostile/made_dev/sdr_10bit_hevc.mp4",
        "hostile/made_dev/one_frame.mp4",
        "hostile/sample_android_slow_motion.mp4",
    ],
)
def test_one_picture_comes_out_for_each_frame_with_its_time(media_dir: Path, name: str):
    path = media_dir / name
    index = read_index(path)
    geometry = read_geometry(path, index)
    out = list(upright(decode_frames(path, index), geometry))
    assert [frame.pts for frame in out] == index.pts.tolist()
    assert {frame.time_base for frame in out} == {index.time_base}
    assert {(f.width, f.height, f.format.name) for f in out} == {
        (*fit_size(*geometry.shown_size), "yuv420p")
    }


def test_both_halves_of_a_change_of_size_show_the_same_film(media_dir: Path):
    pictures = list(
        rgb_pictures(media_dir / "hostile/made_dev/resolution_changes_midway.ts").values()
    )
    assert {p.shape for p in pictures} == {(360, 640, 3)}
    assert abs(pictures[47].mean() - pictures[48].mean()) < 12


def combing(rgb: np.ndarray) -> float:
    """How much lines differ from the mean of both neighbours."""
    luma = rgb[..., 1].astype(int)
    return float(np.abs(luma[1:-1] - (luma[:-2] + luma[2:]) / 2).mean())


def test_interlaced_pictures_lose_their_combs(media_dir: Path):
    path = media_dir / "hostile/made_dev/interlaced_tff_pal_sar.mpg"
    index = read_index(path)
    geometry = read_geometry(path, index)
    weaved = Geometry(geometry.width_px, geometry.height_px)
    frames = list(decode_frames(path, index))[30:60]
    combed = [combing(rgb) for _, rgb in upright_rgb(frames, weaved)]
    clean = [combing(rgb) for _, rgb in upright_rgb(frames, geometry, (720, 576))]
    assert max(combed) > 2 * max(clean)


@pytest.mark.parametrize(
    "name",
    ["hostile/made_dev/interlaced_tff_pal_sar.mpg", "hostile/made_dev/vfr.mp4"],
)
def test_single_pictures_are_those_of_the_whole_pass(media_dir: Path, name: str):
    path = media_dir / name
    index = read_index(path)
    whole = rgb_pictures(path)
    wanted = index.pts[[1, 2, 20, 22, 40, 60]].tolist()
    single = dict(read_pictures(path, wanted, index=index))
    assert list(single) == wanted
    for pts in wanted:
        assert np.array_equal(single[pts], whole[pts])


@pytest.mark.parametrize(
    "name", ["hdr_uhd/hdr10_hevc_1080p_vfr.mp4", "hdr_uhd/hlg_hevc_1080p_editlist.mp4"]
)
def test_high_dynamic_range_comes_out_as_sdr_in_both_kinds_of_output(media_dir: Path, name: str):
    path = media_dir / name
    index = read_index(path)
    geometry = read_geometry(path, index)
    size = fit_size(*geometry.shown_size, max_height=180)
    frames = [frame for _, frame in zip(range(2), decode_frames(path, index), strict=False)]
    pictures = [rgb for _, rgb in upright_rgb(frames, geometry, size)]
    encoded = list(upright(frames, geometry, size))
    assert len(pictures) == len(encoded) == 2
    for rgb, frame in zip(pictures, encoded, strict=True):
        assert rgb.dtype == np.uint8
        assert rgb.shape == (size[1], size[0], 3)
        assert np.percentile(rgb, 1) < 60, "darks are dark"
        assert np.percentile(rgb, 99) > 220, "lights are light"
        assert (frame.format.name, frame.color_trc, frame.color_primaries) == ("yuv420p", 1, 1)
        ((_, back),) = upright_rgb([frame], Geometry(*size))
        assert difference(back, rgb) < 4


@pytest.mark.parametrize(
    "name", ["hostile/made_dev/base.mp4", "hostile/made_dev/interlaced_tff_pal_sar.mpg"]
)
def test_frames_do_not_pile_up_in_memory(media_dir: Path, name: str):
    path = media_dir / name
    index = read_index(path)
    geometry = read_geometry(path, index)
    gc.collect()
    gc.disable()
    try:
        alive = [
            sum(type(thing) is av.VideoFrame for thing in gc.get_objects())
            for number, _ in enumerate(upright(decode_frames(path, index), geometry))
            if number % 30 == 0
        ]
    finally:
        gc.enable()
    assert max(alive) <= alive[0] + 8


@given(st.integers(2, 8000), st.integers(2, 8000), st.integers(2, 2000))
def test_fitted_sizes_are_even_never_larger_and_keep_the_aspect(
    width: int, height: int, limit: int
):
    fitted_width, fitted_height = fit_size(width, height, limit)
    assert fitted_width % 2 == fitted_height % 2 == 0
    assert 2 <= fitted_width <= width
    assert 2 <= fitted_height <= min(height, limit)
    scale = min(1, limit / height)
    assert abs(fitted_height - height * scale) < 2
    assert abs(fitted_width - width * scale) < 2 or fitted_width == 2


@pytest.mark.parametrize(
    ("size", "fitted"),
    [
        ((1920, 1080), (1280, 720)),
        ((641, 359), (640, 358)),
        ((768, 576), (768, 576)),
        ((1080, 1920), (406, 720)),
        ((7680, 4320), (1280, 720)),
    ],
)
def test_fitted_sizes_of_known_formats(size: tuple[int, int], fitted: tuple[int, int]):
    assert fit_size(*size) == fitted
