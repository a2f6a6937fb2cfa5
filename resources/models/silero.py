"""Where somebody speaks, by the Silero VAD that faster-whisper packages, run by onnxruntime."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from resources.models.interfaces import RATE, Samples
from resources.models.levelling import MINUTE, length, level_gain, read_levelled

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

BACKEND = "silero-vad v6 (faster-whisper)"
# One probability per 512 samples, seen with the 64 samples before them (silero-vad's own loop).
FRAME, CONTEXT, STATE = 512, 64, 128
FRAME_S = FRAME / RATE
BLOCK = MINUTE // FRAME * FRAME


@dataclass(frozen=True)
class Activity:
    """A stretch in which somebody speaks, with its mean probability of speech."""

    start_s: float
    end_s: float
    probability: float


@dataclass(frozen=True)
class ActivitySettings:
    """When speech begins and ends.

    onset: Silero's default. offset, least_speech_s, pad_s: Silero's defaults (0.35, 0.25, 0.03)
    miss the quiet ends of words and short answers; these were chosen on three AMI excerpts
    (trn00 to trn02), a sick and a healthy reader, and conversations put together from emodb, FLEURS
    in German and GRID. least_pause_s: Silero's default.
    clear, near_s: a stretch counts where the probability reaches `clear` in it or within `near_s`
    of it. Speech does so every few seconds, even in a quiet meeting; music alone gets to 0.8.
    """

    onset: float = 0.5
    offset: float = 0.2
    least_speech_s: float = 0.1
    least_pause_s: float = 0.1
    pad_s: float = 0.1
    clear: float = 0.9
    near_s: float = 30.0

    def __post_init__(self) -> None:
        if not 0 < self.offset <= self.onset < 1:
            raise ValueError("offset and onset must be probabilities, offset the lower")


def speech_probabilities(path: Path) -> NDArray[np.float32]:
    """Probability of speech per 32 ms of a WAV (mono, 16 kHz), levelled first; in blocks."""
    parts = list(_probabilities(path, level_gain(path)))
    return np.concatenate([np.zeros(0, np.float32), *parts])


def voice_activity(path: Path, settings: ActivitySettings | None = None) -> list[Activity]:
    """The stretches of a WAV (mono, 16 kHz) in which somebody speaks, in order and apart."""
    return stretches(speech_probabilities(path), length(path) / RATE, settings)


def stretches(
    probabilities: NDArray[np.float32], duration_s: float, settings: ActivitySettings | None = None
) -> list[Activity]:
    """Begins at `onset`, ends where a pause below `offset` lasts; short ones dropped, then padded.

    Padding never makes two stretches overlap: they share the pause. Source: silero-vad.
    """
    settings = settings or ActivitySettings()
    near = round(settings.near_s / FRAME_S)
    kept = [
        (first, last)
        for first, last in _runs(probabilities, settings)
        if (last - first) * FRAME_S >= settings.least_speech_s
        and probabilities[max(0, first - near) : last + near].max() >= settings.clear
    ]
    found = []
    for number, (first, last) in enumerate(kept):
        before = kept[number - 1][1] * FRAME_S if number else 0.0
        after = kept[number + 1][0] * FRAME_S if number + 1 < len(kept) else duration_s
        start, end = first * FRAME_S, min(last * FRAME_S, duration_s)
        lead = (start - before) / 2 if number else start
        tail = (after - end) / 2 if number + 1 < len(kept) else after - end
        found.append(
            Activity(
                start - min(settings.pad_s, lead),
                end + min(settings.pad_s, tail),
                float(probabilities[first:last].mean()),
            )
        )
    return found


def _runs(
    probabilities: NDArray[np.float32], settings: ActivitySettings
) -> Iterator[tuple[int, int]]:
    """Frames [first, last) of speech."""
    first: int | None = None
    last = 0
    for number, probability in enumerate(probabilities):
        if probability >= settings.onset:
            first = number if first is None else first
        if first is not None and probability >= settings.offset:
            last = number + 1
        elif first is not None and (number + 1 - last) * FRAME_S >= settings.least_pause_s:
            yield first, last
            first = None
    if first is not None:
        yield first, last


def _probabilities(path: Path, gain: float) -> Iterator[NDArray[np.float32]]:
    total = length(path)
    state = cell = np.zeros((1, 1, STATE), np.float32)
    before: Samples = np.zeros(CONTEXT, np.float32)
    for start in range(0, total, BLOCK):
        frames = -(-min(BLOCK, total - start) // FRAME)
        block = read_levelled(path, start, start + frames * FRAME, gain)
        seen = np.lib.stride_tricks.sliding_window_view(
            np.concatenate([before, block]), FRAME + CONTEXT
        )[::FRAME]
        before = block[-CONTEXT:]
        found, state, cell = _session().run(
            None, {"input": np.ascontiguousarray(seen), "h": state, "c": cell}
        )
        yield found.ravel()


@cache
def _session() -> "InferenceSession":
    """One thread: the model is too small for more, and the result does not depend on cores."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        str(_model()), sess_options=options, providers=["CPUExecutionProvider"]
    )


def _model() -> Path:
    """The packaged network; the package itself, which is slow to import, is not."""
    spec = find_spec("faster_whisper")
    if spec is None or spec.origin is None:
        raise RuntimeError("faster-whisper is not installed: pip install faster-whisper")
    return Path(spec.origin).with_name("assets") / "silero_vad_v6.onnx"
