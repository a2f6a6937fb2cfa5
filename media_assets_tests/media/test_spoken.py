"""What is written is spoken as people do."""

import pytest

from media_assets.media.spoken import spoken_text, spoken_words


@pytest.mark.parametrize(
    ("text", "language", "spoken"),
    [
        ("Dr. Bram has 3 lamps.", "en", "Doctor Bram has three lamps."),
        ("in 1813", "en", "in eighteen thirteen"),
        ("1,250 men", "en", "one thousand, two hundred and fifty men"),
        ("2.5 miles", "en", "two point five miles"),
        ("the 3rd time", "en-GB", "the third time"),
        ("50 % of it", "en", "fifty percent of it"),
        ("It costs $5.", "en", "It costs five dollars."),
        ("It costs $5.50.", "en", "It costs five dollars, fifty cents."),
        ("Er hat 21 Lampen.", "de", "Er hat einundzwanzig Lampen."),
        ("und 2,5 Liter", "de", "und zwei Komma fünf Liter"),
        ("No numbers here.", None, "No numbers here."),
    ],
)
def test_a_text_keeps_its_marks_and_says_its_numbers(
    text: str, language: str | None, spoken: str
) -> None:
    assert spoken_text(text, language) == (spoken, True)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("3 lampes", "xx"),
        ("3 lamps", None),
        ("on 12.11.2020", "en"),
        ("123456789", "am"),
        ("2024", "vi"),
    ],
)
def test_digits_that_cannot_be_said_are_left_and_marked(text: str, language: str | None) -> None:
    assert spoken_text(text, language) == (text, False)


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("1999", "nineteen ninety-nine"),
        ("1999,", "nineteen ninety-nine"),
        ("25", "twenty-five"),
        ("3rd", "third"),
        ("90s", "nineties"),
        ("$5.50", "five dollars fifty cents"),
        ("50%", "fifty percent"),
        ("10:30", "ten thirty"),
        ("R2-D2", "R two-D two"),
        ("Dr.", "Doctor"),
        ("etc.", "et cetera"),
        ("B&B", "B and B"),
        ("U.S.", "U S"),
        ("and/or", "and or"),
        ("well-known", "well-known"),
        ("“Hello,”", "Hello"),
        ("'tis", "'tis"),
        ("goin'", "goin'"),
        ("'quoted'", "quoted"),
        ("don’t!", "don’t"),
        ("—", ""),
        ("♪", ""),
        ("...", ""),
    ],
)
def test_a_word_is_what_is_said_for_it(written: str, spoken: str) -> None:
    assert " ".join(spoken_words(written, "", "en")) == spoken


def test_no_is_a_number_only_before_one() -> None:
    assert spoken_words("No.", "5", "en") == ["Number"]
    assert spoken_words("No.", "Never", "en") == ["No"]


def test_numbers_are_spoken_in_the_language_of_the_text() -> None:
    assert spoken_words("25", "", "de") == ["fünfundzwanzig"]
    assert spoken_words("25", "", "xx") == ["25"]
