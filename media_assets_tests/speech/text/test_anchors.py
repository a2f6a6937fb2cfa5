"""Anchors pair what was heard with the text, in order, and with nothing else."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from media_assets.speech.text.anchored import Place, estimated_times
from media_assets.speech.text.anchors import anchors

WORDS = st.lists(st.sampled_from(["a", "b", "c", "d", "e", "f", "g", "h"]), max_size=60)


@given(text=WORDS, heard=WORDS)
def test_anchors_are_equal_words_and_rise_in_both(text: list[str], heard: list[str]) -> None:
    pairs = anchors(text, heard)
    assert all(text[i] == heard[j] for i, j in pairs)
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in itertools.pairwise(pairs))


@given(st.lists(st.integers(), min_size=3, max_size=200, unique=True))
def test_every_word_of_a_text_without_repetition_is_anchored_if_all_were_heard(
    words: list[int],
) -> None:
    text = [str(word) for word in words]
    assert anchors(text, text) == [(i, i) for i in range(len(text))]


def test_what_was_heard_elsewhere_does_not_turn_the_order_round() -> None:
    text = [f"w{i}" for i in range(100)]
    heard = [*text[:40], *text[80:84], *text[40:]]  # four words of the end, heard in the middle
    pairs = anchors(text, heard)
    assert {i for i, _ in pairs} == set(range(100))
    assert (80, 40) not in pairs


def test_single_words_that_were_heard_by_chance_are_no_anchors() -> None:
    text = [f"w{i}" for i in range(100)]
    assert anchors(text, ["noise", "w5", "noise", "w50", "w51", "noise"]) == []


PLACES = st.lists(st.tuples(st.floats(0.0, 3.0), st.floats(0.0, 1.0), st.booleans()), max_size=30)


@given(PLACES, st.integers(0, 30))
def test_estimated_times_follow_on_each_other_inside_the_sound(
    given_places: list[tuple[float, float, bool]], line: int
) -> None:
    places, at = [], 0.0
    for index, (pause, length, known) in enumerate(given_places):
        if known:
            places.append(Place(index, at + pause, at + pause + length))
            at += pause + length
    end = at + 1.0
    times = estimated_times(["word"] * len(given_places), [0, line], places, end)
    assert len(times) == len(given_places)
    assert all(start <= stop for start, stop in times)
    assert all(b[0] >= a[1] - 1e-6 for a, b in itertools.pairwise(times))
    assert all(start >= -1e-6 and stop <= end + 1e-6 for start, stop in times)
    assert all(times[p.index] == (p.start_s, p.end_s) for p in places)


def test_across_a_long_pause_words_stay_with_their_line() -> None:
    times = estimated_times(
        ["one", "two", "three", "four"], [0, 2], [Place(0, 1.0, 1.5), Place(3, 100.0, 100.5)], 200.0
    )
    assert times[1][1] < 3
    assert times[2][0] > 98
