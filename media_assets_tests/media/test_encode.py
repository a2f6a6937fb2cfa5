"""What clips promise a trainer: so many frames, that rate, that sound, the same bytes again."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assets.media.audio import read_audio
from media_assets.media.encode import (
    EncodeSettings,
    encode_clip,
    frame_count,
    planned,
    resample_plan,
)
from media_assets.media.index import read_index
from media_assets_tests.media.moving import picture

FAST = EncodeSettings(preset="veryfast")
RATES = [Fraction(n) for n in (16, 24, 25, 60)] + [
    Fraction(24_000, 1001),
    Fraction(30_000, 1001),
    Fraction(60_000, 1001),
    Fraction(25, 2),
]
rates = st.sampled_from(RATES)
time_bases = st.sampled_from([Fraction(1, n) for n in (1000, 12_800, 90_000, 24_000, 1_000_000)])


def grays(count: int, width: int = 64, height: int = 48) -> list[np.ndarray]:
    """Plain pictures, each with a grey of its own that says its number."""
    return [np.full((height, width, 3), 20 + 4 * k, np.uint8) for k in range(count)]


def shown(path: Path) -> list[av.VideoFrame]:
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


@given(time_bases, rates, st.integers(1, 300), st.integers(0, 10**9))
def test_a_constant_rate_kept_is_every_frame_once(
    time_base: Fraction, rate: Fraction, count: int, begin: int
) -> None:
    """However the container rounds its times."""
    pts = np.array([begin + round(k / rate / time_base) for k in range(count)], np.int64)
    plan = resample_plan(pts, time_base, count, rate)
    np.testing.assert_array_equal(plan, np.arange(count))


@given(time_bases, rates, st.lists(st.integers(1, 10**5), max_size=60), st.integers(1, 200))
def test_a_plan_never_goes_back_and_never_leaves_the_clip(
    time_base: Fraction, rate: Fraction, steps: list[int], count: int
) -> None:
    pts = np.cumsum([12_345, *steps])
    plan = resample_plan(pts, time_base, count, rate)
    assert len(plan) == count
    assert (np.diff(plan) >= 0).all()
    assert plan[0] == 0
    assert plan[-1] < len(pts)


@given(time_bases, rates, st.lists(st.integers(1, 9000), max_size=40), st.integers(1, 60))
def test_a_plan_shows_the_nearest_frame_the_earlier_of_two(
    time_base: Fraction, rate: Fraction, steps: list[int], count: int
) -> None:
    pts = np.cumsum([0, *steps])
    plan = resample_plan(pts, time_base, count, rate)
    for k, index in enumerate(plan.tolist()):
        distances = [abs(int(p) * time_base - k / rate) for p in pts]
        assert index == distances.index(min(distances))


def test_24_frames_become_16_by_taking_two_of_three() -> None:
    """Every other tick lies exactly between two frames; the earlier is taken each time."""
    pts = np.arange(12) * 512
    plan = resample_plan(pts, Fraction(1, 12_288), 8, Fraction(16))
    assert plan.tolist() == [0, 1, 3, 4, 6, 7, 9, 10]


@pytest.mark.parametrize("plan", [[], [0], [0, 0, 1, 1, 3], [2, 2, 2]])
def test_planned_frames_are_taken_as_they_come(plan: list[int]) -> None:
    assert list(planned(iter("abcd"), plan)) == ["abcd"[index] for index in plan]


def test_a_planned_frame_that_lacks_is_told() -> None:
    with pytest.raises(ValueError, match="frame 2"):
        list(planned(iter("ab"), [0, 1, 2]))


@given(rates, st.fractions(0, 1000), st.fractions(0, 10))
def test_the_count_of_frames_is_within_half_a_frame_of_the_time(
    rate: Fraction, start_s: Fraction, length: Fraction
) -> None:
    count = frame_count(start_s, start_s + length, rate)
    assert count >= 1
    assert count == 1 or abs(count / rate - length) <= 1 / rate / 2


@pytest.mark.parametrize("rate", RATES, ids=str)
@pytest.mark.parametrize("count", [1, 2, 49])
def test_a_clip_has_just_its_frames_at_just_its_rate(
    tmp_path: Path, rate: Fraction, count: int
) -> None:
    path = tmp_path / "clip.mp4"
    sound = np.zeros((round(count / rate * 44_100), 2), np.float32)
    clip = encode_clip(
        path, grays(count), rate=rate, width=64, height=48, audio=sound, audio_rate=44_100,
        settings=FAST,
    )  # fmt: skip
    assert (clip.frames, clip.bytes) == (count, path.stat().st_size)
    with av.open(str(path)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert video.average_rate == video.base_rate == video.guessed_rate == rate
        assert video.frames == count
        assert (video.start_time, audio.start_time) == (0, 0)
        assert video.duration * video.time_base == count / rate
        # 16 samples are the step of this length in the file.
        assert audio.duration * audio.time_base == pytest.approx(count / rate, abs=16 / 44_100)
        assert container.duration == pytest.approx(count / rate * 1_000_000, abs=400)
        assert [f.pts * f.time_base for f in container.decode(video=0)] == [
            k / rate for k in range(count)
        ]


def test_frames_come_in_order_and_once(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    encode_clip(path, grays(49), rate=Fraction(24), width=64, height=48)
    greys = [frame.to_ndarray(format="rgb24")[24, 32, 0] for frame in shown(path)]
    np.testing.assert_allclose(greys, [20 + 4 * k for k in range(49)], atol=2)


def test_a_frame_that_is_shown_twice_is_there_twice(tmp_path: Path) -> None:
    """12 frames a second become 24."""
    path = tmp_path / "clip.mp4"
    frames = [av.VideoFrame.from_ndarray(gray, "rgb24") for gray in grays(12)]
    plan = resample_plan(np.arange(12), Fraction(1, 12), 24, Fraction(24))
    encode_clip(path, planned(frames, plan), rate=Fraction(24), width=64, height=48)
    greys = [frame.to_ndarray(format="rgb24")[24, 32, 0] for frame in shown(path)]
    wanted = [20 + 4 * min(int(np.ceil((k - 1) / 2)), 11) for k in range(24)]
    np.testing.assert_allclose(greys, wanted, atol=2)


def test_sound_and_picture_start_together(tmp_path: Path) -> None:
    """A click with the flash of frame 12, heard within a millisecond of where it was put."""
    rate, audio_rate = Fraction(24_000, 1001), 48_000
    frames = [np.zeros((48, 64, 3), np.uint8) for _ in range(48)]
    frames[12][:] = 255
    flash = 12 / rate
    sound = np.zeros((round(48 / rate * audio_rate), 1), np.float32)
    sound[round(flash * audio_rate)] = 0.9
    path = tmp_path / "clip.mp4"
    encode_clip(path, frames, rate=rate, width=64, height=48, audio=sound, audio_rate=audio_rate)
    heard = int(np.abs(read_audio(path, 0, 2, channels=1)).argmax()) / audio_rate
    assert heard == pytest.approx(float(flash), abs=0.001)
    bright = [float(f.pts * f.time_base) for f in shown(path) if f.to_ndarray()[24, 32] > 128]
    assert bright == [pytest.approx(float(flash))]


@pytest.mark.parametrize("seconds", [0.0, 0.5, 3.0])
def test_sound_is_as_long_as_the_picture(tmp_path: Path, seconds: float) -> None:
    path = tmp_path / "clip.mp4"
    sound = np.full((round(seconds * 48_000), 1), 0.5, np.float32)
    encode_clip(path, grays(24), rate=Fraction(24), width=64, height=48, audio=sound)
    with av.open(str(path)) as container:
        audio = container.streams.audio[0]
        assert audio.duration * audio.time_base == pytest.approx(1, abs=0.001)


def test_without_sound_there_is_no_sound_track(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    encode_clip(path, grays(2), rate=Fraction(24), width=64, height=48)
    with av.open(str(path)) as container:
        assert [stream.type for stream in container.streams] == ["video"]


def test_a_clip_can_be_played_from_its_first_bytes(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    encode_clip(path, grays(2), rate=Fraction(24), width=64, height=48)
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_keyframes_are_at_most_a_second_apart(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    encode_clip(path, grays(49), rate=Fraction(16), width=64, height=48, settings=FAST)
    keys = [number for number, frame in enumerate(shown(path)) if frame.key_frame]
    assert keys[0] == 0
    assert max(np.diff([*keys, 49])) <= 16


def test_the_same_clip_has_the_same_bytes_whatever_was_in_memory(tmp_path: Path) -> None:
    """At a width that is no multiple of 128, where x264 for AVX-512 reads what it never wrote."""
    pictures = [picture(number, 352, 288) for number in range(60)]
    seed = np.random.default_rng(0)

    def among_litter() -> Iterator[np.ndarray]:
        for one in pictures:
            litter = [np.full(size, 255, np.uint8) for size in seed.integers(10**3, 4 * 10**5, 4)]
            del litter
            yield one

    files = [tmp_path / f"{number}.mp4" for number in range(4)]
    for path in files:
        encode_clip(path, among_litter(), rate=Fraction(30), width=352, height=288, settings=FAST)
    assert len({path.read_bytes() for path in files}) == 1


def test_the_same_clip_has_the_same_bytes_and_no_date(media_dir: Path, tmp_path: Path) -> None:
    source = media_dir / "cartoon_two_characters/penny_and_chip_spring.mp4"
    for name in ("a.mp4", "b.mp4"):
        with av.open(str(source)) as container:
            encode_clip(
                tmp_path / name,
                islice(container.decode(video=0), 12),
                rate=Fraction(24),
                width=640,
                height=360,
                audio=read_audio(source, 0, 0.5, rate=48_000),
            )
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()
    with av.open(str(tmp_path / "a.mp4")) as container:
        tags = [container.metadata, *(stream.metadata for stream in container.streams)]
    assert not any("creation_time" in tag for tag in tags)


@pytest.mark.parametrize("name", ["-i.mp4", "a:b c;$(x) 100%05d.mp4", "Épisode «ё» 😀 [1] 'q'.mp4"])
def test_any_file_name_will_do(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a:folder %d" / name
    encode_clip(path, grays(2), rate=Fraction(24), width=64, height=48, settings=FAST)
    assert [entry.name for entry in path.parent.iterdir()] == [name]
    assert len(shown(path)) == 2


def test_a_clip_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"before")

    def breaks_off() -> Iterator[np.ndarray]:
        yield from grays(3)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        encode_clip(path, breaks_off(), rate=Fraction(24), width=64, height=48)
    with pytest.raises(ValueError, match="needs a frame"):
        encode_clip(path, [], rate=Fraction(24), width=64, height=48)
    assert [entry.read_bytes() for entry in tmp_path.iterdir()] == [b"before"]


def test_odd_sizes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="even"):
        encode_clip(tmp_path / "a.mp4", grays(1), rate=Fraction(24), width=63, height=48)


def test_rgb_becomes_bt709_and_says_so(tmp_path: Path) -> None:
    """Red is Y 63, Cb 102, Cr 240 by BT.709 in the narrow range (BT.601: 81, 90, 240)."""
    path = tmp_path / "red.mp4"
    red = np.zeros((64, 64, 3), np.uint8)
    red[..., 0] = 255
    encode_clip(path, [red] * 3, rate=Fraction(24), width=64, height=64)
    frame = shown(path)[0]
    assert (frame.color_primaries, frame.color_trc, frame.colorspace) == (1, 1, 1)
    assert frame.color_range == 1
    y, cb, cr = (int(plane[0]) for plane in map(memoryview, frame.planes))
    assert (y, cb, cr) == pytest.approx((63, 102, 240), abs=2)


def yuv(height: int, luma: int, pixel_format: str = "yuv420p") -> av.VideoFrame:
    planes = np.full((height * 3 // 2, 64), 128, np.uint8)
    planes[:height] = luma
    return av.VideoFrame.from_ndarray(planes, pixel_format)


@pytest.mark.parametrize(
    ("height", "tags", "written"),
    [
        (480, (2, 2, 2), (6, 6, 6)),
        (720, (2, 2, 2), (1, 1, 1)),
        (576, (5, 1, 5), (5, 1, 5)),
        (360, (2, 2, 1), (1, 1, 1)),
        (1080, (9, 14, 9), (9, 14, 9)),
    ],
)
def test_colours_keep_their_description(
    tmp_path: Path, height: int, tags: tuple[int, int, int], written: tuple[int, int, int]
) -> None:
    """Untagged ones get the description by their height before scaling."""
    frame = yuv(height, 100)
    frame.color_primaries, frame.color_trc, frame.colorspace = tags
    path = tmp_path / "clip.mp4"
    encode_clip(path, [frame], rate=Fraction(24), width=64, height=64, settings=FAST)
    back = shown(path)[0]
    assert (back.color_primaries, back.color_trc, int(back.colorspace)) == written
    assert back.to_ndarray()[0, 0] == pytest.approx(100, abs=1)


@pytest.mark.parametrize("pixel_format", ["yuvj420p", "yuv420p"])
def test_full_range_becomes_narrow(tmp_path: Path, pixel_format: str) -> None:
    """16 + 200 * 219 / 255 = 188, whether the format says it or the tag."""
    path, given_frame = tmp_path / "clip.mp4", yuv(64, 200, pixel_format)
    given_frame.color_range = 2
    encode_clip(path, [given_frame], rate=Fraction(24), width=64, height=64)
    frame = shown(path)[0]
    assert frame.color_range == 1
    assert frame.to_ndarray()[0, 0] == pytest.approx(188, abs=1)


def test_a_real_clip_looks_and_sounds_like_its_source(media_dir: Path, tmp_path: Path) -> None:
    """Frames 200 to 247 of the episode, above 40 dB each, its sound in step to the sample."""
    master, path = media_dir / "composite/dev/dev_episode_a.mkv", tmp_path / "clip.mp4"
    index = read_index(master)
    rate, pts = index.nominal_rate(), index.pts[200:249]
    start_s, end_s = (int(p) * index.time_base - index.clock_start for p in (pts[0], pts[-1]))
    count = frame_count(start_s, end_s, rate)
    plan = resample_plan(pts[:-1], index.time_base, count, rate)
    assert plan.tolist() == list(range(48))
    with av.open(str(master)) as container:
        frames = list(islice(container.decode(video=0), 200, 248))
    originals = [frame.to_ndarray().astype(np.float64) for frame in frames]
    sound = read_audio(master, start_s, end_s, rate=48_000)
    clip = encode_clip(
        path, (frames[i] for i in plan), rate=rate, width=1280, height=720, audio=sound
    )
    assert clip.frames == 48
    for original, frame in zip(originals, shown(path), strict=True):
        error = np.mean((original - frame.to_ndarray()) ** 2)
        assert 10 * np.log10(255**2 / error) > 40
    heard = read_audio(path, 0, 2, rate=48_000)[:, 0]
    lags = range(-100, 101)
    wanted = sound[1000:90_000, 0]
    fit = [float(heard[1000 + lag : 90_000 + lag] @ wanted) for lag in lags]
    assert lags[int(np.argmax(fit))] == 0


def test_decoded_frames_do_not_force_their_frame_types(tmp_path: Path) -> None:
    """A source of key frames only would otherwise make every frame of the clip one."""
    path = tmp_path / "clip.mp4"
    frames = [av.VideoFrame.from_ndarray(gray, "rgb24").reformat(format="yuv420p")
              for gray in grays(10)]  # fmt: skip
    for frame in frames:
        frame.pict_type = 1
    encode_clip(path, frames, rate=Fraction(24), width=64, height=48)
    assert sum(frame.key_frame for frame in shown(path)) == 1
