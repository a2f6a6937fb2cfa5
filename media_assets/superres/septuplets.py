"""Pairs of seven frames on disk, as BasicSR reads Vimeo-90K.

    GT/<category>-<episode>/<window>/im1.png ... im7.png
    LQ/<category>-<episode>/<window>/im1.png ... im7.png
    meta_info_train_GT.txt    a line per clip: `<clip> 7 (height,width,3)`
    basicsr.yml               the options by which BasicSR reads it

BasicSR takes what stands before the first space of a line for the clip and splits it at its one
`/` (Vimeo90KDataset, Vimeo90KRecurrentDataset). A clip's name follows from its patch alone, so it
stays when other episodes come or go.

Frames come before the file that names them, and stale frames go after.
"""

import os
import shutil
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from media_assets.superres.formats import SCALE, WINDOW_FRAMES, clean_name
from media_assets.superres.schema import SEPTUPLETS
from resources.home import ALL, Home
from resources.tables import atomic_write, read_made

FOLDER = "septuplets"
GT, LQ, META, OPTIONS = "GT", "LQ", "meta_info_train_GT.txt", "basicsr.yml"
FRAMES = tuple(f"im{k}.png" for k in range(1, WINDOW_FRAMES + 1))
# Fits the smallest format and gives low resolution a side that networks can halve twice: 128.
CROP_PX = 384
OPTIONS_TEXT = f"""\
# For BasicSR 1.4: part of an options file for training; paths are relative to this folder.
# Vimeo90KDataset reads the same for networks that give the middle frame (num_frame: 3, 5 or 7).
scale: {SCALE}
datasets:
  train:
    name: {FOLDER}
    type: Vimeo90KRecurrentDataset
    dataroot_gt: {GT}
    dataroot_lq: {LQ}
    meta_info_file: {META}
    io_backend:
      type: disk
    num_frame: {WINDOW_FRAMES}
    gt_size: {CROP_PX}
    random_reverse: false
    flip_sequence: false
    use_hflip: true
    use_rot: true
    num_worker_per_gpu: 6
    batch_size_per_gpu: 4
    dataset_enlarge_ratio: 1
    prefetch_mode: ~
"""


@dataclass(frozen=True)
class Written:
    """The table of the export, how many of its clips are new or changed, how many went."""

    table: pl.DataFrame
    placed: int
    removed: int


def folder(home: Home) -> Path:
    return home.exports / FOLDER


def clip_name(category: str, episode: str, window: int) -> str:
    """Two levels, no space; cleaned categories hold no `-`, so no two patches share a name.

    >>> clip_name("general", "Big-Buck-Bunny", 17)
    'general-Big-Buck-Bunny/00017'
    """
    return f"{clean_name(category)}-{episode}/{window:05d}"


def write_septuplets(home: Home, patches: pl.LazyFrame) -> Written:
    """Write the pairs of all patches that stand and have seven frames of ground truth.

    Raises `FileNotFoundError` naming a stack that a table points to and that is gone.
    """
    standing = (
        patches.filter((pl.col("status") == "written") & pl.col("gt7_path").is_not_null())
        .sort("category", "episode_id", "window")
        .collect()
    )
    root = folder(home)
    rows = list(standing.iter_rows(named=True))
    table = SEPTUPLETS.frame(_row(row) for row in rows)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        placed = sum(pool.map(lambda row: _place(home, root, row), rows))
    if rows:
        lines = "".join(
            f"{clip} {WINDOW_FRAMES} ({height},{width},3)\n"
            for clip, height, width in table.select("clip", "height_px", "width_px").iter_rows()
        )
        _write(root / OPTIONS, OPTIONS_TEXT.encode())
        _write(root / META, lines.encode())
    else:
        for name in (OPTIONS, META):
            (root / name).unlink(missing_ok=True)
    removed = _remove_others(root / GT, set(table["clip"]))
    _remove_others(root / LQ, set(table["clip"]))
    return Written(table, placed, removed)


def missing_files(home: Home) -> list[str]:
    """Clips and files that the table of the export names and that are gone, to be put back."""
    made = read_made(home.table(SEPTUPLETS.name, ALL))
    if made is None or made[1].is_empty():
        return []
    gone = [name for name in (META, OPTIONS) if not (folder(home) / name).exists()]
    return gone + torn_clips(home, made[1]["clip"])


def torn_clips(home: Home, clips: Iterable[str]) -> list[str]:
    """Clips that do not have their seven frames, as `GT/<clip>` or `LQ/<clip>`."""
    root = folder(home)
    sides = [f"{side}/{clip}" for clip in clips for side in (GT, LQ)]
    return [name for name in sides if not _is_whole(root / name)]


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    same = {k: row[k] for k in ("episode_id", "window", "category", "format")}
    return same | {
        "clip": clip_name(row["category"], row["episode_id"], row["window"]),
        "width_px": row["crop_width_px"],
        "height_px": row["crop_height_px"],
    }


def _place(home: Home, root: Path, row: Mapping[str, Any]) -> bool:
    clip = clip_name(row["category"], row["episode_id"], row["window"])
    gt = _split(home, row["gt7_path"], root / GT / clip)
    lq = _split(home, row["lr7_path"], root / LQ / clip)
    return gt or lq


def _split(home: Home, stack: str, target: Path) -> bool:
    """Put the frames of a stack into `target`; whether they were new.

    They keep the time of the stack, by which they are known the next time.
    """
    import cv2
    import numpy as np

    stamp = (home.root / stack).stat().st_mtime_ns
    paths = [target / name for name in FRAMES]
    if all(_stamp(path) == stamp for path in paths):
        return False
    picture = cv2.imread(str(home.root / stack), cv2.IMREAD_COLOR)
    if picture is None:
        raise ValueError(f"{stack} is no picture")
    for path, frame in zip(paths, np.split(picture, WINDOW_FRAMES), strict=True):
        _, png = cv2.imencode(".png", frame)
        _write(path, png.tobytes())
        os.utime(path, ns=(stamp, stamp))
    return True


def _write(path: Path, content: bytes) -> None:
    atomic_write(path, lambda file: file.write(content), unless_equal=True)


def _stamp(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return None


def _clips(side: Path) -> set[str]:
    return {path.relative_to(side).as_posix() for path in side.glob("*/*/")}


def _is_whole(clip: Path) -> bool:
    try:
        return set(FRAMES) <= {path.name for path in clip.iterdir()}
    except FileNotFoundError:
        return False


def _remove_others(side: Path, keep: set[str]) -> int:
    stale = _clips(side) - keep
    for clip in stale:
        shutil.rmtree(side / clip)
    for group in side.glob("*/"):
        if not any(group.iterdir()):
            group.rmdir()
    return len(stale)
