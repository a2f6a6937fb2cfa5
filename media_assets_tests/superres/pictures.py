"""Frames, sources and patches as the tests of cutting want them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import cv2
import numpy as np
from av import VideoFrame
from numpy.typing import NDArray

from media_assets.superres.formats import FORMATS, file_name
from media_assets.superres.patch import Patch, Source

Picture = NDArray[np.uint8]


def source(width: int = 720, height: int = 600, **changes: Any) -> Source:
    """Of a stored picture without bars, upright, that needs no scaling; full-range BT.601."""
    whole = Source(
        frames=100,
        fps=24.0,
        coded_width_px=width,
        coded_height_px=height,
        pixel_format="yuvj444p",
        area_x_px=0,
        area_y_px=0,
        area_width_px=width,
        area_height_px=height,
        pixel_aspect=Fraction(1),
        transpose=False,
        mirror_x=False,
        mirror_y=False,
        width_px=width,
        height_px=height,
        hdr="sdr",
        peak_nits=None,
        matrix="bt601",
        range="pc",
        siting="left",
    )
    return replace(whole, **changes)


def patch(
    x: int = 0, y: int = 0, size: tuple[int, int] | None = None, fmt: str = "small_540", **more: Any
) -> Patch:
    """A patch of the frames 10 to 16; its size is its format's unless given."""
    width, height = size or (FORMATS[fmt].width_px, FORMATS[fmt].height_px)
    place = Patch(
        episode_id="film",
        window=3,
        category="general",
        format=fmt,
        start_frame=10,
        start_pts=10_000,
        start_s=0.4,
        frames=tuple(range(10, 17)),
        crop_x_px=x,
        crop_y_px=y,
        crop_width_px=width,
        crop_height_px=height,
        file_name=file_name("A film", 3, fmt),
        draw="0",
    )
    return replace(place, **more)


def scene(seed: int = 0, height: int = 600, width: int = 720) -> Picture:
    """A picture with forms of all sizes, RGB."""
    random = np.random.default_rng(seed)
    layers = [
        cv2.resize(random.integers(0, 256, (n, n, 3), np.uint8), (width, height)).astype(float)
        for n in (4, 16, 64)
    ]
    return np.mean(layers, axis=0).astype(np.uint8)


def moving(count: int = 7, step: int = 2, seed: int = 0) -> list[Picture]:
    """The scene as the camera moves over it."""
    wide = scene(seed, width=720 + step * count)
    return [wide[:, step * n : step * n + 720] for n in range(count)]


def frames_of(
    pictures: Iterable[Picture], first: int = 10, pixel_format: str = "yuvj444p"
) -> Iterator[tuple[int, VideoFrame]]:
    for number, picture in enumerate(pictures, first):
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
        yield number, frame.reformat(format=pixel_format)
