from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assets.ingest.sentences import sentences


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("It rains. Come in!", "en", ["It rains.", "Come in!"]),
        ("Dr. Ames met Mrs. Lamb. They left.", "en", ["Dr. Ames met Mrs. Lamb.", "They left."]),
        ('"Who?" Nobody knew.', "en", ['"Who?"', "Nobody knew."]),
        ('"Who?" asked Tom.', "en", ['"Who?" asked Tom.']),
        ("We wait... and wait. Still.", "en", ["We wait... and wait.", "Still."]),
        ("He has 3.5 apples. I have two.", "en", ["He has 3.5 apples.", "I have two."]),
        ("See No. 5 at once. No. I will not.", "en", ["See No. 5 at once.", "No.", "I will not."]),
        ("In the U.S. Army, J. R. Lamb ran.", "en", ["In the U.S. Army, J. R. Lamb ran."]),
        ("Am 3. Mai kam er. Sie ging.", "de", ["Am 3. Mai kam er.", "Sie ging."]),
        ("Am 3. Mai kam er. Sie ging.", None, ["Am 3. Mai kam er.", "Sie ging."]),
        ("I am 12. You are 13.", "en", ["I am 12.", "You are 13."]),
        ("¿Quién es? ¡Es Ana! Vale.", "es", ["¿Quién es?", "¡Es Ana!", "Vale."]),
        ("そうだ。本当?「はい。」行こう。", "ja", ["そうだ。", "本当?「はい。」", "行こう。"]),
        ("Кто там? Это я. Да.", "ru", ["Кто там?", "Это я.", "Да."]),
        ("no marks at all", None, ["no marks at all"]),
        ("   ", None, []),
    ],
)
def test_a_sentence_ends_at_its_mark_and_never_in_an_abbreviation(
    text: str, language: str | None, expected: list[str]
) -> None:
    assert sentences(text, language) == expected


@given(st.text(alphabet="ab AB.?!\"'1。 ", max_size=80), st.integers(5, 50))
def test_nothing_is_lost_and_no_word_is_cut(text: str, longest: int) -> None:
    parts = sentences(text, "en", longest)
    assert "".join("".join(parts).split()) == "".join(text.split())
    if "。" not in text:
        assert " ".join(parts).split() == text.split()
    assert all(parts)


def test_speech_without_marks_is_cut_at_blanks_in_even_parts() -> None:
    text = " ".join(["word"] * 250)
    parts = sentences(text, "en", longest=400)
    assert " ".join(parts) == text
    assert max(map(len, parts)) <= 400
    assert all(abs(len(one) - len(other)) < 120 for one, other in pairwise(parts))


def test_a_text_without_blanks_takes_no_longer_than_its_length() -> None:
    text = "字" * 200_000 + "。" + "字" * 200_000
    assert [len(part) for part in sentences(text, "ja")] == [200_001, 200_000]
