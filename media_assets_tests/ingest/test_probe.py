from pathlib import Path
from typing import Any

import pytest

from media_assets.ingest.probe import probe_row
from media_assets.ingest.schema import PROBE
from resources.problems import BadInput

PICTURE = [name for name in PROBE.columns if name.startswith(("video_", "color_", "fps_"))]


@pytest.mark.parametrize(
    ("name", "truth"),
    [
        (
            "hostile/made_dev/interlaced_tff_pal_sar.mpg",
            {
                "video_codec": "mpeg2video",
                "coded_width_px": 720,
                "width_px": 768,
                "height_px": 576,
                "pixel_aspect": "16/15",
                "interlaced": True,
                "fps_num": 25,
                "packets": 100,
            },
        ),
        (
            "hdr_uhd/hlg_hevc_1080p_editlist.mp4",
            {
                "coded_width_px": 1920,
                "width_px": 1080,
                "height_px": 1920,
                "rotation_deg": 90,
                "mirrored": False,
                "hdr": "hlg",
                "color_transfer": "arib-std-b67",
                "color_primaries": "bt2020",
                "bit_depth": 10,
                "interlaced": False,
            },
        ),
        (
            "hdr_uhd/hdr10_hevc_1080p_vfr.mp4",
            {"hdr": "pq", "color_matrix": "bt2020nc", "variable_rate": True, "fps_num": 30},
        ),
        (
            "hdr_uhd/hdr10_av1_1080p60_mdcv_clli.mp4",
            {"video_codec": "av1", "hdr": "pq", "fps_num": 60000, "fps_den": 1001},
        ),
        (
            "hostile/sample_rotate_and_reflect.mp4",
            {"rotation_deg": 90, "mirrored": True, "width_px": 720, "height_px": 1080},
        ),
        ("hostile/made_dev/rot90.mov", {"rotation_deg": 270, "width_px": 360, "mirrored": False}),
        (
            "hostile/made_dev/odd_size_641x359_444.mp4",
            {"pixel_format": "yuv444p", "coded_width_px": 641, "pixel_aspect": "5744/5769"},
        ),
        ("hostile/made_dev/vfr.mp4", {"variable_rate": True, "packets": 76}),
        (
            "hostile/made_dev/base.mp4",
            {"variable_rate": False, "fps_num": 24, "fps_den": 1, "hdr": "sdr", "audio_stream": 1},
        ),
        ("hostile/made_dev/one_frame.mp4", {"packets": 1, "fps_num": 25, "audio_stream": None}),
        ("hostile/sample_fragmented.mp4", {"fps_num": 30000, "fps_den": 1001, "packets": 30}),
        ("hostile/sample_shorter_audio.mp4", {"color_range": "pc", "fps_num": 60}),
        ("hostile/sample_missing_stsd.mp4", {"video_stream": 0, "audio_stream": None}),
        (
            "animation/bbb_1s_1080p60_vp8_6ch.webm",
            {"audio_codec": "vorbis", "audio_channels": 6, "audio_rate_hz": 48000},
        ),
    ],
)
def test_the_probe_says_what_is_known_of_real_files(
    media_dir: Path, name: str, truth: dict[str, Any]
) -> None:
    row = probe_row(media_dir / name, None)
    assert {column: row.get(column) for column in truth} == truth


@pytest.mark.parametrize(
    "name", ["hostile/made_dev/audio_only.m4a", "speech/jfk.flac", "music/fluffing_a_duck.mp3"]
)
def test_sound_alone_is_an_episode_too(media_dir: Path, name: str) -> None:
    row = probe_row(media_dir / name, None)
    assert row["audio_stream"] == 0
    assert not set(row) & set(PICTURE)


def test_the_audio_is_the_one_in_the_spoken_language(media_dir: Path) -> None:
    master = media_dir / "hostile" / "made_dev" / "three_audio_tracks.mkv"
    assert [probe_row(master, code)["audio_stream"] for code in ("de", "en", "fr", None)] == [
        *(3, 2, 2, 2),
    ]
    assert probe_row(master, "de")["audio_language"] == "de"


def test_sound_in_another_language_than_the_spoken_one_is_told(media_dir: Path) -> None:
    log: list[str] = []
    master = media_dir / "hostile" / "made_dev" / "three_audio_tracks.mkv"
    assert probe_row(master, "fr", log=log.append)["audio_language"] == "en"
    assert log == ["no sound in fr is used, but stream 2, which is in en"]
    probe_row(master, "en-GB", log=log.append)
    assert len(log) == 1


def test_of_two_tracks_in_one_language_the_settings_can_name_either(media_dir: Path) -> None:
    master = media_dir / "speech" / "nasa_webb_2audio_2video_2subs.mp4"
    rates = [probe_row(master, "en", stream)["audio_rate_hz"] for stream in (None, 1, 4)]
    assert rates == [8000, 8000, 16000]
    with pytest.raises(BadInput, match=r"stream 3, .* Sounds .*: 1 \(en\), 4 \(en\)\.$"):
        probe_row(master, "en", 3)


@pytest.mark.parametrize(
    "name", ["hostile/invalid-bitstream.webm", "hdr_uhd/dolbyvision_p10_4k_av1.mp4"]
)
def test_a_master_of_which_nothing_decodes_is_bad_input(media_dir: Path, name: str) -> None:
    with pytest.raises(BadInput, match=rf"^{Path(name).name}: ") as problem:
        probe_row(media_dir / name, None)
    assert str(media_dir) not in str(problem.value)
