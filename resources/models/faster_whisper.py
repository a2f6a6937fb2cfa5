"""What is said by Whisper (Radford et al., arXiv:2212.04356) on CTranslate2, in batches.

This is the recogniser inside whisperx 3.8, called one layer below: whisperx keeps the text alone,
and the guards need what the model says beside it.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from resources.models.checkpoints import LocalModel
from resources.models.interfaces import RATE, HeardWord, Samples

if TYPE_CHECKING:
    import torch

# Keys and values of large-v3 for 30 s and five beams in 16 bits: 32 layers x 1280 x 2 x 2 bytes
# x (1500 encoded frames + 5 x 448 tokens) = 0.6 GB.
SPAN_BYTES = 700_000_000
MOST_SPANS = 16
# Codes of BCP 47 that Whisper writes otherwise.
WHISPER_CODES = {"nb": "no", "fil": "tl"}


class FasterWhisper(LocalModel):
    """Words by a Whisper in CTranslate2's format (`model.bin`: plain tensors, no pickle).

    What it says of a span is dropped as a whole where its output looks like no speech, like a
    guess or like a loop, by Whisper's own limits (`whisper.transcribe`). Whisper falls back on
    sampling where one of them is passed, which batches cannot; and a draft that is missing is
    better than one invented.

    log_probability: least mean log probability per token.
    no_speech: largest probability that nobody speaks.
    compression: largest ratio of the text to its zlib form; loops compress well.
    """

    folder: str = "faster-whisper/large-v3"
    repo: str = "Systran/faster-whisper-large-v3"
    beam: int = 5
    log_probability: float = -1.0
    no_speech: float = 0.6
    compression: float = 2.4

    @property
    def files(self) -> tuple[str, ...]:
        return ("config.json", "model.bin", "tokenizer.json", "vocabulary.json|vocabulary.txt")

    @property
    def backend(self) -> str:
        guards = f"{self.log_probability} {self.no_speech} {self.compression}"
        return (
            f"faster-whisper {self.checkpoint.name}, {self.gpu.dtype}, beam {self.beam}, "
            f"guards {guards}"
        )

    @property
    def draft(self) -> bool:
        return False

    def supports(self, language: str | None) -> bool:
        """Whether its tokenizer has a token for the language; unknown ones it detects."""
        tokenizer = self.checkpoint.path / "tokenizer.json"
        if language is None or not tokenizer.is_file():
            return True
        return f'"<|{_code(language)}|>"' in tokenizer.read_text()

    def words(
        self, spans: Sequence[Samples], language: str | None, likely: Sequence[str] = ()
    ) -> list[list[HeardWord]]:
        """The words of each span, timed by cross-attention within it; none where a guard drops it.

        likely: given to the model as hint phrases, as much of it as its prompt takes.
        """
        if not spans:
            return []
        model = self.warm(self.checkpoint, lambda path, device: _load(path, device, self.gpu.dtype))

        def run(size: int) -> list[list[HeardWord]]:
            return [
                words
                for first in range(0, len(spans), size)
                for words in self._heard(model, spans[first : first + size], language, likely)
            ]

        return self.gpu.fitting(SPAN_BYTES, MOST_SPANS, run)

    def _heard(
        self, model: Any, spans: Sequence[Samples], language: str | None, likely: Sequence[str]
    ) -> list[list[HeardWord]]:
        from faster_whisper import BatchedInferencePipeline

        ends = list(accumulate(len(span) for span in spans))
        starts = [0, *ends[:-1]]
        segments, _ = BatchedInferencePipeline(model).transcribe(
            np.concatenate(spans),
            language=_code(language) if language else None,
            multilingual=language is None,
            beam_size=self.beam,
            clip_timestamps=[
                {"start": start / RATE, "end": end / RATE}
                for start, end in zip(starts, ends, strict=True)
            ],
            batch_size=len(spans),
            word_timestamps=True,
            hotwords=" ".join(likely) or None,
        )
        heard: list[list[HeardWord]] = [[] for _ in spans]
        for segment in segments:
            # `seek` is the start of the span in frames of 10 ms, rounded down.
            index = bisect_right(starts, (segment.seek + 1) * RATE // model.frames_per_second) - 1
            if self._believable(segment):
                heard[index].extend(_words(segment, starts[index] / RATE, len(spans[index]) / RATE))
        return heard

    def _believable(self, segment: Any) -> bool:
        return bool(
            segment.avg_logprob >= self.log_probability
            and segment.no_speech_prob <= self.no_speech
            and segment.compression_ratio <= self.compression
        )


def _load(folder: Path, device: "torch.device", dtype: str) -> Any:
    from faster_whisper import WhisperModel

    return WhisperModel(
        str(folder),
        device=device.type,
        device_index=device.index or 0,
        compute_type=dtype if device.type == "cuda" else "float32",
        local_files_only=True,
    )


def _words(segment: Any, start_s: float, duration_s: float) -> list[HeardWord]:
    """Times within the span, in order and inside it."""
    words = []
    at = 0.0
    for word in segment.words or ():
        start = min(max(float(word.start) - start_s, at), duration_s)
        at = min(max(float(word.end) - start_s, start), duration_s)
        words.append(HeardWord(word.word.strip(), start, at, word.probability))
    return [word for word in words if word.word]


def _code(language: str) -> str:
    primary = language.split("-")[0].lower()
    return WHISPER_CODES.get(primary, primary)
