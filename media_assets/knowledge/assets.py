"""The door of `knowledge/`: what the show's folder says, as far as it concerns the episode.

An episode that was registered without a show has no cast, no map and only the `Other` locations,
and that is fine.
"""

from typing import Any

import polars as pl

from media_assets.knowledge.schema import (
    CAST,
    EPISODE_INFO,
    LOCATIONS,
    SPEAKER_HINTS,
    SPEAKER_MAP,
)
from media_assets.knowledge.show import (
    OTHER_LOCATIONS,
    SCENE_LABELS,
    Show,
    known_show,
    show_file,
)
from media_assets.library import Registration
from media_assets.media.hashing import sha256_file
from media_assets.table_assets import Episode, episode_table
from resources.home import Home
from resources.problems import BadInput


def _show_facts(registration: Registration, home: Home) -> Any:
    facts = {"show": registration.show, "master": registration.master.stem}
    if registration.show:
        try:
            facts["file"] = sha256_file(show_file(home.knowledge / registration.show))
        except BadInput:
            facts["file"] = None
    return facts


def _show_of(ep: Episode) -> Show | None:
    return known_show(ep.home, ep.registration)


@episode_table(EPISODE_INFO, group="knowledge", code_version="1", external=_show_facts)
def episode_info(ep: Episode) -> pl.DataFrame:
    """From `show.yaml`; season, number and title where the show lists the episode's master."""
    row: dict[str, Any] = {"episode_id": ep.id, "scene_labels": SCENE_LABELS}
    if show := _show_of(ep):
        row |= {
            "show": show.show,
            "language": show.language,
            "rights_holder": show.rights_holder,
            "scene_labels": show.scene_labels,
        }
        if found := show.episode(ep.registration):
            season, info = found
            row |= {"season": season.number, "number": info.number, "title": info.title}
    return EPISODE_INFO.frame([row])


@episode_table(CAST, group="knowledge", code_version="1", external=_show_facts)
def cast(ep: Episode) -> pl.DataFrame:
    """From `characters` of `show.yaml`, in its order."""
    show = _show_of(ep)
    return CAST.frame(
        {
            "episode_id": ep.id,
            "character": character.name,
            "cast_order": order,
            "aliases": character.aliases,
            "hair": character.hair,
            "outfits": [outfit.model_dump() for outfit in character.outfits],
        }
        for order, character in enumerate(show.characters if show else ())
    )


@episode_table(LOCATIONS, group="knowledge", code_version="1", external=_show_facts)
def locations(ep: Episode) -> pl.DataFrame:
    """From `locations` of `show.yaml`, then those `Other` locations that it does not list."""
    show = _show_of(ep)
    raw = {place.name: place.raw for place in show.locations} if show else {}
    raw |= {other: [] for other in OTHER_LOCATIONS if other not in raw}
    return LOCATIONS.frame(
        {"episode_id": ep.id, "location": name, "raw": names} for name, names in raw.items()
    )


@episode_table(SPEAKER_MAP, group="knowledge", code_version="1", external=_show_facts)
def speaker_map(ep: Episode) -> pl.DataFrame:
    """From `speakers` of `show.yaml`, the entries for the episode's master."""
    show = _show_of(ep)
    characters = show.speaker_map(ep.registration) if show else {}
    return SPEAKER_MAP.frame(
        {"episode_id": ep.id, "speaker": speaker, "character": character}
        for speaker, character in characters.items()
    )


@episode_table(SPEAKER_HINTS, group="knowledge", code_version="1", external=_show_facts)
def speaker_hints(ep: Episode) -> pl.DataFrame:
    """From `speaker_count` of `show.yaml`."""
    show = _show_of(ep)
    counts = show.speaker_count if show else None
    return SPEAKER_HINTS.frame([{"episode_id": ep.id, **counts.model_dump()}] if counts else [])
