"""How a line is spoken, as numbers: pitch, loudness, voice quality, spectrum.

The kinds of measures are those of the eGeMAPS set (Eyben et al. 2016, "The Geneva Minimalistic
Acoustic Parameter Set"), with cepstral peak prominence, harmonicity by band and twelve MFCCs
beside them. Functionals are percentiles, which a few frames of wrong pitch cannot move. Nothing
depends on the level, nor on the length: durations of pauses are left out, because the ends of a
line are set by who cut it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resources.models.interfaces import RATE, Samples
from resources.models.prosody_pitch import HOP, Floats, autocorrelation, frames, track_pitch

VERSION = "1"

Flags = NDArray[np.bool_]

# A line is judged as a whole and by its two overlapping parts, which steadies the judgement.
VIEWS = ((0.0, 1.0), (0.0, 0.65), (0.35, 1.0))
WINDOW = RATE // 40  # 25 ms
SIZE = 1024
HERTZ = np.fft.rfftfreq(SIZE, 1 / RATE)
ENDS_DB = 35.0  # a line begins and ends where it is within this of its loud parts
HEARD_DB = 30.0  # frames that count, voiced or not
HARMONICITY_BANDS = ((80, 1000), (1000, 2500), (2500, 7000))
LPC_ORDER = 16
MFCCS = 12
MEL_BANDS = 26


@dataclass(frozen=True)
class Prosody:
    """Features by name of each view of a line (`VIEWS`), and how much there was to measure.

    treble_db: what lies above a telephone's band, relative to what lies in it, where most.
    """

    views: tuple[Mapping[str, float], ...] = ()
    spoken_s: float = 0.0
    voiced_s: float = 0.0
    treble_db: float = 0.0


def measure_prosody(samples: Samples) -> Prosody:
    """The prosody of a line (mono, 16 kHz); no views where too little is voiced."""
    line = _without_silent_ends(np.asarray(samples, np.float64))
    level = float(np.sqrt(np.mean(line**2))) if len(line) else 0.0
    if level < 1e-6 or len(line) < WINDOW:
        return Prosody()
    line = line * (0.1 / level)
    f0, harmonicity = track_pitch(line)
    voiced = f0 > 0
    spans = [slice(round(start * len(f0)), round(end * len(f0))) for start, end in VIEWS]
    power = np.abs(np.fft.rfft(frames(line, WINDOW) * np.hanning(WINDOW), SIZE)) ** 2
    views: tuple[Mapping[str, float], ...] = ()
    if min(voiced[span].sum() for span in spans) > 2:
        contours = _Contours(
            pitch=12 * np.log2(np.maximum(f0, 1) / 27.5),  # semitones above 27.5 Hz
            voiced=voiced,
            energy_db=_db(power.sum(1)),
            loudness=np.cbrt(power @ _MEL.T).sum(1),
            voice=_voice_contours(line, power, f0, harmonicity),
            spectrum=_spectral_contours(power),
            cepstrum=_cepstral_contours(power),
        )
        views = tuple(_features(contours, span) for span in spans)
    return Prosody(views, len(line) / RATE, int(voiced.sum()) * HOP / RATE, _treble_db(power))


def _treble_db(power: Floats) -> float:
    """Level of 4.5 to 7.5 kHz relative to 300 to 3400 Hz, in the frames where it is highest."""
    energy_db = _db(power.sum(1))
    heard = power[energy_db > np.percentile(energy_db, 95) - HEARD_DB]
    treble = _db(heard[:, _band(4500, 7500)].mean(1)) - _db(heard[:, _band(300, 3400)].mean(1))
    return float(np.percentile(treble, 95))


@dataclass(frozen=True)
class _Contours:
    """A value per frame, each."""

    pitch: Floats
    voiced: Flags
    energy_db: Floats
    loudness: Floats
    voice: Mapping[str, Floats]
    spectrum: Mapping[str, Floats]
    cepstrum: Mapping[str, Floats]


def _features(contours: _Contours, span: slice) -> dict[str, float]:
    """The functionals of a span of frames."""
    voiced, energy_db = contours.voiced[span], contours.energy_db[span]
    heard = energy_db > np.percentile(energy_db, 95) - HEARD_DB
    features = _pitch_functionals(contours.pitch[span], voiced)
    features |= _loudness_functionals(contours.loudness[span])
    for name, contour in contours.voice.items():
        features |= _functionals(f"{name}.voiced", contour[span][voiced])
    for name, contour in contours.spectrum.items():
        features |= _functionals(f"{name}.voiced", contour[span][voiced])
        features |= _functionals(f"{name}.unvoiced", contour[span][heard & ~voiced])
    for name, contour in contours.cepstrum.items():
        features |= _functionals(f"{name}.heard", contour[span][heard])
    return features


def _functionals(name: str, values: Floats) -> dict[str, float]:
    """Median and spread (20th to 80th percentile); 0 where there are too few values."""
    values = values[np.isfinite(values)]
    low, middle, high = np.percentile(values, (20, 50, 80)) if len(values) > 2 else (0.0, 0.0, 0.0)
    return {f"{name}.median": float(middle), f"{name}.spread": float(high - low)}


def _pitch_functionals(pitch: Floats, voiced: Flags) -> dict[str, float]:
    """Height and range of pitch, and how steeply it rises and falls (semitones per second)."""
    low, middle, high = np.percentile(pitch[voiced], (20, 50, 80))
    slope = np.diff(pitch)[voiced[1:] & voiced[:-1]] * (RATE / HOP)
    return {
        "pitch.low": float(low),
        "pitch.median": float(middle),
        "pitch.high": float(high),
        "pitch.spread": float(high - low),
    } | _slopes("pitch", slope[np.abs(slope) < 400])


def _slopes(name: str, slope: Floats) -> dict[str, float]:
    """Mean and deviation of what rises and of what falls."""
    found = {}
    for way, part in (("rise", slope[slope > 0]), ("fall", slope[slope < 0])):
        found[f"{name}.{way}"] = float(part.mean()) if len(part) else 0.0
        found[f"{name}.{way}.deviation"] = float(part.std()) if len(part) else 0.0
    return found


def _loudness_functionals(loudness: Floats) -> dict[str, float]:
    """How loudness moves about its mean (power law of hearing over mel bands), and its peaks."""
    from scipy.signal import find_peaks

    loudness = loudness / loudness.mean()
    low, middle, high = np.percentile(loudness, (20, 50, 80))
    smooth = np.convolve(loudness, np.full(5, 0.2), "same")
    peaks, _ = find_peaks(smooth, prominence=0.1 * smooth.max())
    return {
        "loudness.low": float(low),
        "loudness.median": float(middle),
        "loudness.high": float(high),
        "loudness.spread": float(high - low),
        "loudness.deviation": float(loudness.std()),
        "loudness.peaks_per_s": len(peaks) / (len(loudness) * HOP / RATE),
    } | _slopes("loudness", np.diff(smooth) * (RATE / HOP))


def _voice_contours(
    line: Floats, power: Floats, f0: Floats, harmonicity: Floats
) -> dict[str, Floats]:
    """Voice quality and formants per frame; right where the frame is voiced."""
    level = _db(power)
    formants, widths = _formants(line)
    first = _level_at(level, f0)
    at_formants = [_level_at(level, formants[:, i]) for i in range(3)]
    contours = {
        "hnr": _odds_db(harmonicity),
        "h1_h2": first - _level_at(level, 2 * f0),
        "h1_a3": first - at_formants[2],
        "f1_level": at_formants[0] - first,
        "f2_level": at_formants[1] - first,
        "f1_width": widths[:, 0],
        "f2_width": widths[:, 1],
        "cpp": _cepstral_peak_prominence(line),
    }
    contours |= {f"f{i + 1}": formants[:, i] for i in range(3)}
    return contours | _harmonicity_by_band(line, f0)


def _harmonicity_by_band(line: Floats, f0: Floats) -> dict[str, Floats]:
    """HNR in dB of bands of the sound, at the lag of the pitch."""
    from scipy.signal import butter, sosfiltfilt

    length = RATE // 20
    lag = np.round(RATE / np.maximum(f0, 60)).astype(int)[:, None] + np.arange(-2, 3)
    found = {}
    for low, high in HARMONICITY_BANDS:
        band = sosfiltfilt(butter(4, (low, high), "bandpass", fs=RATE, output="sos"), line)
        correlation = autocorrelation(frames(band, length), np.hanning(length))
        found[f"hnr_{low}_hz"] = _odds_db(np.take_along_axis(correlation, lag, 1).max(1))
    return found


def _cepstral_peak_prominence(line: Floats) -> Floats:
    """Height in dB of the cepstrum's peak at the pitch above the line through the cepstrum."""
    length, size = RATE // 25, 2048
    spectrum = np.abs(np.fft.rfft(frames(line, length) * np.hanning(length), size)) ** 2
    cepstrum = _db(np.fft.irfft(np.log(spectrum + 1e-9))[:, : size // 2] ** 2)
    quefrency = np.arange(size // 2) / RATE
    fitted = (quefrency >= 0.001) & (quefrency <= 1 / 60)
    slope, offset = np.polyfit(quefrency[fitted], cepstrum[:, fitted].T, 1)
    voice = (quefrency >= 1 / 500) & (quefrency <= 1 / 60)
    peak = cepstrum[:, voice].argmax(1)
    prominence: Floats = cepstrum[:, voice].max(1) - (slope * quefrency[voice][peak] + offset)
    return prominence


def _formants(line: Floats) -> tuple[Floats, Floats]:
    """Frequencies and widths in Hz of the first three formants, shape (frames, 3); NaN if none.

    Poles of linear prediction (autocorrelation method) that are narrow enough.
    """
    emphasised = np.append(line[0], line[1:] - 0.97 * line[:-1])
    predictor = _linear_prediction(frames(emphasised, WINDOW) * np.hamming(WINDOW))
    companion = np.zeros((len(predictor), LPC_ORDER, LPC_ORDER))
    companion[:, 0] = -predictor
    companion[:, np.arange(1, LPC_ORDER), np.arange(LPC_ORDER - 1)] = 1
    poles = np.linalg.eigvals(companion)
    hertz = np.angle(poles) * RATE / (2 * np.pi)
    widths = -np.log(np.maximum(np.abs(poles), 1e-9)) * RATE / np.pi
    hertz = np.where((hertz > 90) & (hertz < 5500) & (widths < 700), hertz, np.inf)
    order = np.argsort(hertz, axis=1)[:, :3]
    hertz, widths = (np.take_along_axis(x, order, 1) for x in (hertz, widths))
    exists = np.isfinite(hertz)
    return np.where(exists, hertz, np.nan), np.where(exists, widths, np.nan)


def _linear_prediction(windows: Floats) -> Floats:
    """Coefficients 1 to LPC_ORDER per frame (Levinson and Durbin)."""
    correlation = np.fft.irfft(np.abs(np.fft.rfft(windows, SIZE)) ** 2)[:, : LPC_ORDER + 1]
    error = correlation[:, 0] * (1 + 1e-6) + 1e-9
    a = np.zeros((len(windows), LPC_ORDER + 1))
    a[:, 0] = 1
    for i in range(1, LPC_ORDER + 1):
        k = -(a[:, :i] * correlation[:, i:0:-1]).sum(1) / error
        a[:, 1 : i + 1] += k[:, None] * a[:, i - 1 :: -1][:, :i]
        error = error * (1 - k**2)
    return a[:, 1:]


def _spectral_contours(power: Floats) -> dict[str, Floats]:
    """Balance and change of the spectrum per frame; frequencies as in eGeMAPS."""
    level = _db(power)
    magnitude = np.sqrt(power)
    magnitude /= magnitude.sum(1, keepdims=True) + 1e-9
    change = np.sqrt((np.diff(magnitude, axis=0) ** 2).sum(1))
    return {
        "alpha_ratio": _db(power[:, _band(50, 1000)].sum(1))
        - _db(power[:, _band(1000, 5000)].sum(1)),
        "hammarberg": level[:, _band(0, 2000)].max(1) - level[:, _band(2000, 5000)].max(1),
        "slope_0_500_hz": _slope(level, 20, 500),
        "slope_500_1500_hz": _slope(level, 500, 1500),
        "flux": np.append(0, change),
        "centroid": power @ HERTZ / (power.sum(1) + 1e-9),
    }


def _cepstral_contours(power: Floats) -> dict[str, Floats]:
    """Mel-frequency cepstral coefficients 1 to 12, and how much the mel spectrum changes."""
    from scipy.fft import dct

    mel = np.log(power @ _MEL.T + 1e-6)
    coefficients = dct(mel, norm="ortho")[:, 1 : MFCCS + 1]
    contours = {f"mfcc{i + 1:02d}": coefficients[:, i] for i in range(MFCCS)}
    return contours | {"mel_change": np.append(0, np.abs(np.diff(mel, axis=0)).mean(1))}


def _mel_bank() -> Floats:
    """Triangular bands from 20 Hz to 8 kHz, shape (MEL_BANDS, bins)."""
    first, last = 2595 * np.log10(1 + np.array([20, 8000]) / 700)
    mel = np.linspace(first, last, MEL_BANDS + 2)
    edges = 700 * (10 ** (mel / 2595) - 1)
    low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    bank: Floats = np.maximum(
        0, np.minimum((HERTZ - low) / (middle - low), (high - HERTZ) / (high - middle))
    )
    return bank


_MEL = _mel_bank()


def _band(low: float, high: float) -> slice:
    return slice(*np.searchsorted(HERTZ, (low, high)))


def _slope(level: Floats, low: float, high: float) -> Floats:
    """dB per kHz of the line through the spectrum in a band."""
    band = _band(low, high)
    khz = HERTZ[band] / 1000 - HERTZ[band].mean() / 1000
    slope: Floats = level[:, band] @ khz / (khz @ khz)
    return slope


def _level_at(level: Floats, hertz: Floats) -> Floats:
    """Highest level within two bins of a frequency per frame."""
    middle = np.round(np.nan_to_num(hertz) / HERTZ[1]).astype(int)
    bins = np.clip(middle[:, None] + np.arange(-2, 3), 0, len(HERTZ) - 1)
    highest: Floats = np.take_along_axis(level, bins, 1).max(1)
    return np.where(np.isfinite(hertz), highest, np.nan)


def _without_silent_ends(line: Floats) -> Floats:
    if len(line) < WINDOW:
        return line
    energy = (frames(line, WINDOW) ** 2).mean(1)
    energy_db = _db(energy / max(float(energy.max()), 1e-12))
    spoken = np.flatnonzero(energy_db > np.percentile(energy_db, 95) - ENDS_DB)
    return line[spoken[0] * HOP : (spoken[-1] + 1) * HOP]


def _db(power: Floats) -> Floats:
    decibels: Floats = 10 * np.log10(power + 1e-9)
    return decibels


def _odds_db(harmonicity: Floats) -> Floats:
    """Harmonics to noise in dB (Boersma 1993)."""
    share = np.clip(harmonicity, 1e-2, 1 - 1e-3)
    return _db(share / (1 - share))
