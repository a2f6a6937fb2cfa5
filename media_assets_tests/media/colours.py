"""Small frames of any format with random samples."""

from fractions import Fraction

import av
import numpy as np


def noise(
    pixel_format: str, width: int, height: int, seed: int, share: float = 1.0, **tags: int
) -> av.VideoFrame:
    """Uniform noise over a share of the codes around the middle, in a planar format."""
    draw = np.random.default_rng(seed)
    frame = av.VideoFrame(width, height, pixel_format)
    bits = frame.format.components[0].bits
    for plane in frame.planes:
        dtype = np.dtype(np.uint8 if bits == 8 else "<u2")
        shape = plane.height, plane.line_size // dtype.itemsize
        codes = (1 << bits - 1) + share * draw.integers(-(1 << bits - 1), 1 << bits - 1, shape)
        plane.update(codes.astype(dtype).tobytes())
    for tag, value in tags.items():
        setattr(frame, tag, value)
    frame.pts, frame.time_base = 0, Fraction(1, 24)
    return frame
