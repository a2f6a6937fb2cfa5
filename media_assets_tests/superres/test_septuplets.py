import random
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import polars as pl
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from media_assets.superres.formats import FORMATS, MIDDLE, SCALE
from media_assets.superres.schema import PATCHES, SEPTUPLETS
from media_assets.superres.septuplets import (
    CROP_PX,
    clip_name,
    folder,
    missing_files,
    torn_clips,
    write_septuplets,
)
from media_assets_tests.superres.patch_home import Row, planned, put, rejected, written
from resources.home import ALL, Home

HEIGHT, WIDTH = 90, 120


@pytest.fixture(scope="module")
def film(media_dir: Path) -> NDArray[np.uint8]:
    """Consecutive frames of a real film, BGR: (frames, rows, columns, 3)."""
    video = cv2.VideoCapture(str(media_dir / "animation" / "big_buck_bunny_0_30_720p.webm"))
    frames = [video.read()[1] for _ in range(40)]
    video.release()
    return np.stack(frames)[12:]


def extracted(home: Home, film: NDArray[np.uint8], row: Row, x: int = 0) -> Row:
    """A patch that stands, its stacks cut from the film as `patches` cuts them."""
    gt = film[row["window"] : row["window"] + 7, 300 : 300 + HEIGHT, 400 + x : 400 + x + WIDTH]
    small = [
        cv2.resize(f, (WIDTH // SCALE, HEIGHT // SCALE), interpolation=cv2.INTER_LANCZOS4)
        for f in gt
    ]
    made = written(row) | {"crop_width_px": WIDTH, "crop_height_px": HEIGHT}
    made["gt7_path"] = made["gt_path"].replace("/GT/", "/GT_7frames/")
    for column in ("gt_path", "lr7_path", "gt7_path"):
        # In one folder per episode, because all test films are called x.
        made[column] = f"{Path(made[column]).parent}/{row['episode_id']}-{row['window']}.png"
        (home.root / made[column]).parent.mkdir(parents=True, exist_ok=True)
    pictures = {"gt_path": gt[MIDDLE], "lr7_path": np.vstack(small), "gt7_path": np.vstack(gt)}
    for column, picture in pictures.items():
        assert cv2.imwrite(str(home.root / made[column]), picture)
    return made


def patches_of(home: Home, film: NDArray[np.uint8], episode: str, windows: int) -> list[Row]:
    rows = [row | {"episode_id": episode} for row in planned(windows)]
    return [extracted(home, film, row) for row in rows]


def scan(home: Home, *episodes: list[Row]) -> pl.LazyFrame:
    for rows in episodes:
        put(home, PATCHES, rows[0]["episode_id"], rows)
    return pl.scan_parquet([home.table(PATCHES.name, e[0]["episode_id"]) for e in episodes])


def as_basicsr_reads(
    opt: dict[str, Any], index: int
) -> tuple[list[NDArray[np.uint8]], list[NDArray[np.uint8]], str]:
    """Low resolution, ground truth and key, by the rules of BasicSR 1.4.2's Vimeo90K datasets."""
    with Path(opt["meta_info_file"]).open() as lines:
        keys = [text.split(" ")[0] for text in lines]
    neighbors = [i + (9 - opt["num_frame"]) // 2 for i in range(opt["num_frame"])]
    clip, sequence = keys[index].split("/")
    gt_root, lq_root = Path(opt["dataroot_gt"]), Path(opt["dataroot_lq"])
    all_of_them = opt["type"] == "Vimeo90KRecurrentDataset"
    gts = [
        cv2.imread(str(gt_root / clip / sequence / f"im{i}.png"))
        for i in (neighbors if all_of_them else [4])
    ]
    lqs = [cv2.imread(str(lq_root / clip / sequence / f"im{i}.png")) for i in neighbors]
    small = opt["gt_size"] // opt["scale"]
    for gt, lq in ((gt, lq) for gt in gts for lq in lqs):
        assert gt.shape[:2] == (lq.shape[0] * opt["scale"], lq.shape[1] * opt["scale"])
        assert min(lq.shape[:2]) >= small
    top = random.Random(index).randint(0, lqs[0].shape[0] - small)
    left = random.Random(index).randint(0, lqs[0].shape[1] - small)
    lqs = [lq[top : top + small, left : left + small] for lq in lqs]
    side, top, left = opt["gt_size"], top * opt["scale"], left * opt["scale"]
    return lqs, [gt[top : top + side, left : left + side] for gt in gts], keys[index]


def options(home: Home, **given: Any) -> dict[str, Any]:
    """The options file as BasicSR reads it, run from the export's folder."""
    told = yaml.safe_load((folder(home) / "basicsr.yml").read_text())
    train: dict[str, Any] = told["datasets"]["train"] | {"scale": told["scale"]}
    for key in ("dataroot_gt", "dataroot_lq", "meta_info_file"):
        train[key] = str(folder(home) / train[key])
    return train | given


def state(home: Home) -> dict[str, tuple[int, int]]:
    """Every file of the export with its identity: one that is written anew gets another."""
    return {
        str(path.relative_to(folder(home))): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in folder(home).rglob("*")
        if path.is_file()
    }


def test_basicsr_finds_the_frames_of_every_stack(home: Home, film: NDArray[np.uint8]):
    rows = patches_of(home, film, "Film-A", 3)
    export = write_septuplets(home, scan(home, rows))
    assert (export.placed, export.removed, export.table.height) == (3, 0, 3)
    opt = options(home, gt_size=90)
    for index, row in enumerate(rows):
        lqs, gts, key = as_basicsr_reads(opt, index)
        assert key == f"general-Film-A/{row['window']:05d}"
        assert {lq.shape for lq in lqs} == {(30, 30, 3)}
        assert {gt.shape for gt in gts} == {(90, 90, 3)}
        for side, column in (("GT", "gt7_path"), ("LQ", "lr7_path")):
            stack = np.split(cv2.imread(str(home.root / row[column])), 7)
            for number, frame in enumerate(stack, start=1):
                path = folder(home) / side / key / f"im{number}.png"
                assert np.array_equal(cv2.imread(str(path)), frame)
        _, middle, _ = as_basicsr_reads(opt | {"type": "Vimeo90KDataset", "num_frame": 5}, index)
        assert len(middle) == 1
        gt = cv2.imread(str(home.root / row["gt_path"]))
        assert np.array_equal(cv2.imread(str(folder(home) / "GT" / key / "im4.png")), gt)


def test_the_meta_file_has_a_line_per_clip_with_frames_and_shape(
    home: Home, film: NDArray[np.uint8]
):
    write_septuplets(home, scan(home, patches_of(home, film, "Film-A", 2)))
    assert (folder(home) / "meta_info_train_GT.txt").read_text() == (
        "general-Film-A/00000 7 (90,120,3)\ngeneral-Film-A/00001 7 (90,120,3)\n"
    )


def test_the_crop_of_the_options_fits_every_format_and_the_scale():
    assert CROP_PX % SCALE == 0
    assert all(min(f.width_px, f.height_px) >= CROP_PX for f in FORMATS.values())


def test_what_has_not_changed_is_not_written_again(home: Home, film: NDArray[np.uint8]):
    rows = patches_of(home, film, "Film-A", 2)
    write_septuplets(home, scan(home, rows))
    before = state(home)
    assert write_septuplets(home, scan(home, rows)).placed == 0
    assert state(home) == before


def test_a_new_episode_leaves_the_names_and_files_of_others(home: Home, film: NDArray[np.uint8]):
    rows = patches_of(home, film, "Film-B", 2)
    write_septuplets(home, scan(home, rows))
    before = state(home)
    earlier = patches_of(home, film, "A-Film", 2)
    export = write_septuplets(home, scan(home, rows, earlier))
    assert (export.placed, export.table.height) == (2, 4)
    after = state(home)
    frames = [name for name in before if name.endswith(".png")]
    assert len(frames) == 2 * 14
    assert {name: after[name] for name in frames} == {name: before[name] for name in frames}


def test_a_changed_stack_is_split_again_alone(home: Home, film: NDArray[np.uint8]):
    rows = patches_of(home, film, "Film-A", 3)
    write_septuplets(home, scan(home, rows))
    before = state(home)
    rows[1] = extracted(home, film, rows[1], x=60)
    assert write_septuplets(home, scan(home, rows)).placed == 1
    after = state(home)
    changed = {name for name in after if after[name] != before[name]}
    assert {name.split("/")[2] for name in changed} == {"00001"}
    shown = cv2.imread(str(folder(home) / "GT/general-Film-A/00001/im4.png"))
    assert np.array_equal(shown, cv2.imread(str(home.root / rows[1]["gt_path"])))


def test_what_no_longer_stands_goes(home: Home, film: NDArray[np.uint8]):
    rows = patches_of(home, film, "Film-A", 2)
    write_septuplets(home, scan(home, rows))
    export = write_septuplets(home, scan(home, [rows[0], rejected(rows[1])]))
    assert (export.placed, export.removed) == (0, 1)
    assert {name.split("/")[2] for name in state(home) if name.endswith(".png")} == {"00000"}


def test_without_seven_frames_of_ground_truth_nothing_is_left(home: Home, film: NDArray[np.uint8]):
    rows = patches_of(home, film, "Film-A", 2)
    write_septuplets(home, scan(home, rows))
    export = write_septuplets(home, scan(home, [row | {"gt7_path": None} for row in rows]))
    assert export.table.is_empty()
    assert state(home) == {}


def test_a_clip_that_was_torn_is_missed_and_mended(home: Home, film: NDArray[np.uint8]):
    rows = patches_of(home, film, "Film-A", 3)
    export = write_septuplets(home, scan(home, rows))
    put(home, SEPTUPLETS, ALL, export.table.to_dicts())
    assert missing_files(home) == []
    (folder(home) / "LQ/general-Film-A/00001/im5.png").unlink()
    shutil.rmtree(folder(home) / "GT/general-Film-A/00000")
    (folder(home) / "basicsr.yml").unlink()
    torn = ["GT/general-Film-A/00000", "LQ/general-Film-A/00001"]
    assert torn_clips(home, export.table["clip"]) == torn
    assert missing_files(home) == ["basicsr.yml", *torn]
    assert write_septuplets(home, scan(home, rows)).placed == 2
    assert missing_files(home) == []


def test_a_stack_that_is_gone_is_named(home: Home, film: NDArray[np.uint8]):
    rows = patches_of(home, film, "Film-A", 1)
    (home.root / rows[0]["gt7_path"]).unlink()
    with pytest.raises(FileNotFoundError, match="GT_7frames"):
        write_septuplets(home, scan(home, rows))


CATEGORIES = st.text(min_size=1, max_size=8)
EPISODES = st.from_regex(r"[A-Za-z0-9_-]{1,12}", fullmatch=True)


@given(CATEGORIES, EPISODES, st.integers(0, 10**6))
def test_a_clip_is_two_levels_that_basicsr_can_split(category: str, episode: str, window: int):
    name = clip_name(category, episode, window)
    assert len(name.split("/")) == 2
    assert f"{name} 7 (90,120,3)\n".split(" ")[0] == name
    assert "." not in name


@given(*[st.tuples(st.sampled_from(("a", "a_b", "space")), EPISODES, st.integers(0, 99))] * 2)
def test_no_two_patches_share_a_clip(one: tuple[str, str, int], other: tuple[str, str, int]):
    assert (clip_name(*one) == clip_name(*other)) == (one == other)
