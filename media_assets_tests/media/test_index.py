"""The index says which frames a file shows and when, as its decoder does."""

import shutil
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_assets.media.index import (
    STANDARD_RATES,
    FrameIndex,
    choose_video_stream,
    open_media,
    read_index,
)
from media_assets_tests.media.moving import write_video
from resources.problems import BadInput, NotApplicable

REAL = [
    "animation/bbb_10s_180p.webm",
    "animation/bbb_1s_1080p60_vp8_6ch.webm",
    "hdr_uhd/hdr10_av1_1080p60_mdcv_clli.mp4",
    "hdr_uhd/hlg_hevc_1080p_editlist.mp4",
    "hdr_uhd/hdr10_hevc_1080p_vfr.mp4",
    "hostile/sample_fragmented.mp4",
    "hostile/no_duration.webm",
    "hostile/sample_with_pgs_subtitles.mkv",
    "hostile/made_dev/vfr.mp4",
    "hostile/made_dev/three_audio_tracks.mkv",
    "hostile/made_dev/interlaced_tff_pal_sar.mpg",
    "talking_heads/bbaf2n.mpg",
]


def decoded_pts(path: Path) -> list[int]:
    with av.open(str(path)) as container:
        video = choose_video_stream(container, path.name)
        return [frame.pts for frame in container.decode(video)]


def regular(rate: Fraction, count: int, time_base: Fraction, start: int = 0) -> FrameIndex:
    """The index of a constant rate, rounded to the time base as muxers do."""
    pts = [start + round(i / (rate * time_base)) for i in range(count)]
    return index_of(pts, time_base, declared=None)


def index_of(
    pts: list[int], time_base: Fraction, declared: Fraction | None = None, start: Fraction = 0
) -> FrameIndex:
    none = np.array([], np.int64)
    return FrameIndex(
        0, time_base, Fraction(start), np.array(pts, np.int64), none, none, 1, declared
    )


@pytest.mark.parametrize("name", REAL)
def test_the_index_holds_exactly_the_frames_that_are_shown(media_dir: Path, name: str):
    assert read_index(media_dir / name).pts.tolist() == decoded_pts(media_dir / name)


def test_frames_before_an_edit_are_not_shown(media_dir: Path):
    index = read_index(media_dir / "hdr_uhd/hlg_hevc_1080p_editlist.mp4")
    assert (len(index), index.seconds(0)) == (77, 0.0)


def test_a_vp8_frame_that_is_not_shown_is_not_indexed(media_dir: Path, tmp_path: Path):
    source = media_dir / "hostile/made_dev/wrong_extension_is_webm.mp4"
    hidden = []
    with av.open(str(source)) as old, av.open(str(tmp_path / "hidden.webm"), "w") as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        for number, packet in enumerate(old.demux(video=0)):
            if not packet.size:
                continue
            data = bytearray(bytes(packet))
            if number % 10 == 5 and not packet.is_keyframe:
                data[0] &= ~0x10  # show_frame of RFC 6386, 9.1
                hidden.append(packet.pts)
            copy = av.Packet(bytes(data))
            copy.pts, copy.dts, copy.time_base = packet.pts, packet.dts, packet.time_base
            copy.is_keyframe = packet.is_keyframe
            copy.stream = stream
            new.mux(copy)
    index = read_index(tmp_path / "hidden.webm")
    assert len(hidden) == 7
    assert len(index) == 72 - 7
    assert index.pts.tolist() == decoded_pts(tmp_path / "hidden.webm")


def test_a_recording_that_begins_inside_a_group_starts_with_its_first_whole_picture(
    tmp_path: Path,
):
    whole = write_video(
        tmp_path / "whole.ts",
        options={"x264-params": "keyint=24:min-keyint=24:scenecut=0:open-gop=1:log-level=none"},
    )
    with av.open(str(whole)) as container:
        positions = [packet.pos for packet in container.demux(video=0) if packet.size]
    cut = tmp_path / "cut.ts"
    cut.write_bytes(whole.read_bytes()[positions[10] // 188 * 188 :])
    index = read_index(cut)
    assert 24 < len(index) < 50
    assert index.pts.tolist() == decoded_pts(cut)


def test_a_timeline_that_jumps_back_is_made_continuous(media_dir: Path):
    index = read_index(media_dir / "hostile/made_dev/resolution_changes_midway.ts")
    assert index.restamped
    assert len(index) == 96
    assert index.nominal_rate() == 24
    assert not index.is_variable


@pytest.mark.parametrize("name", ["b_frames.avi", "elementary.h264"])
def test_a_file_without_times_gets_those_of_its_decoded_frames(tmp_path: Path, name: str):
    index = read_index(write_video(tmp_path / name, frames=40))
    assert index.restamped
    assert len(index) == 40
    assert (np.diff(index.pts) == np.diff(index.pts)[0]).all()


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("hostile/made_dev/interlaced_tff_pal_sar.mpg", 0.010911),
        ("hostile/sample_fragmented.mp4", 2002 / 30000),
        ("hostile/made_dev/three_audio_tracks.mkv", 0.023),
    ],
)
def test_seconds_count_from_the_start_of_the_container(media_dir: Path, name: str, start: float):
    assert read_index(media_dir / name).seconds(0) == pytest.approx(start, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "rate", "variable"),
    [
        ("animation/sintel_trailer_720p_vp8_opus.webm", 24, False),
        ("animation/popeye_p3_480p_hevc_vobsub.mkv", Fraction(30000, 1001), False),
        ("animation/bbb_1s_1080p60_vp8_6ch.webm", 60, False),
        ("hdr_uhd/hdr10_av1_1080p60_mdcv_clli.mp4", Fraction(60000, 1001), False),
        ("hdr_uhd/sdr_hevc_8k.mp4", 24, False),
        ("hostile/corrupted.mp4", 10, False),
        ("hostile/no_duration.webm", Fraction(15000, 1001), False),
        ("hostile/sample_with_srt.mkv", 30, False),
        ("hostile/made_dev/vfr.mp4", 12, True),
        ("hostile/sample_android_slow_motion.mp4", 30, True),
        ("hdr_uhd/hdr10_hevc_1080p_vfr.mp4", 30, True),
        ("hostile/made_dev/one_frame.mp4", 25, False),
    ],
)
def test_nominal_rates_of_real_files(media_dir: Path, name: str, rate: Fraction, variable: bool):
    index = read_index(media_dir / name)
    assert (index.nominal_rate(), index.is_variable) == (rate, variable)


@settings(deadline=None)
@given(
    rate=st.sampled_from([rate for rate in STANDARD_RATES if rate >= 10]),
    time_base=st.sampled_from([Fraction(1, 1000), Fraction(1, 90000), Fraction(1, 12800)]),
    start=st.integers(-5000, 5000),
)
def test_a_standard_rate_is_found_again_through_rounding(
    rate: Fraction, time_base: Fraction, start: int
):
    index = regular(rate, 3000, time_base, start)
    assert index.nominal_rate() == rate
    assert not index.is_variable


@settings(deadline=None)
@given(st.lists(st.integers(1, 90000), min_size=1, max_size=50), st.integers(-9, 9))
def test_times_lead_back_to_their_frames(gaps: list[int], start: int):
    index = index_of((start + np.cumsum(gaps)).tolist(), Fraction(1, 90000), None, Fraction(start))
    for frame in range(len(index)):
        assert index.position(int(index.pts[frame])) == frame
    assert index.all_seconds.tolist() == [index.seconds(frame) for frame in range(len(index))]


def test_the_frame_after_the_last_is_the_end_and_no_other_exists(media_dir: Path):
    index = read_index(media_dir / "hostile/made_dev/base.mp4")
    assert index.seconds(144) == 6.0
    with pytest.raises(IndexError):
        index.seconds(145)
    with pytest.raises(IndexError):
        index.seconds(-1)
    with pytest.raises(KeyError):
        index.position(1)


@pytest.mark.parametrize(
    ("name", "stream"),
    [
        ("speech/nasa_webb_2audio_2video_2subs.mp4", 3),  # the larger of two films
        ("hostile/mv_with_2_top_shots.mp4", 0),  # the film, not the larger stills beside it
    ],
)
def test_the_main_stream_is_the_film(media_dir: Path, name: str, stream: int):
    with open_media(media_dir / name) as container:
        assert choose_video_stream(container, name).index == stream


@pytest.mark.parametrize("name", ["music/fluffing_a_duck.mp3", "hostile/made_dev/audio_only.m4a"])
def test_a_cover_is_no_video(media_dir: Path, name: str):
    with pytest.raises(NotApplicable, match="has no video"):
        read_index(media_dir / name)


@pytest.mark.parametrize(
    "name",
    [
        "hostile/made_dev/zero_byte.mp4",
        "hostile/made_dev/random_garbage.mkv",
        "hostile/made_dev/text_renamed.mp4",
        "hostile/made_dev/header_only.mp4",
        "hostile/made_dev/truncated_no_moov.mp4",
        "hostile/chunk_out_of_range.mp4",
        "hdr_uhd/dolbyvision_p10_4k_av1.mp4",
    ],
)
def test_what_is_no_media_is_bad_input_that_names_the_file_only(media_dir: Path, name: str):
    with pytest.raises(BadInput) as problem:
        read_index(media_dir / name)
    assert problem.value.where == Path(name).name
    assert str(media_dir) not in str(problem.value)


def test_a_wrong_extension_and_a_strange_name_do_not_matter(media_dir: Path, tmp_path: Path):
    source = media_dir / "hostile/made_dev/wrong_extension_is_webm.mp4"
    strange = tmp_path / "%d a:b 'c' é😀 [x].mkv"
    shutil.copy(source, strange)
    assert read_index(strange).pts.tolist() == read_index(source).pts.tolist()
