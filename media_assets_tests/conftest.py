"""Fixtures for all tests."""

import os
from pathlib import Path

import pytest

from resources.home import ENV, Home


@pytest.fixture(scope="session")
def media_dir() -> Path:
    """The folder of real inputs with ground truth; its absence fails in CI and skips elsewhere."""
    path = Path(
        os.environ.get("MEDIA_ASSETS_TEST_MEDIA")
        or Path(__file__).resolve().parents[2] / "shared" / "media"
    )
    if not path.is_dir():
        message = "real test media are missing: set MEDIA_ASSETS_TEST_MEDIA to their folder"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """An empty data home that is the current one."""
    monkeypatch.setenv(ENV, str(tmp_path / "home"))
    return Home.current()
