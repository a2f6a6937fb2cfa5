"""Passages hold every word once as their own, and are never too long."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from media_assets.speech.text.passages import PassageSettings, timed_passages
from media_assets.speech.text.proportional import spread
from resources.models.interfaces import Span

SETTINGS = PassageSettings()
LINES = st.lists(st.tuples(st.floats(-1, 5), st.floats(0, 7), st.integers(1, 12)), max_size=40)


@given(LINES)
def test_every_word_is_in_one_passage_whose_window_holds_its_line(
    drawn: list[tuple[float, float, int]],
) -> None:
    lines, at = [], 0.0
    for pause, length, count in drawn:
        start = max(0.0, at + pause)
        lines.append((start, start + length, count))
        at = start + length
    lines.sort()
    passages = timed_passages(lines, at + 5, SETTINGS)
    owned = [index for p in passages for index in range(p.own_first, p.own_last)]
    assert owned == list(range(sum(count for _, _, count in lines)))
    assert all(p.first <= p.own_first <= p.own_last <= p.last for p in passages)
    # Two lines beside the cuts and margins come on top.
    assert all(p.end_s - p.start_s <= SETTINGS.passage_s + 2 * (7 + 3) for p in passages)
    first = 0
    for start, end, count in lines:
        for p in passages:
            if p.own_first <= first < p.own_last:
                assert p.start_s <= start
                assert end <= p.end_s
        first += count


def test_lines_far_apart_know_nothing_of_each_other() -> None:
    passages = timed_passages([(10.0, 12.0, 3), (20.0, 21.0, 2)], 30.0, SETTINGS)
    assert [(p.start_s, p.end_s, p.first, p.last) for p in passages] == [
        (9.0, 13.0, 0, 3),
        (19.0, 22.0, 3, 5),
    ]


def test_a_line_over_another_one_stands_alone() -> None:
    passages = timed_passages([(1.0, 5.0, 3), (2.0, 4.0, 2)], 30.0, SETTINGS)
    assert [(p.first, p.last) for p in passages] == [(0, 3), (3, 5)]


def test_long_dialogue_is_cut_at_its_longest_pause() -> None:
    lines = [(at, at + 1.8, 1) for at in range(0, 20, 2)]
    lines += [(at + 0.7, at + 2.5, 1) for at in range(20, 40, 2)]  # after 0.9 s
    passages = timed_passages([(a * 1.0, b, c) for a, b, c in lines], 60.0, SETTINGS)
    assert passages[0].own_last == 10
    assert passages[0].last == 11


@given(
    st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=20),
    st.lists(st.tuples(st.floats(0.1, 5), st.floats(0.1, 5)), max_size=6),
)
def test_spread_words_fill_the_activity_in_order(
    words: list[str], drawn: list[tuple[float, float]]
) -> None:
    activity, at = [], 0.0
    for pause, length in drawn:
        activity.append(Span(at + pause, at + pause + length))
        at += pause + length
    spans = spread(words, 0.0, at + 1.0, activity)
    assert all(a.end_s <= b.start_s + 1e-6 for a, b in itertools.pairwise(spans))
    assert all(0 <= s.start_s <= s.end_s <= at + 1.0 + 1e-6 for s in spans)
    if activity:
        assert abs(spans[0].start_s - activity[0].start_s) < 1e-6
        assert abs(spans[-1].end_s - activity[-1].end_s) < 1e-6
