"""The patch formats and categories of 004, and the names that its files get."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# Consecutive frames of one window; the ground truth is the middle one.
WINDOW_FRAMES = 7
MIDDLE = WINDOW_FRAMES // 2
# Low resolution is ground truth over this.
SCALE = 3
# What a master's picture is scaled down to fit in before patches are cropped.
FIT_WIDTH_PX, FIT_HEIGHT_PX = 1920, 1080


@dataclass(frozen=True)
class PatchFormat:
    """Size of the ground truth, its directory below the category's root, its files' suffix."""

    width_px: int
    height_px: int
    directory: str
    suffix: str


FORMATS: Mapping[str, PatchFormat] = {
    "small_540": PatchFormat(540, 540, "Patches", ""),
    "medium_169": PatchFormat(720, 405, "Patches_Medium169", "_med169"),
    "large_720": PatchFormat(720, 720, "Patches_Large", "_large"),
    "xlarge_1440": PatchFormat(1440, 810, "Patches_XLarge169", "_xl169"),
    "fullhd_1920": PatchFormat(1920, 1080, "Patches_FullHD", "_fullhd"),
}


@dataclass(frozen=True)
class Category:
    """Where a category's patches lie, and which share of them has which format (sum 1)."""

    root: str
    formats: Mapping[str, float]


# Formats that 004 lists as folders without a share exist with share 0 (spec-decisions.md).
CATEGORIES: Mapping[str, Category] = {
    "general": Category(
        "Universal/Mastermodell/Learn",
        {
            "small_540": 0.45,
            "medium_169": 0.35,
            "large_720": 0.20,
            "xlarge_1440": 0.0,
            "fullhd_1920": 0.0,
        },
    ),
    "space": Category(
        "Space/SpaceModel/Learn",
        {"small_540": 0.30, "xlarge_1440": 0.45, "fullhd_1920": 0.25},
    ),
    "toon": Category(
        "Toon/ToonModel/Learn",
        {"small_540": 0.65, "medium_169": 0.35},
    ),
}


def kind_order(category: str, patch_format: str) -> tuple[object, ...]:
    """A key that sorts by the order of definition, first categories, then formats; others after."""

    def place(names: Sequence[str], name: str) -> tuple[int, str]:
        return (names.index(name) if name in names else len(names), name)

    return place(list(CATEGORIES), category), place(list(FORMATS), patch_format)


def clean_name(name: str) -> str:
    """A title as it stands in file names; two titles may clean to one name.

    >>> clean_name("Big Buck Bunny (2008)")
    'Big_Buck_Bunny__2008_'
    """
    return re.sub("[^a-zA-Z0-9]", "_", name)


def file_name(name: str, window: int, patch_format: str) -> str:
    """The file name of a patch, the same in every folder of its format."""
    return f"patch_{clean_name(name)}_idx{window}{FORMATS[patch_format].suffix}.png"
