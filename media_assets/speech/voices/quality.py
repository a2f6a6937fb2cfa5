"""The table `tts_quality`: every utterance measured and judged."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from media_assets.media.audio import Samples, read_wav, resampled, sample_at
from media_assets.speech.schema import TTS_QUALITY
from media_assets.speech.voices.facts import place_of
from media_assets.speech.voices.measure import Sound, measure_files
from media_assets.speech.voices.rules import TtsFilter, faults
from resources.models.interfaces import RATE

Overall = Callable[[Samples], float | None]


def judge(facts: pl.DataFrame, root: Path, rules: TtsFilter, overall: Overall) -> pl.DataFrame:
    """Rows of `TTS_QUALITY` for `facts` (as `quality_facts` gives them), in order.

    root: what paths in tables are relative to; overall: DNSMOS OVRL of sound at 16 kHz, or None.
    """
    return TTS_QUALITY.frame(
        _row(told, root, rules, overall) for told in facts.iter_rows(named=True)
    )


def _row(told: dict[str, Any], root: Path, rules: TtsFilter, overall: Overall) -> dict[str, Any]:
    voice = root / told["voice"]
    sound = measure_files(voice, root / told["background"], place_of(told))
    dnsmos = overall(_at_speech_rate(voice, sound))
    reasons = faults(told, sound, dnsmos, rules)
    return {
        **{name: told[name] for name in ("episode_id", "utterance_id", "word_score")},
        **{name: value for name, value in vars(sound).items() if name in TTS_QUALITY.columns},
        "duration_s": sound.end_s - sound.start_s,
        "characters_per_s": told["characters_per_s"],
        "dnsmos": dnsmos,
        "kept": not reasons,
        "reasons": reasons,
        "row_key": "",
    }


def _at_speech_rate(voice: Path, sound: Sound) -> Samples:
    """Its sound, mono at 16 kHz, shape (n,)."""
    _, rate = read_wav(voice, 0, 0)
    samples, _ = read_wav(voice, sample_at(sound.start_s, rate), sample_at(sound.end_s, rate))
    mono = samples.mean(1, keepdims=True)
    whole: Samples = np.concatenate(list(resampled([mono], rate, RATE, 1)))[:, 0]
    return whole
