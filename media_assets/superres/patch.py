"""Rows of the room's tables as typed things."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any, Literal

from media_assets.media.color import Siting


@dataclass(frozen=True)
class Source:
    """A row of `patch_source`, as far as cutting needs it; sizes in stored pixels unless upright.

    width_px, height_px: of the upright picture inside its bars, scaled to fit: what crops are in.
    """

    frames: int
    fps: float
    coded_width_px: int
    coded_height_px: int
    pixel_format: str
    area_x_px: int
    area_y_px: int
    area_width_px: int
    area_height_px: int
    pixel_aspect: Fraction
    transpose: bool
    mirror_x: bool
    mirror_y: bool
    width_px: int
    height_px: int
    hdr: Literal["sdr", "pq", "hlg"]
    peak_nits: float | None
    matrix: str
    range: Literal["tv", "pc"]
    siting: Siting

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Source":
        known = {name: row[name] for name in cls.__dataclass_fields__}
        return cls(**known | {"pixel_aspect": Fraction(row["pixel_aspect"])})


@dataclass(frozen=True)
class Patch:
    """One place for one planned patch: a row of `patch_plan` and the attempt it belongs to."""

    episode_id: str
    window: int
    category: str
    format: str
    start_frame: int
    start_pts: int
    start_s: float
    frames: tuple[int, ...]
    crop_x_px: int
    crop_y_px: int
    crop_width_px: int
    crop_height_px: int
    file_name: str
    draw: str
    attempt: int = 0

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Patch":
        return cls(**dict(row) | {"frames": tuple(row["frames"])})


@dataclass(frozen=True)
class Outcome:
    """What became of a patch: its files relative to the home, or the reason it was rejected."""

    patch: Patch
    status: Literal["written", "rejected"]
    reason: str | None = None
    gt_path: str | None = None
    lr5_path: str | None = None
    lr7_path: str | None = None
    gt7_path: str | None = None
    bytes: int = 0

    def row(self) -> dict[str, Any]:
        """A row of `patches`, without its `row_key`."""
        mine = asdict(self)
        patch = mine.pop("patch")
        place = {k: v for k, v in patch.items() if k not in ("file_name", "draw")}
        return place | {"frames": list(self.patch.frames)} | mine


def place_of(patch: Patch) -> tuple[int, str, int]:
    """What a patch is known by in its episode, and the order of rows."""
    return patch.window, patch.category, patch.attempt
