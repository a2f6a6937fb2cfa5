"""SI-SDR of stems: by its definition, whatever the level, the delay and the length."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_assets.media.audio import Samples, write_wav
from media_assets.scoring.stems import find_delay, score_stems, si_sdr
from media_assets.scoring.truth import find_truth

RATE = 8000


def noise(seed: int, count: int = 40_000) -> Samples:
    return np.random.default_rng(seed).normal(0, 0.1, (count, 2)).astype(np.float32)


def wav(path: Path, samples: Samples) -> Path:
    write_wav(path, [samples], RATE, samples.shape[1])
    return path


@settings(max_examples=12, deadline=None)
@given(snr_db=st.floats(-20, 60), gain=st.floats(0.1, 3))
def test_it_is_the_ratio_of_energies_whatever_the_gain(
    tmp_path_factory: pytest.TempPathFactory, snr_db: float, gain: float
) -> None:
    folder = tmp_path_factory.mktemp("stems")
    voice, rest = noise(1), noise(2)
    rest = rest - voice * (voice * rest).sum() / (voice * voice).sum()  # no part of the voice
    rest *= np.sqrt((voice**2).sum() / (rest**2).sum()) * 10 ** (-snr_db / 20)
    truth = wav(folder / "truth.wav", voice)
    found = wav(folder / "found.wav", (gain * (voice + rest)).astype(np.float32))
    assert si_sdr(truth, [found]) == pytest.approx(snr_db, abs=0.05)


def test_a_perfect_stem_scores_the_most_and_silence_nothing(tmp_path: Path) -> None:
    truth = wav(tmp_path / "truth.wav", noise(1))
    silence = wav(tmp_path / "silence.wav", np.zeros((40_000, 2), np.float32))
    assert si_sdr(truth, [truth]) == pytest.approx(120)
    assert si_sdr(truth, [silence]) is None
    assert si_sdr(silence, [truth]) is None


@pytest.mark.parametrize("delay", [-700, -1, 0, 1, 799])
def test_a_delay_is_found_and_taken_out(tmp_path: Path, delay: int) -> None:
    voice, music = noise(1), noise(2)

    def late(samples: Samples) -> Samples:
        silence = np.zeros((max(0, delay), 2), np.float32)
        return np.concatenate([silence, samples[max(0, -delay) :]])

    paths = [wav(tmp_path / "voice.wav", late(voice)), wav(tmp_path / "music.wav", late(music))]
    truth = {
        "voice": wav(tmp_path / "ep.speech_stem.wav", voice),
        "background": wav(tmp_path / "ep.music_stem.wav", music),
    }
    assert find_delay(list(truth.values()), paths) == delay
    table = pl.DataFrame({"stem": ["voice", "background"], "path": list(map(str, paths))})
    score = score_stems(truth, table)
    assert score["voice_si_sdr_db"] == pytest.approx(120)
    assert score["background_si_sdr_db"] == pytest.approx(120)
    assert score["voice_mix_si_sdr_db"] == pytest.approx(0, abs=0.2)


def test_a_mono_truth_at_another_rate_stands_for_both_channels(tmp_path: Path) -> None:
    slow = np.sin(np.arange(40_000) / 20).astype(np.float32)[:, None] * 0.1
    truth = tmp_path / "truth.wav"
    write_wav(truth, [slow[::2]], RATE // 2, 1)
    found = wav(tmp_path / "found.wav", np.repeat(slow, 2, axis=1))
    score = si_sdr(truth, [found])
    assert score is not None
    assert score > 30


def test_true_stems_are_found_beside_the_master(tmp_path: Path, media_dir: Path) -> None:
    folder = media_dir / "composite" / "dev"
    truth = find_truth(folder, "e01", "dev_episode_a.mkv")
    assert truth.files["stems"] == "dev_episode_a.speech_stem.flac"
    assert truth.stems == {
        "voice": folder / "dev_episode_a.speech_stem.flac",
        "background": folder / "dev_episode_a.music_stem.flac",
    }
    assert find_truth(folder, "dev_lecture", "dev_lecture.mkv").stems is None
    wav(tmp_path / "e01.music_stem.wav", noise(1, 10))
    assert find_truth(tmp_path, "e01", "film.mkv").stems is None
    wav(tmp_path / "e01.speech_stem.wav", noise(1, 10))
    assert set(find_truth(tmp_path, "e01", "film.mkv").stems or {}) == {"voice", "background"}
