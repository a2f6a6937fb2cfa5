"""The tables that are read out of `alignment`: words and phones."""

import polars as pl

from media_assets.speech.schema import PHONES


def word_rows(alignment: pl.DataFrame) -> pl.DataFrame:
    """One row per word, with the columns of WORDS and its phones."""
    words = alignment.select("episode_id", "segment_id", "words").explode(
        "words", empty_as_null=False
    )
    index = pl.int_range(pl.len(), dtype=pl.Int64).over("segment_id")
    return words.unnest("words").with_columns(
        word_index=index,
        word_id=pl.format("{}.{}", "segment_id", index.cast(pl.String).str.zfill(3)),
    )


def phone_rows(alignment: pl.DataFrame) -> pl.DataFrame:
    """Rows of PHONES."""
    words = word_rows(alignment).select("episode_id", "word_id", "phones")
    index = pl.int_range(pl.len(), dtype=pl.Int64).over("word_id")
    phones = words.explode("phones", empty_as_null=False).unnest("phones")
    return phones.with_columns(phone_index=index).select(list(PHONES.columns))
