"""Why a window or a crop is no training sample: measured on small gray pictures of its frames.

The pictures are every n-th sample of the picture's area, as it is stored, tone-mapped, 8 bits of
full range, 7 in a stack: uint8 (frames, rows, columns).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from media_assets.superres.settings import PatchSettings

if TYPE_CHECKING:
    from media_assets.superres.geometry import Place

# FFmpeg's blackdetect: pixel_black_th, picture_black_ratio_th.
BLACK_GRAY = 0.10 * 255
BLACK_SHARE = 0.98
# FFmpeg's freezedetect: noise of -60 dB.
STATIC_GRAY = 0.001 * 255

# Cuts are looked for in pictures of this size; motion of two of their pixels is none.
CUT_WIDTH_PX, CUT_HEIGHT_PX = 64, 36
CUT_MOTION_PX = (5, 3)
# Frames on either side of a cut that must all differ from those on the other.
CUT_FRAMES = 3
# How far apart they are, over the contrast of the picture; and that times how often the step at the
# cut holds the usual one. Chosen on the labelled films popeye_p3 and big_buck_bunny_0_30, where
# cuts have 0.51 and 3.2 or more; of the windows without one 2 % reach both: wings that beat across
# the picture. On popeye_p4 and sintel_trailer 95 of 96 windows with a cut are found, the other
# cuts into a whip pan at its first frame, and 18 of 2072 without one are rejected.
CUT_DISTANCE = 0.15
CUT_STRENGTH = 1.0
# Least contrast that counts: what is left of a fade is all noise.
CUT_CONTRAST = 20.0

# Opposite bars are alike but for a soft edge, in shares of the picture.
BAR_SOFTNESS = 0.015


def window_reason(gray: NDArray[np.uint8], settings: PatchSettings) -> str | None:
    """Why the window is rejected for every crop, or None."""
    import cv2

    if (gray <= BLACK_GRAY).mean((1, 2)).max() >= BLACK_SHARE:
        return "black"
    if holds_cut(gray):
        return "cut_inside"
    apart = [float(cv2.absdiff(gray[0], picture).mean()) for picture in gray[1:]]
    if apart[-1] >= settings.scene_diff_threshold:
        return "scene_difference"
    if settings.reject_static and max(apart) <= STATIC_GRAY:
        return "static"
    return None


def holds_cut(gray: NDArray[np.uint8]) -> bool:
    """Whether the picture changes for good somewhere between two frames.

    All frames shortly before a cut differ from all shortly after, so a flash or a held drawing
    makes none; and by more than the frames around it from one another, so motion makes none.
    """
    import cv2

    small = [
        cv2.resize(picture, (CUT_WIDTH_PX, CUT_HEIGHT_PX), interpolation=cv2.INTER_AREA)
        for picture in gray
    ]
    apart = _distances(small)
    steps = np.diagonal(apart, 1)
    contrast = [max(float(picture.std()), CUT_CONTRAST) for picture in small]
    for cut in range(1, len(small)):
        across = apart[max(0, cut - CUT_FRAMES) : cut, cut : cut + CUT_FRAMES].min()
        # The second largest of the others: the largest may be a blended half of the same cut.
        usual = np.sort(np.delete(steps, cut - 1))[-2]
        share = across / math.hypot(*contrast[cut - 1 : cut + 1]) * math.sqrt(2)
        stands_out = share * steps[cut - 1] >= CUT_STRENGTH * (usual + 0.01)
        if share >= CUT_DISTANCE and stands_out:
            return True
    return False


def reaches_bars(gray: NDArray[np.uint8], place: Place) -> bool:
    """Whether a crop reaches into black bars that these frames have and the film has not.

    A bar is black in all frames from one end of the edge to the other, and so is the one opposite,
    as far as it. A dark scene is seldom, and what is rejected of it are crops in the dark.
    """
    brightest = gray.max(0)
    left, upper, right, lower = place.shown
    across, down = _bar(brightest.max(0)), _bar(brightest.max(1))
    return min(left, 1 - right) < across or min(upper, 1 - lower) < down


def _bar(lines: NDArray[np.uint8]) -> float:
    """The share of the lines that is black at the one edge and at the other alike."""
    lit = np.flatnonzero(lines > BLACK_GRAY)
    if not len(lit):
        return 0.0
    first, last = int(lit[0]), int(len(lines) - 1 - lit[-1])
    alike = abs(first - last) <= max(1.0, BAR_SOFTNESS * len(lines))
    return max(first, last) / len(lines) if alike and first and last else 0.0


def _distances(pictures: list[NDArray[np.uint8]]) -> NDArray[np.float64]:
    """Mean distance of each two pictures: how far one lies outside what the other is nearby."""
    import cv2

    nearby = np.ones(CUT_MOTION_PX[::-1], np.uint8)
    low = [cv2.erode(picture, nearby) for picture in pictures]
    high = [cv2.dilate(picture, nearby) for picture in pictures]
    apart = np.zeros((len(pictures), len(pictures)))
    for i, one in enumerate(pictures):
        for j, other in enumerate(pictures[:i]):
            there = cv2.subtract(one, high[j]).mean() + cv2.subtract(low[j], one).mean()
            back = cv2.subtract(other, high[i]).mean() + cv2.subtract(low[i], other).mean()
            apart[i, j] = apart[j, i] = (there + back) / 2
    return apart
