"""The tables of `superres/`."""

import polars as pl

from resources.tables import Column, TableSchema

EPISODE = Column(pl.String, "The episode.")
WINDOW = Column(pl.Int64, "Number of the window in the master, in order of time; `idx` of files.")
CATEGORY = Column(pl.String, "The category that the patch is for.")
FORMAT = Column(pl.String, "The format: small_540, medium_169, large_720 ...")

PATCH_SOURCE = TableSchema(
    "patch_source",
    "What patches are cut from: the picture inside its bars, its colour, its frames; one row.",
    {
        "episode_id": EPISODE,
        "sha256": Column(pl.String, "Hash of the master."),
        "title": Column(pl.String, "Name in files, before it is cleaned."),
        "categories": Column(
            pl.List(pl.Struct({"category": pl.String, "weight": pl.Float64})),
            "Share of the master's windows that each category takes.",
        ),
        "index_path": Column(pl.String, "Times of all frames (NumPy archive), in the home."),
        "frames": Column(pl.Int64, "Frames of the video."),
        "fps": Column(pl.Float64, "Nominal frames per second."),
        "coded_width_px": Column(pl.Int64, "Stored width, bars included."),
        "coded_height_px": Column(pl.Int64, "Stored height, bars included."),
        "area_x_px": Column(pl.Int64, "Left edge of the picture inside its bars, as stored."),
        "area_y_px": Column(pl.Int64, "Upper edge of the picture inside its bars, as stored."),
        "area_width_px": Column(pl.Int64, "Width of the picture inside its bars, as stored."),
        "area_height_px": Column(pl.Int64, "Height of the picture inside its bars, as stored."),
        "pixel_aspect": Column(pl.String, "Width of a stored pixel over its height, `16/15`."),
        "transpose": Column(pl.Boolean, "Whether rows and columns change places to be upright."),
        "mirror_x": Column(pl.Boolean, "Whether left and right then change places."),
        "mirror_y": Column(pl.Boolean, "Whether top and bottom then change places."),
        "width_px": Column(pl.Int64, "Width that crops are taken from: upright, scaled to fit."),
        "height_px": Column(pl.Int64, "Height that crops are taken from."),
        "pixel_format": Column(pl.String, "Pixel format of the decoder."),
        "hdr": Column(pl.String, "sdr, pq or hlg."),
        "peak_nits": Column(pl.Float64, "Brightest light that tone mapping counts on.", True),
        "peak_from": Column(pl.String, "max_cll, mastering or default; null for SDR.", True),
        "matrix": Column(pl.String, "YCbCr matrix in FFmpeg's words."),
        "range": Column(pl.String, "tv or pc."),
        "siting": Column(pl.String, "Where chroma samples lie: left, topleft ..."),
        "assumed": Column(pl.List(pl.String), "What was not tagged: transfer, matrix, range."),
    },
    unique=("episode_id",),
    files=("index_path",),
)

PATCH_TARGETS = TableSchema(
    "patch_targets",
    "How many patches of each category and format a master is to give, and what is left out.",
    {
        "episode_id": EPISODE,
        "category": CATEGORY,
        "format": FORMAT,
        "share": Column(pl.Float64, "Share of the category's patches, after formats were left out"),
        "target": Column(pl.Int64, "Patches planned."),
        "reason": Column(pl.String, "Why there are none, or fewer than asked for.", True),
    },
    unique=("category", "format"),
)

_PLACE = {
    "start_frame": Column(pl.Int64, "First frame of the window."),
    "start_pts": Column(pl.Int64, "Its PTS in the stream's time base."),
    "start_s": Column(pl.Float64, "Its time on the episode's clock."),
    "frames": Column(pl.List(pl.Int64), "The seven frames; the fourth is the ground truth."),
    "crop_x_px": Column(pl.Int64, "Left edge of the crop in the upright picture scaled to fit."),
    "crop_y_px": Column(pl.Int64, "Upper edge of the crop."),
    "crop_width_px": Column(pl.Int64, "Width of the crop, which is the ground truth's."),
    "crop_height_px": Column(pl.Int64, "Height of the crop."),
}

PATCH_PLAN = TableSchema(
    "patch_plan",
    "The patches to be made of a master: for each window and category format, frames and crop.",
    {
        "episode_id": EPISODE,
        "window": WINDOW,
        "category": CATEGORY,
        "format": FORMAT,
        **_PLACE,
        "file_name": Column(pl.String, "`patch_{name}_idx{window}{suffix}.png`."),
        "draw": Column(pl.String, "What its random choices follow from: seed, master, window."),
    },
    unique=("window", "category"),
)

PATCHES = TableSchema(
    "patches",
    "Every place that was tried for a planned patch: the files it gave, or why it was rejected.",
    {
        "episode_id": EPISODE,
        "window": WINDOW,
        "category": CATEGORY,
        "attempt": Column(pl.Int64, "0 is the planned place, 1 and up are others tried after it."),
        "format": FORMAT,
        **_PLACE,
        "status": Column(pl.String, "`written` or `rejected`."),
        "reason": Column(pl.String, "Why it was rejected.", True),
        "gt_path": Column(pl.String, "Ground truth, relative to the home.", True),
        "lr5_path": Column(pl.String, "Five low-resolution frames, stacked.", True),
        "lr7_path": Column(pl.String, "Seven low-resolution frames, stacked.", True),
        "gt7_path": Column(pl.String, "All seven frames of ground truth, if asked for.", True),
        "bytes": Column(pl.Int64, "Size of its files together."),
        "row_key": Column(pl.String, "What the row was made from."),
    },
    unique=("window", "category", "attempt"),
    files=("gt_path", "lr5_path", "lr7_path", "gt7_path"),
)

SUPERRES_REPORT = TableSchema(
    "superres_report",
    "Patches of all masters by category and format against their target, with what was rejected.",
    {
        "category": CATEGORY,
        "format": FORMAT,
        "target": Column(pl.Int64, "Patches planned over all masters."),
        "written": Column(pl.Int64, "Patches that stand."),
        "missing": Column(pl.Int64, "Patches for which every place was rejected."),
        "tried": Column(pl.Int64, "Places tried."),
        "reasons": Column(
            pl.List(pl.Struct({"reason": pl.String, "places": pl.Int64})),
            "Rejected places by reason, most frequent first.",
        ),
        "bytes": Column(pl.Int64, "Size of the files."),
    },
    unique=("category", "format"),
)

SEPTUPLETS = TableSchema(
    "septuplets",
    "Pairs of seven frames as BasicSR reads Vimeo-90K; one row per clip of its meta file.",
    {
        "episode_id": EPISODE,
        "window": WINDOW,
        "category": CATEGORY,
        "format": FORMAT,
        "clip": Column(pl.String, "Folder of the seven frames, as the meta file names it."),
        "width_px": Column(pl.Int64, "Width of the ground truth."),
        "height_px": Column(pl.Int64, "Height of the ground truth."),
    },
    unique=("clip",),
)

EPISODE_TABLES = (PATCH_SOURCE, PATCH_TARGETS, PATCH_PLAN, PATCHES)
LIBRARY_TABLES = (SUPERRES_REPORT, SEPTUPLETS)
TABLES = (*EPISODE_TABLES, *LIBRARY_TABLES)
