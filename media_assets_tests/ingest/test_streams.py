from pathlib import Path

import pytest

from media_assets.ingest.streams import scan
from resources.problems import BadInput


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("sample_fragmented.mp4", 1.068),  # a header that says 143165 s
        ("no_duration.webm", 4.938),  # a header that says nothing
        ("made_dev/truncated_faststart.mp4", 3.583),  # a header that says 6 s
        ("made_dev/base.mp4", 6.0),
        ("long_1080p_lowbitrate.mp4", 362.767),
        ("mv_with_2_top_shots.mp4", 1.774),  # the last still of the second track lasts no time
        ("../hdr_uhd/hlg_hevc_1080p_editlist.mp4", 2.548),  # an edit list ends in a frame
        ("../hdr_uhd/sdr_hevc_8k.mp4", 0.339),
        ("../animation/popeye_p3_1080p_hevc_pgs.mkv", 59.999),  # its subtitles go on to 63.5 s
        ("made_dev/audio_only.m4a", 6.0),
        ("made_dev/interlaced_tff_pal_sar.mpg", 4.023),  # a clock that starts at 0.529 s
        ("../speech/jfk.flac", 11.0),
    ],
)
def test_the_length_is_that_of_what_is_there(media_dir: Path, name: str, seconds: float) -> None:
    assert scan(media_dir / "hostile" / name).duration_s == pytest.approx(seconds, abs=0.001)


def test_times_count_from_the_start_of_the_container(media_dir: Path) -> None:
    found = scan(media_dir / "hostile" / "made_dev" / "resolution_changes_midway.ts")
    assert found.start_s == pytest.approx(1.460, abs=0.001)
    assert [stream.start_s for stream in found.streams] == [pytest.approx(0.0232, abs=1e-3), 0.0]


def test_every_kind_of_stream_is_told(media_dir: Path) -> None:
    def about(name: str) -> list[str]:
        return [stream.about for stream in scan(media_dir / name).streams]

    assert about("hostile/sample_with_srt.mkv") == [
        "video h264 1080x720 1000 fps",
        "audio ac3 44100 Hz 1 ch",
        "subtitle subrip en",
    ]
    assert about("music/fluffing_a_duck.mp3") == ["audio mp3 48000 Hz 2 ch", "video mjpeg 600x600"]
    assert about("hostile/sample_missing_stsd.mp4")[1] == "audio unknown"
    assert about("hdr_uhd/dolbyvision_p10_4k_av1.mp4") == ["video unknown"]
    assert about("hdr_uhd/hlg_hevc_1080p_editlist.mp4")[2:] == ["data unknown", "data unknown"]
    assert about("hdr_uhd/hdr10_av1_1080p60_mdcv_clli.mp4")[0].startswith(
        "video av1 1920x1080 59.94"
    )


def test_a_cover_picture_has_no_length(media_dir: Path) -> None:
    found = scan(media_dir / "music" / "fluffing_a_duck.mp3")
    assert [s.heard_or_seen for s in found.streams] == [True, False]


def test_a_header_without_media_is_bad_input(media_dir: Path, tmp_path: Path) -> None:
    whole = (media_dir / "hostile" / "made_dev" / "truncated_faststart.mp4").read_bytes()
    head = tmp_path / "head.mp4"
    head.write_bytes(whole[: whole.index(b"mdat") + 4])
    with pytest.raises(BadInput, match=r"^head\.mp4: ") as problem:
        scan(head)
    assert str(tmp_path) not in str(problem.value)
