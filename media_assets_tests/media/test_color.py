"""Colour means what its tags say."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from media_assets.media.color import (
    Look,
    Peak,
    hdr_kind,
    look_of,
    matrix_of,
    range_of,
    signal_peak,
    siting_of,
)
from resources.problems import BadInput


def first_frame(path: Path) -> av.VideoFrame:
    with av.open(str(path)) as container:
        return next(container.decode(video=0))


def encoded(path: Path, codec: str, size: tuple[int, int] = (64, 64), **options: str) -> Path:
    """A file of one frame."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=24, options=options)
        stream.width, stream.height = size
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((*size[::-1], 3), np.uint8), format="rgb24")
        for packets in (stream.encode(frame), stream.encode(None)):
            container.mux(packets)
    return path


@pytest.mark.parametrize(
    ("name", "kind", "peak"),
    [
        ("hdr_uhd/hdr10_hevc_1080p_vfr.mp4", "pq", Peak(1000, "max_cll")),
        ("hdr_uhd/hdr10_av1_1080p60_mdcv_clli.mp4", "pq", Peak(1100, "max_cll")),
        # Dolby Vision 8.4 on an HLG base
        ("hdr_uhd/hlg_hevc_1080p_editlist.mp4", "hlg", Peak(1000, "default")),
        ("hostile/made_dev/sdr_10bit_hevc.mp4", "sdr", Peak(1000, "default")),
        ("hostile/made_dev/base.mp4", "sdr", Peak(1000, "default")),
    ],
)
def test_kinds_and_peaks_of_real_files(media_dir: Path, name: str, kind: str, peak: Peak):
    frame = first_frame(media_dir / name)
    assert (hdr_kind(frame), signal_peak(frame)) == (kind, peak)


def test_the_look_of_a_real_file_is_all_its_tags_together(media_dir: Path):
    frame = first_frame(media_dir / "hdr_uhd/hdr10_av1_1080p60_mdcv_clli.mp4")
    assert look_of(frame, "clip") == Look("pq", 11.0, "bt2020", "tv", "left")


class _Told:
    """A frame whose side data say this."""

    def __init__(self, **data: bytes):
        from av.sidedata.sidedata import Type

        self.color_trc = 2
        self.side_data = [_Data(Type[name], value) for name, value in data.items()]


class _Data(bytes):
    def __new__(cls, kind: object, value: bytes):
        data = super().__new__(cls, value)
        data.type = kind
        return data


def mastering(nits: int, told: bool = True) -> bytes:
    """AVMasteringDisplayMetadata: chromaticities, luminance from 0.005 cd/m2 on, two flags."""
    numbers = [0] * 16 + [5, 1000, nits, 1, 1, int(told)]
    return np.array(numbers, np.int32).tobytes()


def light_level(nits: int) -> bytes:
    return np.array([nits, nits // 2], np.uint32).tobytes()


@pytest.mark.parametrize(
    ("data", "peak"),
    [
        (
            {
                "CONTENT_LIGHT_LEVEL": light_level(700),
                "MASTERING_DISPLAY_METADATA": mastering(4000),
            },
            Peak(700, "max_cll"),
        ),
        ({"MASTERING_DISPLAY_METADATA": mastering(4000)}, Peak(4000, "mastering")),
        (
            {"CONTENT_LIGHT_LEVEL": light_level(0), "MASTERING_DISPLAY_METADATA": mastering(4000)},
            Peak(4000, "mastering"),
        ),
        ({"MASTERING_DISPLAY_METADATA": mastering(4000, told=False)}, Peak(1000, "default")),
        ({"MASTERING_DISPLAY_METADATA": mastering(0)}, Peak(1000, "default")),
        ({}, Peak(1000, "default")),
    ],
)
def test_the_peak_is_the_contents_else_the_displays_else_a_default(data: dict, peak: Peak):
    assert signal_peak(_Told(**data)) == peak


def test_dolby_vision_of_its_own_is_refused():
    frame = _Told(DOVI_METADATA=b"")
    assert hdr_kind(frame) == "dolby_vision"
    with pytest.raises(BadInput, match="Dolby Vision"):
        look_of(frame, "film.mkv")


def test_untagged_pictures_are_bt601_up_to_pal_and_bt709_above():
    assert matrix_of(av.VideoFrame(720, 576, "yuv420p")) == "bt601"
    assert matrix_of(av.VideoFrame(1280, 536, "yuv420p")) == "bt709"
    tagged = av.VideoFrame(1920, 1080, "yuv420p")
    tagged.colorspace = 9
    assert matrix_of(tagged) == "bt2020"


@pytest.mark.parametrize("transfer", [16, 18])
def test_high_dynamic_range_has_the_matrix_of_bt2020_unless_tagged(transfer: int):
    frame = av.VideoFrame(1920, 1080, "yuv420p10le")
    frame.color_trc = transfer
    assert matrix_of(frame) == "bt2020"
    frame.colorspace = 1
    assert matrix_of(frame) == "bt709"


def test_full_range_is_told_by_tag_or_format():
    assert range_of(av.VideoFrame(64, 64, "yuv420p")) == "tv"
    assert range_of(av.VideoFrame(64, 64, "yuvj420p")) == "pc"
    tagged = av.VideoFrame(64, 64, "yuv420p")
    tagged.color_range = 2
    assert range_of(tagged) == "pc"


@pytest.mark.parametrize(
    ("codec", "options", "siting"),
    [
        ("mpeg1video", {}, "center"),
        ("mpeg2video", {}, "left"),
        ("mjpeg", {}, "center"),
        ("libx264", {}, "left"),
        ("libx264", {"x264-params": "chromaloc=2"}, "topleft"),
        ("libx265", {"x265-params": "chromaloc=2:log-level=none"}, "topleft"),
    ],
)
def test_chroma_lies_where_the_stream_says(tmp_path: Path, codec: str, options: dict, siting: str):
    frame = first_frame(encoded(tmp_path / "one.mkv", codec, **options))
    level = av.logging.get_level()
    assert [siting_of(frame), siting_of(frame)] == [siting, siting]
    assert av.logging.get_level() == level


def test_chroma_of_untagged_frames_lies_left():
    frame = av.VideoFrame(64, 64, "yuv420p")
    frame.pts, frame.time_base = 0, Fraction(1, 24)
    assert siting_of(frame) == "left"
