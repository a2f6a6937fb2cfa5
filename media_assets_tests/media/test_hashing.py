"""Hashes say what a file or a picture holds, and nothing else."""

import hashlib
from pathlib import Path

import av
import numpy as np
import pytest

from media_assets.media.hashing import FramesDigest, frame_digest, sha256_file
from media_assets_tests.media.moving import picture


def frame_of(number: int, pixel_format: str = "yuv420p", width: int = 161) -> av.VideoFrame:
    rgb = av.VideoFrame.from_ndarray(picture(number, width, 97), format="rgb24")
    return rgb.reformat(format=pixel_format)


def test_file_hash_is_sha256(tmp_path: Path):
    content = bytes(range(256)) * 9000
    (tmp_path / "x").write_bytes(content)
    assert sha256_file(tmp_path / "x") == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv444p", "yuv420p10le", "nv12", "rgb24"])
def test_padding_and_times_do_not_count(pixel_format: str):
    frame = frame_of(3, pixel_format)
    again = av.VideoFrame(frame.width, frame.height, pixel_format)
    again.pts = 77
    for number, (plane, original) in enumerate(zip(again.planes, frame.planes, strict=True)):
        rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
        samples = np.frombuffer(original, np.uint8).reshape(-1, original.line_size)
        shared = min(rows.shape[1], samples.shape[1])
        rows[: plane.height, :shared] = samples[: plane.height, :shared]
        component = next(c for c in again.format.components if c.plane == number)
        per_pixel = {"nv12": 1 + number, "rgb24": 3, "yuv420p10le": 2}.get(pixel_format, 1)
        visible = component.width * per_pixel
        assert plane.line_size > visible, "a width of 161 must leave padding to be spoiled"
        rows[:, visible:] = 99
    assert frame_digest(again) == frame_digest(frame)


def test_every_visible_sample_counts():
    whole = frame_digest(frame_of(3))
    for plane_index in range(3):
        frame = frame_of(3)
        plane = frame.planes[plane_index]
        rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
        rows[plane.height - 1, plane.width - 1] ^= 1
        assert frame_digest(frame) != whole


def test_size_and_format_count():
    flat = np.full((64, 64), 128, np.uint8)
    wide = av.VideoFrame.from_ndarray(flat.reshape(32, 128), format="gray")
    tall = av.VideoFrame.from_ndarray(flat.reshape(128, 32), format="gray")
    assert frame_digest(wide) != frame_digest(tall)


def test_sequence_hash_depends_on_order():
    digests = []
    for order in ((1, 2), (2, 1), (1, 2)):
        digest = FramesDigest()
        for number in order:
            digest.update(frame_of(number))
        digests.append(digest.hexdigest())
    assert digests[0] == digests[2] != digests[1]
