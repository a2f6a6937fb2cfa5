"""How lines are spoken, by an audio classifier of the transformers library."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resources.models.checkpoints import LocalModel
from resources.models.emotion_labels import feeling_of, require_emotions, unfit
from resources.models.interfaces import RATE, Feeling, Samples

if TYPE_CHECKING:
    import torch


class TransformersEmotion(LocalModel):
    """Emotion by a wav2vec 2.0, HuBERT, WavLM, Whisper ... with a head for classification.

    Its labels come from `id2label` of the checkpoint's `config.json`. One line at a time: what is
    said of a line does not depend on how far its neighbours would pad it. Float32.

    least_confidence: below it the likeliest label is likelier wrong than right.
    shortest_s: as for measured prosody; longest_s: what Whisper takes in at once.
    """

    folder: str = "emotion/wav2vec2-large-superb-er"
    repo: str = "superb/wav2vec2-large-superb-er"
    least_confidence: float = 0.5
    shortest_s: float = 0.8
    longest_s: float = 30.0

    @property
    def files(self) -> tuple[str, ...]:
        return (
            "config.json",
            "preprocessor_config.json",
            "model.safetensors|model.safetensors.index.json|pytorch_model.bin",
        )

    @property
    def backend(self) -> str:
        checkpoint = self.checkpoint
        mark = ", untrained" if checkpoint.untrained else ""
        rules = f"least {self.least_confidence:g}, {self.shortest_s:g} to {self.longest_s:g} s"
        return f"transformers {Path(self.folder).name} @ {checkpoint.fingerprint()}{mark} ({rules})"

    def feelings(
        self, lines: Sequence[Samples], speakers: Sequence[str | None], language: str | None
    ) -> list[Feeling]:
        """One per line, each judged by itself."""
        loaded = self.warm(self.checkpoint, lambda path, device: _load(path, self.folder, device))
        return [
            unfit(len(line) / RATE, self.shortest_s, self.longest_s)
            or feeling_of(_scores(loaded, line), self.least_confidence)
            for line in lines
        ]


@dataclass(frozen=True)
class _Loaded:
    model: Any
    extractor: Any
    labels: Sequence[str]
    device: "torch.device"


def _load(path: Path, folder: str, device: "torch.device") -> _Loaded:
    from transformers import AutoFeatureExtractor, AutoModelForAudioClassification

    extractor = AutoFeatureExtractor.from_pretrained(path, local_files_only=True)
    model, about = AutoModelForAudioClassification.from_pretrained(
        path, local_files_only=True, output_loading_info=True
    )
    if about["missing_keys"]:
        raise ValueError(
            f"checkpoints/{folder} holds no head for classification: "
            f"{', '.join(sorted(about['missing_keys'])[:3])} would be random"
        )
    labels = [model.config.id2label[i] for i in range(model.config.num_labels)]
    require_emotions(labels, folder)
    if extractor.sampling_rate != RATE:
        raise ValueError(f"checkpoints/{folder} wants {extractor.sampling_rate} Hz, not {RATE}")
    return _Loaded(model.to(device).eval(), extractor, labels, device)


def _scores(loaded: _Loaded, line: Samples) -> dict[str, float]:
    import torch

    inputs = loaded.extractor(line, sampling_rate=RATE, return_tensors="pt").to(loaded.device)
    with torch.inference_mode():
        shares = loaded.model(**inputs).logits[0].float().softmax(0).tolist()
    return dict(zip(loaded.labels, shares, strict=True))
