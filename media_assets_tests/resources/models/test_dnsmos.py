"""DNSMOS runs on a model of the published one's inputs and outputs, and is silent without one."""

from pathlib import Path

import numpy as np
import pytest

from resources.models.checkpoints import ENV
from resources.models.dnsmos import HEARD, MODEL, OVERALL, Dnsmos


def field(number: int, value: bytes | int) -> bytes:
    """A field of a protocol buffer, which is what ONNX files are."""

    def varint(n: int) -> bytes:
        out = b""
        while n > 127:
            out, n = out + bytes([n & 127 | 128]), n >> 7
        return out + bytes([n])

    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def node(kind: bytes, inputs: list[bytes], output: bytes, attributes: bytes) -> bytes:
    names = b"".join(field(1, name) for name in inputs)
    return field(1, names + field(2, output) + field(4, kind) + attributes)


def value(name: bytes, *shape: int) -> bytes:
    sizes = b"".join(field(1, field(1, size)) for size in shape)
    return field(1, name) + field(2, field(1, field(1, 1) + field(2, sizes)))


def tiny_model() -> bytes:
    """Three scores, each the mean of what it hears."""
    axes = field(5, field(1, b"axes") + field(8, 1) + field(20, 7))
    axis = field(5, field(1, b"axis") + field(3, 1) + field(20, 2))
    graph = (
        node(b"ReduceMean", [b"input_1"], b"mean", axes)
        + node(b"Concat", [b"mean"] * 3, b"scores", axis)
        + field(2, b"tiny")
        + field(11, value(b"input_1", 1, HEARD))
        + field(12, value(b"scores", 1, 3))
    )
    return field(1, 7) + field(7, graph) + field(8, field(2, 11))


@pytest.fixture
def dnsmos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dnsmos:
    monkeypatch.setenv(ENV, str(tmp_path))
    return Dnsmos()


def test_without_the_model_there_is_no_score(dnsmos: Dnsmos):
    assert dnsmos.overall(np.zeros(16_000, np.float32)) is None
    assert dnsmos.backend == "dnsmos @ missing"


def test_short_sound_is_repeated_and_long_sound_heard_in_steps(dnsmos: Dnsmos, tmp_path: Path):
    folder = tmp_path / dnsmos.folder
    folder.mkdir(parents=True)
    (folder / MODEL).write_bytes(tiny_model())
    assert dnsmos.backend != "dnsmos @ missing"
    assert dnsmos.overall(np.full(16_000, 3.0, np.float32)) == pytest.approx(OVERALL(3.0), abs=1e-3)
    rising = np.repeat(np.float32([1, 3]), HEARD)
    assert OVERALL(1.0) < dnsmos.overall(rising) < OVERALL(3.0)
