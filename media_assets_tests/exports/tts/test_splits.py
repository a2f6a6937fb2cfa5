"""Splits keep apart what belongs together, and only grow."""

from hypothesis import given
from hypothesis import strategies as st

from media_assets.exports.tts.settings import TtsExport
from media_assets.exports.tts.splits import SPLITS, Candidate, assign

CONFIG = TtsExport()


@st.composite
def libraries(draw: st.DrawFn) -> list[Candidate]:
    episodes = draw(st.integers(1, 30))
    return [
        Candidate(f"e{e}-{n}", f"e{e}", draw(st.sampled_from([f"e{e}-{n}", "song", "recap"])), 2.0)
        for e in range(episodes)
        for n in range(draw(st.integers(1, 4)))
    ]


def split(candidates: list[Candidate], before: dict[str, str] | None = None):
    before = before or {}
    units = {one.utterance_id: one.episode_id for one in candidates}
    unit_before = {units[name]: split for name, split in before.items() if name in units}
    return assign(candidates, units, before, unit_before, CONFIG)


@given(libraries())
def test_every_utterance_is_in_one_split_or_rejected_and_no_group_or_episode_is_torn(library):
    kept, rejected = split(library)
    assert kept.keys() | rejected.keys() == {one.utterance_id for one in library}
    assert not kept.keys() & rejected.keys()
    for unit in ("episode_id", "group"):
        where: dict[str, set[str]] = {}
        for one in library:
            if one.utterance_id in kept:
                where.setdefault(getattr(one, unit), set()).add(kept[one.utterance_id])
        assert all(len(splits) == 1 for splits in where.values())


@given(libraries(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(library, random):
    shuffled = random.sample(library, len(library))
    assert split(library) == split(shuffled)


@given(libraries(), st.integers(0, 30))
def test_what_is_in_a_split_stays_there_when_episodes_come(library, count):
    old = [one for one in library if int(one.episode_id[1:]) < count]
    before, _ = split(old)
    after, _ = split(library, before)
    assert {name: after.get(name) for name in before} == before


def test_a_large_library_is_split_80_10_10():
    library = [Candidate(f"e{e}-{n}", f"e{e}", f"e{e}-{n}", 3.0) for e in range(50) for n in (1, 2)]
    kept, _ = split(library)
    assert [sum(s == name for s in kept.values()) for name in SPLITS] == [80, 10, 10]


def test_a_line_repeated_in_every_episode_is_kept_in_one_split_only():
    library = [Candidate(f"e{e}-0", f"e{e}", "catchphrase", 1.0) for e in range(10)]
    library += [Candidate(f"e{e}-1", f"e{e}", f"e{e}-1", 9.0) for e in range(10)]
    kept, rejected = split(library)
    assert {kept[name] for name in kept if name.endswith("-0")} == {"train"}
    assert len(rejected) == 2
    assert set(rejected.values()) == {"near-duplicate of an utterance in train"}
