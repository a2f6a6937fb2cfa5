"""Where an utterance is cut: in silence, a little outside its first and last word."""

from dataclasses import dataclass

import numpy as np

from media_assets.media.audio import Samples
from media_assets.speech.voices.levels import HOP_S, SILENCE_DB

# Silence kept on both sides; LJ Speech and LibriTTS keep 0.1 to 0.2 s.
PADDING_S = 0.15
# How far beyond the words silence is looked for; how much silence they may hold at their ends
# (voice detectors add 0.1 s, aligners divide what they do not understand).
SEARCH_S, TRIM_S = 0.5, 0.25
# A pause, then what is taken where there is none: closures last 50 to 100 ms, and some files have
# only a few frames before the first word.
PAUSES_S = (0.1, 0.05, 0.02)
# Sound so near to a cut may be a word that an aligner put elsewhere.
BESIDE_S = 0.25
# Below the speech, a frame is quiet.
QUIET_DB = -20.0
# A recording that goes on has noise; all samples this far below the speech are digital silence.
DIGITAL_SILENCE_DB = -80.0
DIGITAL_SILENCE_S, BEFORE_IT_S = 0.02, 0.01


@dataclass(frozen=True)
class Ends:
    """Where to cut, in seconds from the first frame.

    pause_s: the shorter of the pauses that the two cuts lie in. edge_db: the louder of the two
    ends; beside_db: the loudest frame within `BESIDE_S` outside of them; relative to the speech.
    """

    start_s: float
    end_s: float
    pause_s: float
    edge_db: float
    beside_db: float


def set_ends(relative_db: np.ndarray, first_s: float, last_s: float) -> Ends:
    """The cuts around what is said from `first_s` to `last_s`.

    relative_db: level of each frame less that of the speech, over all that may be used: it begins
        and ends where somebody else speaks or the sound ends.
    """
    length_s = len(relative_db) * HOP_S
    from_end_s, lead_s = _end(relative_db[::-1], length_s - last_s, length_s - first_s)
    start, (end, tail_s) = length_s - from_end_s, _end(relative_db, first_s, last_s)
    if start >= end:  # nothing is loud
        start, end, lead_s = first_s, last_s, 0.0
    first, last = round(start / HOP_S), round(end / HOP_S)
    inside = relative_db[first:last]
    edge = max(_mean_db(inside[:2]), _mean_db(inside[-2:])) if len(inside) else 0.0
    reach = round(BESIDE_S / HOP_S)
    # The frame before the first one reaches into it.
    beside = [*relative_db[max(0, first - reach) : max(0, first - 1)]]
    beside += [*relative_db[last : last + reach]]
    return Ends(start, end, min(lead_s, tail_s), edge, float(max(beside, default=SILENCE_DB)))


def _end(relative_db: np.ndarray, first_s: float, last_s: float) -> tuple[float, float]:
    """The cut after what is said, in the first pause from there on, else in the first shorter one.

    Also how long the pause is; 0 where there is none.
    """
    quiet = relative_db < QUIET_DB
    last = min(len(quiet), round(last_s / HOP_S))
    least = max(0, round(first_s / HOP_S), last - round(TRIM_S / HOP_S))
    loud = np.flatnonzero(~quiet[least:last])
    low = least + (int(loud[-1]) + 1 if len(loud) else 0)
    high = min(len(quiet), round((last_s + SEARCH_S) / HOP_S))
    for least_s in PAUSES_S:
        for begin, end in _runs(quiet[low:high]):
            if (end - begin) * HOP_S >= least_s - HOP_S / 2:
                padding = min(PADDING_S, (end - begin) * HOP_S)
                return (low + begin) * HOP_S + padding, (end - begin) * HOP_S
    return min(last_s, len(quiet) * HOP_S), 0.0


def _runs(is_quiet: np.ndarray) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], is_quiet.astype(np.int8), [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _mean_db(levels: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(10 ** (levels / 10))))


def loudest_break(samples: Samples, rate: int, speech_db: float) -> float | None:
    """Level of the loudest sound that stops or starts at digital silence, relative to the speech.

    Sound dies away; where it is there in one sample and nothing in the next, it was cut. None
    where there is no digital silence.
    """
    limit = 10 ** ((speech_db + DIGITAL_SILENCE_DB) / 20)
    beside, loudest = round(BEFORE_IT_S * rate), None
    for begin, end in _runs(np.abs(samples) < limit):
        if end - begin < DIGITAL_SILENCE_S * rate:
            continue
        for sound in (samples[max(0, begin - beside) : begin], samples[end : end + beside]):
            if len(sound):
                power = float(np.mean(np.square(sound, dtype=np.float64)))
                level = 10 * np.log10(max(power, 1e-14)) - speech_db
                loudest = level if loudest is None else max(loudest, level)
    return loudest
