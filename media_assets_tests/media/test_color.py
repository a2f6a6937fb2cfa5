"""Colour means what its tags say, and bright light keeps its look."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.filter import Graph
from hypothesis import given, settings
from hypothesis import strategies as st

from media_assets.media.color import (
    hdr_kind,
    matrix_of,
    mobius,
    range_of,
    signal_peak,
    tone_map,
)


def grey(level: float, kind: str, peak: float = 10.0) -> np.ndarray:
    """The SDR colour of a grey of this code value, 0 to 1."""
    return tone_map(np.full((1, 1, 3), round(level * 65535), np.uint16), kind, peak)[0, 0]


def first_frame(path: Path) -> av.VideoFrame:
    with av.open(str(path)) as container:
        return next(container.decode(video=0))


@pytest.mark.parametrize(
    ("name", "kind", "peak"),
    [
        ("hdr_uhd/hdr10_hevc_1080p_vfr.mp4", "pq", 10.0),  # MaxCLL 1000
        ("hdr_uhd/hdr10_av1_1080p60_mdcv_clli.mp4", "pq", 11.0),  # MaxCLL 1100
        ("hdr_uhd/hlg_hevc_1080p_editlist.mp4", "hlg", 10.0),  # Dolby Vision 8.4 on an HLG base
        ("hostile/made_dev/sdr_10bit_hevc.mp4", "sdr", 10.0),
        ("hostile/made_dev/base.mp4", "sdr", 10.0),
    ],
)
def test_kinds_and_peaks_of_real_files(media_dir: Path, name: str, kind: str, peak: float):
    frame = first_frame(media_dir / name)
    assert (hdr_kind(frame), signal_peak(frame)) == (kind, peak)


def test_untagged_pictures_are_bt601_up_to_pal_and_bt709_above():
    assert matrix_of(av.VideoFrame(720, 576, "yuv420p")) == "bt601"
    assert matrix_of(av.VideoFrame(1280, 536, "yuv420p")) == "bt709"
    tagged = av.VideoFrame(1920, 1080, "yuv420p")
    tagged.colorspace = 9
    assert matrix_of(tagged) == "bt2020"


def test_full_range_is_told_by_tag_or_format():
    assert range_of(av.VideoFrame(64, 64, "yuv420p")) == "tv"
    assert range_of(av.VideoFrame(64, 64, "yuvj420p")) == "pc"
    tagged = av.VideoFrame(64, 64, "yuv420p")
    tagged.color_range = 2
    assert range_of(tagged) == "pc"


@pytest.mark.parametrize("kind", ["pq", "hlg"])
def test_greys_stay_grey_and_in_order(kind: str):
    ramp = np.linspace(0, 65535, 2048).astype(np.uint16)
    out = tone_map(np.repeat(ramp[None, :, None], 3, axis=2), kind)[0].astype(int)
    assert (np.ptp(out, axis=1) <= 1).all()
    assert (np.diff(out[:, 1]) >= 0).all()
    assert out[0].tolist() == [0, 0, 0]
    assert out[-1].min() >= 254


def test_dark_pq_keeps_its_luminance():
    """Below the knee tone mapping does nothing: 10 cd/m2 is 0.1 of SDR white, gamma 2.4."""
    code_of_10_nits = 0.30103  # ITU-R BT.2408, table of PQ levels
    assert grey(code_of_10_nits, "pq")[1] == pytest.approx(255 * 0.1 ** (1 / 2.4), abs=1)


def test_white_of_both_systems_looks_alike():
    """Diffuse white of 203 cd/m2 is 58 % PQ and 75 % HLG (ITU-R BT.2408, table 1)."""
    pq, hlg = grey(0.5807, "pq")[1], grey(0.75, "hlg")[1]
    assert abs(int(pq) - int(hlg)) <= 2
    assert 200 < pq < 245


def test_colours_of_bt709_come_back_as_themselves():
    """A dark BT.709 red, expressed in BT.2020 PQ, is pure red again."""
    nits = 20 * np.array([0.627404, 0.069097, 0.016391])  # BT.2087: red of 709 in 2020
    power = (nits / 10000) ** (2610 / 16384)
    code = ((3424 / 4096 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32)
    red = tone_map(np.round(code * 65535).astype(np.uint16)[None, None], "pq")[0, 0]
    assert red[0] == pytest.approx(255 * 0.2 ** (1 / 2.4), abs=1)
    assert red[1:].max() <= 8


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 2**32 - 1), st.sampled_from([2.0, 10.0, 40.0]))
def test_mobius_is_that_of_libavfilter(seed: int, peak: float):
    light = np.random.default_rng(seed).gamma(0.6, 2.0, (16, 16, 3)).astype(np.float32)
    frame = av.VideoFrame.from_ndarray(light, format="gbrpf32le")
    frame.pts, frame.time_base = 0, Fraction(1, 25)
    graph = Graph()
    nodes = [
        graph.add_buffer(width=16, height=16, format=frame.format, time_base=frame.time_base),
        graph.add("setparams", "colorspace=bt709"),  # the weights of its desaturation
        graph.add("tonemap", f"tonemap=mobius:peak={peak}"),
        graph.add("buffersink"),
    ]
    graph.link_nodes(*nodes).configure()
    graph.push(frame)
    np.testing.assert_allclose(mobius(light, peak), graph.pull().to_ndarray(), atol=1e-5)


def test_overbright_colours_fade_to_grey():
    dim, bright = mobius(np.array([[[0.5, 0.1, 0.1]], [[9.0, 3.0, 3.0]]], np.float32), 10.0)[:, 0]
    assert dim[0] / dim[1] == pytest.approx(5, rel=1e-4)
    assert 1 < bright[0] / bright[1] < 2
    assert bright.max() <= 1
