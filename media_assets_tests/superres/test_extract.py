"""A window becomes files or the reason why not."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from av import VideoFrame

from media_assets.media import color
from media_assets.media.index import read_index
from media_assets.media.picture import read_geometry, read_pictures
from media_assets.media.windows import WindowReader
from media_assets.superres.extract import extract_window
from media_assets.superres.patch import Outcome, Patch, Source
from media_assets.superres.settings import PatchSettings
from media_assets_tests.superres.pictures import Picture, frames_of, moving, patch, source

SETTINGS = PatchSettings()
WINDOW = moving()


def extracted(
    home: Path,
    pictures: list[Picture] = WINDOW,
    patches: tuple[Patch, ...] = (patch(40, 30),),
    src: Source | None = None,
    settings: PatchSettings = SETTINGS,
) -> list[Outcome]:
    root = home / "exports/superres"
    return extract_window(frames_of(pictures), patches, src or source(), settings, root, home)


def picture(home: Path, path: str | None) -> Picture:
    assert path is not None
    return cv2.imread(str(home / path))[..., ::-1]


def files(home: Path) -> dict[str, bytes]:
    return {p.relative_to(home).as_posix(): p.read_bytes() for p in home.rglob("*") if p.is_file()}


def test_ground_truth_is_the_crop_of_the_middle_frame(tmp_path: Path) -> None:
    (outcome,) = extracted(tmp_path)
    assert (outcome.status, outcome.reason) == ("written", None)
    truth = picture(tmp_path, outcome.gt_path)
    expected = WINDOW[3][30:570, 40:580]
    assert truth.shape == (540, 540, 3)
    # YCbCr of 8 bits does not hold every colour.
    assert np.abs(truth.astype(int) - expected).max() <= 3


def test_low_resolution_frames_are_stacked_around_the_middle(tmp_path: Path) -> None:
    (outcome,) = extracted(tmp_path, settings=PatchSettings(gt_frames="all"))
    five, seven = picture(tmp_path, outcome.lr5_path), picture(tmp_path, outcome.lr7_path)
    assert (five.shape, seven.shape) == ((900, 180, 3), (1260, 180, 3))
    assert np.array_equal(five, seven[180:1080])
    truths = picture(tmp_path, outcome.gt7_path).reshape(7, 540, 540, 3)
    assert np.array_equal(truths[3], picture(tmp_path, outcome.gt_path))
    for n, (truth, shown) in enumerate(zip(truths, WINDOW, strict=True)):
        assert np.abs(truth.astype(int) - shown[30:570, 40:580]).max() <= 3
        low = cv2.resize(truth, (180, 180), interpolation=cv2.INTER_LANCZOS4)
        assert np.array_equal(seven[180 * n : 180 * (n + 1)], low)


def test_the_row_names_the_files_and_their_size(tmp_path: Path) -> None:
    (outcome,) = extracted(tmp_path)
    there = files(tmp_path)
    assert {outcome.gt_path, outcome.lr5_path, outcome.lr7_path} == set(there)
    assert outcome.bytes == sum(map(len, there.values()))
    assert outcome.gt7_path is None


def test_the_same_window_gives_the_same_bytes(tmp_path: Path) -> None:
    assert extracted(tmp_path / "a") == extracted(tmp_path / "b")
    assert files(tmp_path / "a") == files(tmp_path / "b")


def test_one_window_serves_two_categories_each_with_its_crop(tmp_path: Path) -> None:
    wide = patch(0, 100, fmt="medium_169", category="toon")
    outcomes = extracted(tmp_path, patches=(patch(40, 30), wide))
    assert [o.status for o in outcomes] == ["written", "written"]
    shapes = [picture(tmp_path, o.gt_path).shape[:2] for o in outcomes]
    assert shapes == [(540, 540), (405, 720)]


@pytest.mark.parametrize("kept", [0, 3, 6])
def test_a_window_that_lacks_frames_is_damaged(tmp_path: Path, kept: int) -> None:
    (outcome,) = extracted(tmp_path, WINDOW[:kept])
    assert (outcome.status, outcome.reason) == ("rejected", "damaged")
    assert files(tmp_path) == {}


@pytest.mark.parametrize(
    "stored",
    [
        source(coded_width_px=1440),
        source(pixel_format="yuv420p"),
    ],
)
def test_frames_that_are_stored_otherwise_than_the_master_are_rejected(
    tmp_path: Path, stored: Source
) -> None:
    (outcome,) = extracted(tmp_path, src=stored)
    assert outcome.reason == "format_changed"


def test_a_window_with_a_cut_is_rejected_for_every_patch(tmp_path: Path) -> None:
    outcomes = extracted(
        tmp_path, WINDOW[:4] + moving(seed=9)[4:], (patch(), patch(category="toon"))
    )
    assert [o.reason for o in outcomes] == ["cut_inside"] * 2
    assert files(tmp_path) == {}


def test_a_crop_in_bars_is_rejected_and_one_beside_them_is_not(tmp_path: Path) -> None:
    barred = [picture.copy() for picture in WINDOW]
    for one in barred:
        one[:20] = one[-20:] = 0
    outcomes = extracted(tmp_path, barred, (patch(0, 0), patch(0, 25, category="toon")))
    assert [o.reason for o in outcomes] == ["bars", None]


def test_too_small_a_file_is_never_put_in_place(tmp_path: Path) -> None:
    (outcome,) = extracted(tmp_path, settings=PatchSettings(min_file_size=10**7))
    assert (outcome.reason, outcome.bytes) == ("file_too_small", 0)
    assert files(tmp_path) == {}


def test_every_frame_is_let_go_before_the_next_is_asked_for(tmp_path: Path) -> None:
    others: list[int] = []

    def frames() -> Iterator[tuple[int, VideoFrame]]:
        for number, frame in frames_of(WINDOW):
            yield number, frame
            # Our name for it and that of the function that counts.
            others.append(sys.getrefcount(frame) - 2)

    extract_window(frames(), [patch()], source(), SETTINGS, tmp_path / "superres", tmp_path)
    # frames_of still has the one that it made.
    assert len(others) == 7
    assert len(set(others)) == 1
    assert others[0] <= 1


def test_bars_around_the_area_leave_no_trace_in_chroma(tmp_path: Path) -> None:
    luma, chroma = np.full((600, 720), 16, np.uint8), np.full((2, 300, 360), 128, np.uint8)
    luma[30:570], chroma[:, 15:285] = 100, [[[90]], [[190]]]
    planes = np.concatenate([luma, chroma.reshape(-1, 720)])
    frames = ((n, VideoFrame.from_ndarray(planes, format="yuvj420p")) for n in range(10, 17))
    src = source(area_y_px=30, area_height_px=540, height_px=540, pixel_format="yuvj420p")
    settings, root = PatchSettings(min_file_size=0), tmp_path / "superres"
    (outcome,) = extract_window(frames, [patch()], src, settings, root, tmp_path)
    truth = picture(tmp_path, outcome.gt_path)
    assert (truth == truth[270, 270]).all()


@pytest.mark.parametrize(
    "name",
    [
        "hdr_uhd/hlg_hevc_1080p_editlist.mp4",
        "hdr_uhd/hdr10_av1_1080p60_mdcv_clli.mp4",
        "cartoon_two_characters/penny_and_chip_spring.mp4",
    ],
)
def test_patches_of_real_films_look_as_the_films_do(
    media_dir: Path, tmp_path: Path, name: str
) -> None:
    path = media_dir / name
    index, numbers = read_index(path), tuple(range(40, 47))
    geometry = read_geometry(path, index)
    turned = geometry.transpose
    # Fitting in 1920x1080 as the source's row says.
    size = (608, 1080) if turned else (geometry.width_px, geometry.height_px)
    with WindowReader(path, index) as reader:
        look = color.look_of(next(frame for _, frame in reader.frames([40])), path.name)
        src = source(
            geometry.width_px,
            geometry.height_px,
            pixel_format="yuv420p" if look.hdr == "sdr" else "yuv420p10le",
            transpose=turned,
            mirror_x=geometry.mirror_x,
            mirror_y=geometry.mirror_y,
            width_px=size[0],
            height_px=size[1],
            hdr=look.hdr,
            peak_nits=look.peak * color.NOMINAL_PEAK_NITS,
            matrix=look.matrix,
            range=look.range,
            siting=look.siting,
        )
        place = replace(patch(60, 150), frames=numbers)
        root = tmp_path / "superres"
        (outcome,) = extract_window(reader.frames(numbers), [place], src, SETTINGS, root, tmp_path)
    ((_, whole),) = read_pictures(path, [int(index.pts[43])], geometry, size, index)
    error = picture(tmp_path, outcome.gt_path).astype(float) - whole[150:690, 60:600]
    # 36 dB: the other way of showing it scales and interpolates chroma by another filter.
    assert (error**2).mean() < 255**2 / 10**3.6
