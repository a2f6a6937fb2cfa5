"""The GPU resource, on the CPU where there is no GPU."""

import pytest

from resources.gpu import Gpu, WarmModels

torch = pytest.importorskip("torch", reason="extra `models` is not installed")


@pytest.fixture(autouse=True)
def nothing_is_warm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WarmModels, "held", {})


def test_a_model_is_loaded_once_per_process() -> None:
    loads: list[tuple[str, torch.dtype]] = []

    def load(device: torch.device, dtype: torch.dtype) -> torch.nn.Module:
        loads.append((str(device), dtype))
        return torch.nn.Linear(4, 2).to(device, dtype)

    before = WarmModels.load_s
    # Every run has a resource of its own.
    first, second = (Gpu(device="cpu", dtype="float32").model("linear", load) for _ in range(2))
    assert first is second
    assert loads == [("cpu", torch.float32)]
    assert WarmModels.load_s > before
    other = Gpu(device="cpu", dtype="float16").model("linear", load)
    assert other is not first


def test_a_batch_fits_the_budget() -> None:
    gpu = Gpu(device="cpu", memory_fraction=0.5)
    size = gpu.batch_size(10_000_000)
    assert 1 <= size <= gpu.budget_bytes() / 10_000_000 + 1
    assert gpu.batch_size(10**18) == 1


def test_a_batch_that_does_not_fit_is_halved() -> None:
    tried: list[int] = []

    def run(size: int) -> str:
        tried.append(size)
        if size > 3:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return "done"

    assert Gpu(device="cpu").fitting(1, 16, run) == "done"
    assert tried == [16, 8, 4, 2]


def test_a_model_that_never_fits_is_an_error_that_says_what_to_do() -> None:
    def run(size: int) -> None:
        raise RuntimeError("CUDA failed with error out of memory")

    with pytest.raises(RuntimeError, match=r"too little memory .* `resources` of config.yaml"):
        Gpu(device="cpu").fitting(1, 4, run)


def test_another_error_is_not_taken_for_a_lack_of_memory() -> None:
    def run(size: int) -> None:
        raise RuntimeError("shape mismatch")

    with pytest.raises(RuntimeError, match=r"^shape mismatch$"):
        Gpu(device="cpu").fitting(1, 4, run)


def test_a_model_that_needs_room_gets_that_of_the_others() -> None:
    gpu = Gpu(device="cpu", dtype="float32")
    gpu.model("first", lambda device, dtype: "first")

    def load(device: torch.device, dtype: torch.dtype) -> str:
        if WarmModels.held:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return "second"

    assert gpu.model("second", load) == "second"
    assert len(WarmModels.held) == 1


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_a_missing_gpu_is_said_with_the_remedy() -> None:
    with pytest.raises(RuntimeError, match="MEDIA_ASSETS_PROFILE=embedded"):
        Gpu().torch_device()
