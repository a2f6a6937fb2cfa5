"""Where sound stands on the episode's clock, in real files and in made ones with known clicks."""

from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path
from random import Random

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_assets.media.audio import (
    Resampler,
    Samples,
    audio_frame,
    choose_audio_stream,
    place_on_clock,
    read_audio,
    read_audio_spans,
    read_wav,
    resampled,
    stream_audio,
    write_wav,
)
from resources.problems import BadInput

REAL_FILES = (
    "speech/jfk.flac",
    "speech/mfa/common_voice_ja_24511055.mp3",
    "speech/fleurs/fleurs-en-000.ogg",
    "composite/dev/dev_episode_a.mkv",
    "animation/sintel_trailer_720p_vp8_opus.webm",
    "animation/big_buck_bunny_0_30_720p.webm",
    "animation/bbb_1s_1080p60_vp8_6ch.webm",
    "cartoon_two_characters/penny_and_chip_spring.mp4",
    "hostile/made_dev/three_audio_tracks.mkv",
    "hostile/made_dev/audio_starts_1500ms_late.mkv",
    "hostile/made_dev/bitrot_middle.mp4",
    "hostile/made_dev/resolution_changes_midway.ts",
)


def joined(blocks: Iterator[Samples]) -> Samples:
    return np.concatenate(list(blocks))


@cache
def full_decode(path: Path, rate: int, channels: int) -> Samples:
    return joined(stream_audio(path, rate=rate, channels=channels))


def write_sound(
    path: Path, sound: Samples, rate: int, codec: str, layout: str, container_format: str
) -> Path:
    """A file that holds the sound, encoded by one of FFmpeg's encoders."""
    with av.open(str(path), "w", format=container_format) as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound.T), "fltp", layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("name", REAL_FILES)
def test_an_excerpt_is_the_slice_of_the_full_decode(media_dir: Path, name: str) -> None:
    path = media_dir / name

    @settings(max_examples=3, deadline=None)
    @given(
        st.lists(st.tuples(st.floats(0, 12), st.floats(0, 3)), min_size=1, max_size=8),
        st.sampled_from([(16_000, 1), (44_100, 2)]),
    )
    def check(spans: list[tuple[float, float]], form: tuple[int, int]) -> None:
        rate, channels = form
        full = full_decode(path, rate, channels)
        wanted = sorted((start, start + length) for start, length in spans)
        excerpts = list(read_audio_spans(path, wanted, rate=rate, channels=channels))
        assert len(excerpts) == len(wanted)
        for (start, end), excerpt in zip(wanted, excerpts, strict=True):
            first, last = round(Fraction(start) * rate), round(Fraction(end) * rate)
            np.testing.assert_array_equal(excerpt, full[first:last])
        start, end = wanted[-1]
        alone = read_audio(path, start, end, rate=rate, channels=channels)
        np.testing.assert_array_equal(alone, excerpts[-1])

    check()


def test_spans_out_of_order_are_refused(media_dir: Path) -> None:
    with pytest.raises(ValueError, match="order"):
        next(read_audio_spans(media_dir / "speech/jfk.flac", [(1, 2), (0, 1)], rate=16_000))


def test_a_flac_comes_out_as_it_was_written(media_dir: Path) -> None:
    """11 s at 44.1 kHz; 24 bits in FFmpeg's 32."""
    path = media_dir / "speech/jfk.flac"
    with av.open(str(path)) as container:
        raw = np.concatenate([f.to_ndarray() for f in container.decode(audio=0)], axis=1)
    sound = joined(stream_audio(path))
    assert sound.shape == (485_100, 2)
    np.testing.assert_allclose(sound, raw.reshape(-1, 2) / 2**31, atol=1e-7)


def test_sound_stands_where_the_picture_is(media_dir: Path) -> None:
    """The stems begin with frame 0, which Matroska shows 21 ms after the container's start."""
    folder = media_dir / "composite/dev"
    rate, second = 48_000, 30
    mix = read_audio(folder / "dev_episode_a.mkv", second, second + 2, rate=rate, channels=1)[:, 0]
    stems = sum(
        read_audio(folder / f"dev_episode_a.{stem}_stem.flac", second, second + 2, rate=rate)
        for stem in ("speech", "music")
    )
    lags = np.arange(0, 2000)
    wanted = stems.mean(1)[: len(mix) - len(lags)]
    fit = [float(mix[lag : lag + len(wanted)] @ wanted) for lag in lags]
    assert int(lags[np.argmax(fit)]) == pytest.approx(0.021 * rate, abs=0.001 * rate)


def test_late_sound_is_preceded_by_silence_and_unchanged(media_dir: Path) -> None:
    """Its packets were moved by 1.5 s, with the encoder's delay of 1024 samples before them."""
    folder = media_dir / "hostile/made_dev"
    late = joined(stream_audio(folder / "audio_starts_1500ms_late.mkv"))
    first = round(1.477 * 44_100)
    assert not late[:first].any()
    base = joined(stream_audio(folder / "base.mp4"))
    begin = first + 1024
    assert begin / 44_100 == pytest.approx(1.5, abs=0.001)
    count = min(len(late) - begin, len(base))
    assert count > 4 * 44_100
    np.testing.assert_allclose(late[begin : begin + count], base[:count], atol=1e-3)


@pytest.mark.parametrize(
    ("codec", "container_format", "rate"),
    [
        ("aac", "mp4", 44_100),
        ("aac", "mp4", 48_000),
        ("libmp3lame", "mp3", 44_100),
        ("libopus", "webm", 48_000),
        ("libopus", "ogg", 48_000),
        ("flac", "matroska", 44_100),
        ("pcm_s16le", "wav", 44_100),
        ("pcm_u8", "wav", 8_000),
        ("ac3", "matroska", 48_000),
    ],
)
def test_a_click_keeps_its_time_through_a_codec(
    tmp_path: Path, codec: str, container_format: str, rate: int
) -> None:
    """Encoder delay must not show: 1024 samples of AAC, 312 of Opus, 1105 of LAME, 256 of AC-3."""
    sound = np.zeros((3 * rate, 1), np.float32)
    clicks = [rate // 2, 2 * rate]
    sound[clicks] = 0.9
    path = write_sound(tmp_path / "a", sound, rate, codec, "mono", container_format)
    decoded = joined(stream_audio(path, channels=1))[:, 0]
    for click in clicks:
        around = slice(click - rate // 4, click + rate // 4)
        found = click - rate // 4 + int(np.abs(decoded[around]).argmax())
        assert found == pytest.approx(click, abs=0.001 * rate)


def test_lost_packets_become_silence_and_later_sound_keeps_its_place(
    media_dir: Path, tmp_path: Path
) -> None:
    source = media_dir / "speech/jfk.flac"
    path = tmp_path / "holes.mkv"
    with av.open(str(source)) as reading, av.open(str(path), "w") as writing:
        stream = writing.add_stream_from_template(reading.streams.audio[0])
        for packet in reading.demux(audio=0):
            if packet.size and not 3 <= packet.pts * packet.time_base < 4:
                packet.stream = stream
                writing.mux(packet)
    whole = joined(stream_audio(source))
    holed = joined(stream_audio(path))
    frame, rate = 4608, 44_100
    assert len(holed) == pytest.approx(len(whole), abs=rate // 1000 + 1)
    assert not holed[3 * rate + frame : 4 * rate - frame].any()
    # Matroska's times are whole milliseconds: after a gap the place is known to one of them.
    after = whole[5 * rate : 6 * rate, 0]
    lags = range(-60, 61)
    fit = [float(np.abs(holed[5 * rate + lag : 6 * rate + lag, 0] - after).max()) for lag in lags]
    assert min(fit) == 0
    assert abs(lags[int(np.argmin(fit))]) <= rate / 1000 + 1


def test_time_stamps_that_are_off_for_one_packet_leave_no_seam(media_dir: Path) -> None:
    """This file's Vorbis packets are up to half a block (11 ms) off and come back."""
    path = media_dir / "animation/big_buck_bunny_0_30_720p.webm"
    with av.open(str(path)) as container:
        frames = list(container.decode(audio=0))
    first = round(frames[0].pts * frames[0].time_base * 44_100)
    raw = np.concatenate([frame.to_ndarray() for frame in frames], axis=1).T
    np.testing.assert_array_equal(joined(stream_audio(path))[first:], raw)


def test_damaged_packets_do_not_roar(media_dir: Path) -> None:
    """Two damaged AAC packets of this file decode to 80 000 times full scale."""
    sound = joined(stream_audio(media_dir / "hostile/made_dev/bitrot_middle.mp4"))
    assert np.abs(sound).max() < 1
    assert len(sound) / 44_100 == pytest.approx(6.0, abs=0.03)


def test_a_truncated_file_gives_what_it_has(media_dir: Path) -> None:
    sound = joined(stream_audio(media_dir / "hostile/made_dev/truncated_faststart.mp4"))
    assert 3 < len(sound) / 44_100 < 4


@pytest.mark.parametrize(
    "name",
    [
        "sample_missing_stsd.mp4",
        "sample_video_only.mp4",
        "made_dev/random_garbage.mkv",
        "made_dev/zero_byte.mp4",
        "made_dev/truncated_no_moov.mp4",
    ],
)
def test_what_does_not_decode_is_bad_input_named_without_its_folder(
    media_dir: Path, name: str
) -> None:
    with pytest.raises(BadInput) as problem:
        joined(stream_audio(media_dir / "hostile" / name))
    assert Path(name).name in str(problem.value)
    assert str(media_dir) not in str(problem.value)


def test_a_rate_change_in_a_broadcast_keeps_clock_and_pitch(tmp_path: Path) -> None:
    """Two transport streams of 2 s, joined as bytes: 48 kHz, then 44.1 kHz."""
    path = tmp_path / "spliced.ts"
    for rate in (48_000, 44_100):
        tone = np.sin(2 * np.pi * 1000 * np.arange(2 * rate) / rate).astype(np.float32)[:, None]
        part = write_sound(tmp_path / "part.ts", tone / 2, rate, "aac", "mono", "mpegts")
        with path.open("ab") as file:
            file.write(part.read_bytes())
    sound = joined(stream_audio(path, channels=1))[:, 0]
    assert len(sound) / 48_000 == pytest.approx(4, abs=0.1)
    for second in (1.0, 3.0):
        piece = sound[int(second * 48_000) :][:4800]
        spectrum = np.abs(np.fft.rfft(piece * np.hanning(len(piece))))
        assert np.argmax(spectrum) * 10 == pytest.approx(1000, abs=10)


def test_five_one_is_mixed_by_bs775_and_cannot_clip(tmp_path: Path) -> None:
    levels = np.array([0.1, 0.2, 0.4, 0.8, 0.3, 0.5], np.float32)  # L R C LFE Ls Rs
    sound = np.tile(levels, (4800, 1))
    path = write_sound(tmp_path / "a.wav", sound, 48_000, "pcm_f32le", "5.1", "wav")
    stereo = joined(stream_audio(path))
    scale, half_power = 1 / (1 + np.sqrt(2)), np.sqrt(0.5)
    left = scale * (0.1 + half_power * 0.4 + half_power * 0.3)
    right = scale * (0.2 + half_power * 0.4 + half_power * 0.5)
    np.testing.assert_allclose(stereo[100], [left, right], rtol=1e-5)
    mono = joined(stream_audio(path, channels=1))
    np.testing.assert_allclose(mono[100], [(left + right) / 2], rtol=1e-5)
    full_scale = write_sound(
        tmp_path / "b.wav", np.ones((480, 6), np.float32), 48_000, "pcm_f32le", "5.1", "wav"
    )
    assert joined(stream_audio(full_scale)).max() <= 1 + 1e-6


def test_mono_becomes_two_equal_channels_at_its_own_level(media_dir: Path) -> None:
    path = media_dir / "speech/phone/sample.wav"
    with av.open(str(path)) as container:
        raw = np.concatenate([f.to_ndarray()[0] for f in container.decode(audio=0)])
    stereo = joined(stream_audio(path))
    np.testing.assert_array_equal(stereo[:, 0], raw / np.float32(32768))
    np.testing.assert_array_equal(stereo[:, 0], stereo[:, 1])


@pytest.mark.parametrize(
    ("name", "language", "stream"),
    [
        ("hostile/made_dev/three_audio_tracks.mkv", None, 2),
        ("hostile/made_dev/three_audio_tracks.mkv", "de", 3),
        ("hostile/made_dev/three_audio_tracks.mkv", "en", 2),
        ("hostile/made_dev/three_audio_tracks.mkv", "fr", 2),
        ("speech/nasa_webb_2audio_2video_2subs.mp4", "en", 1),
        ("hostile/sample_missing_stsd.mp4", None, None),
        ("hostile/sample_video_only.mp4", None, None),
    ],
)
def test_the_stream_of_the_wanted_language_else_the_default_one(
    media_dir: Path, name: str, language: str | None, stream: int | None
) -> None:
    with av.open(str(media_dir / name)) as container:
        assert choose_audio_stream(container, language) == stream


def test_blocks_stay_small_in_a_long_file(media_dir: Path) -> None:
    """Six minutes come in blocks of about a second."""
    path = media_dir / "hostile/long_1080p_lowbitrate.mp4"
    sizes = [len(block) for block in stream_audio(path, end_s=200)]
    assert sum(sizes) == 200 * 48_000
    assert max(sizes) < 2 * 48_000


def ramp(start: int, count: int) -> Samples:
    """Samples that say their own number."""
    return np.arange(start, start + count, dtype=np.float32)[:, None]


@given(
    st.lists(st.integers(1, 3000), min_size=1, max_size=30),
    st.integers(0, 200),
    st.randoms(use_true_random=False),
)
def test_jitter_of_the_container_leaves_no_seam(
    sizes: list[int], first: int, random: Random
) -> None:
    rate, position, frames = 48_000, first, []
    for number, size in enumerate(sizes):
        jitter = random.randint(-48, 48) if number else 0
        frames.append((position + jitter, ramp(position, size)))
        position += size
    placed = joined(place_on_clock(frames, rate))
    assert not placed[:first].any()
    np.testing.assert_array_equal(placed[first:], ramp(first, sum(sizes)))


@given(st.integers(-5000, 5000), st.integers(1000, 40_000), st.integers(800, 3000))
def test_each_sample_stands_at_its_time_across_gaps_and_before_zero(
    first: int, gap: int, size: int
) -> None:
    """Sample n of the result is the one of number n, or silence."""
    rate = 48_000
    starts = [first, first + size, first + 2 * size + gap, first + 3 * size + gap]
    frames = [(start, ramp(start, size)) for start in starts]
    placed = joined(place_on_clock(frames, rate))[:, 0]
    wanted = np.zeros(max(0, starts[-1] + size), np.float32)
    for start in starts:
        numbers = np.arange(max(0, start), max(0, start + size))
        wanted[numbers] = numbers
    np.testing.assert_array_equal(placed, wanted)


def test_an_overlap_is_cut_from_the_later_frame() -> None:
    rate = 48_000
    frames = [(0, ramp(0, 4800)), (3800, -ramp(3800, 4800))]
    placed = joined(place_on_clock(frames, rate))[:, 0]
    np.testing.assert_array_equal(placed[:4800], np.arange(4800))
    np.testing.assert_array_equal(placed[4800:], -np.arange(4800, 8600))


@pytest.mark.parametrize("jump_s", [-1000, 100_000])
def test_a_clock_that_starts_anew_loses_no_sound(jump_s: int) -> None:
    rate, begin = 48_000, 1000 * 48_000
    numbers = [begin, begin + 4800, begin + jump_s * rate, begin + jump_s * rate + 4800]
    frames = [(number, np.ones((4800, 1), np.float32)) for number in numbers]
    placed = joined(place_on_clock(frames, rate, end=begin + 9600))
    assert len(placed) == begin + 4 * 4800


@settings(max_examples=20, deadline=None)
@given(st.sampled_from([(44_100, 16_000), (48_000, 16_000), (8_000, 44_100)]), st.data())
def test_resampling_does_not_depend_on_the_blocks(
    rates: tuple[int, int], data: st.DataObject
) -> None:
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (20_000, 2)).astype(np.float32)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(noise)), max_size=8)))
    at_once = joined(resampled([noise], *rates, 2))
    in_blocks = joined(resampled(np.split(noise, cuts), *rates, 2))
    np.testing.assert_array_equal(at_once, in_blocks)


def test_resampling_does_not_drift() -> None:
    """A pulse at every whole second of ten minutes stays there to a hundredth of a sample."""
    rate, to_rate, seconds = 44_100, 16_000, 600
    pulse = np.exp(-0.5 * (np.arange(-400, 400) / 60) ** 2).astype(np.float32)
    second = np.zeros(rate, np.float32)
    second[rate // 2 - 400 : rate // 2 + 400] = pulse
    resampler = Resampler(rate, to_rate, 1)
    parts = [resampler.push(second[:, None]) for _ in range(seconds)] + [resampler.finish()]
    sound = np.concatenate(parts).reshape(seconds, to_rate).astype(np.float64)
    centers = sound @ np.arange(to_rate) / sound.sum(1)
    np.testing.assert_allclose(centers, to_rate / 2, atol=0.01)


def test_wav_holds_the_samples_exactly_and_can_be_read_in_part(tmp_path: Path) -> None:
    sound = np.random.default_rng(1).normal(0, 1, (50_000, 2)).astype(np.float32)
    path = tmp_path / "odd, name; 100%d ё.wav"
    assert write_wav(path, np.split(sound, [7, 7, 12_345]), 22_050, 2) == 50_000
    whole, rate = read_wav(path)
    assert rate == 22_050
    np.testing.assert_array_equal(whole, sound)
    np.testing.assert_array_equal(read_wav(path, 10_000, 10_500)[0], sound[10_000:10_500])
    np.testing.assert_array_equal(joined(stream_audio(path)), sound)


def test_wav_of_the_same_sound_has_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.wav", "b.wav"):
        write_wav(tmp_path / name, [np.ones((100, 1), np.float32)], 16_000, 1)
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()


def test_a_broken_off_wav_leaves_nothing(tmp_path: Path) -> None:
    def blocks() -> Iterator[Samples]:
        yield np.ones((100, 1), np.float32)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_wav(tmp_path / "a.wav", blocks(), 16_000, 1)
    assert list(tmp_path.iterdir()) == []


def test_a_wav_without_samples_is_a_wav(tmp_path: Path) -> None:
    assert write_wav(tmp_path / "a.wav", [], 16_000, 1) == 0
    assert read_wav(tmp_path / "a.wav")[0].shape == (0, 1)


def test_audio_frames_carry_their_time() -> None:
    frame = audio_frame(np.zeros((10, 2), np.float32), 8000, 4000)
    assert (frame.pts * frame.time_base, frame.samples, frame.layout.name) == (0.5, 10, "stereo")
