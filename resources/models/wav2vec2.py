"""Words placed in sound by whisperx 3.8 (Bain et al., arXiv:2303.00747) with wav2vec2 models."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from resources.models.checkpoints import Checkpoint, LocalModel
from resources.models.interfaces import RATE, PlacedPhone, PlacedWord, Samples

if TYPE_CHECKING:
    import torch

XLSR = "jonatasgrosman/wav2vec2-large-xlsr-53-"
# A published model per language, all Apache-2.0. whisperx's own choice for German, French, Spanish
# and Italian (VoxPopuli) is non-commercial.
REPOS = {
    "ar": XLSR + "arabic",
    "de": XLSR + "german",
    "el": XLSR + "greek",
    "en": "facebook/wav2vec2-base-960h",
    "es": XLSR + "spanish",
    "fa": XLSR + "persian",
    "fi": XLSR + "finnish",
    "fr": XLSR + "french",
    "hu": XLSR + "hungarian",
    "it": XLSR + "italian",
    "ja": XLSR + "japanese",
    "nl": XLSR + "dutch",
    "pl": XLSR + "polish",
    "pt": XLSR + "portuguese",
    "ru": XLSR + "russian",
    "zh": XLSR + "chinese-zh-cn",
}


class Wav2Vec2Aligner(LocalModel):
    """Places words by a CTC model per language: `<folder>/<language>`, as transformers saves it.

    Weights as safetensors or as `pytorch_model.bin`, of which transformers reads tensors alone.
    It works in float32. Characters are the units that it gives for phones.

    languages: those that are to be aligned; none named: those of `REPOS` and those in the folder.
    """

    folder: str = "wav2vec2"
    languages: list[str] = Field(default_factory=list)

    @property
    def backend(self) -> str:
        here = [c for c in self.checkpoints() if not c.missing()]
        models = [checkpoint.name for checkpoint in here]
        return f"whisperx wav2vec2 {', '.join(models) or 'missing'}"

    @property
    def files(self) -> tuple[str, ...]:
        """Of each language, in a folder of its own."""
        return (
            "config.json",
            "preprocessor_config.json",
            "vocab.json",
            "model.safetensors|pytorch_model.bin",
        )

    def checkpoints(self) -> list[Checkpoint]:
        """One per language."""
        folder = Checkpoint(self.folder, ()).path
        found = {path.name for path in folder.glob("*") if path.is_dir()}
        return [self._checkpoint(code) for code in sorted(self.languages or found | set(REPOS))]

    def _checkpoint(self, code: str) -> Checkpoint:
        return Checkpoint(f"{self.folder}/{code}", self.files, self.repo or REPOS.get(code, ""))

    def supports(self, language: str | None) -> bool:
        """Whether there is a model for the language; one that should be here counts as there."""
        if language is None:
            return False
        code = _code(language)
        return code in [Path(checkpoint.folder).name for checkpoint in self.checkpoints()]

    def place(
        self, samples: Samples, words: Sequence[str], language: str | None
    ) -> list[PlacedWord | None] | None:
        """One place per word; None for a word without letters; None as a whole without a path."""
        code = _code(language or "")
        loaded = self.warm(self._checkpoint(code), lambda path, device: _load(path, device, code))
        spoken = [loaded.spoken(word) for word in words]
        text = " ".join(filter(None, spoken))
        if not text:
            return [None] * len(words)
        characters = _characters(loaded, samples, text)
        if characters is None:
            return None
        placed: list[PlacedWord | None] = []
        at = 0
        for word in spoken:
            placed.append(_word(characters[at : at + len(word)]) if word else None)
            at += len(word) + 1 if word else 0
        return placed


@dataclass(frozen=True)
class _Loaded:
    """A model on its device, and the characters that it knows."""

    model: Any
    metadata: dict[str, Any]
    device: str

    def spoken(self, word: str) -> str:
        """The word without what nobody says; letters and digits that the model lacks stay."""
        known = self.metadata["dictionary"]
        return "".join(c for c in word if not c.isspace() and (c.isalnum() or c.lower() in known))


def _load(folder: Path, device: "torch.device", code: str) -> _Loaded:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from whisperx import alignment

    # whisperx cuts the text into sentences by a model of NLTK that it would download unasked. The
    # words of a text lie where they lie, so here it is one sentence.
    alignment.nltk_load = lambda resource: _OneSentence()
    model, metadata = alignment.load_align_model(
        code, str(device), model_name=str(folder), model_cache_only=True
    )
    return _Loaded(model.eval(), metadata, str(device))


class _OneSentence:
    def span_tokenize(self, text: str) -> list[tuple[int, int]]:
        return [(0, len(text))]


def _characters(loaded: _Loaded, samples: Samples, text: str) -> list[dict[str, Any]] | None:
    """One entry per character of the text: `start`, `end`, `score` if it is placed; else None."""
    from whisperx.alignment import align

    aligned = align(
        [{"text": text, "start": 0.0, "end": len(samples) / RATE}],
        loaded.model,
        loaded.metadata,
        samples,
        loaded.device,
        return_char_alignments=True,
    )
    characters = [c for segment in aligned["segments"] for c in segment["chars"] or ()]
    return characters if len(characters) == len(text) else None


def _word(characters: Sequence[dict[str, Any]]) -> PlacedWord | None:
    placed = [c for c in characters if "start" in c]
    if not placed:
        return None
    return PlacedWord(
        placed[0]["start"],
        placed[-1]["end"],
        min(1.0, sum(c["score"] for c in placed) / len(placed)),
        [PlacedPhone(c["char"], c["start"], c["end"]) for c in placed],
    )


def _code(language: str) -> str:
    return language.split("-")[0].lower()
