"""The GPU as a resource: device, dtype, memory budget, and models that stay warm."""

import gc
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import dagster as dg

if TYPE_CHECKING:
    import torch

M = TypeVar("M")
R = TypeVar("R")


class WarmModels:
    """The models that this process holds, how often they were asked for, and what loading cost.

    They belong to the process: Dagster makes its resources anew for every run, and
    `media-assets run` has one run per episode.
    """

    held: ClassVar[dict[str, Any]] = {}
    uses: ClassVar[int] = 0
    load_s: ClassVar[float] = 0.0

    @classmethod
    def forget(cls) -> None:
        """Let go of all models, and give their memory back to the device."""
        cls.held.clear()
        gc.collect()
        _free_cached_memory()


class Gpu(dg.ConfigurableResource[Any]):
    """Where models run, in which precision, and how much memory a batch may take.

    Models are loaded once per process and kept, so that a batch of episodes pays for one load.
    """

    device: str = "cuda"
    dtype: str = "bfloat16"
    memory_fraction: float = 0.8

    @property
    def backend(self) -> str:
        return f"{self.device.split(':')[0]}-{self.dtype}"

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
            # What torch keeps for itself but does not use can be used again.
            free += torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        else:
            import psutil

            free = psutil.virtual_memory().available
        return int(free * self.memory_fraction)

    def batch_size(self, item_bytes: int) -> int:
        """How many items of `item_bytes` fit the budget; at least one."""
        return max(1, self.budget_bytes() // max(1, item_bytes))

    def fitting(self, item_bytes: int, most: int, run: Callable[[int], R]) -> R:
        """What `run(batch size)` gives, tried again with half the batch while memory runs out.

        item_bytes: what an item takes, measured; most: no batch is larger.
        """
        size = min(most, self.batch_size(item_bytes))
        while True:
            try:
                return run(size)
            except RuntimeError as error:
                if not out_of_memory(error):
                    raise
                if size == 1:
                    raise RuntimeError(
                        f"{self.device} has too little memory for this model, even one item at a "
                        "time: free it of other programs, or set `dtype` of resource `gpu`, or a "
                        "smaller model in `resources` of config.yaml"
                    ) from error
            # Beyond the handler: the traceback holds on to what did not fit.
            size //= 2
            _free_cached_memory()

    def model(self, name: str, load: Callable[["torch.device", "torch.dtype"], M]) -> M:
        """The model of that name, loaded at its first use in this process.

        name: says all that makes the loaded model what it is. Where memory is short the other
        models are let go first.
        """
        key = f"{name} on {self.device}, {self.dtype}"
        WarmModels.uses += 1
        if key not in WarmModels.held:
            start = time.perf_counter()
            try:
                loaded = load(self.torch_device(), self.torch_dtype())
            except RuntimeError as error:
                if not out_of_memory(error) or not WarmModels.held:
                    raise
                loaded = None
            if loaded is None:
                WarmModels.forget()
                loaded = load(self.torch_device(), self.torch_dtype())
            WarmModels.held[key] = loaded
            WarmModels.load_s += time.perf_counter() - start
        kept: M = WarmModels.held[key]
        return kept


def out_of_memory(error: RuntimeError) -> bool:
    """Whether torch or CTranslate2 ran out of memory; only torch has a class for it."""
    return "out of memory" in str(error).lower()


def _free_cached_memory() -> None:
    """Give memory that torch keeps for later back to the device, where torch is in use."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()


def _torch() -> Any:
    try:
        import torch
    except ImportError:
        raise RuntimeError("torch is not installed: pip install 'media-assets[models]'") from None
    return torch
