"""What the feature table says of frames."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from media_assets.media.luma import chroma_planes, luma_plane
from media_assets.shots.features import (
    BARS_EVERY,
    BATCH,
    FEATURE_SCHEMA,
    LAGS,
    SHARP_EVERY,
    FeatureStream,
)


def features(frames: list[np.ndarray]) -> pl.DataFrame:
    stream = FeatureStream()
    for frame in frames:
        stream.push(frame)
    return stream.finish()


def noise(seed: int, shape: tuple[int, int] = (144, 256)) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def test_table_has_the_schema_and_one_row_per_frame() -> None:
    table = features([noise(i) for i in range(BATCH + 5)])
    assert table.schema == FEATURE_SCHEMA
    assert table["frame"].to_list() == list(range(BATCH + 5))


def test_rows_do_not_depend_on_when_they_are_taken() -> None:
    frames = [noise(i) for i in range(3 * BATCH)]
    stream, parts = FeatureStream(), []
    for frame in frames:
        stream.push(frame)
        parts.append(stream.take())
    parts.append(stream.finish())
    assert pl.concat(parts).equals(features(frames))


def test_memory_does_not_grow_with_the_episode() -> None:
    stream = FeatureStream()
    for i in range(6 * BATCH):
        stream.push(noise(i % 7, (18, 32)))
        stream.take()
    assert stream._past is not None
    assert len(stream._past.tiny) == LAGS


def test_distances_are_those_of_the_frames() -> None:
    frames = [np.full((144, 256), 10 * i, np.uint8) for i in range(10)]
    rms = features(frames)["rms_luma"].to_numpy()
    assert rms[9, 0] == pytest.approx(10, abs=0.1)
    assert rms[9, 4] == pytest.approx(50, abs=0.1)
    assert np.isnan(rms[3, 3:]).all()


def test_envelope_is_blind_to_motion_of_two_cells_but_not_to_another_picture() -> None:
    scene = np.zeros((180, 320), np.uint8)
    scene[60:120, 100:200] = 200
    moved = np.roll(scene, 10, axis=1)
    envelope = features([scene, moved, 200 - scene])["envelope_luma"].to_numpy()
    assert envelope[1, 0] == 0
    assert envelope[2, 0] > 50


def test_held_frame_has_no_motion_and_light_alone_is_none() -> None:
    frame = np.clip(noise(1), 0, 150)
    table = features([frame, frame, frame + 40])
    assert table["motion_luma"][1] == 0
    assert table["motion_luma"][2] == pytest.approx(0, abs=0.6)


def test_bars_are_counted_in_source_pixels() -> None:
    frame = np.full((720, 1280), 120, np.uint8)
    frame[:91], frame[-90:], frame[:, :7] = 16, 16, 16
    table = features([frame] * (BARS_EVERY + 1))
    bars = table.select(r"^bar_.*_px$")
    assert bars.row(0) == (91, 90, 7, 0)
    assert bars.row(1) == (None,) * 4
    assert bars.row(BARS_EVERY) == (91, 90, 7, 0)


def test_blur_lowers_sharpness() -> None:
    sharp = noise(3, (360, 640))
    blurred = (sharp // 2 + np.roll(sharp, 1, axis=1) // 2).astype(np.uint8)
    values = features([sharp] * SHARP_EVERY + [blurred])["sharpness_luma2"]
    assert values[SHARP_EVERY] < 0.8 * values[0] == 0.8 * values[1]


def test_black_and_drawn_fractions() -> None:
    frame = np.full((360, 640), 16, np.uint8)
    frame[:90] = 180
    row = features([frame]).row(0, named=True)
    assert row["black_fraction"] == pytest.approx(0.75, abs=0.02)
    assert row["drawn_fraction"] == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize("name", ["yuv420p", "yuv420p10le", "nv12", "p010le", "gray", "rgb24"])
def test_planes_of_every_layout_are_eight_bit_pictures(name: str) -> None:
    import av

    grey = np.repeat(np.arange(0, 200, 2, dtype=np.uint8)[None, :98], 50, axis=0)
    frame = av.VideoFrame.from_ndarray(grey, format="gray").reformat(format=name)
    luma = luma_plane(frame)
    assert luma.shape == grey.shape
    assert luma.dtype == np.uint8
    # Converting to limited range squeezes the scale; the picture stays.
    assert np.corrcoef(luma.ravel(), grey.ravel())[0, 1] > 0.99
    chroma = chroma_planes(frame)
    assert (chroma is None) == (name == "gray")
    if chroma is not None:
        assert abs(int(chroma[0].mean()) - 128) <= 1


def test_luma_is_a_view_of_the_decoders_memory(media_dir: Path) -> None:
    import av

    with av.open(str(media_dir / "animation/bbb_10s_180p.webm")) as container:
        frame = next(container.decode(video=0))
        luma = luma_plane(frame)
        assert np.array_equal(luma, frame.to_ndarray(format="gray")) or luma.base is not None
        assert luma.shape == (frame.height, frame.width)
