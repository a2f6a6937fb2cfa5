"""What is rejected is no training sample, and what is one is kept."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from media_assets.media.index import read_index
from media_assets.media.windows import WindowReader
from media_assets.superres.cut import keep
from media_assets.superres.geometry import place
from media_assets.superres.rejects import holds_cut, reaches_bars, window_reason
from media_assets.superres.settings import PatchSettings
from media_assets_tests.superres.pictures import patch, scene, source

SETTINGS = PatchSettings()


def gray(pictures: list[np.ndarray]) -> np.ndarray:
    return np.stack([cv2.cvtColor(p, cv2.COLOR_RGB2GRAY)[::4, ::4] for p in pictures])


def panned(step: int, seed: int = 0) -> np.ndarray:
    """Seven pictures over which the camera moves by `step` of 180 samples a frame."""
    wide = scene(seed, width=720 + 4 * 7 * step)
    return gray([np.ascontiguousarray(wide[:, 4 * step * n :][:, :720]) for n in range(7)])


STILL = gray([scene()] * 7)


@pytest.mark.parametrize("step", [0, 1, 4])
def test_a_moving_camera_is_no_reason(step: int) -> None:
    assert window_reason(panned(step), SETTINGS) is None


@pytest.mark.parametrize("cut", range(1, 7))
def test_a_cut_between_any_two_frames_is_found(cut: int) -> None:
    window = np.concatenate([panned(2, seed=1)[:cut], panned(2, seed=2)[cut:]])
    assert window_reason(window, SETTINGS) == "cut_inside"


def test_a_flash_of_light_is_no_cut() -> None:
    window = panned(1).copy()
    window[3] = window[3] // 2 + 127
    assert not holds_cut(window)


def test_light_that_changes_by_more_than_the_threshold_is_a_scene_difference() -> None:
    # Six equal steps: no frame stands out.
    window = np.stack([STILL[0] // 2 + np.uint8(8 * n) for n in range(7)])
    assert window_reason(window, SETTINGS) == "scene_difference"
    assert window_reason(window, PatchSettings(scene_diff_threshold=48.1)) is None
    assert window_reason(window, PatchSettings(scene_diff_threshold=48.0)) == "scene_difference"


def test_one_black_frame_makes_a_window_black() -> None:
    window = STILL.copy()
    window[5] = 20
    assert window_reason(window, SETTINGS) == "black"


def test_a_dark_picture_with_a_lamp_is_not_black() -> None:
    window = np.full_like(STILL, 20)
    window[:, :30, :30] = 200
    assert window_reason(window, SETTINGS) is None


def test_a_window_in_which_nothing_moves_is_rejected_only_where_wanted() -> None:
    assert window_reason(STILL, SETTINGS) is None
    assert window_reason(STILL, PatchSettings(reject_static=True)) == "static"
    assert window_reason(panned(1), PatchSettings(reject_static=True)) is None


# Bars of 60 of the 600 lines at the top and as many at the bottom.
BARRED = STILL.copy()
BARRED[:, :15] = BARRED[:, -15:] = 0


@pytest.mark.parametrize(("y", "reaches"), [(0, True), (55, True), (61, False), (100, False)])
def test_a_crop_that_reaches_into_bars_is_found(y: int, reaches: bool) -> None:
    where = place(patch(0, y, (100, 400)), source())
    assert reaches_bars(BARRED, where) is reaches


def test_bars_at_the_sides_of_a_turned_picture_are_above_and_below() -> None:
    # As stored they are above and below; upright at the left and right.
    turned = source(transpose=True, mirror_x=True, width_px=600, height_px=720)
    assert reaches_bars(BARRED, place(patch(30, 100, (400, 400)), turned))
    assert not reaches_bars(BARRED, place(patch(100, 0, (400, 720)), turned))


def test_black_edges_are_no_bars_where_one_frame_shows_a_picture() -> None:
    window = BARRED.copy()
    window[6] = STILL[6]
    assert not reaches_bars(window, place(patch(0, 0, (100, 400)), source()))


def test_a_black_sky_is_no_bar() -> None:
    window = STILL.copy()
    window[:, :60] = 3
    assert not reaches_bars(window, place(patch(0, 0, (100, 400)), source()))


def test_the_labelled_cuts_of_a_film_are_found_and_little_else(media_dir: Path) -> None:
    path = media_dir / "animation/sintel_trailer_720p_vp8_opus.webm"
    labelled = json.loads((media_dir / "shots/sintel_trailer.json").read_text())["hard_cuts"]
    # 404 cuts into a camera that moves fast; 1163 and 1220 are titles on black.
    cuts = [cut for cut in labelled if cut not in (404, 1163, 1220)]
    around = sorted({cut + n for cut in cuts for n in range(-14, 14)})
    src = source(1280, 544, area_y_px=88, coded_height_px=720, pixel_format="yuv420p", range="tv")
    index = read_index(path)
    with WindowReader(path, index) as reader:
        seen = {n: keep(frame, [], src).gray for n, frame in reader.frames(around)}
    assert len(seen) == len(around)

    def found(start: int) -> bool:
        return holds_cut(np.stack([seen[n] for n in range(start, start + 7)]))

    holding = [start for cut in cuts for start in range(cut - 6, cut)]
    none = [start for cut in cuts for start in (*range(cut - 14, cut - 6), *range(cut, cut + 8))]
    none = [start for start in none if not any(start < cut <= start + 6 for cut in labelled)]
    assert [start for start in holding if not found(start)] == []
    # Some follow a fast camera.
    assert sum(map(found, none)) <= 0.05 * len(none)
