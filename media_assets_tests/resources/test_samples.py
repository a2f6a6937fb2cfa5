"""Sample-level recompute."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from resources.samples import recompute_rows
from resources.tables import Column, TableSchema

SCHEMA = TableSchema(
    "doubled",
    "Doubles.",
    {"value": Column(pl.Int64, "Doubled."), "row_key": Column(pl.String, "Key.")},
)


class Doubler:
    """Counts the work it is given."""

    def __init__(self) -> None:
        self.seen: list[int] = []

    def __call__(self, inputs: pl.DataFrame) -> pl.DataFrame:
        self.seen += inputs["n"].to_list()
        return SCHEMA.frame({"value": 2 * n, "row_key": ""} for n in inputs["n"])


def inputs(values: list[int]) -> pl.DataFrame:
    return pl.DataFrame({"n": values}, schema={"n": pl.Int64})


@given(st.lists(st.integers(0, 20)), st.lists(st.integers(0, 20)))
def test_only_rows_with_new_inputs_are_computed(before: list[int], after: list[int]) -> None:
    first = recompute_rows(SCHEMA, inputs(before), Doubler(), params={}, previous=None)
    work = Doubler()
    second = recompute_rows(SCHEMA, inputs(after), work, params={}, previous=first.frame)
    assert second.frame["value"].to_list() == [2 * n for n in after]
    assert set(work.seen) == set(after) - set(before)
    assert second.computed + second.reused == len(after)


def test_other_parameters_make_every_row_new() -> None:
    first = recompute_rows(SCHEMA, inputs([1, 2]), Doubler(), params={"v": 1}, previous=None)
    second = recompute_rows(
        SCHEMA, inputs([1, 2]), Doubler(), params={"v": 2}, previous=first.frame
    )
    assert second.computed == 2


def test_a_row_whose_file_is_gone_is_computed_again() -> None:
    first = recompute_rows(SCHEMA, inputs([1, 2]), Doubler(), params={}, previous=None)
    work = Doubler()
    recompute_rows(
        SCHEMA,
        inputs([1, 2]),
        work,
        params={},
        previous=first.frame,
        usable=lambda row: row["value"] != 2,
    )
    assert work.seen == [1]
