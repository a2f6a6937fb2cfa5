"""Which adapter serves which resource key in which profile.

`embedded` runs anywhere with no download; `gpu` binds the published models. The home's config.yaml
binds single resources otherwise:

    resources:
      separator:
        adapter: AudioSeparator
        folder: audio-separator/vocals
      gpu:
        dtype: float16

`adapter` is any of the key's in `PROFILES` and `OTHERS`, so that profiles may be mixed; without it
the profile's own gets other settings.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import pydantic

from resources.gpu import Gpu
from resources.models.audio_separator import AudioSeparator
from resources.models.centre import CentreExtraction
from resources.models.clustering_diarizer import ClusteringDiarizer
from resources.models.demucs import Demucs
from resources.models.dnsmos import Dnsmos
from resources.models.emotion_funasr import Emotion2vec
from resources.models.emotion_none import NoEmotionRecognizer
from resources.models.emotion_transformers import TransformersEmotion
from resources.models.faster_whisper import FasterWhisper
from resources.models.pocketsphinx_aligner import PocketSphinxAligner
from resources.models.pocketsphinx_recognizer import PocketSphinxRecognizer
from resources.models.prosody import ProsodyClassifier
from resources.models.pyannote import Pyannote
from resources.models.wav2vec2 import Wav2Vec2Aligner
from resources.problems import BadInput

ENV = "MEDIA_ASSETS_PROFILE"

PROFILES: dict[str, dict[str, Callable[..., Any]]] = {
    "embedded": {
        "gpu": partial(Gpu, device="cpu", dtype="float32"),
        "separator": CentreExtraction,
        "diarizer": ClusteringDiarizer,
        "recognizer": PocketSphinxRecognizer,
        "aligner": PocketSphinxAligner,
        "dnsmos": Dnsmos,
        "emotion_recognizer": ProsodyClassifier,
    },
    "gpu": {
        "gpu": Gpu,
        "separator": Demucs,
        "diarizer": Pyannote,
        "recognizer": FasterWhisper,
        "aligner": Wav2Vec2Aligner,
        "emotion_recognizer": TransformersEmotion,
        "dnsmos": Dnsmos,
    },
}
# Adapters that no profile binds.
OTHERS: dict[str, tuple[Callable[..., Any], ...]] = {
    "separator": (AudioSeparator,),
    "emotion_recognizer": (Emotion2vec, NoEmotionRecognizer),
}

Bindings = Mapping[str, Mapping[str, Any]]


def current_profile() -> str:
    """The profile that `MEDIA_ASSETS_PROFILE` names, else `embedded`."""
    profile = os.environ.get(ENV) or "embedded"
    if profile not in PROFILES:
        raise ValueError(f"{ENV}={profile!r} is no profile; choose from {', '.join(PROFILES)}")
    return profile


def gpu_pool() -> str | None:
    """The pool that a step on a GPU takes a slot of: `gpu` in profile `gpu`, else none."""
    return "gpu" if current_profile() == "gpu" else None


def adapters(profile: str, bindings: Bindings | None = None) -> dict[str, Any]:
    """The resources of a profile by key; `bindings` is what config.yaml says under `resources`."""
    bindings = bindings or {}
    for key in bindings:
        if key not in PROFILES[profile]:
            raise _unbound(f"unknown resource {key!r}", "resources", PROFILES[profile])
    gpu = _bound("gpu", Gpu, PROFILES[profile]["gpu"], bindings.get("gpu", {}))
    made = {"gpu": gpu}
    for key, make in PROFILES[profile].items():
        if key == "gpu":
            continue
        given = dict(bindings.get(key, {}))
        if name := given.pop("adapter", None):
            make = _named(key, str(name))
        # What runs on the device is told of it.
        told = {"gpu": gpu} if "gpu" in _fields(make) else {}
        made[key] = _bound(key, make, partial(make, **told), given)
    return made


def _named(key: str, name: str) -> Callable[..., Any]:
    """The adapter of a key that has the name."""
    bound = [profile[key] for profile in PROFILES.values() if key in profile]
    known = {_name(make): make for make in (*bound, *OTHERS.get(key, ()))}
    if name not in known:
        raise _unbound(f"unknown adapter {name!r}", f"resources.{key}", known)
    return known[name]


def _bound(
    key: str, kind: Callable[..., Any], make: Callable[..., Any], given: Mapping[str, Any]
) -> Any:
    """The resource with the settings that are given; `kind` knows their names."""
    settings = [name for name in _fields(kind) if name != "gpu"]
    for name in given:
        if name not in settings:
            raise _unbound(f"unknown setting {name!r}", f"resources.{key}", settings)
    try:
        return make(**given)
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise BadInput(
            f"{first['msg']} (got {first.get('input')!r})",
            where=f"config.yaml, resources.{key}.{where}",
            remedy="Mend the value.",
        ) from None


def _unbound(what: str, where: str, known: Iterable[str]) -> BadInput:
    return BadInput(
        what, where=f"config.yaml, {where}", remedy=f"Choose from {', '.join(known) or '(none)'}."
    )


def _fields(make: Callable[..., Any]) -> list[str]:
    return list(getattr(make, "model_fields", ()))


def _name(make: Callable[..., Any]) -> str:
    return str(getattr(make, "__name__", ""))
