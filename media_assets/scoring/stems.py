"""SI-SDR of stems against true ones."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import polars as pl

from media_assets.media.audio import Samples, read_audio, read_wav, stream_audio

# Encoders delay sound (AAC by 1024 or 2112 samples, and not all containers say so); more than this
# would be another edit. The delay is found in the first minute.
LONGEST_DELAY_S = 0.1
LISTENED_S = 60
# Better than this is float32's own rounding.
MOST_DB = 120.0


def score_stems(truth: Mapping[str, Path], stems: pl.DataFrame) -> dict[str, float | int | None]:
    """SI-SDR in dB of voice and background, each beside that of the mix as it was.

    truth: `voice` and, if known, `background` (files of any rate; mono stands for both channels).
    stems: the rows of the table `stems` with absolute paths. The mix is the sum of the stems.
    delay_samples: by how much the mix lags behind the truth; it is found and taken out.
    None where a stem has no truth, or its truth or the stem is silent.
    """
    paths = {name: Path(path) for name, path in stems.select("stem", "path").iter_rows()}
    found = [paths["voice"], paths["background"]]
    delay = find_delay(list(truth.values()), found)
    scores: dict[str, float | int | None] = {"delay_samples": delay}
    for name, files in (("voice", found[:1]), ("background", found[1:])):
        known = truth.get(name)
        scores[f"{name}_si_sdr_db"] = si_sdr(known, files, delay) if known else None
        scores[f"{name}_mix_si_sdr_db"] = si_sdr(known, found, delay) if known else None
    return scores


def si_sdr(truth: Path, found: list[Path], delay: int = 0) -> float | None:
    """Scale-invariant signal-to-distortion ratio in dB of the sum of WAVs, both channels as one.

    J. Le Roux et al., "SDR - half-baked or well done?", ICASSP 2019. At most 120; None if the truth
    or what was found is silent. Files are streamed.
    """
    power = cross = energy = 0.0
    at = max(0, delay)
    for block in _without_first(stream_audio(truth, rate=_rate(found[0])), -delay):
        x = sum_of(found, at, at + len(block)).astype(np.float64)
        t = block[: len(x)].astype(np.float64)
        power += float((t * t).sum())
        cross += float((t * x).sum())
        energy += float((x * x).sum())
        at += len(block)
    if not power or not energy:
        return None
    explained = cross**2 / power
    rest = max(energy - explained, explained * 10 ** (-MOST_DB / 10))
    return 10 * math.log10(explained / rest) if explained else -MOST_DB


def find_delay(truth: list[Path], found: list[Path]) -> int:
    """Samples by which the sum of WAVs lags behind the sum of the truth, by cross-correlation."""
    from scipy.signal import correlate, correlation_lags

    rate = _rate(found[0])
    parts = [read_audio(path, 0, LISTENED_S, rate=rate, channels=1)[:, 0] for path in truth]
    length = max(map(len, parts))
    known = np.sum([np.pad(part, (0, length - len(part))) for part in parts], axis=0)
    mix = sum_of(found, 0, LISTENED_S * rate).mean(1)
    if not known.any() or not mix.any():
        return 0
    alike = np.abs(correlate(mix, known, method="fft"))
    lags = correlation_lags(len(mix), len(known))
    near = np.abs(lags) <= LONGEST_DELAY_S * rate
    return int(lags[near][alike[near].argmax()])


def sum_of(files: list[Path], start: int, end: int) -> Samples:
    total: Samples = np.sum([read_wav(path, start, end)[0] for path in files], axis=0)
    return total


def _rate(path: Path) -> int:
    return read_wav(path, 0, 0)[1]


def _without_first(blocks: Iterator[Samples], skip: int) -> Iterator[Samples]:
    """The blocks without their first `skip` samples."""
    for block in blocks:
        yield block[max(0, skip) :]
        skip -= len(block)
