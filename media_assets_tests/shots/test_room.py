"""From a master to its clips: the frames that go in, the frames that come out, the pictures."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np
import polars as pl
import pytest

from media_assets.ingest.probe import probe_row
from media_assets.ingest.schema import PROBE
from media_assets.media.encode import EncodeSettings
from media_assets.media.hashing import frame_digest, sha256_file
from media_assets.media.index import read_index
from media_assets.media.picture import read_geometry, read_pictures
from media_assets.media.video import decode_frames, read_frames
from media_assets.shots import kept_frames as keeping
from media_assets.shots.clips import ClipSettings
from media_assets.shots.cut_clips import encode_clips, wanted_clips
from media_assets.shots.frame_pass import measure_frames
from media_assets.shots.kept_frames import KeptFrames, kept_frames
from media_assets.shots.pictures import clip_strip, shot_sheet
from media_assets.shots.quality import QualitySettings
from media_assets.shots.reference import CROP, SIZE, wanted_frames, write_pictures
from media_assets.shots.rows import clip_rows, quality_rows, scene_rows, shot_rows
from media_assets.shots.scenes import SceneSettings
from media_assets.shots.transitions import TransitionConfig
from resources.home import Home

pytestmark = pytest.mark.slow

REAL = {
    "variable_rate": "hostile/made_dev/vfr.mp4",
    "very_variable_rate": "hostile/sample_android_slow_motion.mp4",
    "edit_list_turned_hlg": "hdr_uhd/hlg_hevc_1080p_editlist.mp4",
    "hdr10_variable_rate": "hdr_uhd/hdr10_hevc_1080p_vfr.mp4",
    "odd_size": "hostile/bear-vp9-odd-dimensions.webm",
    "interlaced_ps": "hostile/made_dev/interlaced_tff_pal_sar.mpg",
    "late_sound": "hostile/made_dev/audio_starts_1500ms_late.mkv",
    "size_changes_ts": "hostile/made_dev/resolution_changes_midway.ts",
    "turned": "hostile/made_dev/rot90.mov",
}
# Seconds [from, to) of the packets, without recoding.
EXCERPTS = {
    "vp8_hidden_frames.webm": ("animation/sintel_trailer_720p_vp8_opus.webm", 12, 30),
    "hevc.mkv": ("animation/popeye_p3_480p_hevc_vobsub.mkv", 0, 16),
}
OPEN = "open-gop=1:keyint=20:min-keyint=20:scenecut=0:bframes=3:b-adapt=0:log-level=none"
# Footage with a cut every 1.5 s whose groups of pictures are open and do not begin at the cuts.
CUT = {
    "open_gop.ts": ("libx264", {"x264-params": OPEN}),
    "open_gop.mkv": ("libx264", {"x264-params": OPEN}),
    "open_gop_hevc.mkv": ("libx265", {"x265-params": OPEN, "preset": "ultrafast"}),
    "edit_list.mp4": ("libx264", {"x264-params": OPEN}),
}
CUT_EVERY, RATE = 36, Fraction(24)
SINTEL, BUNNY = "sintel_trailer_720p_vp8_opus.webm", "big_buck_bunny_0_30_720p.webm"
# Film and first frame; no cut of theirs is in the 36 frames that follow.
PIECES = ((SINTEL, 575), (BUNNY, 100), (SINTEL, 1170), (BUNNY, 300), (BUNNY, 400))
# Frames that the edit list cuts off.
TRIMMED = 7


def cut_footage(media_dir: Path) -> list[av.VideoFrame]:
    """Pieces of shots of two films in turn, 320x180."""
    frames: list[av.VideoFrame] = []
    for film, start in PIECES:
        path = media_dir / "animation" / film
        index = read_index(path)
        pts = index.pts[start : start + CUT_EVERY].tolist()
        for _, frame in read_frames(path, pts, index):
            frames.append(frame.reformat(320, 180, "yuv420p"))
    return frames


def write_cut(path: Path, frames: list[av.VideoFrame], codec: str, options: dict[str, str]) -> None:
    """An edit list comes of times before 0: what is shown before then is cut off."""
    first = -TRIMMED if path.name.startswith("edit_list") else 0
    muxer = {"avoid_negative_ts": "disabled"} if first else {}
    with av.open(str(path), "w", options=muxer) as out:
        stream = out.add_stream(codec, rate=RATE, options={"crf": "20", **options})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for number, frame in enumerate(frames):
            frame.pts, frame.time_base, frame.pict_type = first + number, 1 / RATE, 0
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def write_excerpt(source: Path, path: Path, start_s: float, end_s: float) -> None:
    with av.open(str(source)) as given, av.open(str(path), "w") as out:
        video = given.streams.video[0]
        copy = out.add_stream_from_template(video)
        given.seek(int(start_s / video.time_base), stream=video)
        for packet in given.demux(video):
            if not packet.size:
                continue
            if packet.pts * packet.time_base >= end_s:
                break
            packet.stream = copy
            out.mux(packet)


@dataclass
class Room:
    """A master and all that the room makes of it; clips are small, and short ones are kept."""

    name: str
    master: Path
    home: Home
    kept_at: Path
    probe: pl.DataFrame
    measures: pl.DataFrame
    clips: pl.DataFrame
    wanted: pl.DataFrame
    pictures: pl.DataFrame
    files: pl.DataFrame

    def path(self, relative: str) -> Path:
        return self.home.root / relative


def through_the_room(name: str, master: Path, folder: Path) -> Room:
    home, kept_at = Home(folder / "home"), folder / "kept.nut"
    sha256 = sha256_file(master)
    row = probe_row(master, None) | {"episode_id": "e", "sha256": sha256, "duration_s": None}
    probe = PROBE.frame([row])
    row = probe.row(0, named=True)
    measures = measure_frames(master, kept_at)
    shots = shot_rows("e", measures, TransitionConfig())
    scenes = scene_rows(shots, measures, SceneSettings())
    clips = clip_rows(shots, scenes, measures, row, ClipSettings(max_height_px=240))
    quality = quality_rows(clips, measures, row, QualitySettings(min_s=0.25))
    wanted = wanted_frames(clips, quality, measures, sha256)
    pictures = write_pictures(wanted, master, kept_at, home)
    fast = EncodeSettings(preset="ultrafast")
    files = encode_clips(wanted_clips(clips, quality, probe), master, home, fast)
    return Room(name, master, home, kept_at, probe, measures, clips, wanted, pictures, files)


@pytest.fixture(scope="module")
def footage(media_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("footage")
    for name, (source, start_s, end_s) in EXCERPTS.items():
        write_excerpt(media_dir / source, folder / name, start_s, end_s)
    frames = cut_footage(media_dir)
    for name, (codec, options) in CUT.items():
        write_cut(folder / name, frames, codec, options)
    return folder


@pytest.fixture(scope="module", params=[*REAL, *EXCERPTS, *CUT])
def room(
    request: pytest.FixtureRequest,
    media_dir: Path,
    footage: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Room:
    name: str = request.param
    master = media_dir / REAL[name] if name in REAL else footage / name
    return through_the_room(name, master, tmp_path_factory.mktemp("room"))


def decoded(path: Path, stream: int = 0) -> Iterator[av.VideoFrame]:
    """What FFmpeg shows of a stream from its beginning, in one thread."""
    with av.open(str(path)) as container:
        video = container.streams[stream]
        video.codec_context.thread_type, video.codec_context.thread_count = "NONE", 1
        yield from container.decode(video)


def luma(rgb: np.ndarray) -> np.ndarray:
    return rgb @ np.array([0.2126, 0.7152, 0.0722])


def picture_at(path: Path) -> np.ndarray:
    import cv2

    return cv2.imread(str(path))[..., ::-1]


def test_the_frames_of_every_clip_are_those_of_a_sequential_decode(room: Room) -> None:
    stream = room.probe["video_stream"][0]
    shown = [(frame.pts, frame_digest(frame)) for frame in decoded(room.master, stream)]
    index = read_index(room.master)
    if index.restamped:  # its own times jump, so frames are known by their order
        shown = list(zip(index.pts.tolist(), (digest for _, digest in shown), strict=True))
    sequence = dict(shown)
    assert room.measures["pts"].to_list() == sorted(sequence)
    assert not room.measures["damaged"].any()
    spans = room.files.join(room.clips, on="clip_id")
    assert spans.height == room.files.height >= 1
    for start, end, found in spans.select("start_frame", "end_frame", "frames_sha256").iter_rows():
        pts = room.measures["pts"][start:end]
        expected = hashlib.sha256(b"".join(sequence[value] for value in pts)).hexdigest()
        assert found == expected, (start, end)


def test_every_clip_file_has_its_frames_at_exactly_its_rate(room: Room) -> None:
    for row in room.files.join(room.clips, on="clip_id").iter_rows(named=True):
        with av.open(str(room.path(row["path"]))) as container:
            stream = container.streams.video[0]
            frames = list(container.decode(stream))
            shown_rate, aspect = stream.average_rate, stream.sample_aspect_ratio
        assert len(frames) == row["frames"]
        rate = Fraction(row["fps_num"], row["fps_den"])
        assert shown_rate == rate
        times = [frame.pts * frame.time_base for frame in frames]
        assert times == [number / rate for number in range(len(frames))]
        assert {(f.width, f.height) for f in frames} == {(row["width_px"], row["height_px"])}
        assert all(frame.rotation == 0 for frame in frames[:1])
        assert aspect in (None, 1)
        length = row["end_s"] - row["start_s"]
        assert abs(len(frames) / rate - Fraction(length)) <= Fraction(1, 2) / rate


def test_the_first_picture_is_the_first_frame_of_the_clip(room: Room) -> None:
    paths = dict(room.pictures.filter(k=0).select("clip_id", "path").iter_rows())
    for clip_id, file in room.files.select("clip_id", "path").iter_rows():
        first = next(decoded(room.path(file))).to_ndarray(format="rgb24")
        picture = picture_at(room.path(paths[clip_id]))
        assert picture.shape == first.shape
        error = np.mean((luma(first) - luma(picture)) ** 2)
        assert 10 * np.log10(255**2 / error) > 35


def test_pictures_are_those_of_their_frames_in_the_master(room: Room) -> None:
    index = read_index(room.master)
    geometry = read_geometry(room.master, index)
    for row in room.wanted.filter(k=0).iter_rows(named=True):
        inside = replace(geometry, crop=tuple(row[name] for name in CROP))
        size = row[SIZE[0]], row[SIZE[1]]
        ((_, expected),) = read_pictures(room.master, [row["pts"]], inside, size, index)
        (path,) = room.pictures.filter(clip_id=row["clip_id"], k=0)["path"]
        np.testing.assert_array_equal(picture_at(room.path(path)), expected)


def test_pictures_are_the_same_without_the_frames_set_aside(room: Room, tmp_path: Path) -> None:
    """And where a few of them were."""
    few = tmp_path / "few.nut"
    writer = keeping._LosslessFile(few)
    for number, frame in islice(kept_frames(room.kept_at), 1, None, 3):
        writer.write(number, frame)
    writer.close(whole=True)
    for place in (tmp_path / "none.nut", few):
        home = Home(tmp_path / place.stem)
        again = write_pictures(room.wanted, room.master, place, home)
        assert again["path"].to_list() == room.pictures["path"].to_list()
        for path in again["path"]:
            assert (home.root / path).read_bytes() == room.path(path).read_bytes()


def test_cuts_are_found_where_the_footage_was_joined(room: Room) -> None:
    if room.name not in CUT:
        pytest.skip("no footage with known cuts")
    trimmed = TRIMMED if room.name.startswith("edit_list") else 0
    joins = [CUT_EVERY * piece - trimmed for piece in range(len(PIECES) + 1)]
    spans = room.clips.select("start_frame", "end_frame").rows()
    assert room.measures.height == joins[-1]
    assert len(spans) == len(PIECES)
    for (start, end), join, following in zip(spans, joins[:-1], joins[1:], strict=True):
        assert max(0, join) <= start <= max(0, join) + 1
        assert following - 1 <= end <= following


def test_frames_that_pictures_want_were_set_aside(room: Room) -> None:
    """Else they cost a second decode. Pieces that end at a dissolve are not foreseen."""
    least = {**dict.fromkeys(CUT, 0.9), **dict.fromkeys(EXCERPTS, 0.6)}.get(room.name)
    if least is None:
        pytest.skip("no ordinary material: frames of odd or changing size are read again")
    kept = {number for number, _ in kept_frames(room.kept_at)}
    wanted = set(room.wanted["frame"])
    assert len(wanted & kept) >= least * len(wanted)


def test_clips_of_a_master_without_sound_are_silent_files(room: Room) -> None:
    has_sound = room.probe["audio_stream"][0] is not None
    assert room.files["audio"].to_list() == [has_sound] * room.files.height
    for path in room.files["path"]:
        with av.open(str(room.path(path))) as container:
            assert len(container.streams.audio) == has_sound


def test_sound_and_picture_of_a_clip_keep_their_places(media_dir: Path, tmp_path: Path) -> None:
    """The same film, whole and with sound that begins 1.5 s late."""
    folder = media_dir / "hostile" / "made_dev"
    for name in ("base.mp4", "audio_starts_1500ms_late.mkv"):
        room = through_the_room(name, folder / name, tmp_path / name)
        sound = full_sound(room.master)
        for row in room.files.join(room.clips, on="clip_id").iter_rows(named=True):
            clip = full_sound(room.path(row["path"]))
            start, length = round(row["start_s"] * 48_000), row["frames"] * 48_000 // 24
            there = sound[start : start + length]
            assert lag(there, clip[:length]) == 0
            assert "late" in name or np.abs(clip).max() > 0.01
            if "late" in name and row["start_s"] < 1.5 < row["end_s"]:
                onset = round(1.5 * 48_000) - start
                assert np.abs(clip[: onset - 2_000]).max() < 0.001
                assert np.abs(clip[onset : onset + 4_800]).max() > 0.01


def full_sound(path: Path) -> np.ndarray:
    """Mono, 48 kHz, sample 0 at the start of the container's clock, by FFmpeg's own resampler."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        resampler = av.AudioResampler("fltp", "mono", 48_000)
        zero = Fraction(container.start_time or 0, 1_000_000)
        parts, first = [], None
        for frame in container.decode(stream):
            if first is None:
                first = round((frame.pts * frame.time_base - zero) * 48_000)
            parts += [part.to_ndarray()[0] for part in resampler.resample(frame)]
    samples = np.concatenate(parts)
    begin = first or 0
    return np.concatenate([np.zeros(max(0, begin), np.float32), samples[max(0, -begin) :]])


def lag(one: np.ndarray, other: np.ndarray) -> int:
    """By how many samples `other` is behind `one`: the peak of their correlation."""
    length = min(len(one), len(other))
    spectrum = (
        np.fft.rfft(other[:length], 2 * length) * np.fft.rfft(one[:length], 2 * length).conj()
    )
    peak = int(np.argmax(np.fft.irfft(spectrum)))
    return peak - 2 * length if peak > length else peak


def test_frames_held_are_bounded_whatever_their_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "HELD_BYTES", 2**20)
    times = np.arange(401) / 24
    kept = KeptFrames(tmp_path / "kept.nut", times, ClipSettings(), TransitionConfig())
    for number in range(400):
        side = 512 if number < 200 else 128
        kept.push(number, av.VideoFrame(side, side, "yuv420p"))
        held = [plane.buffer_size for f in kept._held.values() for plane in f.planes]
        assert sum(held) <= 2**20
    assert max(kept._held) == 399


def test_a_decode_that_fails_leaves_no_file(tmp_path: Path) -> None:
    times, frame = np.arange(401) / 24, av.VideoFrame(64, 64, "yuv420p")
    kept = KeptFrames(tmp_path / "kept.nut", times, ClipSettings(), TransitionConfig())
    kept._file.write(0, frame)
    assert list(tmp_path.iterdir())
    kept.__exit__(RuntimeError, RuntimeError(), None)
    assert list(tmp_path.iterdir()) == []
    assert list(kept_frames(tmp_path / "kept.nut")) == []


def test_frames_set_aside_keep_numbers_and_pixels(tmp_path: Path) -> None:
    """Those of another size or format are left out."""
    seed = np.random.default_rng(0)
    shapes = {3: (64, 48), 4: (64, 48), 90: (32, 32), 250_000: (64, 48)}
    given = {
        number: av.VideoFrame.from_ndarray(
            seed.integers(0, 256, (height * 3 // 2, width), np.uint8), format="yuv420p"
        )
        for number, (width, height) in shapes.items()
    }
    file = keeping._LosslessFile(tmp_path / "kept.nut")
    for number, frame in given.items():
        file.write(number, frame)
    file.close(whole=True)
    found = {number: frame.to_ndarray() for number, frame in kept_frames(tmp_path / "kept.nut")}
    assert list(found) == [3, 4, 250_000]
    for number, pixels in found.items():
        np.testing.assert_array_equal(pixels, given[number].to_ndarray())


@pytest.mark.parametrize("name", ["corrupted.mp4", "made_dev/bitrot_middle.mp4"])
def test_damaged_frames_are_marked_with_the_group_they_are_in(
    media_dir: Path, tmp_path: Path, name: str
) -> None:
    """What FFmpeg reports or leaves out is marked, and so is all that may be predicted from it."""
    path = media_dir / "hostile" / name
    measures = measure_frames(path, tmp_path / "kept.nut")
    index = read_index(path)
    shown = {frame.pts: frame.is_corrupt for frame in decode_frames(path, index)}
    bad = [n for n, pts in enumerate(index.pts.tolist()) if shown.get(pts, True)]
    assert bad
    marked = set(measures["frame"].filter(measures["damaged"]))
    assert set(bad) <= marked
    keys = np.flatnonzero(np.isin(index.pts, index.seek_pts)).tolist()
    for start, end in zip(keys, [*keys[1:], len(index)], strict=True):
        group = set(range(start, end))
        assert group <= marked if group & set(bad) else not group & marked


def test_shots_and_clips_have_their_pictures_on_a_sheet(media_dir: Path, tmp_path: Path) -> None:
    room = through_the_room("base", media_dir / "hostile/made_dev/base.mp4", tmp_path)
    shots = shot_rows("e", room.measures, TransitionConfig())
    with_pictures = shot_sheet(shots, room.kept_at)
    assert with_pictures.startswith(f"{shots.height} shots")
    assert "data:image/jpeg;base64," in with_pictures
    assert "data:image" not in shot_sheet(shots, tmp_path / "none.nut")
    strip = clip_strip(room.home, room.pictures)
    assert strip.startswith(f"{room.files.height} clips")
    assert "data:image/jpeg;base64," in strip
    assert clip_strip(room.home, room.pictures.clear()).startswith("0 clips")
