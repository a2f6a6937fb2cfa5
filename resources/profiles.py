"""Which adapter serves which resource key in which profile.

`embedded` runs anywhere with no download; `gpu` binds the published models.
"""

import os
from collections.abc import Callable
from typing import Any

from resources.gpu import Gpu

ENV = "MEDIA_ASSETS_PROFILE"

PROFILES: dict[str, dict[str, Callable[[], Any]]] = {
    "embedded": {"gpu": lambda: Gpu(device="cpu", dtype="float32")},
    "gpu": {"gpu": Gpu},
}


def current_profile() -> str:
    """The profile that `MEDIA_ASSETS_PROFILE` names, else `embedded`."""
    profile = os.environ.get(ENV) or "embedded"
    if profile not in PROFILES:
        raise ValueError(f"{ENV}={profile!r} is no profile; choose from {', '.join(PROFILES)}")
    return profile


def adapters(profile: str) -> dict[str, Any]:
    """The resources of a profile by key."""
    return {key: make() for key, make in PROFILES[profile].items()}
