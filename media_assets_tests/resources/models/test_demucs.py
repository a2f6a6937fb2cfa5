"""demucs on a tiny model with random weights, streamed, against demucs' own `apply_model`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from media_assets_tests.resources.models import tiny_demucs
from resources.gpu import Gpu, WarmModels
from resources.models.demucs import Demucs
from resources.models.interfaces import Samples

torch = pytest.importorskip("torch", reason="extra `models` is not installed")
pytest.importorskip("demucs.api", reason="extra `models` is not installed")

RATE = 44_100


def music(seconds: float, rate: int = RATE, channels: int = 2) -> Samples:
    """Two tones and noise, different in each channel."""
    time = np.arange(round(seconds * rate)) / rate
    noise = np.random.default_rng(5).normal(0, 0.05, (len(time), channels))
    tones = [np.sin(2 * np.pi * (220 + 110 * c) * time) for c in range(channels)]
    return (0.3 * np.stack(tones, 1) + noise).astype(np.float32)


def blocks(samples: Samples, size: int) -> Iterator[Samples]:
    for start in range(0, len(samples), size):
        yield samples[start : start + size]


@pytest.mark.parametrize("seconds", [0.3, 0.5, 2.21])
def test_the_stream_gives_what_demucs_gives_for_the_whole(
    root: Path, cpu: Gpu, seconds: float
) -> None:
    from demucs.api import Separator
    from demucs.apply import apply_model

    folder = root / "demucs/htdemucs"
    tiny_demucs.save_repository(folder)
    mix = music(seconds)
    model = Separator(model="htdemucs", repo=folder, device="cpu").model
    whole = apply_model(model, torch.from_numpy(mix.T.copy())[None], shifts=0, overlap=0.25)
    voice = np.concatenate(list(Demucs(gpu=cpu).voice(blocks(mix, 10_007), RATE)))
    assert voice.shape == mix.shape
    expected = whole[0, model.sources.index("vocals")].T.numpy()
    assert np.abs(expected).max() > 1e-3
    np.testing.assert_allclose(voice, expected, atol=1e-5 * float(np.abs(expected).max()) + 1e-6)


@pytest.mark.parametrize(("rate", "channels"), [(48_000, 2), (48_000, 1), (32_000, 2), (16_000, 1)])
def test_other_rates_and_mono_keep_their_length_and_place(
    root: Path, cpu: Gpu, rate: int, channels: int
) -> None:
    tiny_demucs.save_repository(root / "demucs/htdemucs")
    mix = music(1.1, rate, channels)
    voice = np.concatenate(list(Demucs(gpu=cpu).voice(blocks(mix, 4_096), rate)))
    assert voice.shape == mix.shape
    assert voice.dtype == np.float32
    assert np.isfinite(voice).all()


@pytest.mark.parametrize(("rate", "channels"), [(48_000, 2), (32_000, 1)])
def test_resampling_moves_nothing(
    root: Path, cpu: Gpu, monkeypatch: pytest.MonkeyPatch, rate: int, channels: int
) -> None:
    """With a model that takes all for voice the mix comes back."""

    def all_voice(model: object, chunk: Any, **how: object) -> Any:
        return chunk.padded(chunk.length)[:, None].expand(-1, 4, -1, -1)

    tiny_demucs.save_repository(root / "demucs/htdemucs")
    monkeypatch.setattr("demucs.apply.apply_model", all_voice)
    time = np.arange(round(1.7 * rate)) / rate
    tones = [np.sin(2 * np.pi * (440 + 3000 * c) * time) for c in range(channels)]
    mix = (0.3 * np.stack(tones, 1)).astype(np.float32)
    voice = np.concatenate(list(Demucs(gpu=cpu).voice([mix], rate)))
    # All but the very ends, where a filter has nothing to look at.
    np.testing.assert_allclose(voice[50:-50], mix[50:-50], atol=1e-3)


def test_both_layouts_hold_the_same_model(root: Path, cpu: Gpu) -> None:
    mix = music(0.6)
    voices = []
    for name, save in (
        ("pickle", tiny_demucs.save_repository),
        ("safe", tiny_demucs.save_hub_layout),
    ):
        save(root / name)
        voices.append(np.concatenate(list(Demucs(gpu=cpu, folder=name).voice([mix], RATE))))
    np.testing.assert_array_equal(*voices)


def test_memory_does_not_grow_with_the_length(
    root: Path, cpu: Gpu, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How far the reader is ahead of the writer is what is held."""
    tiny_demucs.save_repository(root / "demucs/htdemucs")
    monkeypatch.setattr(Gpu, "batch_size", lambda self, item_bytes: 2)
    ahead: dict[float, int] = {}
    for seconds in (2.0, 6.0):
        read = 0
        most = 0

        def source(samples: Samples) -> Iterator[Samples]:
            nonlocal read
            for block in blocks(samples, 4_410):
                read += len(block)
                yield block

        written = 0
        for voice in Demucs(gpu=cpu).voice(source(music(seconds)), RATE):
            most = max(most, read - written)
            written += len(voice)
        ahead[seconds] = most
    assert ahead[6.0] <= ahead[2.0] + 4_410
    assert ahead[6.0] < 1.5 * RATE


def test_two_episodes_load_the_model_once(root: Path) -> None:
    tiny_demucs.save_repository(root / "demucs/htdemucs")
    for _ in range(2):
        # Dagster makes the resource anew for every run.
        adapter = Demucs(gpu=Gpu(device="cpu", dtype="float32"))
        list(adapter.voice([music(0.3)], RATE))
    assert len(WarmModels.held) == 1


def test_the_name_of_the_backend_follows_the_weights(root: Path, cpu: Gpu) -> None:
    adapter = Demucs(gpu=cpu)
    assert "@ missing" in adapter.backend
    tiny_demucs.save_repository(root / "demucs/htdemucs")
    before = adapter.backend
    weights = next((root / "demucs/htdemucs").glob("*.th"))
    weights.write_bytes(weights.read_bytes() + b"\0")
    assert "missing" not in before
    assert adapter.backend != before
