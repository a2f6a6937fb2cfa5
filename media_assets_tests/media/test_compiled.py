"""Compiled code is kept where it can be, and works where it cannot."""

import importlib.util
from collections.abc import Callable
from pathlib import Path

import numba
import numpy as np
import pytest

from media_assets.media.compiled import compiled

SOURCE = """
def double(numbers):
    for i in range(numbers.size):
        numbers[i] *= 2
"""


@pytest.fixture
def double(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[np.ndarray], None]:
    """A function whose folder has no place for compiled code; the user's cache is `tmp_path`."""
    source = tmp_path / "source" / "double.py"
    source.parent.mkdir()
    source.write_text(SOURCE)
    (source.parent / "__pycache__").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    spec = importlib.util.spec_from_file_location("double", source)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.double


def doubled(function: Callable[[np.ndarray], None]) -> list[int]:
    numbers = np.array([1, 2, 3])
    compiled(function)(numbers)
    return numbers.tolist()


def test_a_folder_that_cannot_be_written_leaves_it_to_the_users_cache(double, tmp_path: Path):
    assert doubled(double) == [2, 4, 6]
    assert list((tmp_path / "cache").rglob("*.nbc"))


def test_without_any_place_it_still_compiles(double, tmp_path: Path):
    (tmp_path / "cache").touch()
    assert doubled(double) == [2, 4, 6]
