"""What the formats know of an exported utterance, and what they agree on."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from media_assets.exports.tts.splits import SPLITS

WAVS = "wavs"


@dataclass(frozen=True)
class Item:
    """One utterance of the set; `path` relative to the export, the sound mono and 16 bit."""

    utterance_id: str
    episode_id: str
    split: str
    path: str
    speaker: str
    text: str
    normalised_text: str
    language: str | None
    emotion: str | None
    rate_hz: int
    samples: int
    sound_key: str

    @property
    def duration_s(self) -> float:
        return self.samples / self.rate_hz


def by_split(items: Iterable[Item]) -> Mapping[str, Sequence[Item]]:
    """All splits, the empty ones too, in their order."""
    found: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        found[item.split].append(item)
    return {split: found[split] for split in SPLITS}


def field(text: str) -> str:
    """The text as a field between bars: no bar, no line break."""
    return " ".join(text.replace("|", " ").split())
