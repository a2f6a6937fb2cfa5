"""Checks of tables: pure functions over a table and its inputs, with a name and a weight."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Check:
    """What a check of a table found."""

    passed: bool
    description: str
    metadata: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class TableCheck:
    """A named check; `blocking` where what is downstream would be wrong."""

    name: str
    run: Callable[..., Check]
    blocking: bool
    about: str


def table_check(*, blocking: bool) -> Callable[[Callable[..., Check]], TableCheck]:
    """A check over a table and, by name, any of its inputs."""

    def decorate(function: Callable[..., Check]) -> TableCheck:
        about = inspect.getdoc(function) or ""
        return TableCheck(function.__name__, function, blocking, about)

    return decorate
