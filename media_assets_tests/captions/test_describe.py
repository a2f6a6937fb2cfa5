from hypothesis import given
from hypothesis import strategies as st

from media_assets.captions.describe import DescribeSettings, describe

SETTINGS = DescribeSettings()


def test_only_what_is_notable_gets_a_word():
    assert describe(["static frame"], 200.0, 50.0, SETTINGS) == "A bright, static shot."
    assert describe(["strong motion"], 20.0, 8.0, SETTINGS) == "A dark shot with strong motion."
    assert describe(["little motion"], 90.0, 50.0, SETTINGS) == "A shot with little motion."
    assert describe(["static frame"], 90.0, 9.0, SETTINGS) == "A low-contrast, static shot."
    assert describe([], 90.0, 50.0, SETTINGS) == "A shot."


@given(st.floats(0, 255), st.floats(0, 128))
def test_a_description_is_one_sentence_and_never_contradicts_itself(luma: float, contrast: float):
    text = describe(["moderate motion"], luma, contrast, SETTINGS)
    assert text.startswith("A ")
    assert text.count(".") == 1
    assert not {"dark", "bright"} <= set(text.replace(",", "").split())
