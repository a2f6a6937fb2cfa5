"""Stems of films pass the 4 GiB that a WAV header can say; then they are RF64 (EBU Tech 3306)."""

import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from media_assets.media.audio import audio_frame, read_wav, write_wav
from media_assets.speech.stems.separate import wav_shape

RATE = 48_000
BYTES = 8  # of one sample in stereo
TAIL = np.array([[0.25, -0.5], [0.5, 1.0]], np.float32)


def test_samples_beyond_4_gib_are_found(tmp_path: Path) -> None:
    """Four hours as a file with a hole, so that it takes no space."""
    count = 4 * 3600 * RATE
    size = count * BYTES
    format_ = struct.pack("<HHIIHH", 3, 2, RATE, RATE * BYTES, BYTES, 32)
    after = b"WAVE" + b"ds64" + struct.pack("<IQQQI", 28, 72 + size, size, count, 0)
    after += b"fmt " + struct.pack("<I", len(format_)) + format_ + b"data\xff\xff\xff\xff"
    path = tmp_path / "long.wav"
    with path.open("wb") as file:
        file.write(b"RF64\xff\xff\xff\xff" + after)
        file.truncate(8 + len(after) + size)
        file.seek(-2 * BYTES, 2)
        file.write(TAIL.tobytes())
    assert size > 2**32 - 1
    assert wav_shape(path) == (RATE, count)
    samples, rate = read_wav(path, count - 3, count)
    assert rate == RATE
    assert samples.tolist() == [[0, 0], *TAIL.tolist()]


def test_every_wav_keeps_the_place_where_the_long_header_goes(tmp_path: Path) -> None:
    """FFmpeg turns `JUNK` into `ds64` in place when more than 4 GiB have been written."""
    write_wav(tmp_path / "short.wav", [TAIL], RATE, 2)
    header = (tmp_path / "short.wav").read_bytes()[:48]
    assert header[:4] == b"RIFF"
    assert header[8:20] == b"WAVEJUNK\x1c\x00\x00\x00"


def test_what_ffmpeg_writes_as_rf64_is_read(tmp_path: Path) -> None:
    path = tmp_path / "rf64.wav"
    options = {"rf64": "always", "fflags": "+bitexact"}
    with av.open(str(path), "w", format="wav", container_options=options) as container:
        stream = container.add_stream("pcm_f32le", rate=RATE, layout="stereo")
        stream.time_base = Fraction(1, RATE)
        container.mux([*stream.encode(audio_frame(TAIL, RATE, 0)), *stream.encode(None)])
    assert path.read_bytes()[:4] == b"RF64"
    samples, rate = read_wav(path)
    assert rate == RATE
    assert np.array_equal(samples, TAIL)
