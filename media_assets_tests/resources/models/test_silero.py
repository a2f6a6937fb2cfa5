"""Where somebody speaks: levels, blocks, music, silence, and the rules that make stretches."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as tested
from hypothesis import strategies as st

from media_assets.media.audio import stream_audio, write_wav
from resources.models import silero
from resources.models.levelling import length, level_gain, read_levelled, read_mono
from resources.models.silero import (
    FRAME_S,
    ActivitySettings,
    speech_probabilities,
    stretches,
    voice_activity,
)

RATE = 16_000
Mono = Callable[[str], Path]


@pytest.fixture(scope="module")
def mono(media_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Mono:
    folder = tmp_path_factory.mktemp("mono")

    def convert(name: str) -> Path:
        path = folder / f"{Path(name).stem}.wav"
        if not path.exists():
            write_wav(path, stream_audio(media_dir / name, rate=RATE, channels=1), RATE, 1)
        return path

    return convert


def scaled(path: Path, factor: float, to: Path) -> Path:
    samples = read_mono(path, 0, length(path))
    write_wav(to, [(samples * factor)[:, None]], RATE, 1)
    return to


def written(path: Path, samples: np.ndarray) -> Path:
    write_wav(path, [samples.astype(np.float32)[:, None]], RATE, 1)
    return path


@pytest.mark.parametrize("db", [-40, 20])
def test_the_level_of_a_recording_does_not_matter(mono: Mono, tmp_path: Path, db: int) -> None:
    meeting = mono("speech/ami/trn03.wav")
    other = scaled(meeting, 10 ** (db / 20), tmp_path / "other.wav")
    assert np.allclose(speech_probabilities(meeting), speech_probabilities(other), atol=0.02)
    spoken = sum(found.end_s - found.start_s for found in voice_activity(other))
    assert spoken > 25


def test_rumble_does_not_hide_a_voice(mono: Mono, tmp_path: Path) -> None:
    reader = mono("speech/jfk.flac")
    samples = read_mono(reader, 0, length(reader))
    rumble = 0.5 * np.sin(2 * np.pi * 20 * np.arange(len(samples)) / RATE)
    under = written(tmp_path / "rumble.wav", samples * 0.05 + rumble)
    spoken = [sum(f.end_s - f.start_s for f in voice_activity(path)) for path in (reader, under)]
    assert spoken[1] > 0.9 * spoken[0]


@pytest.mark.parametrize(
    "music", ["music/fluffing_a_duck.mp3", "animation/big_buck_bunny_0_30_720p.webm"]
)
def test_nobody_speaks_in_music(mono: Mono, music: str) -> None:
    assert voice_activity(mono(music)) == []


@pytest.mark.parametrize("seconds", [0, 0.01, 60])
def test_nobody_speaks_in_silence(tmp_path: Path, seconds: float) -> None:
    assert voice_activity(written(tmp_path / "none.wav", np.zeros(round(seconds * RATE)))) == []


def test_nobody_speaks_in_hiss(tmp_path: Path) -> None:
    hiss = np.random.default_rng(0).standard_normal(20 * RATE) * 1e-4
    assert voice_activity(written(tmp_path / "hiss.wav", hiss)) == []


def test_one_word_is_one_stretch(mono: Mono) -> None:
    (word,) = voice_activity(mono("speech/mfa/common_voice_en_22058267.mp3"))
    assert 0.2 < word.end_s - word.start_s < 1.2
    assert word.probability > 0.5


def test_blocks_leave_no_trace(mono: Mono, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = mono("speech/jfk.flac")
    whole = speech_probabilities(reader)
    monkeypatch.setattr(silero, "BLOCK", 20 * silero.FRAME)
    assert np.allclose(speech_probabilities(reader), whole, atol=1e-3)


def test_the_same_sound_gives_the_same_numbers(mono: Mono) -> None:
    reader = mono("speech/jfk.flac")
    assert np.array_equal(speech_probabilities(reader), speech_probabilities(reader))


def test_levelling_reads_any_part_alike(mono: Mono) -> None:
    reader = mono("speech/jfk.flac")
    gain = level_gain(reader)
    whole = read_levelled(reader, 0, 10 * RATE, gain)
    part = read_levelled(reader, 3 * RATE, 4 * RATE, gain)
    assert np.allclose(part, whole[3 * RATE : 4 * RATE], atol=1e-4)
    before = read_levelled(reader, -RATE, 0, gain)
    assert len(before) == RATE
    assert not before.any()


probabilities = st.lists(st.floats(0, 1, width=32), max_size=80)


@tested(deadline=None)
@given(probabilities, st.floats(0, 1), st.floats(0, 0.3))
def test_stretches_are_in_order_apart_and_inside(
    given_: list[float], pad_s: float, pause_s: float
) -> None:
    settings = ActivitySettings(pad_s=pad_s, least_pause_s=pause_s)
    duration = len(given_) * FRAME_S
    found = stretches(np.array(given_, np.float32), duration, settings)
    assert all(0 <= one.start_s < one.end_s <= duration + 1e-9 for one in found)
    assert all(one.end_s <= after.start_s + 1e-9 for one, after in pairwise(found))
    assert all(0 <= one.probability <= 1 for one in found)


@tested(deadline=None)
@given(probabilities)
def test_every_clear_frame_is_in_a_stretch_unless_it_is_too_short(given_: list[float]) -> None:
    settings = ActivitySettings(least_speech_s=0)
    found = stretches(np.array(given_, np.float32), len(given_) * FRAME_S, settings)
    for number, probability in enumerate(given_):
        if probability >= settings.clear:
            middle = (number + 0.5) * FRAME_S
            assert any(one.start_s <= middle <= one.end_s for one in found)


def test_thresholds_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="offset the lower"):
        ActivitySettings(onset=0.3, offset=0.5)
