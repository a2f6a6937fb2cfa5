"""Cuts lie in silence, outside the words, and never past a neighbour."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assets.speech.voices.ends import loudest_break, set_ends

LOUD, QUIET = 0.0, -60.0


def levels(*runs: tuple[float, float]) -> np.ndarray:
    """Level per 10 ms from (seconds, level)."""
    return np.concatenate([np.full(round(s * 100), level) for s, level in runs])


def test_a_little_silence_is_kept_on_both_sides():
    ends = set_ends(levels((1, QUIET), (2, LOUD), (1, QUIET)), 1.0, 3.0)
    assert (ends.start_s, ends.end_s) == (pytest.approx(0.85), pytest.approx(3.15))
    assert ends.edge_db == QUIET


def test_silence_within_the_words_of_a_detector_is_given_back():
    ends = set_ends(levels((1, QUIET), (2, LOUD), (1, QUIET)), 0.9, 3.1)
    assert (ends.start_s, ends.end_s) == (pytest.approx(0.85), pytest.approx(3.15))


def test_a_word_that_goes_on_after_its_time_is_heard_out():
    ends = set_ends(levels((1, QUIET), (2.2, LOUD), (1, QUIET)), 1.0, 3.0)
    assert ends.end_s == pytest.approx(3.35)


def test_a_closure_is_no_end_where_a_pause_follows():
    sound = levels((1, QUIET), (2, LOUD), (0.06, QUIET), (0.05, LOUD), (1, QUIET))
    assert set_ends(sound, 1.0, 3.0).end_s == pytest.approx(3.26)


def test_no_pause_at_all_shows_as_a_loud_end():
    ends = set_ends(levels((0.5, QUIET), (3, LOUD)), 0.5, 2.0)
    assert ends.pause_s == 0
    assert ends.edge_db == LOUD


@given(
    st.lists(st.tuples(st.sampled_from([0.05, 0.2, 0.7]), st.sampled_from([LOUD, QUIET])),
             min_size=3, max_size=12),
    st.floats(0, 1), st.floats(0, 1),
)  # fmt: skip
def test_cuts_stay_in_the_sound_and_in_order(runs, one, other):
    sound = levels(*runs)
    length = len(sound) / 100
    first, last = sorted((one * length, other * length))
    ends = set_ends(sound, first, last)
    assert -1e-9 <= ends.start_s <= ends.end_s + 1e-9
    assert ends.end_s <= length + 1e-9


def test_only_sound_that_touches_digital_silence_breaks_off():
    rate = 8000
    tone = 0.1 * np.sin(2 * np.pi * 200 * np.arange(rate) / rate)
    silence, fade = np.zeros(rate), tone * np.geomspace(1, 1e-5, rate)
    assert loudest_break(np.concatenate([tone, silence]), rate, -23.0) == pytest.approx(0, abs=1)
    assert loudest_break(np.concatenate([fade, silence]), rate, -23.0) < -60
    assert loudest_break(tone + 0.01, rate, -23.0) is None
