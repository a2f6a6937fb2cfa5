"""Windows are cut out of files of every kind: no frame is another than it should be."""

import random
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import pytest

from media_assets.media import reader, windows
from media_assets.media.hashing import frame_digest
from media_assets.media.index import FrameIndex, read_index
from media_assets.media.video import Damage, decode_frames
from media_assets.media.windows import WindowReader, groups
from media_assets_tests.media.moving import write_video, write_videos

FRAMES = 7
# Of a long file only the beginning is compared.
COMPARED = 300
REAL = {
    "hdr_uhd/hdr10_av1_1080p60_mdcv_clli.mp4": 4,
    "hdr_uhd/hdr10_hevc_1080p_vfr.mp4": 4,
    "hdr_uhd/hlg_hevc_1080p_editlist.mp4": 3,
    "hdr_uhd/sdr_hevc_8k.mp4": 1,
    "hostile/bear-vp9-odd-dimensions.webm": 8,
    "hostile/corrupted.mp4": 12,
    "hostile/long_1080p_lowbitrate.mp4": 3,
    "hostile/mv_with_2_top_shots.mp4": 5,
    "hostile/no_duration.webm": 8,
    "hostile/sample_android_slow_motion.mp4": 1,
    "hostile/sample_fragmented.mp4": 8,
    "hostile/sample_missing_stsd.mp4": 8,
    "hostile/sample_rotate_and_reflect.mp4": 8,
    "hostile/sample_shorter_audio.mp4": 8,
    "hostile/sample_video_only.mp4": 8,
    "hostile/sample_with_chapters.mp4": 8,
    "hostile/sample_with_pgs_subtitles.mkv": 8,
    "hostile/sample_with_srt.mkv": 8,
    "hostile/video_90.mov": 1,
    "hostile/made_dev/all_black_silent.mp4": 12,
    "hostile/made_dev/audio_starts_1500ms_late.mkv": 20,
    "hostile/made_dev/base.mp4": 20,
    "hostile/made_dev/bitrot_middle.mp4": 30,
    "hostile/made_dev/interlaced_tff_pal_sar.mpg": 20,
    "hostile/made_dev/odd_size_641x359_444.mp4": 12,
    "hostile/made_dev/one_frame.mp4": 1,
    "hostile/made_dev/resolution_changes_midway.ts": 20,
    "hostile/made_dev/rot90.mov": 12,
    "hostile/made_dev/sdr_10bit_hevc.mp4": 12,
    "hostile/made_dev/truncated_faststart.mp4": 20,
    "hostile/made_dev/vfr.mp4": 12,
    "hostile/made_dev/wrong_extension_is_webm.mp4": 12,
    "talking_heads/bbaf2n.mpg": 20,
}
GROUPS_OF_24 = "keyint=24:min-keyint=24:scenecut=0:bframes=7:b-adapt=0:log-level=none"
X264 = {"x264-params": f"open-gop=1:b-pyramid=normal:{GROUPS_OF_24}"}
X265 = {"x265-params": f"open-gop=1:b-pyramid=1:{GROUPS_OF_24}"}
MADE = {
    "open_gop.mkv": ("libx264", X264),
    "open_gop.mp4": ("libx264", X264),
    "open_gop.ts": ("libx264", X264),
    "open_gop_hevc.mkv": ("libx265", X265),
    "open_gop_hevc.mp4": ("libx265", X265),
    "open_gop_hevc.ts": ("libx265", X265),
    "closed_gop.mp4": ("libx264", {"x264-params": f"open-gop=0:{GROUPS_OF_24}"}),
    "one_group.mkv": ("libx265", {"x265-params": "keyint=-1:bframes=4:log-level=none"}),
    "temporal_layers.mkv": (
        "libx265",
        {"x265-params": f"temporal-layers=3:b-pyramid=1:{GROUPS_OF_24}"},
    ),
    "fields.mkv": ("libx264", {"x264-params": f"tff=1:{GROUPS_OF_24}"}),
    "gradual_refresh.ts": (
        "libx264",
        {"x264-params": "intra-refresh=1:keyint=12:bframes=0:log-level=none"},
    ),
    "b_frames.avi": ("libx264", {"x264-params": GROUPS_OF_24}),
    "elementary.h264": ("libx264", {"x264-params": GROUPS_OF_24}),
    "elementary.hevc": ("libx265", X265),
    "open_gop_mpeg2.mpg": ("mpeg2video", {"g": "12", "bf": "2"}),
    "open_gop_mpeg2.ts": ("mpeg2video", {"g": "12", "bf": "2"}),
    "b_frames_mpeg4.mp4": ("mpeg4", {"g": "12", "bf": "2"}),
    "altref.webm": ("libvpx-vp9", {"g": "24", "lag-in-frames": "16", "cpu-used": "8"}),
    "altref_vp8.webm": ("libvpx", {"g": "24", "lag-in-frames": "16", "auto-alt-ref": "1"}),
    "av1.mkv": ("libsvtav1", {"g": "24", "preset": "12"}),
    "intra.mov": ("prores_ks", {}),
}


@pytest.fixture(scope="module")
def made_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_videos(tmp_path_factory.mktemp("made"), MADE, 96)
    uneven = [40 * n + 13 * (n % 3) + 400 * (n // 30) for n in range(96)]
    for codec, options in (("libx264", X264), ("libx265", X265)):
        path = folder / f"uneven_{codec}.mp4"
        write_video(path, 96, codec, options, pts=uneven, time_base=Fraction(1, 1000))
    return folder


def shuffled_windows(index: FrameIndex, count: int, seed: int = 0) -> list[list[int]]:
    """Windows anywhere in the file, in no order."""
    last = min(len(index), COMPARED)
    starts = list(range(max(1, last - FRAMES + 1)))
    chosen = random.Random(seed).sample(starts, min(count, len(starts)))
    return [list(range(start, min(start + FRAMES, last))) for start in chosen]


def assert_windows_hold_the_frames_of_a_sequential_decode(path: Path, count: int) -> Damage:
    index = read_index(path)
    sequential_damage, damage = Damage(), Damage()
    frames = islice(decode_frames(path, index, sequential_damage), COMPARED)
    truth = {index.position(frame.pts): frame_digest(frame) for frame in frames}
    concealed = set(sequential_damage.corrupt)
    with WindowReader(path, index) as open_file:
        for window in shuffled_windows(index, count):
            told = Damage()
            served = [(n, frame_digest(f)) for n, f in open_file.frames(window, told)]
            assert served == [(n, truth[n]) for n, _ in served]
            assert not concealed & {n for n, _ in served}
            assert sorted([n for n, _ in served] + told.missing) == window
            damage.missing += told.missing
    assert set(damage.missing) <= set(sequential_damage.suspect(index))
    return damage


@pytest.mark.parametrize(("name", "count"), REAL.items())
def test_windows_of_real_files_hold_the_frames_of_a_sequential_decode(
    media_dir: Path, name: str, count: int
):
    damage = assert_windows_hold_the_frames_of_a_sequential_decode(media_dir / name, count)
    assert bool(damage) == (name.split("/")[-1] in ("corrupted.mp4", "bitrot_middle.mp4"))


@pytest.mark.parametrize("name", [*MADE, "uneven_libx264.mp4", "uneven_libx265.mp4"])
def test_windows_of_made_files_hold_the_frames_of_a_sequential_decode(made_dir: Path, name: str):
    assert not assert_windows_hold_the_frames_of_a_sequential_decode(made_dir / name, count=40)


def test_what_is_served_of_a_damaged_file_is_as_in_the_sound_one(media_dir: Path):
    sound = media_dir / "hostile/made_dev/base.mp4"
    truth = [frame_digest(frame) for frame in decode_frames(sound)]
    path = media_dir / "hostile/made_dev/bitrot_middle.mp4"
    index = read_index(path)
    served: set[int] = set()
    with WindowReader(path, index) as open_file:
        for start in range(len(index) - FRAMES, -1, -4):
            for number, frame in open_file.frames(range(start, start + FRAMES)):
                assert frame_digest(frame) == truth[number]
                served.add(number)
    assert served >= set(range(1, 40)), "before the damage"


@pytest.mark.parametrize("name", ["open_gop.mkv", "open_gop_hevc.mkv"])
def test_a_picture_that_is_gone_takes_along_what_is_predicted_from_it(
    made_dir: Path, tmp_path: Path, name: str
):
    """No decoder complains: the unit's type says that there is nothing to decode."""
    index = read_index(made_dir / name)
    truth = [frame_digest(frame) for frame in decode_frames(made_dir / name)]
    with av.open(str(made_dir / name)) as container:
        packets = {packet.pts: bytes(packet) for packet in container.demux(video=0)}
    data = bytearray((made_dir / name).read_bytes())
    header = data.index(packets[int(index.pts[32])]) + 4
    data[header] = 9 if name == "open_gop.mkv" else 41 << 1
    path = tmp_path / name
    path.write_bytes(data)
    served: dict[int, bytes] = {}
    damage = Damage()
    with WindowReader(path, read_index(path)) as open_file:
        for window in shuffled_windows(index, count=60):
            served |= {n: frame_digest(frame) for n, frame in open_file.frames(window, damage)}
    assert all(digest == truth[number] for number, digest in served.items())
    assert {25, 31, 32, 33, 40, 47} <= set(damage.missing)
    assert served.keys() >= {*range(24), *range(48, 96)}, "groups without damage"


@pytest.fixture
def fed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The PTS of every packet that a decoder gets."""
    pts: list[int] = []
    decoded = reader.decoded

    def counted(source: Iterator[av.Packet]) -> Iterator[av.Packet]:
        for packet in source:
            pts.append(packet.pts)
            yield packet

    def counting(video, source: Iterator[av.Packet], since: float | None = None):
        return decoded(video, counted(source), since)

    monkeypatch.setattr(windows, "decoded", counting)
    monkeypatch.setattr(reader, "decoded", counting)
    return pts


# Groups of 24 with a P picture every 8 frames and between them a B picture that others refer to;
# groups of 12 with a P picture every 3 frames.
LEAST = {
    "open_gop.mp4": {44, 48, 52, 56, 58, 59, 60, 61, 62, 63, 64},
    "open_gop_hevc.mp4": {44, 48, 52, 56, 58, 59, 60, 61, 62, 63, 64},
    "open_gop_hevc.ts": {44, 48, 52, 56, 58, 59, 60, 61, 62, 63, 64},
    "open_gop_mpeg2.ts": {48, 51, 54, 57, 58, 59, 60, 61, 62, 63, 64, 66},
}


@pytest.mark.parametrize(("name", "least"), LEAST.items())
def test_only_wanted_frames_and_those_that_others_refer_to_are_decoded(
    made_dir: Path, name: str, least: set[int], fed: list[int]
):
    path = made_dir / name
    index = read_index(path)
    with WindowReader(path, index) as open_file:
        assert [number for number, _ in open_file.frames(range(58, 65))] == list(range(58, 65))
    numbers = [index.position(pts) for pts in fed]
    assert sorted(numbers) == sorted(least)


def test_the_file_is_opened_once_and_a_group_is_entered_once(
    made_dir: Path, fed: list[int], monkeypatch: pytest.MonkeyPatch
):
    opened: list[Path] = []
    entered: list[int | None] = []
    open_media, enter = reader.open_media, reader.Reader.enter

    def opening(path: Path):
        opened.append(path)
        return open_media(path)

    def entering(self, entry: int | None, *, threads: bool):
        entered.append(entry)
        return enter(self, entry, threads=threads)

    monkeypatch.setattr(reader, "open_media", opening)
    monkeypatch.setattr(reader.Reader, "enter", entering)
    path = made_dir / "open_gop_hevc.mp4"
    index = read_index(path)
    with WindowReader(path, index) as open_file:
        calls = {3: [75, 80], 0: [2, 3, 20], 2: range(50, 57), 1: [30, 31]}
        for group, numbers in calls.items():
            assert [number for number, _ in open_file.frames(numbers)] == list(numbers)
            assert entered.pop() == group
        assert not entered
        list(open_file.frames(range(45, 52)))
        assert entered == [1], "a window leads from one group into the next"
        entered.clear()
        list(open_file.frames([30, 60]))
        assert entered == [1, 2], "what lies between is not decoded"
    assert opened == [path]
    assert len(fed) < 100


def test_a_window_that_is_left_early_does_not_disturb_the_next(made_dir: Path):
    path = made_dir / "open_gop_hevc.mkv"
    index = read_index(path)
    truth = [frame_digest(frame) for frame in decode_frames(path, index)]
    with WindowReader(path, index) as open_file:
        for window in shuffled_windows(index, count=10):
            number, frame = next(open_file.frames(window))
            assert (number, frame_digest(frame)) == (window[0], truth[window[0]])


def test_frames_are_told_by_the_group_from_which_they_are_decoded(made_dir: Path):
    index = read_index(made_dir / "open_gop.mp4")
    assert groups(index, [50, 3, 23, 24, 3, 49]) == [[3, 23], [24], [49, 50]]
    assert groups(index, []) == []
    assert groups(read_index(made_dir / "elementary.h264"), [3, 90]) == [[3, 90]]


def test_a_frame_that_is_not_in_the_index_is_an_error(made_dir: Path):
    path = made_dir / "open_gop.mp4"
    with WindowReader(path, read_index(path)) as open_file, pytest.raises(IndexError):
        list(open_file.frames([95, 96]))
