"""What can be set of the plan and the patches; 004's names where it has one.

Values that make no sense are a `ValueError` that names the setting.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Literal

from media_assets.library import SUM_TOLERANCE
from media_assets.superres.formats import CATEGORIES, FORMATS, clean_name
from resources.problems import BadInput


@dataclass(frozen=True)
class SourceSettings:
    """untagged: what a master is whose transfer cannot be told from its tags: sdr, pq or hlg.

    Untagged 8-bit video is SDR by convention and needs no setting. An untagged picture of more
    bits, or one of BT.2020 colours without a transfer, may be either: without this it is refused.
    """

    untagged: Literal["sdr", "pq", "hlg"] | None = None


@dataclass(frozen=True)
class PlanSettings:
    """seed: another seed gives other places and crops.

    base_frame_limit: windows per master (004). formats: per category the share of each format.
    """

    seed: int = 0
    base_frame_limit: int = 3000
    formats: Mapping[str, Mapping[str, float]] = field(
        default_factory=lambda: {name: dict(c.formats) for name, c in CATEGORIES.items()}
    )

    def __post_init__(self) -> None:
        _at_least(1, "base_frame_limit", self.base_frame_limit)
        cleaned: dict[str, str] = {}
        for category, shares in self.formats.items():
            where = f"formats.{category}"
            other = cleaned.setdefault(clean_name(category).casefold(), category)
            if other != category:
                # Clips of `exports/septuplets` lie in folders of this name.
                raise ValueError(f"{where}: {category!r} and {other!r} make the same folder name")
            if not category.strip() or not category.isprintable():
                raise ValueError(f"{where}: {category!r} is no name for a category")
            unknown = sorted(set(shares) - set(FORMATS))
            if unknown:
                raise ValueError(
                    f"{where}: unknown format {unknown[0]!r}; there are {', '.join(FORMATS)}"
                )
            for name, share in shares.items():
                _at_least(0, f"{where}.{name}", share)
            if abs(math.fsum(shares.values()) - 1) > SUM_TOLERANCE:
                raise ValueError(f"{where}: shares sum to {math.fsum(shares.values()):.6g}, not 1")


@dataclass(frozen=True)
class PatchSettings:
    """How patches are cut, what is rejected and where files go.

    scene_diff_threshold, min_file_size (bytes of the ground truth), max_retry_attempts,
    retry_skip_seconds, max_workers: as in 004.
    reject_static: whether a window in which nothing moves is rejected.
    lr_filter: `lanczos4` (004: OpenCV's, not antialiased) or `area` (antialiased).
    naming: `LR_5frames`, or `LR` as the later loader of 004's consumer reads.
    gt_frames: `middle`, or `all`: the seven in `GT_7frames` too, stacked like `LR_7frames`.
    roots: per category its folder below `exports/superres`.
    """

    scene_diff_threshold: float = 45.0
    min_file_size: int = 10_000
    max_retry_attempts: int = 10
    retry_skip_seconds: float = 5.0
    max_workers: int = 12
    reject_static: bool = False
    lr_filter: Literal["lanczos4", "area"] = "lanczos4"
    naming: Literal["LR_5frames", "LR"] = "LR_5frames"
    gt_frames: Literal["middle", "all"] = "middle"
    roots: Mapping[str, str] = field(
        default_factory=lambda: {name: c.root for name, c in CATEGORIES.items()}
    )

    def __post_init__(self) -> None:
        _at_least(0, "scene_diff_threshold", self.scene_diff_threshold)
        _at_least(0, "min_file_size", self.min_file_size)
        _at_least(0, "max_retry_attempts", self.max_retry_attempts)
        _at_least(0, "retry_skip_seconds", self.retry_skip_seconds)
        _at_least(1, "max_workers", self.max_workers)
        taken: dict[PurePosixPath, str] = {}
        for category, root in self.roots.items():
            other = taken.setdefault(_folder(f"roots.{category}", root), category)
            if other != category:
                # One window may serve both, under one file name.
                raise ValueError(f"roots.{category}: {root!r} is the folder of {other} already")

    def root(self, category: str) -> str:
        """The folder of a category; ValueError where a plan has one that has none."""
        if category not in self.roots:
            raise ValueError(f"roots: no folder for category {category!r}, which is planned")
        return self.roots[category]


def check_categories(plan: PlanSettings, patches: PatchSettings) -> None:
    """Raise `BadInput` unless each category that is planned has a folder, and the other way."""
    for category in sorted(set(plan.formats) ^ set(patches.roots)):
        missing, there = "patches.roots", "patch_plan.formats"
        if category in patches.roots:
            missing, there = there, missing
        raise BadInput(
            f"category {category!r} is in {there} alone",
            where=missing,
            remedy=f"Give it in {missing} too, or add both at once: media-assets add --config.",
        )


def _at_least(least: int, name: str, value: float) -> None:
    if not least <= value < math.inf:
        raise ValueError(f"{name}: {value} is not a number of {least} or more")


def _folder(name: str, root: str) -> PurePosixPath:
    """The folder that `root` names, which must lie below `exports/superres`."""
    path = PurePosixPath(root)
    if path.is_absolute() or ".." in path.parts or not path.parts or not root.isprintable():
        raise ValueError(f"{name}: {root!r} is not a relative folder without `..`")
    return path
