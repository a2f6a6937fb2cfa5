"""The rules by which an utterance is good enough to train a voice (002; algorithms.md, TTS set)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from media_assets.speech.voices.measure import Sound


@dataclass(frozen=True)
class TtsFilter:
    """Thresholds. Those of algorithms.md, "TTS set (002)", unless said otherwise.

    min_pause_s, max_edge_db, max_beside_db, max_break_db, max_second_voice, max_clipped: chosen on
    the tuning half of benchmarks/voices.py. min_rate_hz: 002, section 9. require_alignment: False
    keeps text that no aligner could check against the sound (languages it lacks).
    """

    min_s: float = 1.0
    max_s: float = 20.0
    min_snr_db: float = 15.0
    max_leakage_db: float = -25.0
    min_dnsmos: float = 3.0
    min_word_score: float = 0.5
    min_rate_hz: int = 16_000
    max_other_speaker_s: float = 0.2
    max_untold_s: float = 0.5
    min_pause_s: float = 0.03
    max_edge_db: float = -20.0
    max_beside_db: float = -8.0
    max_break_db: float = -16.0
    max_second_voice: float = 0.02
    max_clipped: float = 1e-4
    require_alignment: bool = True


def faults(
    told: Mapping[str, Any], sound: Sound, dnsmos: float | None, rules: TtsFilter
) -> list[str]:
    """Why the utterance is not good enough, each with the measured value; empty if it is.

    told: a row of `facts.quality_facts`.
    """
    return [*_of_record(told, rules), *_of_sound(sound, dnsmos, rules)]


def _of_record(told: Mapping[str, Any], rules: TtsFilter) -> Iterator[str]:
    """What the tables already say against it."""
    if told["source"] == "draft":
        yield "text is a draft"
    if not any(c.isalnum() for c in told["text"]):
        yield "no text"
    if told["speaker"] is None:
        yield "no speaker known"
    if told["overlap"] or told["other_speaker_s"] > rules.max_other_speaker_s:
        yield f"overlapped: another speaker for {told['other_speaker_s']:.2f} s"
    if told["status"] == "failed":
        yield "text and sound do not agree: alignment failed"
    elif told["word_score"] is None and rules.require_alignment:
        yield f"text not checked against the sound ({told['status']})"
    elif told["word_score"] is not None and told["word_score"] < rules.min_word_score:
        yield f"word_score {told['word_score']:.2f} < {rules.min_word_score}"
    if told["untold_s"] > rules.max_untold_s:
        yield f"{told['untold_s']:.2f} s of speech without words"
    if not told["lowest_rate"] <= told["characters_per_s"] <= told["highest_rate"]:
        yield (
            f"characters_per_s {told['characters_per_s']:.1f} outside "
            f"{told['lowest_rate']:g} to {told['highest_rate']:g}"
        )
    if told["rate_hz"] < rules.min_rate_hz:
        yield f"rate_hz {told['rate_hz']} < {rules.min_rate_hz}"


def _of_sound(sound: Sound, dnsmos: float | None, rules: TtsFilter) -> Iterator[str]:
    duration_s = sound.end_s - sound.start_s
    if not rules.min_s <= duration_s <= rules.max_s:
        yield f"duration_s {duration_s:.2f} outside {rules.min_s:g} to {rules.max_s:g}"
    if sound.snr_db is not None and sound.snr_db < rules.min_snr_db:
        yield f"snr_db {sound.snr_db:.1f} < {rules.min_snr_db:g}"
    if sound.leakage_db > rules.max_leakage_db:
        yield f"leakage_db {sound.leakage_db:.1f} > {rules.max_leakage_db:g}"
    if dnsmos is not None and dnsmos < rules.min_dnsmos:
        yield f"dnsmos {dnsmos:.2f} < {rules.min_dnsmos:g}"
    if sound.pause_s < rules.min_pause_s:
        yield f"cut in no pause: pause_s {sound.pause_s:.2f} < {rules.min_pause_s:g}"
    if sound.edge_db > rules.max_edge_db:
        yield f"cut through sound: edge_db {sound.edge_db:.1f} > {rules.max_edge_db:g}"
    if sound.beside_db > rules.max_beside_db:
        yield f"a word may be cut off: beside_db {sound.beside_db:.1f} > {rules.max_beside_db:g}"
    if sound.break_db is not None and sound.break_db > rules.max_break_db:
        yield f"breaks off: break_db {sound.break_db:.1f} > {rules.max_break_db:g}"
    if sound.second_voice_share > rules.max_second_voice:
        yield f"second_voice_share {sound.second_voice_share:.3f} > {rules.max_second_voice:g}"
    if sound.clipped_share > rules.max_clipped:
        yield f"clipped_share {sound.clipped_share:.5f} > {rules.max_clipped:g}"
    if sound.loudness_lufs is None:
        yield "too quiet for a loudness"
