"""How much disk patches will take, told before they are written."""

import math
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import polars as pl

from media_assets.library import Registration
from media_assets.media.index import choose_video_stream, open_media
from media_assets.superres.formats import (
    FIT_HEIGHT_PX,
    FIT_WIDTH_PX,
    FORMATS,
    SCALE,
    WINDOW_FRAMES,
    clean_name,
)
from media_assets.superres.patch import Patch
from media_assets.superres.plan import fitting, window_count
from media_assets.superres.schema import PATCH_PLAN, PATCHES
from media_assets.superres.settings import PatchSettings, PlanSettings
from resources.home import Home
from resources.problems import Unusable
from resources.tables import UNREADABLE, Footer, read_footer, read_made

# PNG as OpenCV writes it by default, ground truth and stacks together, 540-pixel crops: 8 natural
# videos took 0.75 to 1.78 bytes a pixel (mean 1.28), 5 animated ones 0.48 to 1.43 (mean 0.96).
# 004 forecasts 376 GB for 228 gigapixels of its films, 1.65.
BYTES_PER_PIXEL = 1.6
# From how many patches on their own measure is taken.
ENOUGH_PATCHES = 100

# Room that is left to everything else on the disk.
RESERVE_BYTES = 1_000_000_000

# Patches by category and format.
Counts = Mapping[tuple[str, str], float]


@dataclass(frozen=True)
class DiskSpace:
    """Bytes that are still to be written, about, and bytes that are free for them."""

    needed: int
    free: int

    @property
    def fits(self) -> bool:
        return not self.needed or self.needed + RESERVE_BYTES <= self.free

    def __str__(self) -> str:
        return f"about {_readable(self.needed)} to write, {_readable(self.free)} free"


def estimate(
    home: Home, entries: Iterable[Registration], plan: PlanSettings, settings: PatchSettings
) -> DiskSpace:
    """What the patches of these episodes will take, without those that are there already.

    From the plan of an episode where it stands; else from its wishes and the header of its
    master, which knows no bars: rather too much.
    """
    counts: dict[tuple[str, str], float] = defaultdict(float)
    # A folder holds the patches of many masters: each is listed once.
    standing = cache(_standing)
    whole = "GT_7frames" if settings.gt_frames == "all" else "GT"
    for entry in entries:
        if "superres" not in entry.uses:
            continue
        start = f"patch_{clean_name(entry.patch_wishes.title)}"
        for (category, name), count in _planned(home, entry, plan, settings).items():
            if category in settings.roots:
                folder = home.exports / "superres" / settings.roots[category]
                there = standing(folder / FORMATS[name].directory / whole)[start]
                counts[category, name] += max(0, count - there)
    pixels = sum(n * pixels_of(name, settings.gt_frames) for (_, name), n in counts.items())
    return DiskSpace(
        math.ceil(pixels * bytes_per_pixel(home)), free_bytes(home.exports / "superres")
    )


def needed_bytes(patches: Sequence[Patch], settings: PatchSettings, bytes_per_pixel: float) -> int:
    """What the files of these patches will take, about."""
    pixels = sum(pixels_of(patch.format, settings.gt_frames) for patch in patches)
    return math.ceil(pixels * bytes_per_pixel)


def pixels_of(patch_format: str, gt_frames: str) -> int:
    """Pixels in all files of a patch: ground truth, both stacks, all seven where asked for."""
    size = FORMATS[patch_format]
    small = (size.width_px // SCALE) * (size.height_px // SCALE)
    whole = 1 + (WINDOW_FRAMES if gt_frames == "all" else 0)
    return whole * size.width_px * size.height_px + (WINDOW_FRAMES - 2 + WINDOW_FRAMES) * small


def bytes_per_pixel(home: Home) -> float:
    """Measured on the patches that stand in the home's tables, else `BYTES_PER_PIXEL`."""
    tables = sorted((home.tables / PATCHES.name).glob("[!.]*.parquet"))
    if not tables:
        return BYTES_PER_PIXEL
    try:
        written = (
            pl.scan_parquet(tables)
            .filter(pl.col("status") == "written")
            .group_by("format", all=pl.col("gt7_path").is_not_null())
            .agg(pl.len(), pl.col("bytes").sum())
            .collect()
        )
    except UNREADABLE:
        return BYTES_PER_PIXEL
    if written["len"].sum() < ENOUGH_PATCHES:
        return BYTES_PER_PIXEL
    pixels = sum(
        row["len"] * pixels_of(row["format"], "all" if row["all"] else "middle")
        for row in written.iter_rows(named=True)
    )
    return float(written["bytes"].sum() / pixels)


def free_bytes(folder: Path) -> int:
    """Free bytes where `folder` lies, or will lie."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(there).free


def _planned(
    home: Home, entry: Registration, plan: PlanSettings, settings: PatchSettings
) -> Counts:
    """The patches of an episode; none if all that could be made of its plan were made."""
    planned = read_made(home.table(PATCH_PLAN.name, entry.episode_id))
    if planned is None or planned[0].made_from.get("config") != asdict(plan):
        return _wanted(entry, plan)
    footer, rows = planned
    made = read_footer(home.table(PATCHES.name, entry.episode_id))
    if made and _is_of(made, footer, settings):
        return {}
    return Counter(rows.select("category", "format").iter_rows())


def _is_of(patches: Footer, plan: Footer, settings: PatchSettings) -> bool:
    """Whether the patches were made from this plan: what is missing then was given up."""
    inputs = patches.made_from.get("inputs", {})
    same_settings = patches.made_from.get("config") == asdict(settings)
    return inputs.get(PATCH_PLAN.name) == plan.version and same_settings


def _wanted(entry: Registration, plan: PlanSettings) -> Counts:
    """The patches of an episode that is not planned yet."""
    try:
        with open_media(entry.master) as container:
            stream = choose_video_stream(container, entry.relative_path)
            width, height = stream.width, stream.height
            seconds = float(container.duration or 0) / 1e6
            frames = stream.frames or math.ceil(seconds * float(stream.average_rate or 0))
    except (Unusable, OSError):  # nothing will come of it, and the run says why
        return {}
    if not width or not height:
        return {}
    windows = window_count(frames, plan.base_frame_limit) or plan.base_frame_limit
    scale = min(1, FIT_WIDTH_PX / width, FIT_HEIGHT_PX / height)
    size = round(width * scale), round(height * scale)
    return {
        (category, name): windows * weight * share
        for category, weight in entry.patch_wishes.categories.items()
        for name, share in fitting(plan.formats.get(category, {}), size).items()
    }


def _standing(folder: Path) -> Counter[str]:
    """How many patches lie in a folder, by the start of their names."""
    return Counter(path.name.rpartition("_idx")[0] for path in folder.glob("patch_*_idx*.png"))


def _readable(count: float) -> str:
    """Bytes with the unit that suits them, `3.2 GB`.

    >>> _readable(3_210_000_000)
    '3.2 GB'
    """
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 999.5:
            return f"{count:.{int(count < 9.95 and unit != 'bytes')}f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
