"""The libraries of the extra `bench`, loaded when a score needs them."""

import importlib
from typing import Any

from resources.problems import BadInput


def bench(module: str) -> Any:
    """The module of that name; `BadInput` with the pip line where it is not installed."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise BadInput(
            f"{error.name} is not installed",
            where="scoring",
            remedy="Run: pip install 'media-assets[bench]'",
        ) from None
