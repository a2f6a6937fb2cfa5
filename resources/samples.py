"""Sample-level recompute: a row is made again only when what it was made from has changed.

The previous table is the cache. A row's key is the hash of the parameters that change the output
and of the input values that the row really uses (algorithms.md, "Samples are recomputed only when
they must be").
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from resources.tables import ROW_KEY, TableSchema, digest


@dataclass(frozen=True)
class Rows:
    """A table with the count of rows that were computed for it and of those taken over."""

    frame: pl.DataFrame
    computed: int
    reused: int


def row_keys(inputs: pl.DataFrame, params: Mapping[str, Any]) -> list[str]:
    """One key per row of `inputs`: the hash of its values and of `params`."""
    return [digest([dict(params), row]) for row in inputs.iter_rows(named=True)]


def recompute_rows(
    schema: TableSchema,
    inputs: pl.DataFrame,
    compute: Callable[[pl.DataFrame], pl.DataFrame],
    *,
    params: Mapping[str, Any],
    previous: pl.DataFrame | None,
    usable: Callable[[Mapping[str, Any]], bool] = lambda row: True,
) -> Rows:
    """The table for `inputs`, one row each, in their order.

    inputs: per wanted row all values that it depends on, and none that it does not.
    compute: gets the rows of `inputs` that have no usable previous row, gives one row of `schema`
        (without `row_key`) for each, in order.
    usable: whether a previous row still stands, for rows that point to files.
    """
    keys = row_keys(inputs, params)
    if previous is None or ROW_KEY not in previous.columns:
        previous = schema.empty()
    cache = {row[ROW_KEY]: row for row in previous.iter_rows(named=True) if usable(row)}
    missing = [index for index, key in enumerate(keys) if key not in cache]
    made = compute(inputs[missing]) if missing else schema.empty()
    if made.height != len(missing):
        raise ValueError(f"{schema.name}: {len(missing)} rows wanted, {made.height} computed")
    for index, row in zip(missing, made.iter_rows(named=True), strict=True):
        cache[keys[index]] = row | {ROW_KEY: keys[index]}
    frame = schema.frame(cache[key] for key in keys)
    return Rows(frame, computed=len(missing), reused=len(keys) - len(missing))
