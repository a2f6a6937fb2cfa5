"""Voice activity as rows."""

from pathlib import Path
from typing import Any

from resources.models.silero import BACKEND, ActivitySettings, voice_activity
from resources.problems import NotApplicable


def activity_rows(sound: Path, settings: ActivitySettings) -> list[dict[str, Any]]:
    """A row per stretch of a WAV (mono, 16 kHz) in which somebody speaks.

    Raises NotApplicable where nobody does.
    """
    found = voice_activity(sound, settings)
    if not found:
        raise NotApplicable("nobody speaks")
    return [
        {
            "start_s": stretch.start_s,
            "end_s": stretch.end_s,
            "probability": stretch.probability,
            "backend": BACKEND,
        }
        for stretch in found
    ]
