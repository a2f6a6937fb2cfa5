"""Copies of a recording are one group; other takes and other words are not."""

from pathlib import Path

import numpy as np

from media_assets.exports.tts.groups import SAME_SOUND, key_of, near_duplicates
from media_assets.media.audio import read_wav
from media_assets.speech.voices.fingerprint import fingerprint

RATE = 22_050


def takes(media_dir: Path) -> dict[str, np.ndarray]:
    """One sentence, three speakers, several feelings."""
    paths = sorted((media_dir / "speech" / "emodb_dev").glob("*a02*.wav"))
    return {path.stem: read_pcm(path) for path in paths}


def read_pcm(path: Path) -> np.ndarray:
    samples, rate = read_wav(path)
    assert rate == RATE
    return samples[:, 0] / 32768


def test_case_and_punctuation_do_not_tell_texts_apart():
    assert key_of("Wait — WHAT?!") == key_of("wait, what")


def test_a_copy_is_known_at_another_gain_and_cut_elsewhere(media_dir: Path):
    sounds = takes(media_dir)
    cut = round(0.02 * RATE)
    for sound in sounds.values():
        one, other = (np.array(fingerprint(s, RATE)) for s in (sound, 0.3 * sound[cut:]))
        assert one @ other > SAME_SOUND


def test_few_takes_of_one_sentence_pass_for_copies(media_dir: Path):
    sounds = takes(media_dir)
    prints = [np.array(fingerprint(sound, RATE)) for sound in sounds.values()]
    text = "Das will sie am Mittwoch abgeben."
    groups = near_duplicates(list(sounds), [text] * len(sounds), prints)
    assert len(set(groups)) >= 0.9 * len(sounds)


def test_copies_are_joined_in_chains_and_named_by_the_first():
    angle = np.deg2rad([0, 20, 40, 90])
    prints = [np.array([np.cos(a), np.sin(a)]) for a in angle]
    groups = near_duplicates(["b", "c", "a", "d"], ["Hello!"] * 4, prints)
    assert groups == ["a", "a", "a", "d"]
    other_words = near_duplicates(["b", "c"], ["Hello!", "Goodbye!"], [prints[0], prints[0]])
    assert other_words == ["b", "c"]
