"""How much disk patches will take."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assets.library import PatchWishes, Registration
from media_assets.superres.formats import FORMATS
from media_assets.superres.patch import Outcome, Patch
from media_assets.superres.schema import PATCH_PLAN, PATCHES
from media_assets.superres.settings import PatchSettings, PlanSettings
from media_assets.superres.space import (
    BYTES_PER_PIXEL,
    RESERVE_BYTES,
    DiskSpace,
    bytes_per_pixel,
    estimate,
    free_bytes,
    needed_bytes,
    pixels_of,
)
from resources.home import Home
from resources.tables import Footer, write_table

EPISODE = "one"
# Ground truth, five and seven frames of a ninth of its pixels.
SMALL_PX = 540 * 540 + 12 * 180 * 180


def patch(window: int, category: str = "toon", name: str = "small_540") -> Patch:
    size = FORMATS[name]
    frames = tuple(range(7 * window, 7 * window + 7))
    place = (frames[0], frames[0], frames[0] / 24, frames)
    crop = (0, 0, size.width_px, size.height_px)
    return Patch(EPISODE, window, category, name, *place, *crop, f"patch_x_idx{window}.png", "d")


def entry(master: Path, **categories: float) -> Registration:
    wishes = PatchWishes("A film", categories or {"toon": 1.0})
    return Registration(EPISODE, master, master.parent, ("superres",), patches=wishes)


def put_plan(home: Home, settings: PlanSettings, *patches: Patch) -> None:
    frame = PATCH_PLAN.frame(
        {k: v for k, v in (asdict(p) | {"frames": list(p.frames)}).items() if k != "attempt"}
        for p in patches
    )
    footer = Footer(
        PATCH_PLAN.name, "key", "v1", frame.height, made_from={"config": asdict(settings)}
    )
    write_table(home.table(PATCH_PLAN.name, EPISODE), frame, footer)


def put_patches(home: Home, outcomes: list[Outcome], **made_from: Any) -> None:
    frame = PATCHES.frame(outcome.row() | {"row_key": "k"} for outcome in outcomes)
    footer = Footer(PATCHES.name, "key", "v1", frame.height, made_from=made_from)
    write_table(home.table(PATCHES.name, EPISODE), frame, footer)


def written(count: int, size: int, gt7_path: str | None = None) -> list[Outcome]:
    return [Outcome(patch(n), "written", gt7_path=gt7_path, bytes=size) for n in range(count)]


def test_a_patch_has_its_ground_truth_and_twelve_ninths_of_it() -> None:
    assert pixels_of("small_540", "middle") == SMALL_PX
    assert pixels_of("medium_169", "middle") == 720 * 405 + 12 * 240 * 135
    assert pixels_of("small_540", "all") == SMALL_PX + 7 * 540 * 540


def test_what_a_list_of_patches_needs() -> None:
    patches = [patch(0), patch(1), patch(2, name="medium_169")]
    pixels = 2 * SMALL_PX + 720 * 405 + 12 * 240 * 135
    assert needed_bytes(patches, PatchSettings(), 2.0) == 2 * pixels
    assert needed_bytes([], PatchSettings(), 2.0) == 0


@pytest.mark.parametrize("picture", ["noise", "flat"])
def test_no_png_is_larger_than_three_bytes_a_pixel_by_much(picture: str) -> None:
    """So that no measure can be far above it."""
    import cv2

    noise = np.random.default_rng(0).integers(0, 256, (540, 540, 3), dtype=np.uint8)
    pixels = noise if picture == "noise" else np.full_like(noise, 128)
    encoded = cv2.imencode(".png", pixels)[1]
    assert encoded.size < 3.01 * 540 * 540
    assert BYTES_PER_PIXEL < 3


def test_the_measure_is_that_of_the_homes_own_patches_once_there_are_enough(home: Home) -> None:
    assert bytes_per_pixel(home) == BYTES_PER_PIXEL
    put_patches(home, written(99, SMALL_PX))
    assert bytes_per_pixel(home) == BYTES_PER_PIXEL
    rejected = [Outcome(patch(200 + n), "rejected", "black") for n in range(50)]
    put_patches(home, [*written(100, SMALL_PX), *rejected])
    assert bytes_per_pixel(home) == 1.0
    put_patches(home, written(100, 2 * (SMALL_PX + 7 * 540 * 540), gt7_path="x"))
    assert bytes_per_pixel(home) == 2.0


def test_a_damaged_table_is_no_measure(home: Home) -> None:
    put_patches(home, written(100, 5 * SMALL_PX))
    home.table(PATCHES.name, "two").write_bytes(b"PAR1 half a file")
    assert bytes_per_pixel(home) == BYTES_PER_PIXEL


def test_a_plan_that_stands_is_counted_patch_by_patch(home: Home, tmp_path: Path) -> None:
    put_plan(home, PlanSettings(), patch(0), patch(1), patch(1, "space", "fullhd_1920"))
    space = estimate(home, [entry(tmp_path / "gone.mkv")], PlanSettings(), PatchSettings())
    pixels = 2 * SMALL_PX + 1920 * 1080 + 12 * 640 * 360
    assert space.needed == pytest.approx(pixels * BYTES_PER_PIXEL, abs=1)
    assert space.free > 0


def test_what_stands_on_the_disk_is_not_needed_again(home: Home, tmp_path: Path) -> None:
    put_plan(home, PlanSettings(), patch(0), patch(1), patch(2, "general"))
    gt = home.exports / "superres/Toon/ToonModel/Learn/Patches/GT"
    gt.mkdir(parents=True)
    (gt / "patch_A_film_idx0.png").touch()
    (gt / "patch_A_film_2_idx0.png").touch()
    (gt / "patch_Another_film_idx1.png").touch()
    (gt / ".patch_A_film_idx1.png.part").touch()
    space = estimate(home, [entry(tmp_path / "a.mkv")], PlanSettings(), PatchSettings())
    assert space.needed == pytest.approx(2 * SMALL_PX * BYTES_PER_PIXEL, abs=1)


def test_patches_that_lack_their_seven_frames_are_still_to_be_written(
    home: Home, tmp_path: Path
) -> None:
    put_plan(home, PlanSettings(), patch(0))
    folder = home.exports / "superres/Toon/ToonModel/Learn/Patches"
    settings = PatchSettings(gt_frames="all")
    for kind, needed in (("GT", SMALL_PX + 7 * 540 * 540), ("GT_7frames", 0)):
        (folder / kind).mkdir(parents=True)
        (folder / kind / "patch_A_film_idx0.png").touch()
        space = estimate(home, [entry(tmp_path / "a.mkv")], PlanSettings(), settings)
        assert space.needed == pytest.approx(needed * BYTES_PER_PIXEL, abs=1)


def test_patches_that_were_given_up_are_not_waited_for(home: Home, tmp_path: Path) -> None:
    put_plan(home, PlanSettings(), patch(0), patch(1))
    rejected = [Outcome(patch(n), "rejected", "black") for n in range(2)]
    made_from = {"inputs": {PATCH_PLAN.name: "v1"}, "config": asdict(PatchSettings())}
    put_patches(home, rejected, **made_from)
    entries = [entry(tmp_path / "a.mkv")]
    assert estimate(home, entries, PlanSettings(), PatchSettings()).needed == 0
    other = PatchSettings(scene_diff_threshold=90)
    assert estimate(home, entries, PlanSettings(), other).needed > 0


def test_without_a_plan_the_header_tells_windows_and_formats(home: Home, media_dir: Path) -> None:
    film = media_dir / "animation" / "big_buck_bunny_0_30_720p.webm"  # 720 frames of 1280x720
    few = PlanSettings(base_frame_limit=20, formats={"toon": {"small_540": 1.0}})
    some = estimate(home, [entry(film)], few, PatchSettings())
    assert some.needed == pytest.approx(20 * SMALL_PX * BYTES_PER_PIXEL, rel=1e-6)
    many = PlanSettings(base_frame_limit=3000, formats={"toon": {"small_540": 1.0}})
    all_of_it = estimate(home, [entry(film)], many, PatchSettings())
    assert all_of_it.needed == pytest.approx(102 * SMALL_PX * BYTES_PER_PIXEL, rel=0.02)
    # Full HD does not fit; the small ones take its share.
    large = PlanSettings(20, 20, {"toon": {"small_540": 0.5, "fullhd_1920": 0.5}})
    assert estimate(home, [entry(film)], large, PatchSettings()).needed == some.needed


def test_a_plan_of_other_settings_does_not_count(home: Home, media_dir: Path) -> None:
    put_plan(home, PlanSettings(base_frame_limit=1), patch(0))
    film = media_dir / "animation" / "big_buck_bunny_0_30_720p.webm"
    space = estimate(home, [entry(film)], PlanSettings(base_frame_limit=50), PatchSettings())
    assert space.needed > 40 * SMALL_PX * BYTES_PER_PIXEL


def test_masters_of_which_nothing_will_come_take_nothing(home: Home, media_dir: Path) -> None:
    hostile = media_dir / "hostile"
    masters = [
        hostile / "made_dev" / "zero_byte.mp4",
        hostile / "made_dev" / "audio_only.m4a",
        hostile / "sample_malformed_free_box.mp4",
        hostile / "bear-vp9-odd-dimensions.webm",  # smaller than any format
        hostile / "gone.mkv",
    ]
    entries = [entry(master) for master in masters]
    entries.append(Registration("two", media_dir / "x.mkv", media_dir, ("video",)))
    assert estimate(home, entries, PlanSettings(), PatchSettings()).needed == 0


def test_free_space_is_that_of_the_nearest_folder_that_is_there(tmp_path: Path) -> None:
    assert free_bytes(tmp_path / "not" / "yet") == pytest.approx(free_bytes(tmp_path), rel=0.5)


def test_what_fits_leaves_room_to_others() -> None:
    """The estimate before the run and the stop within it are of one mind."""
    assert DiskSpace(1, RESERVE_BYTES + 1).fits
    assert not DiskSpace(2, RESERVE_BYTES + 1).fits
    assert DiskSpace(0, 0).fits


def test_it_is_told_in_units_that_suit() -> None:
    assert str(DiskSpace(3_210_000_000, 120_400_000_000)) == "about 3.2 GB to write, 120 GB free"
    assert str(DiskSpace(512, 1_500_000_000_000)) == "about 512 bytes to write, 1.5 TB free"


@given(st.integers(0, 10**16))
def test_the_number_told_is_within_a_twentieth(count: int) -> None:
    number, unit = str(DiskSpace(count, 0)).removeprefix("about ").split(" to ")[0].split()
    factor = {"bytes": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12}[unit]
    assert float(number) * factor == pytest.approx(count, rel=0.05)
