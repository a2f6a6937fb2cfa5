"""Pictures of the room's tables for the UI."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from media_assets.library import load
from media_assets.media.index_file import read_frame_index
from media_assets.media.picture import Geometry, read_pictures
from media_assets.previews import sheet, table
from media_assets.superres.formats import WINDOW_FRAMES
from resources.home import Home

if TYPE_CHECKING:
    import numpy as np

# Frames that are looked at, how many of them are shown, and how wide they are decoded.
LOOKS, SHOWN = 8, 3
WIDTH_PX = 480
AREA_COLOR = (255, 0, 255)
# Patches on a contact sheet, and how much is shown of each.
SHEET_PATCHES = 6
SHOWN_PX = 270
TOLD = ("area_x_px", "area_y_px", "area_width_px", "area_height_px", "width_px", "height_px")
TOLD_OF_COLOUR = ("hdr", "peak_nits", "peak_from", "matrix", "range", "assumed")


def area_picture(home: Home, source: pl.DataFrame) -> str:
    """The brightest frames of some spread over the film, with the area drawn, as Markdown.

    They are as they are stored: not turned upright, pixels not squared.
    """
    import cv2

    (row,) = source.iter_rows(named=True)
    index = read_frame_index(home.root / row["index_path"])
    # Entry points cost the decoding of one frame.
    entries = index.seek_pts if len(index.seek_pts) else index.pts
    wanted = sorted({int(entries[(2 * n + 1) * len(entries) // (2 * LOOKS)]) for n in range(LOOKS)})
    stored = row["coded_width_px"], row["coded_height_px"]
    scale = min(1.0, WIDTH_PX / stored[0])
    size = round(stored[0] * scale), round(stored[1] * scale)
    x, y, width, height = (row[name] for name in TOLD[:4])
    first = round(x * scale), round(y * scale)
    last = round((x + width) * scale) - 1, round((y + height) * scale) - 1
    master = load(home, row["episode_id"]).master
    looked_at = list(read_pictures(master, wanted, Geometry(*stored), size, index))
    brightest = sorted(looked_at, key=lambda one: float(one[1].mean()))[-SHOWN:]
    shown = sorted(brightest, key=lambda one: one[0])
    for _, picture in shown:
        cv2.rectangle(picture, first, last, AREA_COLOR, 1)
    labels = [f"{index.seconds_of(pts):.1f} s" for pts, _ in shown]
    told = source.select("coded_width_px", "coded_height_px", *TOLD)
    colour = source.select(*TOLD_OF_COLOUR)
    return "\n\n".join(
        [
            sheet([picture for _, picture in shown], labels, columns=SHOWN),
            table(told),
            table(colour),
        ]
    )


def plan_table(home: Home, plan: pl.DataFrame) -> str:
    """Patches by category and format and the time they are spread over, as Markdown."""
    start = pl.col("start_s")
    counted = (
        plan.group_by("category", "format")
        .agg(patches=pl.len(), first_s=start.min(), median_s=start.median(), last_s=start.max())
        .sort("category", "format")
    )
    windows = f"{plan['window'].n_unique()} windows, {plan.height} patches"
    return "\n\n".join([windows, table(counted, rows=counted.height)])


def patch_sheet(home: Home, patches: pl.DataFrame) -> str:
    """The middle of patches over the film, ground truth and low resolution; counts, as Markdown."""
    written = patches.filter(pl.col("status") == "written")
    shown = written.gather_every(max(1, written.height // SHEET_PATCHES)).head(SHEET_PATCHES)
    pairs = [_pair(home.root, row) for row in shown.iter_rows(named=True)]
    labels = [f"{row['format']}  {row['start_s']:.1f} s" for row in shown.iter_rows(named=True)]
    was_written = pl.col("status") == "written"
    counted = (
        patches.group_by("category", "format")
        .agg(written=was_written.sum(), tried=pl.len(), megabytes=pl.col("bytes").sum() / 1e6)
        .sort("category", "format")
    )
    reasons = patches.drop_nulls("reason").group_by("reason").len("places").sort("reason")
    told = [table(counted, rows=counted.height)] + ([table(reasons)] if reasons.height else [])
    legend = "Left the ground truth, right the same frame in low resolution, enlarged."
    return "\n\n".join([sheet(pairs, labels, columns=2), legend, *told])


def _pair(root: Path, row: dict[str, Any]) -> "np.ndarray":
    """The middle of a patch's ground truth and of the same frame in low resolution, as large."""
    import cv2
    import numpy as np

    truth, stack = (cv2.imread(str(root / row[kind])) for kind in ("gt_path", "lr7_path"))
    if truth is None or stack is None:
        raise FileNotFoundError(row["gt_path"])
    height = stack.shape[0] // WINDOW_FRAMES
    low = stack[WINDOW_FRAMES // 2 * height :][:height]
    low = cv2.resize(low, truth.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    x, y = ((length - SHOWN_PX) // 2 for length in truth.shape[1::-1])
    both = [picture[y : y + SHOWN_PX, x : x + SHOWN_PX] for picture in (truth, low)]
    return np.hstack(both)[..., ::-1]
