"""What adapters of published emotion models share: each line is judged by itself."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from resources.models.checkpoints import LocalModel
from resources.models.emotion_labels import feeling_of, unfit
from resources.models.interfaces import RATE, Feeling, Samples

if TYPE_CHECKING:
    import torch


class PublishedEmotion(LocalModel):
    """Emotion by a model in a checkpoint folder.

    least_confidence: below it the likeliest label is likelier wrong than right.
    shortest_s: as for measured prosody; longest_s: what Whisper takes in at once, and as long as
        memory stays small.
    """

    library: ClassVar[str]
    least_confidence: float = 0.5
    shortest_s: float = 0.8
    longest_s: float = 30.0

    @abstractmethod
    def load(self, path: Path, device: "torch.device") -> Any:
        """The model of a folder."""

    @abstractmethod
    def scores(self, model: Any, line: Samples) -> Mapping[str, float]:
        """Probability by the model's labels."""

    @property
    def backend(self) -> str:
        checkpoint = self.checkpoint
        mark = ", untrained" if checkpoint.untrained else ""
        rules = f"least {self.least_confidence:g}, {self.shortest_s:g} to {self.longest_s:g} s"
        name = f"{self.library} {Path(self.folder).name}"
        return f"{name} @ {checkpoint.fingerprint()}{mark} ({rules})"

    def feelings(
        self, lines: Sequence[Samples], speakers: Sequence[str | None], language: str | None
    ) -> list[Feeling]:
        """One per line."""
        model = self.warm(self.checkpoint, self.load)
        return [
            unfit(len(line) / RATE, self.shortest_s, self.longest_s)
            or feeling_of(self.scores(model, line), self.least_confidence)
            for line in lines
        ]
