"""How fast is plausible."""

import pytest

from media_assets.speech.voices.rate import characters_per_second, rate_bounds


def test_letters_and_digits_count_and_nothing_else():
    assert characters_per_second("Ab, c! 12 —", 2.0) == pytest.approx(2.5)


def test_a_few_utterances_are_judged_by_the_literature():
    assert rate_bounds([10.0] * 5, "en").source == "literature"
    assert rate_bounds([], "ja-JP").high < rate_bounds([], None).high


def test_many_utterances_set_their_own_fences():
    bounds = rate_bounds([10 + i / 10 for i in range(41)], "en")
    assert bounds.source == "1.5 IQR"
    assert (bounds.low, bounds.high) == (8.0, 16.0)
    more = rate_bounds([10 + i / 10 for i in range(41)] + [12.0], "en")
    assert more == bounds
