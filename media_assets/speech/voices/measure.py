"""What can be heard of an utterance's quality: levels, pauses, ends, clipping, second voices."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from media_assets.media.audio import Samples, read_wav, sample_at
from media_assets.speech.voices.clipping import clipped_share
from media_assets.speech.voices.ends import Ends, loudest_break, set_ends
from media_assets.speech.voices.fingerprint import fingerprint
from media_assets.speech.voices.levels import (
    HOP_S,
    frame_levels,
    pause_level,
    quiet_level,
    speech_level,
)
from media_assets.speech.voices.loudness import integrated_lufs, true_peak
from media_assets.speech.voices.second_voice import second_voice_share

# How far around an utterance pauses and ends are looked for (algorithms.md, "TTS set").
AROUND_S = 0.5
# A background this far below the voice is no background: mono masters are not taken apart.
NOTHING_DB = 80.0

Spans = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Place:
    """Where an utterance is, in seconds on the episode's clock.

    first_s, last_s: start of its first and end of its last word.
    before_s, after_s: end of what is said before it, start of what is said after it.
    pauses: stretches within `AROUND_S` of it in which nobody speaks.
    """

    first_s: float
    last_s: float
    before_s: float
    after_s: float
    pauses: Spans


@dataclass(frozen=True)
class Sound:
    """Measures of one utterance; levels in dB relative to its speech where not said otherwise.

    snr_db: voice over background; None without background.
    leakage_db: what is heard in the pauses around it, or in its quietest twentieth if that is
        less: both are at least as loud as what goes on under the speech.
    pause_s: the shorter of the pauses that it was cut in; 0 for none.
    edge_db: the louder of its ends.
    beside_db: the loudest frame near its ends that nobody else is known to say.
    break_db: the loudest sound that stops or starts at digital silence; None where there is none.
    peak_db: true peak in dBFS; None for silence.
    """

    start_s: float
    end_s: float
    snr_db: float | None
    leakage_db: float
    pause_s: float
    edge_db: float
    beside_db: float
    break_db: float | None
    second_voice_share: float
    clipped_share: float
    loudness_lufs: float | None
    peak_db: float | None
    fingerprint: list[float]


def measure_files(voice: Path, background: Path, place: Place) -> Sound:
    """The measures of an utterance of two stems (WAV, same rate and length)."""
    _, rate = read_wav(voice, 0, 0)
    first = max(0, sample_at(place.first_s - AROUND_S, rate))
    last = sample_at(place.last_s + AROUND_S, rate)
    heard, behind = (read_wav(path, first, last)[0] for path in (voice, background))
    return measure(heard, behind, rate, first / rate, place)


def measure(voice: Samples, background: Samples, rate: int, origin_s: float, place: Place) -> Sound:
    """The measures of an utterance; stems of shape (n, channels) that begin at `origin_s`."""
    mono = voice.mean(1)
    levels = frame_levels(mono, rate)
    hull = slice(*(max(0, round((t - origin_s) / HOP_S)) for t in (place.first_s, place.last_s)))
    speech_db = speech_level(levels[hull])
    ends = _ends(levels - speech_db, origin_s, place)
    inside = slice(sample_at(ends.start_s - origin_s, rate), sample_at(ends.end_s - origin_s, rate))
    pauses = [(start - origin_s, end - origin_s) for start, end in place.pauses]
    floors = pause_level(levels, pauses), quiet_level(levels[hull])
    peak = true_peak(mono[inside])
    mix = voice + background
    return Sound(
        start_s=ends.start_s,
        end_s=ends.end_s,
        snr_db=_snr(voice[inside], background[inside]),
        leakage_db=min(floor for floor in floors if floor is not None) - speech_db,
        pause_s=ends.pause_s,
        edge_db=ends.edge_db,
        beside_db=ends.beside_db,
        break_db=loudest_break(mono[inside], rate, speech_db),
        second_voice_share=second_voice_share(mono[inside], rate),
        clipped_share=max(clipped_share(voice[inside]), clipped_share(mix[inside])),
        loudness_lufs=integrated_lufs(mono[inside], rate),
        peak_db=20 * float(np.log10(peak)) if peak else None,
        fingerprint=fingerprint(mono[inside], rate),
    )


def _ends(relative_db: np.ndarray, origin_s: float, place: Place) -> Ends:
    """The cuts on the episode's clock; nothing that others say is between them."""
    until_s = origin_s + len(relative_db) * HOP_S
    low = round((max(place.before_s, origin_s) - origin_s) / HOP_S)
    high = round((min(place.after_s, until_s) - origin_s) / HOP_S)
    from_s = origin_s + low * HOP_S
    ends = set_ends(relative_db[low:high], place.first_s - from_s, place.last_s - from_s)
    return replace(ends, start_s=from_s + ends.start_s, end_s=from_s + ends.end_s)


def _snr(voice: Samples, background: Samples) -> float | None:
    """10 log10 (energy of voice / of background); None where there is no background."""
    of_voice = float(np.square(voice, dtype=np.float64).sum())
    of_background = float(np.square(background, dtype=np.float64).sum())
    if of_background <= of_voice * 10 ** (-NOTHING_DB / 10):
        return None
    return 10 * float(np.log10(max(of_voice, 1e-14) / of_background))
