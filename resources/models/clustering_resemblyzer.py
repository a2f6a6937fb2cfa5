"""Resemblyzer's speaker encoder in NumPy: the weights of its package, without torch or librosa.

The encoder of "Generalized End-to-End Loss for Speaker Verification" (Wan et al. 2018) as trained
by Resemblyzer 0.1 (Apache-2.0): three LSTM layers and a linear one over 1.6 s of mel spectrogram.
"""

import pickle
from collections import OrderedDict
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

NAME = "resemblyzer 0.1 (GE2E LSTM)"
DIMENSIONS = 256
# Frames of 10 ms that go in at a time (resemblyzer/hparams.py); the mel is `clustering_features`'.
FRAMES = 160
# Windows that go through the network together; each takes 0.3 MB.
BATCH = 128
LAYERS = 3


def installed() -> Path | None:
    """The packaged weights; None if Resemblyzer is not installed. Nothing of it is imported."""
    spec = find_spec("resemblyzer")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).with_name("pretrained.pt")
    return path if path.is_file() else None


class Encoder:
    """Voice prints of windows of 1.6 s."""

    def __init__(self, path: Path):
        state = read_state(path)
        self._layers = [
            (
                np.concatenate([state[f"lstm.weight_{x}_l{layer}"].T for x in ("ih", "hh")]),
                state[f"lstm.bias_ih_l{layer}"] + state[f"lstm.bias_hh_l{layer}"],
            )
            for layer in range(LAYERS)
        ]
        self._linear = state["linear.weight"].T, state["linear.bias"]

    def embed(self, mels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Unit vectors (n, 256) of mel windows (n, 160, 40)."""
        parts = [self._forward(mels[i : i + BATCH]) for i in range(0, len(mels), BATCH)]
        return np.concatenate([np.zeros((0, DIMENSIONS), np.float32), *parts])

    def _forward(self, mels: NDArray[np.float32]) -> NDArray[np.float32]:
        steps = np.ascontiguousarray(mels.transpose(1, 0, 2))
        for weight, bias in self._layers:
            steps = _lstm(steps, weight, bias)
        weight, bias = self._linear
        raw = np.maximum(steps[-1] @ weight + bias, 0)
        unit: NDArray[np.float32] = raw / np.maximum(np.linalg.norm(raw, axis=1), 1e-9)[:, None]
        return unit


@cache
def load_encoder(path: Path) -> Encoder:
    """The encoder with these weights, read once per process."""
    return Encoder(path)


def read_state(path: Path) -> Mapping[str, NDArray[np.float32]]:
    """The tensors under `model_state` in a checkpoint of torch's format before 1.6.

    Five pickles (magic number, version, sizes, the object, the keys of its storages), then each
    storage: its length, eight bytes, and its floats. The pickles may name three things, and those
    are answered here: no code of the file is run. Anything else raises UnpicklingError.
    """
    with path.open("rb") as file:
        for _ in range(3):
            _Pickles(file).load()
        model = _Pickles(file).load()["model_state"]
        storages = {}
        for key in _Pickles(file).load():
            count = int.from_bytes(file.read(8), "little")
            storages[key] = np.frombuffer(file.read(4 * count), "<f4")
    return {
        name: storages[key][offset : offset + int(np.prod(shape))].reshape(shape)
        for name, (key, offset, shape) in model.items()
    }


class _Pickles(pickle.Unpickler):
    """Reads tensors as (key of the storage, offset, shape)."""

    def find_class(self, module: str, name: str) -> Any:
        known = {
            ("collections", "OrderedDict"): OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2"): lambda *tensor: tensor[:3],
            ("torch", "FloatStorage"): None,
        }
        if (module, name) not in known:
            raise pickle.UnpicklingError(f"{module}.{name} does not belong into a speaker encoder")
        return known[module, name]

    def persistent_load(self, pid: tuple[Any, ...]) -> str:
        return str(pid[2])


def _lstm(
    steps: NDArray[np.float32], weight: NDArray[np.float32], bias: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Hidden states (time, n, hidden) of one LSTM layer; gates in torch's order i, f, g, o."""
    hidden = len(bias) // 4
    count = steps.shape[1]
    own = steps @ weight[:-hidden] + bias
    state = np.zeros((count, hidden), np.float32)
    cell = np.zeros((count, hidden), np.float32)
    out = np.empty((len(steps), count, hidden), np.float32)
    for time, gates in enumerate(own):
        gates = gates + state @ weight[-hidden:]
        into, keep, new, show = np.split(gates, 4, axis=1)
        cell = _sigmoid(keep) * cell + _sigmoid(into) * np.tanh(new)
        state = out[time] = _sigmoid(show) * np.tanh(cell)
    return out


def _sigmoid(values: NDArray[np.float32]) -> NDArray[np.float32]:
    # By tanh, because exp overflows.
    half: NDArray[np.float32] = np.tanh(values * np.float32(0.5)) * np.float32(0.5)
    return half + np.float32(0.5)
