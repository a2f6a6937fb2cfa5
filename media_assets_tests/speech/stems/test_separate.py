"""Stems on disk add up to the mix, whatever the separator, and appear whole or not at all."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_assets.media.audio import Samples, read_wav, write_wav
from media_assets.speech.stems.separate import separate, stems_folder, wav_blocks
from media_assets.speech.stems.sum import largest_difference

RATE = 8000


class Halves:
    """A separator that gives back `share` of the mix, in blocks of its own size."""

    backend = "halves@1"
    method = "halves"

    def __init__(self, share: float = 0.37, size: int = 7001, lost: int = 0):
        self.share, self.size, self.lost = share, size, lost

    def voice(self, mix: Iterable[Samples], rate: int) -> Iterator[Samples]:
        whole = np.concatenate(list(mix))
        for start in range(0, len(whole) - self.lost, self.size):
            yield np.float32(self.share) * whole[start : start + self.size]


def noise(count: int, level: float = 0.1) -> Samples:
    return np.random.default_rng(count).normal(0, level, (count, 2)).astype(np.float32)


@settings(max_examples=15, deadline=None)
@given(
    count=st.integers(1, 100_000),
    share=st.floats(-3, 3, width=32),
    size=st.integers(500, 90_000),
    level=st.sampled_from([1e-6, 0.1, 30.0]),
)
def test_voice_and_background_make_the_mix(
    tmp_path_factory: pytest.TempPathFactory, count: int, share: float, size: int, level: float
) -> None:
    folder = tmp_path_factory.mktemp("stems")
    mix = folder / "mix.wav"
    write_wav(mix, [noise(count, level)], RATE, 2)
    voice, background, speech = separate(mix, Halves(share, size), folder / "out")
    assert largest_difference(voice.path, background.path, mix) <= 0.5
    assert voice.samples == background.samples == count
    assert speech.rate_hz == 16_000
    assert abs(speech.samples - 2 * count) <= 2
    assert np.array_equal(np.concatenate(list(wav_blocks(voice.path))), read_wav(voice.path)[0])


def test_a_changed_sample_is_noticed(tmp_path: Path) -> None:
    mix = tmp_path / "mix.wav"
    write_wav(mix, [noise(200_000)], RATE, 2)
    voice, background, _ = separate(mix, Halves(), tmp_path / "out")
    samples, _ = read_wav(background.path)
    for wrong in (samples[:-1], np.concatenate([samples, samples[:1]])):
        write_wav(background.path, [wrong], RATE, 2)
        assert largest_difference(voice.path, background.path, mix) == float("inf")
    samples[150_000, 1] += 1e-6
    write_wav(background.path, [samples], RATE, 2)
    assert largest_difference(voice.path, background.path, mix) > 1


def test_metadata_say_what_the_files_hold(tmp_path: Path) -> None:
    mix = tmp_path / "mix.wav"
    write_wav(mix, [noise(16_000), np.zeros((16_000, 2), np.float32)], RATE, 2)
    stems = separate(mix, Halves(share=1), tmp_path / "out")
    about = json.loads((tmp_path / "out" / "metadata.json").read_text())
    assert about["separator"] == "halves"
    assert about["duration_s"] == 4
    assert about["stems"]["voice"]["rms_db"] == pytest.approx(-23, abs=0.1)
    assert about["stems"]["voice"]["silence_ratio"] == pytest.approx(0.5)
    assert about["stems"]["background"]["rms_db"] is None
    assert "nothing was taken apart" in about["note"]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "metadata.json",
        *(stem.path.name for stem in stems),
    }


def test_a_separator_that_loses_samples_leaves_no_files(tmp_path: Path) -> None:
    mix = tmp_path / "mix.wav"
    write_wav(mix, [noise(50_000)], RATE, 2)
    with pytest.raises(ValueError, match="of 50000 samples"):
        separate(mix, Halves(size=1000, lost=20_000), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_the_same_sound_makes_the_same_files(tmp_path: Path) -> None:
    mix = tmp_path / "mix.wav"
    write_wav(mix, [noise(30_000)], RATE, 2)
    once, again = (separate(mix, Halves(), tmp_path / name) for name in ("a", "b"))
    for one, other in zip(once, again, strict=True):
        assert one.path.read_bytes() == other.path.read_bytes()


def test_folders_are_named_by_content_and_separator(tmp_path: Path) -> None:
    names = {
        stems_folder(tmp_path, Path("files/audio") / mix, backend)
        for mix in ("a.stereo.wav", "b.stereo.wav")
        for backend in ("x@1", "x@2")
    }
    assert len(names) == 4
    assert all(name.parent == tmp_path / "stems" for name in names)
