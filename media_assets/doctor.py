"""What this machine can run: profile, codecs, extras, GPU, memory, disk."""

import importlib.util
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

from resources.home import Home
from resources.profiles import PROFILES, current_profile

# The packages by which one knows that an extra is installed.
EXTRAS = {
    "decord": ("decord",),
    "models": ("torch", "whisperx", "pyannote.audio", "demucs", "insightface", "open_clip"),
    "bench": ("scenedetect", "pyannote.metrics", "jiwer", "textgrid"),
}


@dataclass(frozen=True)
class Finding:
    """One fact about the machine, and what to do if it is in the way."""

    what: str
    state: str
    remedy: str = ""


def findings() -> Iterator[Finding]:
    """The facts, in the order in which one would ask for them."""
    yield Finding("profile", current_profile(), f"MEDIA_ASSETS_PROFILE={'|'.join(PROFILES)}")
    yield from _machine()
    yield from _codecs()
    for extra, packages in EXTRAS.items():
        missing = [name for name in packages if not _installed(name)]
        if missing:
            yield Finding(
                f"extra {extra}",
                f"missing {', '.join(missing)}",
                f"pip install 'media-assets[{extra}]'",
            )
        else:
            yield Finding(f"extra {extra}", "installed")
    yield _gpu()
    yield Finding("checkpoints", "none needed", "Profile embedded runs without any.")


def _machine() -> Iterator[Finding]:
    import psutil

    memory = psutil.virtual_memory().total / 2**30
    yield Finding("cores, memory", f"{os.cpu_count()} cores, {memory:.0f} GiB")
    home = Home.current().root
    existing = next(p for p in (home, *home.parents) if p.exists())
    free = shutil.disk_usage(existing).free / 2**30
    remedy = "Clips and audio need about 2 GB per hour of masters." if free < 20 else ""
    yield Finding("disk of the home", f"{free:.0f} GiB free", remedy)


def _codecs() -> Iterator[Finding]:
    import av

    for codec, mode in (("libx264", "w"), ("aac", "w"), ("hevc", "r"), ("av1", "r")):
        try:
            av.codec.Codec(codec, mode)
            yield Finding(f"codec {codec}", "encodes" if mode == "w" else "decodes")
        except av.codec.codec.UnknownCodecError:
            yield Finding(f"codec {codec}", "missing", "Install the av wheel from PyPI.")


def _installed(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except ModuleNotFoundError:
        return False


def _gpu() -> Finding:
    if not _installed("torch"):
        return Finding("GPU", "unknown: torch is missing", "pip install 'media-assets[models]'")
    import torch

    if not torch.cuda.is_available():
        return Finding("GPU", "none", "Profile embedded needs none.")
    properties = torch.cuda.get_device_properties(0)
    return Finding("GPU", f"{properties.name}, {properties.total_memory / 2**30:.0f} GiB")
