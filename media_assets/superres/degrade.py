"""Low resolution from ground truth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from media_assets.superres.formats import SCALE

Picture = NDArray[np.uint8]


def degrade(crop: Picture, lr_filter: Literal["lanczos4", "area"]) -> Picture:
    """A third of the crop in width and height, which are divisible by it.

    lanczos4: as 004; OpenCV's kernel has 8x8 samples at any scale, so fine detail aliases.
    """
    import cv2

    height, width = crop.shape[:2]
    method = {"lanczos4": cv2.INTER_LANCZOS4, "area": cv2.INTER_AREA}[lr_filter]
    small: Picture = cv2.resize(crop, (width // SCALE, height // SCALE), interpolation=method)
    return small


def stack(pictures: Sequence[Picture]) -> Picture:
    """The pictures one below the other, the earliest on top."""
    return np.concatenate(pictures)
