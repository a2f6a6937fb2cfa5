"""The GPU resource, on the CPU where there is no GPU."""

import pytest

from resources.gpu import Gpu

torch = pytest.importorskip("torch", reason="extra `models` is not installed")


def test_a_model_is_loaded_once() -> None:
    gpu = Gpu(device="cpu", dtype="float32")
    loads: list[tuple[str, torch.dtype]] = []

    def load(device: torch.device, dtype: torch.dtype) -> torch.nn.Module:
        loads.append((str(device), dtype))
        return torch.nn.Linear(4, 2).to(device, dtype)

    first, second = gpu.model("linear", load), gpu.model("linear", load)
    assert first is second
    assert loads == [("cpu", torch.float32)]
    assert gpu.load_s > 0


def test_a_batch_fits_the_budget() -> None:
    gpu = Gpu(device="cpu", memory_fraction=0.5)
    size = gpu.batch_size(10_000_000)
    assert 1 <= size <= gpu.budget_bytes() / 10_000_000 + 1
    assert gpu.batch_size(10**18) == 1


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_a_missing_gpu_is_said_with_the_remedy() -> None:
    with pytest.raises(RuntimeError, match="MEDIA_ASSETS_PROFILE=embedded"):
        Gpu().torch_device()
