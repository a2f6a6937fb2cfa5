"""The stems of a soundtrack as files: voice, background and the voice for models."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from media_assets.media.audio import Resampler, Samples, WavWriter, read_wav
from media_assets.speech.stems.levels import SILENCE_DB, LevelMeter
from resources.models.interfaces import Separator
from resources.tables import atomic_write, digest

# What speech models read.
SPEECH_RATE = 16_000
BLOCK_S = 10
# Part of the folders' names: to be raised when the samples would come out otherwise.
_VERSION = 1


@dataclass(frozen=True)
class Stem:
    """One of the files; `samples` per channel, `rms_db` None for silence."""

    stem: str
    path: Path
    rate_hz: int
    channels: int
    samples: int
    duration_s: float
    rms_db: float | None
    silence_ratio: float


def stems_folder(files: Path, mix: Path, backend: str) -> Path:
    """Where the stems of a soundtrack (named by its content) lie that this backend makes."""
    return files / "stems" / digest([_VERSION, mix.name, backend])


def separate(mix: Path, separator: Separator, folder: Path) -> list[Stem]:
    """`voice`, `background` and `voice16k`, written to `folder` in one pass, and `metadata.json`.

    The background is the mix less the voice, in float32: added up they are the mix, but for half
    a unit in the last place; where the separator gives back the mix, the background is digital
    silence. Files appear when all of them are whole, metadata.json last. Memory does not grow with
    the length.
    mix: WAV with two channels.
    """
    rate, total = wav_shape(mix)
    with ExitStack() as files:
        voice, background, speech = (
            files.enter_context(_Measured(folder / f"{stem}.wav", rate, channels))
            for stem, rate, channels in (
                ("voice", rate, 2),
                ("background", rate, 2),
                ("voice16k", SPEECH_RATE, 1),
            )
        )
        resampler = Resampler(rate, SPEECH_RATE, 1)
        for block in separator.voice(wav_blocks(mix), rate):
            whole, _ = read_wav(mix, voice.samples, voice.samples + len(block))
            background.write(whole - block)
            speech.write(resampler.push(block.mean(1, keepdims=True)))
            voice.write(block)
        speech.write(resampler.finish())
        if voice.samples != total:
            raise ValueError(f"{separator.backend}: {voice.samples} of {total} samples came back")
    stems = [each.stem for each in (voice, background, speech)]
    about = json.dumps(_metadata(stems, separator), indent=1) + "\n"
    atomic_write(folder / "metadata.json", lambda file: file.write(about.encode()))
    return stems


def wav_blocks(path: Path) -> Iterator[Samples]:
    """The samples of a WAV of ours in blocks of 10 s, shape (samples, channels)."""
    rate, total = wav_shape(path)
    for start in range(0, total, BLOCK_S * rate):
        yield read_wav(path, start, start + BLOCK_S * rate)[0]


def wav_shape(path: Path) -> tuple[int, int]:
    """Rate and count of samples per channel of a WAV of ours."""
    from scipy.io import wavfile

    rate, samples = wavfile.read(path, mmap=True)
    return rate, len(samples)


class _Measured(WavWriter):
    """A WAV file that is measured while it is written."""

    def __enter__(self) -> _Measured:
        self._meter = LevelMeter(self.rate)
        super().__enter__()
        return self

    def write(self, block: Samples) -> None:
        super().write(block)
        self._meter.push(block)

    @property
    def stem(self) -> Stem:
        return Stem(
            stem=self.path.stem,
            path=self.path,
            rate_hz=self.rate,
            channels=self.channels,
            samples=self.samples,
            duration_s=self.samples / self.rate,
            rms_db=self._meter.rms_db,
            silence_ratio=self._meter.silence_ratio,
        )


def _metadata(stems: list[Stem], separator: Separator) -> dict[str, object]:
    """What lies beside the stems for people and other tools."""
    voice, background, _ = stems
    about: dict[str, object] = {
        "duration_s": voice.duration_s,
        "separator": separator.method,
        "backend": separator.backend,
        "silence_db": SILENCE_DB,
        "stems": {
            stem.stem: {k: v for k, v in asdict(stem).items() if k not in ("stem", "path")}
            | {"file": stem.path.name}
            for stem in stems
        },
    }
    if background.rms_db is None and voice.rms_db is not None:
        about["note"] = "nothing was taken apart: the voice is the mix, the background silent"
    return about
