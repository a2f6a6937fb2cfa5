"""How lines are spoken, by an audio classifier of the transformers library."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from resources.models.emotion_labels import require_emotions
from resources.models.emotion_published import PublishedEmotion
from resources.models.interfaces import RATE, Samples

if TYPE_CHECKING:
    import torch


class TransformersEmotion(PublishedEmotion):
    """Emotion by a wav2vec 2.0, HuBERT, WavLM, Whisper ... with a head for classification.

    Its labels come from `id2label` of the checkpoint's `config.json`. One line at a time: what is
    said of a line does not depend on how far its neighbours would pad it. Float32.
    """

    library: ClassVar[str] = "transformers"
    folder: str = "emotion/wav2vec2-large-superb-er"
    repo: str = "superb/wav2vec2-large-superb-er"

    @property
    def files(self) -> tuple[str, ...]:
        return (
            "config.json",
            "preprocessor_config.json",
            "model.safetensors|model.safetensors.index.json|pytorch_model.bin",
        )

    def load(self, path: Path, device: "torch.device") -> Any:
        return _load(path, self.folder, device)

    def scores(self, model: Any, line: Samples) -> dict[str, float]:
        return _scores(model, line)


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
