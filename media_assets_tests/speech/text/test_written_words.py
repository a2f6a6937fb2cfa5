"""A text is cut into its written words, each with what is said for it."""

from media_assets.speech.text.passages import written_words


def test_written_words_are_the_text_and_all_are_spoken() -> None:
    text = "– In 1999 , Dr. No said : “Never!” ..."
    words = written_words(text, "en")
    assert " ".join(word.word for word in words) == text
    assert all(word.spoken for word in words)
    assert [word.word for word in words][1] == "1999 ,"


def test_a_text_without_words_has_none() -> None:
    assert written_words("♪ – ♪", "en") == []
