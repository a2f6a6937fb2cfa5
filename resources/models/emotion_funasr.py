"""How lines are spoken, by emotion2vec+ (Ma et al., arXiv:2312.15185) through FunASR."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from resources.models.emotion_labels import require_emotions
from resources.models.emotion_published import PublishedEmotion
from resources.models.interfaces import RATE, Samples

if TYPE_CHECKING:
    import torch


class Emotion2vec(PublishedEmotion):
    """Emotion by an emotion2vec+ checkpoint in FunASR's layout; labels from its `tokens.txt`.

    `model.pt` is a pickle, which can run code when it is loaded: take it from nobody but its
    makers. The plain `emotion2vec_base` has no labels and is refused.
    """

    library: ClassVar[str] = "funasr"
    folder: str = "emotion/emotion2vec_plus_large"
    repo: str = "emotion2vec/emotion2vec_plus_large"

    @property
    def files(self) -> tuple[str, ...]:
        return ("config.yaml", "configuration.json", "model.pt", "tokens.txt")

    def load(self, path: Path, device: "torch.device") -> Any:
        return _load(path, self.folder, device)

    def scores(self, model: Any, line: Samples) -> dict[str, float]:
        return _scores(model, line)


def _load(path: Path, folder: str, device: "torch.device") -> Any:
    from funasr import AutoModel

    require_emotions((path / "tokens.txt").read_text(encoding="utf-8").split(), folder)
    return AutoModel(
        model=str(path),
        device=str(device),
        disable_update=True,
        disable_pbar=True,
        disable_log=True,
        log_level="ERROR",
    )


def _scores(model: Any, line: Samples) -> dict[str, float]:
    found = model.generate(line, granularity="utterance", extract_embedding=False, fs=RATE)[0]
    return dict(zip(found["labels"], map(float, found["scores"]), strict=True))
