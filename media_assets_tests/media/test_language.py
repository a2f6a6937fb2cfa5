import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assets.media.language import language_tag, same_language


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("en", "en"),
        ("eng", "en"),
        ("GER", "de"),
        ("deu", "de"),
        ("fre", "fr"),
        ("jpn", "ja"),
        ("pt_BR", "pt-BR"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
    ],
)
def test_codes_of_containers_and_file_names_become_bcp_47(written: str, tag: str) -> None:
    assert language_tag(written) == tag


@pytest.mark.parametrize(
    "written", [None, "", "und", "mul", "zxx", "forced", "sdh", "1080p", "e n"]
)
def test_what_names_no_language_is_none(written: str | None) -> None:
    assert language_tag(written) is None


@given(st.text(max_size=12))
def test_a_tag_stays_as_it_is(written: str) -> None:
    tag = language_tag(written)
    assert tag is None or language_tag(tag) == tag


def test_regions_of_a_language_are_the_same_language_and_unknown_ones_are_not() -> None:
    assert same_language("pt-BR", "pt")
    assert not same_language("pt", "es")
    assert not same_language(None, None)
