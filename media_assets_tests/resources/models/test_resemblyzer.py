"""Resemblyzer's encoder without torch: its checkpoint read safely, its numbers as torch's."""

import collections
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from resources.models import clustering_resemblyzer as resemblyzer
from resources.models.clustering_features import mel_power
from resources.models.clustering_resemblyzer import Encoder, read_state

RATE = 16_000


class _Stored:
    """A tensor as torch pickled it before 1.6: a storage by its key, offset and shape."""

    def __init__(self, key: str, shape: tuple[int, ...]):
        self.key, self.shape = key, shape


class _Global:
    """Pickled as the name of something in a module that need not be there."""

    def __init__(self, name: str):
        self.name = name


def write_checkpoint(path: Path, state: dict[str, np.ndarray]) -> None:
    """The five pickles and the storages, written opcode by opcode."""

    def text(value: str) -> bytes:
        data = value.encode()
        return b"X" + len(data).to_bytes(4, "little") + data

    def number(value: int) -> bytes:
        return b"J" + value.to_bytes(4, "little", signed=True)

    def tensor(key: str, value: np.ndarray) -> bytes:
        storage = b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text(key) + text("cpu")
        storage += number(value.size) + b"NtQ"
        shape = b"(" + b"".join(map(number, value.shape)) + b"t"
        hooks = b"ccollections\nOrderedDict\n)R"
        return (
            b"ctorch._utils\n_rebuild_tensor_v2\n("
            + (storage + number(0) + shape + shape + b"\x89" + hooks)
            + b"tR"
        )

    model = b"".join(text(k) + tensor(str(n), v) for n, (k, v) in enumerate(state.items()))
    with path.open("wb") as file:
        for value in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}):
            pickle.dump(value, file, 2)
        file.write(b"\x80\x02}(" + text("model_state") + b"ccollections\nOrderedDict\n)R(")
        file.write(model + b"uu.")
        pickle.dump([str(n) for n in range(len(state))], file, 2)
        for value in state.values():
            file.write(value.size.to_bytes(8, "little") + value.astype("<f4").tobytes())


def tiny_state(seed: int = 0) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(seed)
    state: dict[str, np.ndarray] = collections.OrderedDict()
    for layer, size in enumerate((40, 256, 256)):
        state[f"lstm.weight_ih_l{layer}"] = draw.normal(0, 0.1, (1024, size))
        state[f"lstm.weight_hh_l{layer}"] = draw.normal(0, 0.1, (1024, 256))
        state[f"lstm.bias_ih_l{layer}"] = draw.normal(0, 0.1, 1024)
        state[f"lstm.bias_hh_l{layer}"] = draw.normal(0, 0.1, 1024)
    state["linear.weight"] = draw.normal(0, 0.1, (256, 256))
    state["linear.bias"] = draw.normal(0, 0.1, 256)
    return {name: value.astype(np.float32) for name, value in state.items()}


def test_a_checkpoint_is_read_without_torch(tmp_path: Path) -> None:
    state = tiny_state()
    write_checkpoint(tmp_path / "c.pt", state)
    read = read_state(tmp_path / "c.pt")
    assert list(read) == list(state)
    assert all(np.array_equal(read[name], state[name]) for name in state)


def test_a_checkpoint_that_would_run_code_is_refused(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.mkdir, (str(tmp_path / "ran"),)

    with (tmp_path / "evil.pt").open("wb") as file:
        for value in (1, 2, 3, {"model_state": Evil()}, []):
            pickle.dump(value, file, 2)
    with pytest.raises(pickle.UnpicklingError, match="does not belong into a speaker encoder"):
        read_state(tmp_path / "evil.pt")
    assert not (tmp_path / "ran").exists()


def test_the_network_gives_what_torch_gives(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    state = tiny_state()
    write_checkpoint(tmp_path / "c.pt", state)
    mels = np.random.default_rng(1).random((3, 160, 40)).astype(np.float32)
    lstm, linear = torch.nn.LSTM(40, 256, 3, batch_first=True), torch.nn.Linear(256, 256)
    tensors = {name: torch.from_numpy(value) for name, value in state.items()}
    lstm.load_state_dict({k[5:]: v for k, v in tensors.items() if k.startswith("lstm.")})
    linear.load_state_dict({k[7:]: v for k, v in tensors.items() if k.startswith("linear.")})
    with torch.no_grad():
        raw = torch.relu(linear(lstm(torch.from_numpy(mels))[1][0][-1]))
        wanted = (raw / raw.norm(dim=1, keepdim=True)).numpy()
    assert np.allclose(Encoder(tmp_path / "c.pt").embed(mels), wanted, atol=1e-4)


def test_torch_writes_checkpoints_that_are_read(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    weight = torch.arange(12.0).reshape(3, 4)
    model = collections.OrderedDict(a=weight, b=torch.ones(2))
    torch.save({"model_state": model}, tmp_path / "t.pt", _use_new_zipfile_serialization=False)
    read = read_state(tmp_path / "t.pt")
    assert read["a"].tolist() == weight.tolist()
    assert read["b"].tolist() == [1, 1]


def test_mel_spectra_peak_at_the_channel_of_the_tone() -> None:
    peaks = []
    for hz in (300, 1000, 3000, 7000):
        tone = np.sin(2 * np.pi * hz * np.arange(RATE) / RATE).astype(np.float32)
        mels = mel_power(tone)
        assert mels.shape == (98, 40)
        peaks.append(int(mels.mean(axis=0).argmax()))
    # librosa.filters.mel(sr=16000, n_fft=400, n_mels=40) has its largest weight there.
    assert peaks == [3, 13, 27, 38]


@pytest.mark.skipif(resemblyzer.installed() is None, reason="Resemblyzer is not installed")
def test_voices_are_told_apart_by_the_packaged_weights(media_dir: Path) -> None:
    from media_assets.media.audio import read_audio

    path = resemblyzer.installed()
    assert path is not None
    prints = []
    for name in ("03a01Fa", "03a02Nc", "08a01Fd", "08a02La"):
        sound = read_audio(
            media_dir / "speech" / "emodb_dev" / f"{name}.wav", 0, 1.8, rate=RATE, channels=1
        )[:, 0]
        mels = mel_power(sound)[:160]
        prints.append(resemblyzer.load_encoder(path).embed(mels[None])[0])
    same, other = prints[0] @ prints[1], prints[0] @ prints[2]
    assert same > other
