"""The same frame has the same bytes, however it is reached."""

import random
import subprocess
import sys
from pathlib import Path

import av
import pytest

from media_assets.media.hashing import frame_digest
from media_assets.media.index import read_index
from media_assets.media.reader import Reader
from media_assets.media.video import Damage, decode_frames, read_frames
from media_assets_tests.media.moving import write_videos
from resources.problems import BadInput

REAL = [
    "animation/bbb_10s_180p.webm",
    "hdr_uhd/hlg_hevc_1080p_editlist.mp4",
    "hostile/sample_fragmented.mp4",
    "hostile/sample_with_srt.mkv",
    "hostile/bear-vp9-odd-dimensions.webm",
    "hostile/no_duration.webm",
    "hostile/sample_android_slow_motion.mp4",
    "hostile/made_dev/vfr.mp4",
    "hostile/made_dev/three_audio_tracks.mkv",
    "hostile/made_dev/interlaced_tff_pal_sar.mpg",
    "hostile/made_dev/odd_size_641x359_444.mp4",
    "hostile/made_dev/resolution_changes_midway.ts",
    "hostile/made_dev/sdr_10bit_hevc.mp4",
    "hostile/made_dev/truncated_faststart.mp4",
    "hostile/made_dev/wrong_extension_is_webm.mp4",
    "hostile/made_dev/bitrot_middle.mp4",
    "hostile/corrupted.mp4",
    "talking_heads/bbaf2n.mpg",
]
GROUPS_OF_12 = "keyint=12:min-keyint=12:scenecut=0:bframes=3:b-adapt=0:log-level=none"
MADE = {
    "open_gop.mkv": ("libx264", {"x264-params": f"open-gop=1:{GROUPS_OF_12}"}),
    "open_gop.ts": ("libx264", {"x264-params": f"open-gop=1:{GROUPS_OF_12}"}),
    "open_gop.mp4": ("libx264", {"x264-params": f"open-gop=1:{GROUPS_OF_12}"}),
    "gradual_refresh.ts": (
        "libx264",
        {"x264-params": "intra-refresh=1:keyint=12:bframes=0:log-level=none"},
    ),
    "open_gop_hevc.ts": ("libx265", {"x265-params": f"open-gop=1:{GROUPS_OF_12}"}),
    "b_frames.avi": ("libx264", {"x264-params": GROUPS_OF_12}),
    "elementary.h264": ("libx264", {"x264-params": GROUPS_OF_12}),
    "open_gop_mpeg2.mpg": ("mpeg2video", {"g": "12", "bf": "2"}),
    "altref.webm": ("libvpx-vp9", {"g": "12", "lag-in-frames": "16", "cpu-used": "8"}),
    "av1.mkv": ("libsvtav1", {"g": "12", "preset": "12"}),
    "intra.mov": ("prores_ks", {}),
}


@pytest.fixture(scope="module")
def made_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_videos(tmp_path_factory.mktemp("made"), MADE, 60)


def assert_the_same_frames_however_reached(path: Path, picks: int) -> None:
    index = read_index(path)
    damage = Damage()
    sequential = {frame.pts: frame_digest(frame) for frame in decode_frames(path, index, damage)}
    assert list(sequential) == sorted(sequential), "presentation order"
    assert len(sequential) + len(damage.missing) == len(index)
    pts = index.pts.tolist()
    chosen = [*random.Random(len(pts)).sample(pts, min(picks, len(pts))), pts[-1]]
    for value in chosen:
        alone = {p: frame_digest(frame) for p, frame in read_frames(path, [value], index)}
        assert alone == {p: sequential[p] for p in [value] if p in sequential}
    together = {p: frame_digest(frame) for p, frame in read_frames(path, chosen, index)}
    assert together == {p: sequential[p] for p in sorted(chosen) if p in sequential}
    start = len(pts) // 3
    window = {p: frame_digest(f) for p, f in read_frames(path, pts[start : start + 20], index)}
    assert window == {p: sequential[p] for p in pts[start : start + 20] if p in sequential}


@pytest.mark.parametrize("name", REAL)
def test_real_files_give_the_same_frames_however_reached(media_dir: Path, name: str):
    picks = 1 if name.startswith("hdr_uhd") else 6
    assert_the_same_frames_however_reached(media_dir / name, picks)


@pytest.mark.parametrize("name", MADE)
def test_made_files_give_the_same_frames_however_reached(made_dir: Path, name: str):
    assert_the_same_frames_however_reached(made_dir / name, picks=25)


@pytest.mark.parametrize(
    "name",
    ["hostile/made_dev/base.mp4", "hostile/sample_fragmented.mp4", "talking_heads/bbaf2n.mpg"],
)
def test_sequential_frames_are_those_of_a_plain_decode(media_dir: Path, name: str):
    with av.open(str(media_dir / name)) as container:
        plain = [(frame.pts, frame_digest(frame)) for frame in container.decode(video=0)]
    ours = [(frame.pts, frame_digest(frame)) for frame in decode_frames(media_dir / name)]
    assert ours == plain


@pytest.mark.parametrize("name", ["gradual_refresh.ts", "open_gop_hevc.ts"])
def test_frames_that_a_bare_seek_misses_are_found(made_dir: Path, name: str):
    """The traps are real: the demuxer lands too late, or the decoder first has to recover."""
    path = made_dir / name
    index = read_index(path)
    entry = int(index.seek_pts[2])
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        container.seek(entry, stream=video)
        assert entry not in [frame.pts for frame in container.decode(video)]
    assert [pts for pts, _ in read_frames(path, [entry], index)] == [entry]


@pytest.mark.parametrize("name", ["open_gop.mkv", "open_gop.ts", "open_gop.mp4"])
def test_every_group_is_entered_by_one_seek(
    made_dir: Path, name: str, monkeypatch: pytest.MonkeyPatch
):
    entered: list[int | None] = []
    enter = Reader.enter

    def counted(self, entry: int | None, *, threads: bool):
        entered.append(entry)
        return enter(self, entry, threads=threads)

    monkeypatch.setattr(Reader, "enter", counted)
    path = made_dir / name
    index = read_index(path)
    groups = index.pts.reshape(5, 12)
    dense = [group[3] for group in groups]
    assert len(list(read_frames(path, dense, index))) == 5
    assert entered == [None], "neighbouring groups are decoded through"
    entered.clear()
    sparse = [groups[0][5], groups[0][7], groups[4][2], groups[4][9]]
    assert len(list(read_frames(path, sparse, index))) == 4
    assert len(entered) == 2, "distant groups cost one seek each"


def test_frames_come_in_presentation_order_each_once(media_dir: Path):
    path = media_dir / "hostile/made_dev/base.mp4"
    index = read_index(path)
    a, b = int(index.pts[9]), int(index.pts[100])
    assert [pts for pts, _ in read_frames(path, [b, a, b], index)] == [a, b]


def test_a_pts_that_no_frame_has_is_an_error(media_dir: Path):
    with pytest.raises(KeyError):
        list(read_frames(media_dir / "hostile/made_dev/base.mp4", [1]))


def test_bit_rot_is_told_by_frame_number_and_the_same_every_time(media_dir: Path):
    path = media_dir / "hostile/made_dev/bitrot_middle.mp4"
    index = read_index(path)
    runs = []
    for _ in range(3):
        damage = Damage()
        frames = [(f.pts, frame_digest(f)) for f in decode_frames(path, index, damage)]
        runs.append((frames, damage.missing, damage.corrupt))
    assert runs[0] == runs[1] == runs[2]
    frames, missing, corrupt = runs[0]
    assert missing == [44, 53, 71]
    assert corrupt
    assert not set(missing) & set(corrupt)
    with av.open(str(media_dir / "hostile/made_dev/base.mp4")) as container:
        whole = {frame.pts: frame_digest(frame) for frame in container.decode(video=0)}
    differing = {index.position(pts) for pts, digest in frames if whole[pts] != digest}
    suspect = set(damage.suspect(index))
    assert set(corrupt) <= differing <= suspect
    assert suspect >= set(missing)
    assert suspect == set(range(40, 144)), "from the damaged entry point on"


def test_a_sound_file_has_no_damage(media_dir: Path):
    damage = Damage()
    for _ in decode_frames(media_dir / "hostile/made_dev/base.mp4", damage=damage):
        pass
    assert not damage
    assert damage.suspect(read_index(media_dir / "hostile/made_dev/base.mp4")) == []


def test_a_change_of_size_is_delivered_as_it_is(media_dir: Path):
    frames = decode_frames(media_dir / "hostile/made_dev/resolution_changes_midway.ts")
    sizes = [(frame.width, frame.height) for frame in frames]
    assert sizes == [(640, 360)] * 48 + [(320, 180)] * 48


def test_nothing_decodable_is_bad_input(media_dir: Path):
    with pytest.raises(BadInput, match="no frame of the video can be decoded"):
        list(decode_frames(media_dir / "hostile/invalid-bitstream.webm"))


def test_closing_a_decoder_early_never_hangs_when_a_library_set_a_log_level(media_dir: Path):
    script = """
import sys, av
from media_assets.media.index import read_index
from media_assets.media.video import read_frames
index = read_index(sys.argv[1])
for pts in index.pts[:20].tolist():
    av.logging.set_level(av.logging.ERROR)
    assert len(list(read_frames(sys.argv[1], [pts], index))) == 1
"""
    path = media_dir / "hostile/made_dev/base.mp4"
    subprocess.run([sys.executable, "-c", script, str(path)], check=True, timeout=60)
