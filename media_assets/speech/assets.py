"""The door of `speech/`: stems, turns, text, lines, feelings, voices, in the order of making."""

from media_assets.speech.emotion.assets import emotion
from media_assets.speech.lines.assets import attribution, lines, utterances
from media_assets.speech.stems.assets import stems
from media_assets.speech.text.assets import (
    alignment,
    phones,
    recognition,
    segments,
    speech_files,
    words,
)
from media_assets.speech.turns.assets import (
    diarization,
    overlaps,
    speaker_embeddings,
    voice_activity,
)
from media_assets.speech.voices.assets import tts_quality

__all__ = [
    "alignment",
    "attribution",
    "diarization",
    "emotion",
    "lines",
    "overlaps",
    "phones",
    "recognition",
    "segments",
    "speaker_embeddings",
    "speech_files",
    "stems",
    "tts_quality",
    "utterances",
    "voice_activity",
    "words",
]
