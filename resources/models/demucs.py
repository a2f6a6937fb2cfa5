"""The voice by demucs 4 (Rouard, Massa, Défossez, arXiv:2211.08553), streamed in segments."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, gcd
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from resources.models.checkpoints import LocalModel
from resources.models.interfaces import Samples
from resources.models.overlap_add import Window, overlap_add

if TYPE_CHECKING:
    import torch

# Peak memory per second of stereo: HTDemucs of the published size in float32 takes 87 MB on a CPU
# (torch 2.8); twice that, for a GPU's workspaces.
SECOND_BYTES = 180_000_000
MOST_SEGMENTS = 16


class Demucs(LocalModel):
    """The voice by a demucs model: `model` in `folder`, as demucs' repository or the hub has it.

    Files: `<model>.yaml`, and per model that it names `<signature>.safetensors` (the hub's layout,
    no pickle) or `<signature>-<checksum>.th` (demucs' own layout: a pickle that can run code when
    it is loaded; take it from nobody but its makers). Weights stay in float32: the transforms of
    the model know no bfloat16. No random shifts, so that equal input gives equal output.
    """

    folder: str = "demucs/htdemucs"
    model: str = "htdemucs"
    repo: str = "adefossez/HTDemucs"
    overlap: float = 0.25

    @property
    def files(self) -> tuple[str, ...]:
        return (f"{self.model}.yaml", "*.safetensors|*.th")

    @property
    def backend(self) -> str:
        return f"demucs {self.checkpoint.name}, overlap {self.overlap}"

    @property
    def method(self) -> str:
        return f"demucs {self.model}"

    def voice(self, mix: Iterable[Samples], rate: int) -> Iterator[Samples]:
        """Blocks of the voice, (n, channels), together as long as the blocks of `mix`.

        At the model's rate this is what `demucs.apply.apply_model` gives for the whole; at others
        each segment is resampled there and back, and the fades hide the edges.
        """
        loaded = self.warm(
            self.checkpoint, lambda path, device: _load(path, self.model, str(device))
        )
        # Segments of whole periods of the two rates: their lengths are whole numbers in both.
        period = rate // gcd(rate, loaded.rate)
        length = int(loaded.segment * rate / loaded.rate) // period * period
        stride = int((1 - self.overlap) * length) // period * period
        item_bytes = int(SECOND_BYTES * length / rate)
        group = min(MOST_SEGMENTS, self.gpu.batch_size(item_bytes))

        def separate(batch: Sequence[Window]) -> list[Samples]:
            full = [window for window in batch if len(window.samples) == length]
            made = self.gpu.fitting(
                item_bytes, group, lambda size: _voices(loaded, full, rate, size)
            )
            return made + [_last_voice(loaded, window, rate) for window in batch[len(full) :]]

        return overlap_add(mix, length, stride, group, separate)


@dataclass(frozen=True)
class _Loaded:
    """A model on its device; segment: its length in samples at `rate`."""

    model: Any
    rate: int
    channels: int
    segment: int
    voice: int
    device: str


def _load(folder: Path, name: str, device: str) -> _Loaded:
    from demucs.api import Separator

    if any(folder.glob("*.safetensors")):
        model = _from_hub_layout(folder, name)
    else:
        model = Separator(model=name, repo=folder, device=device, shifts=0).model
    model.to(device).eval()
    parts = list(getattr(model, "models", [model]))
    return _Loaded(
        model,
        model.samplerate,
        model.audio_channels,
        min(int(model.samplerate * part.segment) for part in parts),
        model.sources.index("vocals"),
        device,
    )


def _from_hub_layout(folder: Path, name: str) -> Any:
    """As `demucs.hf.get_hf_model`, from files that are here."""
    import yaml
    from demucs.apply import BagOfModels
    from demucs.hf import load_safetensors_model

    bag = yaml.safe_load((folder / f"{name}.yaml").read_text())
    models = [load_safetensors_model(folder / f"{sig}.safetensors") for sig in bag["models"]]
    return BagOfModels(models, bag.get("weights"), bag.get("segment"))


def _voices(loaded: _Loaded, full: Sequence[Window], rate: int, size: int) -> list[Samples]:
    """The voice in windows of one length, `size` at a time."""
    import torch

    made: list[Samples] = []
    for first in range(0, len(full), size):
        mix = torch.stack([_tensor(window.samples) for window in full[first : first + size]])
        made.extend(voice.T.numpy() for voice in _apply(loaded, mix, 0, mix.shape[-1], rate))
    return made


def _last_voice(loaded: _Loaded, window: Window, rate: int) -> Samples:
    """The voice in a short window, seen with what came before it, as demucs does at the end."""
    whole = _tensor(np.concatenate([window.before, window.samples]))[None]
    (voice,) = _apply(loaded, whole, len(window.before), len(window.samples), rate)
    made: Samples = voice.T.numpy()
    return made


def _tensor(samples: Samples) -> "torch.Tensor":
    import torch

    return torch.from_numpy(np.ascontiguousarray(samples.T))


def _apply(
    loaded: _Loaded, mix: "torch.Tensor", start: int, count: int, rate: int
) -> "torch.Tensor":
    """The voice in samples [start, start + count) of `mix`, (batch, channels, samples)."""
    import torch
    from demucs.apply import TensorChunk, apply_model
    from demucs.audio import convert_audio_channels
    from torchaudio.functional import resample

    channels = mix.shape[1]
    with torch.inference_mode():
        mix = convert_audio_channels(mix.to(loaded.device), loaded.channels)
        if rate != loaded.rate:
            mix = resample(mix.contiguous(), rate, loaded.rate)
        chunk = TensorChunk(mix, start * loaded.rate // rate, ceil(count * loaded.rate / rate))
        sources = apply_model(loaded.model, chunk, shifts=0, split=False, device=loaded.device)
        voice = sources[:, loaded.voice]
        if rate != loaded.rate:
            voice = resample(voice.contiguous(), loaded.rate, rate)
        if channels == 1:
            voice = voice.mean(1, keepdim=True)
        return voice[..., :count].cpu()
