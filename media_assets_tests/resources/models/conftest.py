"""Checkpoints with random weights, in the layout that the published ones have on disk."""

import importlib.util
from pathlib import Path

import pytest

from resources.gpu import Gpu, WarmModels
from resources.models.checkpoints import ENV


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """Models this small lose far more to waiting threads than they gain."""
    if importlib.util.find_spec("torch"):
        import torch

        torch.set_num_threads(1)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for checkpoints, no way to the hub, and no model warm."""
    monkeypatch.setenv(ENV, str(tmp_path / "checkpoints"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr(WarmModels, "held", {})
    return tmp_path / "checkpoints"


@pytest.fixture
def cpu() -> Gpu:
    """The place where models run that every machine has."""
    return Gpu(device="cpu", dtype="float32")
