"""A tiny HTDemucs with random weights, in the two layouts in which the published ones come."""

import hashlib
import io
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

SOURCES = ["drums", "bass", "other", "vocals"]
SIGNATURE = "0a1b2c3d"


def tiny_model() -> tuple[Any, dict[str, Any]]:
    """The model, and what it was made with; segments of 0.5 s at 44.1 kHz, stereo."""
    import torch
    from demucs.htdemucs import HTDemucs

    made_with: dict[str, Any] = {
        "sources": SOURCES,
        "channels": 8,
        "growth": 1,
        "dconv_mode": 0,
        "t_layers": 1,
        "t_heads": 2,
        "segment": Fraction(1, 2),
    }
    torch.manual_seed(1)
    return HTDemucs(**made_with).eval(), made_with


def save_repository(folder: Path, name: str = "htdemucs") -> None:
    """`<signature>-<checksum>.th` and `<name>.yaml`, as `demucs.states` writes them."""
    import torch

    model, made_with = tiny_model()
    package = {
        "klass": type(model),
        "args": (),
        "kwargs": made_with,
        "state": model.state_dict(),
        "training_args": {},
    }
    content = io.BytesIO()
    torch.save(package, content)
    checksum = hashlib.sha256(content.getvalue()).hexdigest()[:8]
    folder.mkdir(parents=True)
    (folder / f"{SIGNATURE}-{checksum}.th").write_bytes(content.getvalue())
    (folder / f"{name}.yaml").write_text(f"models: ['{SIGNATURE}']\n")


def save_hub_layout(folder: Path, name: str = "htdemucs") -> None:
    """`<signature>.safetensors` and `<name>.yaml`, as `demucs.hf` reads them."""
    from safetensors.torch import save_file

    model, made_with = tiny_model()
    fraction = made_with["segment"]
    plain = made_with | {
        "segment": {
            "_type": "fraction",
            "numerator": fraction.numerator,
            "denominator": fraction.denominator,
        }
    }
    folder.mkdir(parents=True)
    state = {key: value.contiguous() for key, value in model.state_dict().items()}
    metadata = {
        "klass": "demucs.htdemucs.HTDemucs",
        "args": json.dumps([]),
        "kwargs": json.dumps(plain),
    }
    save_file(state, folder / f"{SIGNATURE}.safetensors", metadata)
    (folder / f"{name}.yaml").write_text(f"models: ['{SIGNATURE}']\n")
