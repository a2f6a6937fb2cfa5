"""The sound of an exported utterance: mono, 16 bit, one rate, one loudness; a gain and no more."""

import io
import wave
from pathlib import Path
from typing import Any

import numpy as np

from media_assets.exports.files import write_changed
from media_assets.media.audio import read_wav, resampled, sample_at
from resources.tables import digest

# EBU R 128: -23 LUFS, true peaks at most -1 dBTP; what would be louder at its peak stays quieter.
TARGET_LUFS, PEAK_DB = -23.0, -1.0
# To be raised when the samples would come out otherwise.
_VERSION = 1


def sound_key(row: dict[str, Any], rate_hz: int) -> str:
    """Hash of all that the exported sound depends on. row: has what `write_sound` reads."""
    names = ("voice", "start_s", "end_s", "loudness_lufs", "peak_db")
    return digest([_VERSION, TARGET_LUFS, PEAK_DB, rate_hz, [row[name] for name in names]])


def write_sound(voice: Path, row: dict[str, Any], rate_hz: int, path: Path) -> None:
    """The WAV of one utterance, cut from the voice stem.

    row: start_s, end_s on the episode's clock, loudness_lufs and peak_db of the sound between.
    Raises FileNotFoundError where the stem is gone.
    """
    _, rate = read_wav(voice, 0, 0)
    first, end = (sample_at(row[name], rate) for name in ("start_s", "end_s"))
    mono = read_wav(voice, first, end)[0].mean(1, keepdims=True)
    samples = np.concatenate(list(resampled([mono], rate, rate_hz, 1)))[:, 0]
    gain = 10 ** (min(TARGET_LUFS - row["loudness_lufs"], PEAK_DB - row["peak_db"]) / 20)
    # Rounded without dither: at 16 bit its noise would be louder than that of many recordings.
    full = np.clip(np.round(samples.astype(np.float64) * gain * 32768), -32768, 32767)
    data = _wav(full.astype("<i2").tobytes(), rate_hz)
    write_changed(path, lambda file: file.write(data))


def samples_in(path: Path) -> int:
    with wave.open(str(path)) as sound:
        return int(sound.getnframes())


def _wav(data: bytes, rate_hz: int) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate_hz)
        sound.writeframes(data)
    return buffer.getvalue()
