"""The dataset card of the patches, README.md beside them, and the preview in the UI.

No figure in them is written by hand; files are named relative to a root or to the home.
"""

import base64
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

from media_assets.superres.formats import FORMATS, MIDDLE, SCALE, WINDOW_FRAMES
from media_assets.superres.schema import PATCH_PLAN, PATCHES
from media_assets.superres.statistics import KIND
from resources.tables import atomic_write

README = "README.md"
WRITTEN, LEFT = "#3b6ea5", "#d9dde3"
LR_FILTERS = {
    "lanczos4": "OpenCV's INTER_LANCZOS4, which does not filter what it leaves out (aliased)",
    "area": "OpenCV's INTER_AREA, the mean of what it leaves out (not aliased)",
}


def write_card(root: Path, facts: Mapping[str, Any]) -> None:
    text = card(facts).encode()
    atomic_write(root / README, lambda file: file.write(text), unless_equal=True)


def card(facts: Mapping[str, Any]) -> str:
    """README.md: the dataset card."""
    patches, masters = facts["patches"], facts["masters"]
    reasons: Counter[str] = Counter()
    for row in facts["categories"]:
        reasons.update(row["reasons"])
    made_by = facts["settings"].get(PATCHES.name) or [{}]
    kinds = sorted({config.get("lr_filter", "lanczos4") for config in made_by})
    filters = ", or ".join(LR_FILTERS[kind] for kind in kinds)
    low = "LR" if made_by[0].get("naming") == "LR" else "LR_5frames"
    rate = f" {patches['success_rate']:.0%} of them gave one." if patches["tried"] else ""
    sections = [
        "# Super-resolution patches",
        f"{patches['written']:,} of {patches['target']:,} planned patches from {len(masters)} "
        f"masters, {patches['bytes'] / 1e9:,.2f} GB. {patches['missing']:,} found no place, "
        f"{patches['not_tried_yet']:,} were not tried yet. {patches['tried']:,} places were tried."
        + rate,
        "## What lies where",
        f"Per category and format: `GT/`, `{low}/`, `LR_7frames/`, the same file name in each; "
        f"`Val/GT/` is empty, to be filled by hand. A patch is a crop of {WINDOW_FRAMES} "
        f"consecutive frames. `GT` is number {MIDDLE + 1} of them. `LR_7frames` holds all, "
        f"`{low}` numbers 2 to {WINDOW_FRAMES - 1}, each at 1/{SCALE} of the size, stacked, "
        f"earliest on top. PNG, 8-bit R'G'B' of BT.709.",
        f"Low resolution is made of the 8-bit crop by {filters}.",
        _table(
            ("Format", "GT", "LR", "Folder", "Suffix"),
            [
                (
                    name,
                    f"{f.width_px}x{f.height_px}",
                    f"{f.width_px // SCALE}x{f.height_px // SCALE}",
                    f.directory,
                    f.suffix or "none",
                )
                for name, f in FORMATS.items()
            ],
        ),
        "## Patches",
        _table(
            ("Category", "Format", "Target", "Written", "No place", "Places tried", "MB"),
            [
                (
                    *(row["category"], row["format"]),
                    *(f"{row[k]:,}" for k in ("target", "written", "missing", "tried")),
                    f"{row['bytes'] / 1e6:,.1f}",
                )
                for row in facts["categories"]
            ],
        ),
        "## Rejected places",
        _table(
            ("Reason", "Places"),
            [
                (reason, f"{n:,}")
                for reason, n in sorted(reasons.items(), key=lambda i: (-i[1], i[0]))
            ],
        ),
        "## Masters",
        "HDR is tone-mapped to BT.709 with the Mobius curve; the peak is the brightest light it "
        "counts on, and where that is known from. SDR keeps its values.",
        _table(
            (
                *("Title", "File", "sha256", "Rights holder", "Stored", "Cut from", "Light"),
                *("Assumed", "Patches"),
            ),
            [_master_cells(master) for master in masters],
        ),
        "## Settings",
        "Every random choice follows from the seed, the master's hash and the window; the tables "
        f"`{PATCH_PLAN.name}` and `{PATCHES.name}` say frames and crop of every patch.",
        "\n\n".join(
            f"`{name}`: "
            + ("the same for all masters" if len(given) == 1 else f"{len(given)} that differ")
            + "".join(f"\n\n```json\n{json.dumps(one, indent=2)}\n```" for one in given)
            for name, given in facts["settings"].items()
            if given
        ),
        f"Made by {facts['made_by']}.",
    ]
    return "\n\n".join(sections) + "\n"


def preview(table: pl.DataFrame) -> str:
    """The counts as Markdown, and a plot of what is written against its target."""
    rows = [
        (
            *(row["category"], row["format"]),
            *(row[k] for k in ("target", "written", "missing", "tried")),
            ", ".join(f"{r['reason']} {r['places']:,}" for r in row["reasons"]) or "none",
        )
        for row in table.iter_rows(named=True)
    ]
    header = ("Category", "Format", "Target", "Written", "No place", "Tried", "Rejected")
    return f"{_plot(table)}\n\n{_table(header, rows)}\n"


def _plot(table: pl.DataFrame) -> str:
    from matplotlib.figure import Figure

    shown = table.filter(pl.col("target") > 0)
    names = [f"{c} {f}" for c, f in shown.select(KIND).iter_rows()]
    figure = Figure(figsize=(5.6, 0.8 + 0.26 * len(names)), dpi=90, layout="constrained")
    axes = figure.add_subplot()
    axes.barh(names, shown["target"].to_list(), color=LEFT, height=0.7, label="target")
    axes.barh(names, shown["written"].to_list(), color=WRITTEN, height=0.7, label="written")
    axes.invert_yaxis()
    axes.set_xlabel("patches", fontsize=8)
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=8, frameon=False)
    png = BytesIO()
    figure.savefig(png, format="png", metadata={"Software": None})
    return (
        "![patches written against target]"
        f"(data:image/png;base64,{base64.b64encode(png.getvalue()).decode()})"
    )


def _master_cells(master: Mapping[str, Any]) -> tuple[str, ...]:
    light = "SDR"
    if master["hdr"] != "sdr":
        light = (
            f"{master['hdr'].upper()}, peak {master['peak_nits']:g} nits ({master['peak_from']})"
        )
    return (
        master["title"],
        master["path"] or "not known",
        master["sha256"],
        master["rights_holder"] or "not stated",
        f"{master['coded_width_px']}x{master['coded_height_px']}",
        f"{master['width_px']}x{master['height_px']}",
        light,
        ", ".join(master["assumed"]) or "nothing",
        f"{master['written']:,}",
    )


def _table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    if not rows:
        return "None."
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(
        "| " + " | ".join(str(c).replace("|", "\\|").replace("\n", " ") for c in line) + " |"
        for line in lines
    )
