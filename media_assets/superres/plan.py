"""Which windows and crops of a master become patches; nothing is decoded for it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import polars as pl

from media_assets.media.index import FrameIndex
from media_assets.superres.draws import below, draw_of
from media_assets.superres.formats import FORMATS, WINDOW_FRAMES, file_name
from media_assets.superres.schema import PATCH_PLAN, PATCH_TARGETS
from media_assets.superres.settings import PlanSettings
from resources.problems import BadInput, NotApplicable


def plan_patches(
    source: Mapping[str, Any], index: FrameIndex, settings: PlanSettings
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """PATCH_TARGETS and PATCH_PLAN of a master, a function of its content and the settings alone.

    The master gives `base_frame_limit` windows, or as many as fit in without overlap. The film is
    cut into as many equal parts, and the window lies somewhere in its part. Category c takes
    round(w_c * windows) of them, halves up; so a window may serve two categories or none. A
    category's formats are dealt out at random, in exact quotas.

    source: a row of PATCH_SOURCE. Raises as `patch_targets`.
    """
    targets = patch_targets(source, settings)
    count = window_count(source["frames"], settings.base_frame_limit)
    quotas: dict[str, dict[str, int]] = {}
    for row in targets.iter_rows(named=True):
        quotas.setdefault(row["category"], {})[row["format"]] = row["target"]
    served = spread({category: sum(quota.values()) for category, quota in quotas.items()}, count)
    rows = []
    for category, windows in served.items():
        about = settings.seed, source["sha256"]
        draws = {window: draw_of(*about, window, category) for window in windows}
        for window, patch_format in _dealt(quotas[category], draws).items():
            part = window * len(index) // count, (window + 1) * len(index) // count
            room = part[1] - part[0] - WINDOW_FRAMES + 1
            start = part[0] + below(room, *about, window, "place")
            rows.append(
                {
                    "episode_id": source["episode_id"],
                    "window": window,
                    "category": category,
                    "format": patch_format,
                    **place_at(start, index),
                    **crop(draws[window], patch_format, source["width_px"], source["height_px"]),
                    "file_name": file_name(source["title"], window, patch_format),
                    "draw": draws[window],
                }
            )
    rows.sort(key=lambda row: (row["window"], row["category"]))
    return targets, PATCH_PLAN.frame(rows)


def patch_targets(source: Mapping[str, Any], settings: PlanSettings) -> pl.DataFrame:
    """PATCH_TARGETS: patches to be made of each category and format, and why not more.

    Formats that do not fit in the picture leave their share to the others.
    Raises NotApplicable where there is no window, too few for any share, or no format fits;
    BadInput for a category that has no formats.
    """
    size = source["width_px"], source["height_px"]
    count = window_count(source["frames"], settings.base_frame_limit)
    if not count:
        raise NotApplicable(f"{source['frames']} frames are less than a window's {WINDOW_FRAMES}")
    too_few = []
    if count < settings.base_frame_limit:
        room = f"{source['frames']} frames hold {count} windows of {WINDOW_FRAMES}"
        too_few = [f"{room}, not {settings.base_frame_limit}"]
    rows = []
    for wish in sorted(source["categories"], key=lambda wish: wish["category"]):
        category, weight = wish["category"], wish["weight"]
        if category not in settings.formats:
            raise BadInput(
                f"category {category!r} has no formats",
                where=source["title"],
                remedy=f"Give them in config.yaml, patch_plan.formats.{category}.",
            )
        wanted = settings.formats[category]
        shares = fitting(wanted, size)
        targets = quotas(patches_of(weight, count) if shares else 0, shares)
        for name in wanted:
            reasons = [] if wanted[name] and weight else ["no share is asked for"]
            if not _fits(name, size):
                reasons += [f"{_shown(name)} do not fit in {size[0]}x{size[1]}"]
            reasons = reasons or too_few
            if not reasons and not targets.get(name):
                reasons = ["too few windows for its share"]
            rows.append(
                {
                    "episode_id": source["episode_id"],
                    "category": category,
                    "format": name,
                    "share": float(shares.get(name, 0)),
                    "target": targets.get(name, 0),
                    "reason": "; ".join(reasons) or None,
                }
            )
    if not any(row["share"] for row in rows):
        raise NotApplicable(f"no format that is asked for fits in {size[0]}x{size[1]}")
    if not any(row["target"] for row in rows):
        raise NotApplicable(f"{count} windows are too few for any category's share")
    return PATCH_TARGETS.frame(rows)


def window_count(frames: int, limit: int) -> int:
    """Windows that a master of this many frames gives."""
    return min(limit, frames // WINDOW_FRAMES)


def patches_of(weight: float, windows: int) -> int:
    """The windows that a category of this weight takes, of the weight as it is written; halves up.

    >>> patches_of(0.1, 15), patches_of(0.3, 3000)
    (2, 900)
    """
    return math.floor(Fraction(str(weight)) * windows + Fraction(1, 2))


def fitting(shares: Mapping[str, float], size: Sequence[int]) -> dict[str, Fraction]:
    """The shares above 0 of formats that fit in a picture of this size, scaled to sum to 1."""
    exact = {
        name: Fraction(str(share)) for name, share in shares.items() if share and _fits(name, size)
    }
    return {name: share / sum(exact.values()) for name, share in exact.items()}


def quotas(total: int, shares: Mapping[str, Fraction]) -> dict[str, int]:
    """`total` in whole parts as `shares` (sum 1) say: by largest remainder, ties by name."""
    exact = {name: share * total for name, share in shares.items()}
    parts = {name: math.floor(value) for name, value in exact.items()}
    by_remainder = sorted(exact, key=lambda name: (parts[name] - exact[name], name))
    for name in by_remainder[: total - sum(parts.values())]:
        parts[name] += 1
    return parts


def spread(counts: Mapping[str, int], windows: int) -> dict[str, list[int]]:
    """For each category as many windows as it counts, evenly spread, as few shared as can be.

    Error diffusion over all categories at once: each window is given to the category that is
    furthest behind its even pace. Every window serves as many categories as the others, or one
    more. Each count is at most the number of windows.
    """
    total = sum(counts.values())
    left = dict(sorted(counts.items()))
    served: dict[str, list[int]] = {category: [] for category in left}
    for window in range(windows):
        places = (window + 1) * total // windows - window * total // windows
        ahead = windows - window

        def urgency(category: str, window: int = window, ahead: int = ahead) -> tuple[bool, int]:
            """Whether it needs every window that is left, then how far it is behind."""
            behind = counts[category] * (window + 1) - len(served[category]) * windows
            return left[category] == ahead, behind

        waiting = [category for category in left if left[category]]
        for category in sorted(waiting, key=urgency, reverse=True)[:places]:
            served[category].append(window)
            left[category] -= 1
    return served


def place_at(start: int, index: FrameIndex) -> dict[str, Any]:
    """The columns of a window that begins with frame `start`."""
    return {
        "start_frame": start,
        "start_pts": int(index.pts[start]),
        "start_s": index.seconds(start),
        "frames": list(range(start, start + WINDOW_FRAMES)),
    }


def crop(draw: str, patch_format: str, width_px: int, height_px: int) -> dict[str, Any]:
    """The columns of a crop of this format, anywhere in a picture of this size."""
    size = FORMATS[patch_format]
    return {
        "crop_x_px": below(width_px - size.width_px + 1, draw, "x"),
        "crop_y_px": below(height_px - size.height_px + 1, draw, "y"),
        "crop_width_px": size.width_px,
        "crop_height_px": size.height_px,
    }


def _dealt(quota: Mapping[str, int], draws: Mapping[int, str]) -> dict[int, str]:
    """The format of each window: windows in the order of chance, the formats one after the other.

    Where a window stands does not depend on the others, so most keep theirs when weights change.
    """
    cards = [name for name, count in sorted(quota.items()) for _ in range(count)]
    by_chance = sorted(draws, key=lambda window: draw_of(draws[window], "format"))
    return dict(zip(by_chance, cards, strict=True))


def _fits(name: str, size: Sequence[int]) -> bool:
    return FORMATS[name].width_px <= size[0] and FORMATS[name].height_px <= size[1]


def _shown(name: str) -> str:
    return f"{FORMATS[name].width_px}x{FORMATS[name].height_px}"
