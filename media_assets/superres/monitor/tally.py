"""Counts of places tried and patches that came of them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

# Category and format.
Kind = tuple[str, str]


@dataclass
class Tally:
    """What has become of places tried; `settled` patches stand, or no place is left for them."""

    written: Counter[Kind] = field(default_factory=Counter)
    bytes: Counter[Kind] = field(default_factory=Counter)
    missing: Counter[Kind] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    settled: int = 0
    windows: int = 0

    @property
    def tried(self) -> int:
        return self.written.total() + self.reasons.total()

    def add(self, other: "Tally") -> None:
        """Counters are updated in place, because adding them would drop zeros and be slow."""
        for name in ("written", "bytes", "missing", "reasons"):
            mine: Counter[object] = getattr(self, name)
            mine.update(getattr(other, name))
        self.settled += other.settled
        self.windows += other.windows


def most_frequent(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Most frequent first."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
