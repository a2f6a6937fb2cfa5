"""The soundtrack of a master as two files that every room reads."""

from __future__ import annotations

import math
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from media_assets.media.audio import Resampler, WavWriter, audio_stream, stream_audio
from media_assets.media.index import open_media
from resources.problems import NotApplicable
from resources.tables import digest

# What speech models read.
SPEECH_RATE = 16_000
# Part of the files' names: to be raised when the samples would come out otherwise.
_VERSION = 1


@dataclass(frozen=True)
class SoundFile:
    """One of the files; `samples` per channel, `peak_db` None for silence."""

    kind: str
    path: Path
    rate_hz: int
    channels: int
    samples: int
    source_stream: int
    source_channels: int
    peak_db: float | None


def extract_audio(master: Path, stream: int | None, sha256: str, folder: Path) -> list[SoundFile]:
    """`stereo` at the source's rate and `mono16k`, both written in one pass of decoding.

    `stereo` always has two channels: equal ones where the source is mono, a down-mix where it has
    more. Sample 0 of both is second 0 of the episode. Files are named by master and stream, so the
    same content has the same name.
    stream: index in the container; None where the probe found none.

    Raises NotApplicable without a stream, BadInput if nothing of it decodes.
    """
    if stream is None:
        raise NotApplicable("no audio stream")
    with open_media(master) as container:
        source = audio_stream(container, stream, master.name)
        rate, source_channels = source.rate, source.layout.nb_channels
    key = digest([_VERSION, sha256, stream])
    with ExitStack() as files:
        stereo = files.enter_context(WavWriter(folder / f"{key}.stereo.wav", rate, 2))
        speech = files.enter_context(WavWriter(folder / f"{key}.mono16k.wav", SPEECH_RATE, 1))
        resampler = Resampler(rate, SPEECH_RATE, 1)
        for block in stream_audio(master, stream):
            stereo.write(block)
            speech.write(resampler.push(block.mean(1, keepdims=True)))
        speech.write(resampler.finish())
    return [
        SoundFile(
            kind=kind,
            path=wav.path,
            rate_hz=wav.rate,
            channels=wav.channels,
            samples=wav.samples,
            source_stream=stream,
            source_channels=source_channels,
            peak_db=20 * math.log10(wav.peak) if wav.peak else None,
        )
        for kind, wav in (("stereo", stereo), ("mono16k", speech))
    ]
