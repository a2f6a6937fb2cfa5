"""Small videos made on the spot, each frame unlike the others."""

import os
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

RATE = Fraction(24)


def picture(number: int, width: int = 160, height: int = 96) -> np.ndarray:
    """A texture that moves, with a bright square that tells the number."""
    y, x = np.mgrid[0:height, 0:width]
    base = 90 + 50 * np.sin((x + 3 * number) / 9) + 40 * np.cos((y - 2 * number) / 7)
    rgb = np.stack([base, base[::-1], 200 - base], axis=-1)
    left = 8 * (number % (width // 8))
    rgb[8 * (number * 7 % (height // 8)) :][:8, left : left + 8] = 255
    return np.clip(rgb, 0, 255).astype(np.uint8)


def write_video(
    path: Path,
    frames: int = 60,
    codec: str = "libx264",
    options: dict[str, str] | None = None,
    pixel_format: str = "yuv420p",
    size: tuple[int, int] = (160, 96),
    pts: list[int] | None = None,
    time_base: Fraction = 1 / RATE,
    **container_options: str,
) -> Path:
    """A file of these frames; `pts` in `time_base` where they are not 0, 1, 2, ..."""
    with av.open(str(path), "w", options=container_options) as out:
        stream = out.add_stream(codec, rate=RATE, options=options or {})
        stream.width, stream.height = size
        stream.pix_fmt = pixel_format
        stream.time_base = stream.codec_context.time_base = time_base
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(picture(number, *size), format="rgb24")
            frame = frame.reformat(format=pixel_format)
            frame.pts = pts[number] if pts else number
            frame.time_base = time_base
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    # SVT-AV1 makes the thread that encodes a real-time one if it may, and so all its children.
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    return path


def write_videos(folder: Path, made: Mapping[str, tuple[str, dict[str, str]]], frames: int) -> Path:
    """The folder with a file of so many frames for each name, by its codec and options."""
    for name, (codec, options) in made.items():
        pixel_format = "yuv422p10le" if codec == "prores_ks" else "yuv420p"
        write_video(folder / name, frames, codec, options, pixel_format)
    return folder
