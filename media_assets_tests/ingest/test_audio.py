"""The two sound files of an episode."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from media_assets.ingest.audio import extract_audio
from media_assets.media.audio import read_wav, stream_audio
from resources.problems import BadInput, NotApplicable


def test_both_files_hold_what_a_decode_gives(media_dir: Path, tmp_path: Path) -> None:
    master = media_dir / "composite/dev/dev_episode_a.mkv"
    stereo, speech = extract_audio(master, 1, "f" * 64, tmp_path)
    assert (stereo.kind, stereo.rate_hz, stereo.channels) == ("stereo", 48_000, 2)
    assert (speech.kind, speech.rate_hz, speech.channels) == ("mono16k", 16_000, 1)
    for file in (stereo, speech):
        samples, rate = read_wav(file.path)
        blocks = stream_audio(master, 1, rate=file.rate_hz, channels=file.channels)
        np.testing.assert_array_equal(samples, np.concatenate(list(blocks)))
        assert (rate, len(samples)) == (file.rate_hz, file.samples)
        assert 10 ** (file.peak_db / 20) == pytest.approx(np.abs(samples).max())
    assert Fraction(stereo.samples, 48_000) == pytest.approx(Fraction(speech.samples, 16_000), 1e-6)


def test_files_are_named_by_their_content(media_dir: Path, tmp_path: Path) -> None:
    master = media_dir / "hostile/made_dev/three_audio_tracks.mkv"
    first = extract_audio(master, 2, "a" * 64, tmp_path)
    again = extract_audio(master, 2, "a" * 64, tmp_path)
    other = extract_audio(master, 3, "a" * 64, tmp_path)
    assert [f.path for f in first] == [f.path for f in again]
    assert first == again
    assert len(list(tmp_path.iterdir())) == 4
    assert (other[0].rate_hz, other[0].channels, other[0].source_channels) == (48_000, 2, 1)


def test_silence_has_no_peak(media_dir: Path, tmp_path: Path) -> None:
    files = extract_audio(media_dir / "hostile/made_dev/all_black_silent.mp4", 1, "", tmp_path)
    assert [file.peak_db for file in files] == [None, None]
    assert files[0].samples > 3 * 48_000 - 1


def test_without_a_stream_it_does_not_apply(media_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(NotApplicable, match="no audio stream"):
        extract_audio(media_dir / "hostile/sample_video_only.mp4", None, "", tmp_path)


def test_sound_that_does_not_decode_leaves_no_file(media_dir: Path, tmp_path: Path) -> None:
    """Every packet is there and none can be decoded: its codec is not named."""
    with pytest.raises(BadInput, match=r"sample_missing_stsd\.mp4"):
        extract_audio(media_dir / "hostile/sample_missing_stsd.mp4", 1, "", tmp_path)
    assert list(tmp_path.iterdir()) == []
