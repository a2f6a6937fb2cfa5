from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assets.speech.text.guards import (
    Guards,
    compression_ratio,
    is_boilerplate,
    longest_loop,
    reasons_against,
)
from resources.models.interfaces import HeardWord

GUARDS = Guards()


def heard(text: str, score: float = 0.9) -> list[HeardWord]:
    return [HeardWord(word, 0.0, 0.1, score) for word in text.split()]


def against(text: str, duration_s: float = 10.0, **given: Any) -> list[str]:
    return reasons_against(heard(text, **given), text, duration_s, GUARDS)


@pytest.mark.parametrize(
    "text",
    [
        "and so my fellow Americans ask not what your country can do for you",
        "and here's some more words words words words um and that should be all thanks",
        "no no no no no",
        "Thank you.",
        "I was watching you. Thanks for the letter.",
        "He asked me to subscribe to a journal.",
        "See you next time!",
        "真っ昼間なのにキャンプの外れの電柱に電球がともっていた",
    ],
)
def test_what_people_say_is_kept(text: str) -> None:
    assert against(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Thanks for watching!",
        "Thank you so much for watching. Please like and subscribe to my channel.",
        "I'll see you in the next video.",
        "ご視聴ありがとうございました",
        "Untertitel der Amara.org-Community",
        "Subtitles by the Amara.org community",
        "Untertitelung des ZDF, 2020",
        "Sous-titres réalisés par la communauté d'Amara.org",
        "Продолжение... Редактор субтитров А.Семкин",
    ],
)
def test_what_models_say_to_silence_is_not(text: str) -> None:
    assert is_boilerplate(text)
    assert against(text) == ["boilerplate of videos"]


def test_every_reason_tells_the_measured_value() -> None:
    assert against("") == ["nothing was recognised"]
    assert against("who is there", score=0.36) == ["low confidence: mean log probability -1.02"]
    assert against("who is there", score=0.37) == []
    assert against("a text that nobody says in half a second", 0.5) == [
        "too fast: 80 characters per second"
    ]
    assert against("thank you so much " * 20) == [
        "repetitive: compression ratio 11.61",
        "too fast: 36 characters per second",
        "a loop of 80 words",
    ]


def test_a_loop_is_a_phrase_three_times_in_a_row() -> None:
    assert longest_loop(["a", "b", "c", "a", "b", "c", "a", "b", "c", "d"]) == 9
    assert longest_loop(["a", "b", "c", "a", "b", "c", "d"]) == 0
    assert longest_loop([]) == 0


@given(st.lists(st.sampled_from("ab"), max_size=5), st.integers(3, 6))
def test_a_repeated_phrase_is_found_at_any_length(phrase: list[str], times: int) -> None:
    assert longest_loop(phrase * times) == len(phrase) * times


@given(st.text(max_size=100))
def test_any_text_has_a_compression_ratio(text: str) -> None:
    assert compression_ratio(text) >= 0
