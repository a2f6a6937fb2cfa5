import polars as pl
import pytest

from media_assets.knowledge.schema import CAST, SPEAKER_MAP, voice_key, voices


def cast(*rows: tuple[str, list[str]]) -> pl.DataFrame:
    return CAST.frame(
        {
            "episode_id": "e",
            "character": name,
            "cast_order": order,
            "aliases": aliases,
            "hair": [],
            "outfits": [],
        }
        for order, (name, aliases) in enumerate(rows)
    )


def mapped(*rows: tuple[str, str]) -> pl.DataFrame:
    return SPEAKER_MAP.frame(
        {"episode_id": "e", "speaker": speaker, "character": character}
        for speaker, character in rows
    )


def test_people_map_speakers_first_then_names_and_aliases_that_mean_one_character():
    people = mapped(("SPEAKER_00", "Mina"), ("Bram", "Mina"))
    known = voices(cast(("Mina", ["Captain"]), ("Bram", ["Grandpa", "Captain"])), people)
    assert known == {
        "mina": "Mina",
        "grandpa": "Bram",
        "speaker_00": "Mina",
        "bram": "Mina",
    }
    assert voices(CAST.empty(), SPEAKER_MAP.empty()) == {}


@pytest.mark.parametrize("label", ["SPEAKER_2", "SPEAKER_02", "speaker_002"])
def test_a_speaker_is_the_same_however_its_number_is_padded(label: str):
    assert voices(CAST.empty(), mapped((label, "Mina"))) == {voice_key("SPEAKER_02"): "Mina"}
    assert voice_key(label) != voice_key("SPEAKER_20")
