"""The inner loop of `tone.rgb`, written to be compiled.

Arithmetic is IEEE float32 as written, nothing contracted or reordered: a sample's colour does not
depend on its place in a row, nor on the machine.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Numbers = NDArray[np.int32]
Samples = NDArray[np.uint16]
Codes = NDArray[np.uint8]

_ZERO, _HALF, _ONE, _WHITE = np.float32(0), np.float32(0.5), np.float32(1), np.float32(255)
# Guards of vf_tonemap.c against division by zero.
_LEAST = np.float32(1e-6)


def convert(
    luma: Samples,
    cb: Samples,
    cr: Samples,
    middle: np.float32,
    row: Numbers,
    next_row: Numbers,
    row_part: Floats,
    column: Numbers,
    next_column: Numbers,
    column_part: Floats,
    matrix: Floats,
    eotf: Floats,
    primaries: Floats,
    curve: Floats,
    codes: Codes,
    edges: Floats,
    out: Codes,
) -> None:
    """Fills `out`, R'G'B' of shape (rows, columns, 3); `tone.py` says what the tables hold.

    middle: the chroma sample that means no colour.
    row, next_row, row_part: for each row of the picture the chroma rows on both sides and how far
        it is from the first to the second; likewise for columns.
    matrix: (3, 4) from luma, Cb, Cr and 1 to positions in `eotf`; to 8-bit codes if that is empty.
    """
    height, width, _ = out.shape
    held = cb.shape[1]
    blue, red = np.empty(held, np.float32), np.empty(held, np.float32)
    u, v = np.empty(width, np.float32), np.empty(width, np.float32)
    line, step = np.empty((3, width), np.float32), np.empty(width, np.int32)
    r, g, b = line[0], line[1], line[2]
    last, steps = np.float32(eotf.size - 2), np.float32(codes.size - 1)
    # One short loop per thing to do: those without look-ups become vector instructions. Indices
    # are unsigned, because for others numba counts from the end where they are negative.
    for y in range(height):
        part = row_part[y]
        upper, lower = cb[row[y]], cb[next_row[y]]
        for x in range(held):
            here = np.float32(upper[x])
            blue[x] = here + part * (np.float32(lower[x]) - here) - middle
        upper, lower = cr[row[y]], cr[next_row[y]]
        for x in range(held):
            here = np.float32(upper[x])
            red[x] = here + part * (np.float32(lower[x]) - here) - middle
        for x in range(width):
            left, right, part = np.uint32(column[x]), np.uint32(next_column[x]), column_part[x]
            u[x] = blue[left] + part * (blue[right] - blue[left])
            v[x] = red[left] + part * (red[right] - red[left])
        samples = luma[y]
        for x in range(width):
            grey = np.float32(samples[x])
            r[x] = matrix[0, 0] * grey + matrix[0, 3] + matrix[0, 1] * u[x] + matrix[0, 2] * v[x]
            g[x] = matrix[1, 0] * grey + matrix[1, 3] + matrix[1, 1] * u[x] + matrix[1, 2] * v[x]
            b[x] = matrix[2, 0] * grey + matrix[2, 3] + matrix[2, 1] * u[x] + matrix[2, 2] * v[x]
        shown = out[y]
        if eotf.size == 0:
            for x in range(width):
                one, two, three = r[x] + _HALF, g[x] + _HALF, b[x] + _HALF
                one = one if one > _ZERO else _ZERO
                two = two if two > _ZERO else _ZERO
                three = three if three > _ZERO else _ZERO
                shown[x, 0] = np.int32(one if one < _WHITE else _WHITE)
                shown[x, 1] = np.int32(two if two < _WHITE else _WHITE)
                shown[x, 2] = np.int32(three if three < _WHITE else _WHITE)
            continue
        for k in range(3):
            signal = line[k]
            for x in range(width):
                at = signal[x]
                at = at if at > _ZERO else _ZERO
                at = at if at < last else last
                step[x] = np.int32(at)
                signal[x] = at - np.float32(step[x])
            for x in range(width):
                n = np.uint32(step[x])
                signal[x] = eotf[n] + signal[x] * (eotf[n + np.uint32(1)] - eotf[n])
        for x in range(width):
            p, q, s = r[x], g[x], b[x]
            one = primaries[0, 0] * p + primaries[0, 1] * q + primaries[0, 2] * s
            two = primaries[1, 0] * p + primaries[1, 1] * q + primaries[1, 2] * s
            three = primaries[2, 0] * p + primaries[2, 1] * q + primaries[2, 2] * s
            grey = curve[0] * one + curve[1] * two + curve[2] * three
            over = grey - curve[3]
            over = over if over > _LEAST else _LEAST
            over = over / (grey if grey > _LEAST else _LEAST)
            one += over * (grey - one)
            two += over * (grey - two)
            three += over * (grey - three)
            most = one if one > two else two
            most = most if most > three else three
            most = most if most > _LEAST else _LEAST
            scale = curve[5] * (most + curve[6]) / (most + curve[7]) / most
            scale = scale if most > curve[4] else _ONE
            one, two, three = one * scale, two * scale, three * scale
            one = one if one > _ZERO else _ZERO
            two = two if two > _ZERO else _ZERO
            three = three if three > _ZERO else _ZERO
            r[x] = np.sqrt(one if one < _ONE else _ONE)
            g[x] = np.sqrt(two if two < _ONE else _ONE)
            b[x] = np.sqrt(three if three < _ONE else _ONE)
        for k in range(3):
            root = line[k]
            for x in range(width):
                step[x] = np.int32(root[x] * steps)
            for x in range(width):
                code = codes[np.uint32(step[x])]
                shown[x, k] = code + (root[x] >= edges[code])
