"""Which utterance goes to train, validation or test, such that nothing heard in one is in another.

The unit is the episode: its voices, room and jokes stay together. A group of near-duplicates that
spans episodes of several splits stays in one, and its other members are rejected. Splits only grow:
an utterance that once was in one stays there, as does the split of an episode.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from media_assets.exports.tts.settings import TtsExport
from resources.tables import digest

SPLITS = ("train", "validation", "test")
# Fewer episodes than this, and all of them audio only: a corpus of recordings, not a series
# (spec-decisions.md); near-duplicate groups are the units.
LEAST_EPISODES = 10


@dataclass(frozen=True)
class Candidate:
    """A good utterance: its episode, near-duplicate group and length."""

    utterance_id: str
    episode_id: str
    group: str
    duration_s: float


def assign(
    candidates: Sequence[Candidate],
    units: Mapping[str, str],
    before: Mapping[str, str],
    unit_before: Mapping[str, str],
    config: TtsExport,
) -> tuple[dict[str, str], dict[str, str]]:
    """Split per utterance id, and for the others why they are in none.

    units: unit of each utterance (its episode, or its group). before: splits that utterances were
    in; unit_before: splits that units were in. New units are taken in the order of a hash of the
    seed and the unit, each to the split that lacks most of its share.
    """
    by_unit: dict[str, list[Candidate]] = defaultdict(list)
    for one in candidates:
        by_unit[units[one.utterance_id]].append(one)
    shares = {"train": config.train, "validation": config.validation, "test": config.test}
    split_of = {unit: unit_before[unit] for unit in by_unit if unit in unit_before}
    seconds = dict.fromkeys(SPLITS, 0.0)
    for unit, split in split_of.items():
        seconds[split] += _length(by_unit[unit])
    for unit in sorted(
        by_unit.keys() - split_of.keys(), key=lambda unit: digest([config.seed, unit])
    ):
        added = _length(by_unit[unit])
        total = sum(seconds.values()) + added
        split = max(SPLITS, key=lambda name: shares[name] * total - seconds[name])
        split_of[unit] = split
        seconds[split] += added
    wanted = {
        one.utterance_id: before.get(one.utterance_id, split_of[units[one.utterance_id]])
        for one in candidates
    }
    return _one_split_per_group(candidates, wanted, before)


def _one_split_per_group(
    candidates: Sequence[Candidate], wanted: Mapping[str, str], before: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """A group belongs where a member already was, else to the first of `SPLITS` that wants it."""
    by_group: dict[str, list[str]] = defaultdict(list)
    for one in candidates:
        by_group[one.group].append(one.utterance_id)
    kept, rejected = {}, {}
    for members in by_group.values():
        owners = [before[name] for name in members if name in before] or [
            wanted[name] for name in members
        ]
        owner = min(owners, key=SPLITS.index)
        for name in members:
            if wanted[name] == owner:
                kept[name] = owner
            else:
                rejected[name] = f"near-duplicate of an utterance in {owner}"
    return kept, rejected


def _length(members: Iterable[Candidate]) -> float:
    return sum(one.duration_s for one in members)
