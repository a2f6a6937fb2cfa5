"""The GPU as a resource: device, dtype, memory budget, and models that stay warm."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import dagster as dg
from pydantic import PrivateAttr

if TYPE_CHECKING:
    import torch

M = TypeVar("M")


class Gpu(dg.ConfigurableResource[Any]):
    """Where models run, in which precision, and how much memory a batch may take.

    Models are loaded once per process and kept, so that a batch of episodes pays for one load.
    """

    device: str = "cuda"
    dtype: str = "bfloat16"
    memory_fraction: float = 0.8

    _models: dict[str, Any] = PrivateAttr(default_factory=dict)
    _load_s: float = PrivateAttr(default=0.0)

    @property
    def backend(self) -> str:
        return f"{self.device.split(':')[0]}-{self.dtype}"

    @property
    def load_s(self) -> float:
        """Seconds spent on loading models so far."""
        return self._load_s

    def torch_device(self) -> "torch.device":
        """The device; an error that says what to do where there is none."""
        torch = _torch()
        if self.device.startswith("cuda") and not torch.cuda.is_available():
            raise RuntimeError(
                "no CUDA device: run on a GPU box or set MEDIA_ASSETS_PROFILE=embedded"
            )
        return torch.device(self.device)

    def torch_dtype(self) -> "torch.dtype":
        dtype: torch.dtype = getattr(_torch(), self.dtype)
        return dtype

    def budget_bytes(self) -> int:
        """Memory that a batch may take: a fraction of what is free on the device now."""
        torch = _torch()
        device = self.torch_device()
        if device.type == "cuda":
            free, _ = torch.cuda.mem_get_info(device)
        else:
            import psutil

            free = psutil.virtual_memory().available
        return int(free * self.memory_fraction)

    def batch_size(self, item_bytes: int) -> int:
        """How many items of `item_bytes` fit the budget; at least one."""
        return max(1, self.budget_bytes() // max(1, item_bytes))

    def model(self, name: str, load: Callable[["torch.device", "torch.dtype"], M]) -> M:
        """The model of that name, loaded at its first use."""
        if name not in self._models:
            start = time.perf_counter()
            self._models[name] = load(self.torch_device(), self.torch_dtype())
            self._load_s += time.perf_counter() - start
        loaded: M = self._models[name]
        return loaded


def _torch() -> Any:
    try:
        import torch
    except ImportError:
        raise RuntimeError("torch is not installed: pip install 'media-assets[models]'") from None
    return torch
