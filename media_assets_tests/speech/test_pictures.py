"""Pictures are PNG that fit a preview and show what they were given."""

import base64
import io
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

from media_assets.media.audio import write_wav
from media_assets.speech.pictures import COLOURS, speaker_colours, stem_spectrograms, waveform

LIMIT = 50_000
TURNS = {"start_s": pl.Float64, "end_s": pl.Float64, "speaker": pl.String}
WORDS = {"word": pl.String, "start_s": pl.Float64, "end_s": pl.Float64}


def picture(markdown: str) -> np.ndarray:
    data = re.fullmatch(r"!\[\w+\]\(data:image/png;base64,(.*)\)", markdown)
    assert data is not None
    assert len(markdown) < LIMIT
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data[1]))).convert("RGB"))


def sound(path: Path, seconds: float, rate: int = 16_000, level: float = 0.1) -> Path:
    samples = np.random.default_rng(0).normal(0, level, (round(seconds * rate), 2))
    write_wav(path, [samples.astype(np.float32)], rate, 2)
    return path


def has_colour(pixels: np.ndarray, colour: str) -> bool:
    wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return bool((np.abs(pixels.astype(int) - wanted).max(-1) < 12).sum() > 20)


def test_turns_and_words_are_shown_in_the_speakers_colours(tmp_path: Path) -> None:
    turns = pl.DataFrame(
        [(1.0, 9.0, "SPEAKER_00"), (8.0, 8.3, "SPEAKER_01")], schema=TURNS, orient="row"
    )
    words = pl.DataFrame(
        [("Cash: $5,", 1.0, 1.5), ("_{x}^", 1.5, 2.0)] * 9, schema=WORDS, orient="row"
    )
    pixels = picture(waveform(sound(tmp_path / "a.wav", 12), turns, words))
    assert has_colour(pixels, COLOURS[0])
    assert has_colour(pixels, COLOURS[1])
    assert not has_colour(pixels, COLOURS[2])


@pytest.mark.parametrize("seconds", [0, 0.01, 3])
def test_sound_without_turns_or_words_is_shown_too(tmp_path: Path, seconds: float) -> None:
    path = sound(tmp_path / "a.wav", seconds)
    picture(waveform(path, pl.DataFrame(schema=TURNS), pl.DataFrame(schema=WORDS)))
    picture(stem_spectrograms([("voice", path), ("background", path)]))


def test_the_same_sound_makes_the_same_picture(tmp_path: Path) -> None:
    path = sound(tmp_path / "a.wav", 40)
    once, again = (stem_spectrograms([("voice", path)]) for _ in range(2))
    assert once == again
    assert len(picture(once)) > 0


def test_noise_is_brighter_than_silence(tmp_path: Path) -> None:
    loud, silent = sound(tmp_path / "a.wav", 5), sound(tmp_path / "b.wav", 5, level=0)
    pixels = picture(stem_spectrograms([("voice", loud), ("background", silent)])).mean(-1)
    height, width = pixels.shape
    upper, lower = (pixels[round(height * y), width // 2] for y in (0.2, 0.65))
    assert upper > lower + 50


def test_colours_follow_names_and_repeat() -> None:
    names = pl.Series([f"SPEAKER_{i:02}" for i in range(9)] + [None])
    colours = speaker_colours(names)
    assert len(colours) == 9
    assert colours["SPEAKER_00"] == colours["SPEAKER_08"]
    assert colours["SPEAKER_00"] != colours["SPEAKER_01"]


def test_names_that_the_font_lacks_or_takes_for_mathematics_are_shown(tmp_path: Path) -> None:
    turns = pl.DataFrame([(0.0, 1.0, "$a$ 真")], schema=TURNS, orient="row")
    words = pl.DataFrame([("真っ $5$", 0.2, 0.8)], schema=WORDS, orient="row")
    pixels = picture(waveform(sound(tmp_path / "a.wav", 1.0), turns, words))
    assert has_colour(pixels, COLOURS[0])
