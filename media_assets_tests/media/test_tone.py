"""Samples come out as the colours an SDR display shows, and bright light keeps its look."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.filter import Graph
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.tone_map import CLIPS, chain, difference, frames, grey_ramp, in_numpy, psnr_db
from benchmarks.tone_map import mobius as mobius_in_numpy
from media_assets.media import tone
from media_assets.media.color import Look, look_of
from media_assets.media.planes import Region, region
from media_assets_tests.media.colours import noise

FORMATS = ["yuv420p", "yuv420p10le", "yuv422p10le", "yuv444p12le", "yuv410p", "gray", "gbrp16le"]
SITINGS = ["left", "center", "topleft", "top", "bottomleft", "bottom"]


def shown(frame: av.VideoFrame, look: Look) -> np.ndarray:
    return tone.rgb(region(frame, 0, 0, frame.width, frame.height), look)


def flat(*signal: float, hdr: str, peak: float = 10.0) -> np.ndarray:
    """The SDR colour of one R'G'B' signal, 0 to 1."""
    planes = (np.full((1, 1), round(65535 * value), np.uint16) for value in signal)
    return tone.rgb(Region(tuple(planes), 16, True), Look(hdr, peak, "bt2020", "pc"))[0, 0]


def grey(level: float, hdr: str, peak: float = 10.0) -> np.ndarray:
    return flat(level, level, level, hdr=hdr, peak=peak)


def pq(nits: np.ndarray) -> np.ndarray:
    """PQ signal for luminance in cd/m2: SMPTE ST 2084."""
    power = (nits / 10000) ** (2610 / 16384)
    return ((3424 / 4096 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32)


LOOKS = st.builds(
    Look,
    st.sampled_from(["sdr", "pq", "hlg"]),
    st.floats(0.5, 100),
    st.sampled_from(["bt709", "bt601", "fcc", "smpte240m", "bt2020"]),
    st.sampled_from(["tv", "pc"]),
    st.sampled_from(SITINGS),
)


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(FORMATS), LOOKS, st.integers(0, 2**32 - 1))
def test_the_kernel_does_what_the_documents_say(pixel_format: str, look: Look, seed: int):
    # Noise over all codes of YCbCr has colours far outside any gamut, where the tiny errors of the
    # bright components are all that is left of a dark one.
    share = 0.2 if look.hdr != "sdr" and pixel_format.startswith("yuv") else 1.0
    picture = region(noise(pixel_format, 37, 21, seed, share), 0, 0, 37, 21)
    ours, exact = tone.rgb(picture, look), in_numpy(picture, look)
    assert difference(ours, exact) <= 1
    assert (ours != exact).mean() < 0.01


@pytest.mark.parametrize("name", CLIPS)
def test_natural_pictures_look_as_the_chain_of_filters_makes_them(media_dir: Path, name: str):
    pytest.importorskip("imageio_ffmpeg")
    frame = next(frames(media_dir / name))
    look = look_of(frame, name)
    ours, theirs = shown(frame, look), chain(frame, look)
    assert psnr_db(ours, theirs) > 65
    assert difference(ours, theirs) <= 1


@pytest.mark.parametrize("hdr", ["pq", "hlg"])
@pytest.mark.parametrize("peak", [1.0, 4.0, 10.0, 40.0])
def test_grey_steps_are_those_of_the_chain(hdr: str, peak: float):
    pytest.importorskip("imageio_ffmpeg")
    look = Look(hdr, peak, "bt2020", "tv")
    assert difference(shown(grey_ramp(), look), chain(grey_ramp(), look)) <= 1


@pytest.mark.parametrize("siting", SITINGS)
@pytest.mark.parametrize("pixel_format", ["yuv420p10le", "yuv422p", "yuv411p", "gbrp"])
def test_chroma_is_interpolated_as_zimg_does_to_the_edges(pixel_format: str, siting: str):
    pytest.importorskip("imageio_ffmpeg")
    frame = noise(pixel_format, 48, 32, 7)
    look = Look("sdr", 1.0, "bt709", "pc" if pixel_format == "gbrp" else "tv", siting)
    ours, theirs = shown(frame, look), chain(frame, look)
    assert difference(ours, theirs) <= 1
    assert (ours != theirs).mean() < 0.02


@pytest.mark.parametrize("hdr", ["pq", "hlg"])
def test_greys_stay_grey_and_in_order(hdr: str):
    out = shown(grey_ramp(), Look(hdr, 10.0, "bt2020", "tv"))[0].astype(int)
    assert (np.ptp(out, axis=1) == 0).all()
    assert (np.diff(out[:, 1]) >= 0).all()
    assert out[64].tolist() == [0, 0, 0]
    assert out[940].min() >= 254


@pytest.mark.parametrize(("hdr", "exact"), [("pq", tone.pq_nits), ("hlg", tone.hlg_nits)])
def test_the_table_of_light_errs_by_less_than_a_200th_of_a_code(hdr: str, exact: Callable):
    """Inside all of its intervals, but those that are black anyway."""
    steps = np.arange(tone.EOTF_TOP * tone.EOTF_STEPS + 1) / tone.EOTF_STEPS
    table = tone.eotf(hdr)
    assert len(table) == len(steps)
    inside = np.arange(0, tone.EOTF_TOP, 1 / tone.EOTF_STEPS / 32)
    light = np.stack([np.interp(inside, steps, table), exact(inside) / 100])
    found, true = 255 * light ** (1 / tone.SDR_GAMMA)
    black = true < 0.49
    assert found[black].max() < 0.5
    assert np.abs(found - true)[~black].max() < 1 / 200


def test_every_code_has_the_light_of_its_own():
    """A grey of SDR light l is 255 l^(1/2.4), rounded: no code begins early or late."""
    codes = np.arange(150)  # those below the knee
    light = np.stack([(codes + 0.51) / 255, (codes + 1.49) / 255]) ** 2.4
    signal = np.round(65535 * pq(100 * light)).astype(np.uint16)
    out = tone.rgb(Region((signal,) * 3, 16, True), Look("pq", 10.0, "bt2020", "pc"))
    assert light.max() < tone.MOBIUS_KNEE
    assert out[0, :, 0].tolist() == out[1, :, 2].tolist() == (codes + 1).tolist()


def test_dark_pq_keeps_its_luminance():
    """Below the knee tone mapping does nothing: 10 cd/m2 is 0.1 of SDR white, gamma 2.4."""
    code_of_10_nits = 0.30103  # ITU-R BT.2408, table of PQ levels
    assert grey(code_of_10_nits, "pq")[1] == round(255 * 0.1 ** (1 / 2.4))


@pytest.mark.parametrize("peak", [0.2, 1.0])
def test_a_film_no_brighter_than_sdr_white_keeps_all_its_light(peak: float):
    nits = np.array([1.0, 20.0, 50.0, 99.0])
    levels = [grey(level, "pq", peak)[1] for level in pq(nits)]
    assert levels == np.round(255 * (nits / 100) ** (1 / 2.4)).tolist()


def test_white_of_both_systems_looks_alike():
    """Diffuse white of 203 cd/m2 is 58 % PQ and 75 % HLG (ITU-R BT.2408, table 1)."""
    of_pq, of_hlg = grey(0.5807, "pq")[1], grey(0.75, "hlg")[1]
    assert abs(int(of_pq) - int(of_hlg)) <= 2
    assert 200 < of_pq < 245


def test_colours_of_bt709_come_back_as_themselves():
    """A dark BT.709 red, expressed in BT.2020 PQ, is pure red again."""
    red_of_709_in_2020 = np.array([0.627404, 0.069097, 0.016391])  # BT.2087
    red = flat(*pq(20 * red_of_709_in_2020), hdr="pq")
    assert red[0] == pytest.approx(255 * 0.2 ** (1 / 2.4), abs=1)
    assert red[1:].max() <= 8


def test_overbright_colours_fade_to_grey():
    def chroma(nits: float) -> float:
        red, green, _ = flat(*pq(nits * np.array([1.0, 0.5, 0.5])), hdr="pq").astype(float)
        return (red / green) ** 2.4

    assert chroma(100) > 2
    assert 1 < chroma(900) < 1.5


@pytest.mark.parametrize(
    ("matrix", "yuv"),
    # Limited-range codes of pure red by the weights of ITU-R BT.709, BT.601 and BT.2020.
    [("bt709", (63, 102, 240)), ("bt601", (81, 90, 240)), ("bt2020", (74, 97, 240))],
)
def test_red_is_red_by_every_matrix(matrix: str, yuv: tuple[int, int, int]):
    planes = tuple(np.full((1, 1), value, np.uint16) for value in yuv)
    red = tone.rgb(Region(planes, 8, False), Look("sdr", 1.0, matrix, "tv"))[0, 0]
    assert np.abs(red.astype(int) - [255, 0, 0]).max() <= 3


def test_full_range_rgb_of_8_bits_is_left_as_it_is():
    codes = np.arange(256, dtype=np.uint16)[None]
    planes = codes, codes[:, ::-1].copy(), codes
    out = tone.rgb(Region(planes, 8, True), Look("sdr", 1.0, "bt709", "pc"))
    assert np.array_equal(out, np.stack(planes, -1))


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 2**32 - 1), st.sampled_from([2.0, 10.0, 40.0]))
def test_mobius_is_that_of_libavfilter(seed: int, peak: float):
    light = np.random.default_rng(seed).gamma(0.6, 2.0, (16, 16, 3)).astype(np.float32)
    frame = av.VideoFrame.from_ndarray(light, format="gbrpf32le")
    frame.pts, frame.time_base = 0, Fraction(1, 25)
    graph = Graph()
    nodes = [
        graph.add_buffer(width=16, height=16, format=frame.format, time_base=frame.time_base),
        graph.add("setparams", "colorspace=bt2020nc"),  # the weights of its desaturation
        graph.add("tonemap", f"tonemap=mobius:peak={peak}"),
        graph.add("buffersink"),
    ]
    graph.link_nodes(*nodes).configure()
    graph.push(frame)
    theirs = graph.pull().to_ndarray()
    np.testing.assert_allclose(mobius_in_numpy(light.astype(float), peak), theirs, atol=1e-5)


def test_looks_differ_where_they_should():
    frame = noise("yuv420p10le", 32, 32, 11)
    look = Look("pq", 10.0, "bt2020", "tv", "left")
    others = [
        replace(look, **change)
        for change in (
            *({"hdr": "sdr"}, {"hdr": "hlg"}, {"peak": 4.0}, {"matrix": "bt709"}),
            *({"range": "pc"}, {"siting": "topleft"}),
        )
    ]
    assert all(difference(shown(frame, look), shown(frame, other)) > 2 for other in others)
