"""How lines are spoken, by emotion2vec+ (Ma et al., arXiv:2312.15185) through FunASR."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resources.models.checkpoints import LocalModel
from resources.models.emotion_labels import feeling_of, require_emotions, unfit
from resources.models.interfaces import RATE, Feeling, Samples

if TYPE_CHECKING:
    import torch


class Emotion2vec(LocalModel):
    """Emotion by an emotion2vec+ checkpoint in FunASR's layout; labels from its `tokens.txt`.

    `model.pt` is a pickle, which can run code when it is loaded: take it from nobody but its
    makers. The plain `emotion2vec_base` has no labels and is refused.

    least_confidence: below it the likeliest label is likelier wrong than right.
    shortest_s: as for measured prosody; longest_s: as long as memory stays small.
    """

    folder: str = "emotion/emotion2vec_plus_large"
    repo: str = "emotion2vec/emotion2vec_plus_large"
    least_confidence: float = 0.5
    shortest_s: float = 0.8
    longest_s: float = 30.0

    @property
    def files(self) -> tuple[str, ...]:
        return ("config.yaml", "configuration.json", "model.pt", "tokens.txt")

    @property
    def backend(self) -> str:
        checkpoint = self.checkpoint
        mark = ", untrained" if checkpoint.untrained else ""
        rules = f"least {self.least_confidence:g}, {self.shortest_s:g} to {self.longest_s:g} s"
        return f"funasr {Path(self.folder).name} @ {checkpoint.fingerprint()}{mark} ({rules})"

    def feelings(
        self, lines: Sequence[Samples], speakers: Sequence[str | None], language: str | None
    ) -> list[Feeling]:
        """One per line, each judged by itself."""
        model = self.warm(self.checkpoint, lambda path, device: _load(path, self.folder, device))
        return [
            unfit(len(line) / RATE, self.shortest_s, self.longest_s)
            or feeling_of(_scores(model, line), self.least_confidence)
            for line in lines
        ]


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
