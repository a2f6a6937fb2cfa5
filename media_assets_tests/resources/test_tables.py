"""Typed tables on disk."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.storage import Made
from resources.tables import (
    Column,
    SchemaError,
    TableSchema,
    atomic_write,
    digest,
    read_footer,
    read_table,
    version_of,
    write_table,
)

SCHEMA = TableSchema(
    "things",
    "Things.",
    {
        "thing": Column(pl.String, "Name."),
        "size_px": Column(pl.Int64, "Size.", nullable=True),
        "row_key": Column(pl.String, "Key."),
    },
    unique=("thing",),
)

ROWS = st.lists(
    st.tuples(st.text(max_size=5), st.none() | st.integers(-9, 9)), unique_by=lambda row: row[0]
)


def frame(rows: list[tuple[str, int | None]], key: str = "k") -> pl.DataFrame:
    return SCHEMA.frame({"thing": t, "size_px": s, "row_key": key} for t, s in rows)


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        (pl.DataFrame({"thing": ["a"], "row_key": ["k"]}), "size_px is missing"),
        (frame([("a", 1)]).with_columns(other=pl.lit(1)), "other is not in the schema"),
        (frame([("a", 1)]).cast({"size_px": pl.Float64}), "size_px is Float64, expected Int64"),
        (frame([("a", 1)]).with_columns(thing=pl.lit(None, pl.String)), "thing is null in 1 of 1"),
        (pl.concat([frame([("a", 1)])] * 2), "thing is not unique"),
    ],
)
def test_a_table_that_breaks_its_schema_is_told_where(broken: pl.DataFrame, complaint: str) -> None:
    with pytest.raises(SchemaError, match=complaint):
        SCHEMA.validate(broken)


def test_a_row_with_an_unknown_column_is_refused() -> None:
    with pytest.raises(SchemaError, match="colour"):
        SCHEMA.frame([{"thing": "a", "colour": "red"}])


@given(ROWS)
def test_a_version_depends_on_rows_alone(rows: list[tuple[str, int | None]]) -> None:
    whole = frame(rows)
    in_pieces = pl.concat([whole[:1], whole[1:]], rechunk=False)
    assert version_of(whole) == version_of(in_pieces)
    assert version_of(whole) == version_of(frame(rows, key="another key"))


@given(ROWS, ROWS)
def test_other_rows_are_another_version(
    one: list[tuple[str, int | None]], other: list[tuple[str, int | None]]
) -> None:
    assert (version_of(frame(one)) == version_of(frame(other))) == (one == other)


def test_a_written_table_says_what_it_was_made_from(tmp_path: Path) -> None:
    made = Made.of(SCHEMA, frame([("a", None)]), "the key", {"code_version": "7"})
    path = tmp_path / "tables" / "things" / "e.parquet"
    write_table(path, made.frame, made.footer)
    assert read_table(path).equals(made.frame)
    assert read_footer(path) == made.footer
    assert made.footer.made_from == {"code_version": "7"}
    assert path.stat().st_mode & 0o777 == 0o644


def test_there_is_no_footer_where_there_is_no_table_of_ours(tmp_path: Path) -> None:
    assert read_footer(tmp_path / "missing.parquet") is None
    (tmp_path / "torn.parquet").write_bytes(b"PAR1 torn")
    assert read_footer(tmp_path / "torn.parquet") is None
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "foreign.parquet")
    assert read_footer(tmp_path / "foreign.parquet") is None


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def fail(file: object) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        atomic_write(path, fail)
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == b"old"


def test_equal_values_have_equal_digests_whatever_their_order() -> None:
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})
