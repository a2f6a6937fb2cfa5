"""The voice of a stereo soundtrack as what lies in its centre, by a Wiener filter in bands.

Dialogue is mixed to the centre, so it is in mid = (left + right) / 2 and not in side =
(left - right) / 2. Music and effects are in both, at a ratio that a band keeps for a while. With
that ratio, side tells how much of mid is background, and what remains is the voice:

    gain = (|mid|^2 - ratio * |side|^2) / |mid|^2

C. Avendano and J.-M. Jot, "A frequency-domain approach to multichannel upmix", JAES 52 (2004), for
centre extraction by channel similarity in time and frequency; the gain is Wiener's. The ratio is
our own blind estimate in bands of one ERB: the median over the quietest fifth of about a minute,
for there the voice pauses (R. Martin's minimum statistics, IEEE Trans. SAP 9(5), 2001). There is no
gate in time.

Where the voice is not in the centre (panned, or in stereo reverberation), side rises and falls
with the syllables as mid does, and the filter would take the voice away. Modulations of 2 to 10 Hz
carry speech (Houtgast and Steeneken, JASA 77, 1985); where those of mid and side go together, the
mix is left as it is.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import dagster as dg
import numpy as np
from numpy.typing import NDArray

from resources.models.interfaces import Samples

Array = NDArray[np.float32]

# Long enough to part the harmonics of a voice, short against its syllables; hops of a quarter.
WINDOW_S = 0.085
# The soundtrack goes by in segments; a segment's ratios and weight come from it and its
# neighbours on both sides, and frames between two segments' middles take what lies between.
SEGMENT_S = 10
NEIGHBOURS = 3
# Bins and frames over which powers are averaged before they are compared.
SMOOTHING = 3
# Share of the frames, by the power of mid, in which a band is taken to be background alone.
QUIET = 0.2
# More is taken off than was estimated (M. Berouti et al., ICASSP 1979): notes are less wide than
# their tails, which are what is heard in pauses. 1.5 is the most that left none of the mixes for
# tuning (benchmarks/stems.py) below the mix, nor bursts of noise that fill 80 % of the time.
OVERSUBTRACTION = 1.5
# A band that is nearly all mid says nothing about its background: no more than 10 dB is believed.
RATIOS = (0.3, 10.0)
# Mixes of centred speech and music were measured to correlate by 0.06 to 0.47, those of panned or
# reverberant speech by 0.61 to 0.93 (benchmarks/stems.py, both parts).
CENTRED, SPREAD = 0.5, 0.6
MODULATIONS_HZ = (2.0, 10.0)
SPEECH_HZ = (300.0, 4000.0)
# Side that far below mid is what lossy codecs leave of two equal channels (measured: -60 dB).
MONO = 10**-5.5
TINY = 1e-14


class CentreExtraction(dg.ConfigurableResource[Any]):
    """Separator `centre extraction`: needs no model and no training."""

    @property
    def backend(self) -> str:
        return "centre-extraction@1"

    @property
    def method(self) -> str:
        return "centre extraction"

    def voice(self, mix: Iterable[Samples], rate: int) -> Iterator[Samples]:
        """The voice in blocks of 10 s; where both channels are equal, exactly the mix.

        mix: blocks of shape (n, 1) or (n, 2); one channel is its own voice.
        """
        grid = _Grid.at(rate)
        segments: deque[_Segment] = deque()
        # Segments before the current one that are still needed: neighbours of its neighbours.
        current = 0
        for samples in _segments(mix, grid.segment):
            if samples.shape[1] == 1:
                yield samples
                continue
            segments.append(_Segment.of(samples, grid))
            if len(segments) - current > NEIGHBOURS + 1:
                yield _voice_of(segments, current, grid)
                current += 1
            if current > NEIGHBOURS + 1:
                segments.popleft()
                current -= 1
        for index in range(current, len(segments)):
            yield _voice_of(segments, index, grid)


@dataclass(frozen=True)
class _Grid:
    """Frames at one rate: `segment` and `window` samples, `hop` apart; `band` of each bin."""

    rate: int
    window: int
    hop: int
    segment: int
    hann: Array
    band: NDArray[np.intp]
    speech: NDArray[np.intp]

    @classmethod
    def at(cls, rate: int) -> _Grid:
        hop = max(1, 2 ** round(math.log2(WINDOW_S * rate / 4)))
        window = 4 * hop
        hertz = np.fft.rfftfreq(window, 1 / rate)
        # ERB-rate scale of Glasberg and Moore (1990).
        number = (21.4 * np.log10(1 + 0.00437 * hertz)).astype(int)
        band = np.unique(number, return_inverse=True)[1]
        heard = (hertz > SPEECH_HZ[0]) & (hertz < SPEECH_HZ[1])
        return cls(
            rate=rate,
            window=window,
            hop=hop,
            segment=round(SEGMENT_S * rate / hop) * hop,
            hann=(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)).astype(np.float32),
            band=band,
            speech=np.unique(band[heard]),
        )

    def spectra(self, samples: Array) -> NDArray[np.complex64]:
        """Mid and side, shape (2, frames, bins), of all whole windows in (samples, 2)."""
        from scipy.fft import rfft

        left, right = samples.T
        both = np.stack([left + right, left - right]) / 2
        frames = np.lib.stride_tricks.sliding_window_view(both, self.window, axis=1)
        spectra: NDArray[np.complex64] = rfft(frames[:, :: self.hop] * self.hann)
        return spectra

    def samples(self, spectra: NDArray[np.complex64]) -> Array:
        """The samples, shape (n, 2), of mid and side; those in all four windows are whole."""
        from scipy.fft import irfft

        frames = irfft(spectra, self.window) * (self.hann / 1.5)  # squared Hann adds up to 1.5
        count = frames.shape[1]
        quarters = frames.reshape(2, count, 4, self.hop)
        total = np.zeros((2, count + 3, self.hop), np.float32)
        for quarter in range(4):
            total[:, quarter : quarter + count] += quarters[:, :, quarter]
        mid, side = total.reshape(2, -1)
        return np.stack([mid + side, mid - side], axis=1)

    def bands(self, powers: Array) -> Array:
        """Powers of shape (..., bins) added up in bands."""
        starts = np.flatnonzero(np.diff(self.band, prepend=-1))
        sums: Array = np.add.reduceat(powers, starts, axis=-1)
        return sums


@dataclass(frozen=True)
class _Segment:
    """Samples, and the powers of mid and side in bands, shape (2, frames, bands)."""

    samples: Samples
    powers: Array

    @classmethod
    def of(cls, samples: Samples, grid: _Grid) -> _Segment:
        short = max(0, grid.window - len(samples))
        spectra = grid.spectra(np.pad(samples, ((0, short), (0, 0))))
        return cls(samples, grid.bands(_power(spectra)))

    @property
    def mono(self) -> bool:
        mid, side = self.powers.sum((1, 2))
        return bool(side <= MONO * mid)


@dataclass(frozen=True)
class _Filter:
    """Background's ratio of mid to side in each band, and how much the filter is to do, 0 to 1."""

    ratios: Array
    weight: float

    @classmethod
    def of(cls, powers: Array, grid: _Grid) -> _Filter:
        mid, side = powers + TINY
        quiet = mid <= np.quantile(mid, QUIET, axis=0)
        ratios = np.nanmedian(np.where(quiet, mid / side, np.nan), axis=0)
        ratios = np.clip(OVERSUBTRACTION * ratios, *RATIOS)
        together = _together(mid[:, grid.speech], side[:, grid.speech], grid.rate / grid.hop)
        weight = np.clip((SPREAD - together) / (SPREAD - CENTRED), 0, 1)
        return cls(ratios.astype(np.float32), float(weight))


def _segments(blocks: Iterable[Samples], size: int) -> Iterator[Samples]:
    """The same samples in blocks of `size`; the last may be shorter."""
    parts: list[Samples] = []
    held = 0
    for block in blocks:
        parts.append(block)
        held += len(block)
        while held >= size:
            joined = np.concatenate(parts)
            yield joined[:size]
            parts, held = [joined[size:]], held - size
    if held:
        yield np.concatenate(parts)


def _together(mid: Array, side: Array, frames_per_s: float) -> float:
    """Median over bands of how the syllables' modulations of mid and side correlate; 0 if short."""
    from scipy.signal import butter, sosfiltfilt

    if len(mid) < frames_per_s:
        return 0.0
    sections = butter(2, MODULATIONS_HZ, "band", fs=frames_per_s, output="sos")
    a, b = (sosfiltfilt(sections, np.log(each), axis=0) for each in (mid, side))
    scale = np.sqrt((a**2).sum(0) * (b**2).sum(0)) + TINY
    return float(np.median((a * b).sum(0) / scale))


def _voice_of(segments: deque[_Segment], index: int, grid: _Grid) -> Samples:
    """The voice of one of the segments."""
    around = [segments[i] if 0 <= i < len(segments) else None for i in range(index - 1, index + 2)]
    this = segments[index]
    if all(each is None or each.mono for each in around):
        return this.samples
    # Windows reach into the neighbours, and so does the smoothing.
    margin = grid.window
    end = math.ceil(len(this.samples) / grid.hop) * grid.hop
    padded = np.zeros((margin + end + margin, 2), np.float32)
    padded[margin : margin + len(this.samples)] = this.samples
    if around[0] is not None:
        padded[:margin] = around[0].samples[-margin:]
    if around[2] is not None:
        following = around[2].samples[:margin]
        padded[margin + end : margin + end + len(following)] = following
    spectra = grid.spectra(padded)
    ratios, weight = _in_between(segments, index, grid, spectra.shape[1])
    mid, side = _smooth(_power(spectra))
    wiener = np.clip(1 - ratios[:, grid.band] * side / (mid + TINY), 0, 1)
    spectra[0] *= 1 - weight[:, None] * (1 - wiener)
    spectra[1] *= 1 - weight[:, None]
    return grid.samples(spectra)[margin : margin + len(this.samples)]


def _in_between(
    segments: deque[_Segment], index: int, grid: _Grid, frames: int
) -> tuple[Array, Array]:
    """Ratios (frames, bands) and weight (frames,) for the frames of a segment with its margins."""
    known = [i for i in range(index - 1, index + 2) if 0 <= i < len(segments)]
    filters = []
    for i in known:
        near = list(segments)[max(0, i - NEIGHBOURS) : i + NEIGHBOURS + 1]
        filters.append(_Filter.of(np.concatenate([each.powers for each in near], axis=1), grid))
    length = grid.segment // grid.hop
    middles = [(i - index + 0.5) * length for i in known]
    at = np.arange(frames) - grid.window / grid.hop / 2
    ratios = [np.interp(at, middles, values) for values in np.stack([f.ratios for f in filters], 1)]
    weight = np.interp(at, middles, [each.weight for each in filters])
    return np.stack(ratios, axis=1).astype(np.float32), weight.astype(np.float32)


def _power(spectra: NDArray[np.complex64]) -> Array:
    powers: Array = spectra.real**2 + spectra.imag**2
    return powers


def _smooth(powers: Array) -> Array:
    from scipy.ndimage import uniform_filter

    smoothed: Array = uniform_filter(powers, (1, SMOOTHING, SMOOTHING), mode="nearest")
    return smoothed
