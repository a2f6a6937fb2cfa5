"""What this machine can run: profile, codecs, extras, GPU, memory, disk, checkpoints."""

import importlib.util
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

from media_assets.settings import resource_bindings
from resources.home import Home
from resources.models import checkpoints
from resources.models.checkpoints import Checkpoint
from resources.models.clustering_diarizer import ClusteringDiarizer
from resources.models.dnsmos import Dnsmos
from resources.profiles import ENV, PROFILES, adapters, current_profile

# The packages by which one knows that an extra is installed.
EXTRAS = {
    "decord": ("decord",),
    "speaker": ("resemblyzer",),
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
    yield Finding("profile", current_profile(), f"{ENV}={'|'.join(PROFILES)}")
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
    yield from _checkpoints()
    yield _voice_prints()
    yield _dnsmos()


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


def _checkpoints() -> Iterator[Finding]:
    """One per folder that the bound models read; what is missing and where it belongs."""
    bound = adapters(current_profile(), resource_bindings(Home.current()))
    wanted: list[tuple[str, Checkpoint]] = [
        (key, checkpoint)
        for key, adapter in bound.items()
        if hasattr(adapter, "checkpoints")
        for checkpoint in adapter.checkpoints()
    ]
    if not wanted:
        remedy = f"{ENV}=gpu media-assets doctor lists what profile gpu needs."
        yield Finding("checkpoints", "none needed", remedy)
        return
    named = os.environ.get(checkpoints.ENV)
    root = f"the folder that {checkpoints.ENV} names" if named else "checkpoints/ in the home"
    yield Finding("checkpoints", root, f"{checkpoints.ENV} names another folder.")
    for key, checkpoint in wanted:
        what = f"{key}: {checkpoint.folder}"
        if missing := checkpoint.missing():
            source = f" from huggingface.co/{checkpoint.repo}" if checkpoint.repo else ""
            files = ", ".join(missing).replace("|", " or ")
            yield Finding(what, f"missing {files}", f"Put the files{source} into that folder.")
        else:
            yield Finding(what, "untrained" if checkpoint.untrained else "complete")


def _voice_prints() -> Finding:
    """What tells voices apart where no pyannote does."""
    backend = ClusteringDiarizer().backend
    remedy = "" if _installed("resemblyzer") else "pip install --no-deps resemblyzer==0.1.4"
    return Finding("voice prints, embedded", backend, remedy)


def _dnsmos() -> Finding:
    """Optional: without it the voice set has no such measure."""
    missing = Dnsmos().checkpoint.missing()
    if not missing:
        return Finding("DNSMOS (optional)", "complete")
    return Finding(
        "DNSMOS (optional)",
        f"missing {Dnsmos().folder}/{', '.join(missing)}",
        "Put the file from microsoft/DNS-Challenge into that folder of the checkpoints.",
    )


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
