"""The spoken lines: samples of a voice and the mouth shapes that go with them.

The voices are those of flite (`apt-get install flite`), which also says when each phone is spoken,
so that the lips are in time. WORLD (`uv pip install pyworld`) turns them into a girl, a boy and an
old man: it moves the pitch, widens its rise and fall, and shifts the formants a little.
"""

from __future__ import annotations

import subprocess
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, resample_poly, sosfilt

SAMPLE_RATE = 48_000
MOUTHS = ("rest", "closed", "open", "mid", "wide", "round", "teeth")
_PHONES = {
    "closed": "m b p",
    "open": "aa ae ah ao aw ay",
    "mid": "eh er ey ax ih uh hh l r",
    "wide": "iy y s z t d n k g ng ch jh sh zh th dh",
    "round": "ow oy uw w",
    "teeth": "f v",
}
MOUTH_OF_PHONE = {phone: mouth for mouth, phones in _PHONES.items() for phone in phones.split()}


@dataclass(frozen=True)
class Voice:
    """A flite voice and what is changed in it, all as factors.

    `pitch` is how much higher it speaks, `formants` how much smaller the speaker is, `lively` how
    much more the pitch rises and falls, `pace` how much longer everything takes.
    """

    flite: str
    pitch: float
    formants: float
    lively: float
    pace: float


VOICES = {
    "Mina": Voice("slt", pitch=1.38, formants=1.04, lively=1.5, pace=1.0),
    "Jonas": Voice("rms", pitch=1.62, formants=1.16, lively=1.5, pace=0.92),
    "Bram": Voice("awb", pitch=0.84, formants=0.95, lively=1.3, pace=1.02),
}


@dataclass(frozen=True)
class Speech:
    """One spoken line without silence at its ends: mono samples, and mouths as (from_s, shape)."""

    samples: NDArray[np.float32]
    mouths: tuple[tuple[float, str], ...]

    @property
    def duration_s(self) -> float:
        """The length of the line in seconds."""
        return len(self.samples) / SAMPLE_RATE

    def mouth_at(self, t: float) -> str:
        """The shape of the mouth `t` seconds into the line; 'rest' before and after it."""
        if not 0 <= t < self.duration_s:
            return "rest"
        return [mouth for start, mouth in self.mouths if start <= t][-1]


def speak(text: str, voice: Voice) -> Speech:
    """A line of text in a voice; needs the program flite."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "line.wav"
        stretch = f"duration_stretch={voice.pace}"
        said = subprocess.run(
            ["flite", "-voice", voice.flite, "--setf", stretch, "-psdur", "-t", text, "-o", path],
            check=True,
            capture_output=True,
            text=True,
        )
        with wave.open(str(path)) as recording:
            rate = recording.getframerate()
            samples = np.frombuffer(recording.readframes(recording.getnframes()), "<i2") / 32768
    samples = resample_poly(transform(samples, rate, voice), SAMPLE_RATE, rate)
    samples = sosfilt(butter(2, 90, "highpass", fs=SAMPLE_RATE, output="sos"), samples)
    first, last = voiced_span(samples)
    mouths = [(0.0, "closed")]
    begin = 0.0
    for token in said.stdout.split():
        phone, _, end = token.rpartition(":")
        start_s = begin - first / SAMPLE_RATE
        mouths.append((max(start_s, 0.0), MOUTH_OF_PHONE.get(phone, "closed")))
        begin = float(end)
    line = samples[first:last]
    level = np.sqrt(np.mean(np.square(line)))
    return Speech((line * (0.12 / level)).astype(np.float32), tuple(mouths))


def transform(samples: NDArray[np.float64], rate: int, voice: Voice) -> NDArray[np.float64]:
    """The same speech, in the same time, from another throat."""
    import pyworld  # type: ignore[import-not-found, import-untyped, unused-ignore]

    f0, times = pyworld.harvest(samples, rate)
    envelope = pyworld.cheaptrick(samples, f0, times, rate)
    breath = pyworld.d4c(samples, f0, times, rate)
    voiced = f0 > 0
    middle = np.exp(np.mean(np.log(f0[voiced])))
    f0[voiced] = voice.pitch * middle * (f0[voiced] / middle) ** voice.lively
    bins = np.arange(envelope.shape[1])
    source = np.clip(bins / voice.formants, 0, bins[-1])
    envelope = np.array([np.interp(source, bins, row) for row in envelope])
    breath = np.array([np.interp(source, bins, row) for row in breath])
    return np.asarray(pyworld.synthesize(f0, envelope, breath, rate))


def voiced_span(samples: NDArray[np.float64], floor_db: float = -30.0) -> tuple[int, int]:
    """First and last (exclusive) sample of the speech: 5 ms windows above the floor re the peak."""
    window = SAMPLE_RATE // 200
    count = len(samples) // window
    level = np.sqrt(np.mean(np.square(samples[: count * window].reshape(count, window)), axis=1))
    loud = np.flatnonzero(level > level.max() * 10 ** (floor_db / 20))
    return int(loud[0]) * window, (int(loud[-1]) + 1) * window
