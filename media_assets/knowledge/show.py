"""What people know of a show: `<home>/knowledge/<show>/show.yaml` (or `show.json`), validated.

`template/show.yaml` explains every field. Every error names the file, the field and what is
allowed there. What a later version knows of a show (gadgets, villains) becomes a field of `Show`.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from media_assets.knowledge.schema import bare_name
from media_assets.library import Registration, episode_id_of
from media_assets.media.language import language_tag
from resources.home import Home
from resources.problems import BadInput
from resources.tables import atomic_write

_REMEDY = "Mend it after media_assets/knowledge/template/show.yaml."
FILE_NAMES = ("show.yaml", "show.json")
# The scene types of the reference dataset (000).
SCENE_LABELS = (
    "dialogue",
    "comedy-reaction",
    "gadget-reveal",
    "action",
    "location-establish",
    "transformation",
    "transition",
    "chase",
    "other",
)
# Where a place is not, or not any more closely, known (000); every show has them.
OTHER_LOCATIONS = ("Other", "Other Indoor", "Other Outdoor")


def _language(value: str) -> str:
    tag = language_tag(value)
    if tag is None:
        raise PydanticCustomError("language", "no language code; write one such as en, de or pt-BR")
    return tag


Name = Annotated[str, Field(min_length=1)]
Language = Annotated[str, AfterValidator(_language)]


class _Part(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, coerce_numbers_to_str=True, str_strip_whitespace=True
    )


class Outfit(_Part):
    """What a character wears: `label` for people, `description` as captions write it."""

    label: Name
    description: Name


class Character(_Part):
    """A character and the looks by which captions anchor the name."""

    name: Name
    aliases: list[Name] = []
    hair: list[Name] = []
    outfits: list[Outfit] = []


class Location(_Part):
    """A canonical location and the raw names that mean it."""

    name: Name
    raw: list[Name] = []


class EpisodeInfo(_Part):
    """An episode; `master` is the stem of its file or its episode id."""

    number: int = Field(ge=0)
    title: Name | None = None
    master: Name | None = None


class Season(_Part):
    number: int = Field(ge=0)
    episodes: list[EpisodeInfo] = []

    @field_validator("episodes")
    @classmethod
    def _numbers_differ(cls, episodes: list[EpisodeInfo]) -> list[EpisodeInfo]:
        _once("episode number", (episode.number for episode in episodes))
        return episodes


class SpeakerCount(_Part):
    """How many people speak in an episode."""

    exactly: int | None = Field(default=None, ge=1)
    at_least: int | None = Field(default=None, ge=1)
    at_most: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _agree(self) -> "SpeakerCount":
        if self.exactly is not None and (self.at_least is not None or self.at_most is not None):
            raise PydanticCustomError("count", "write either exactly, or at_least and at_most")
        if self.at_least and self.at_most and self.at_least > self.at_most:
            raise PydanticCustomError("count", "at_least is more than at_most")
        return self


class Show(_Part):
    """The knowledge of one show."""

    show: Name
    language: Language | None = None
    rights_holder: Name | None = None
    seasons: list[Season] = []
    characters: list[Character] = []
    locations: list[Location] = []
    scene_labels: list[Name] = Field(default=list(SCENE_LABELS), min_length=1)
    speaker_count: SpeakerCount | None = None
    speakers: dict[Name, dict[Name, Name]] = {}

    @field_validator("seasons")
    @classmethod
    def _seasons_and_masters_differ(cls, seasons: list[Season]) -> list[Season]:
        _once("season number", (season.number for season in seasons))
        _once("master", (e.master for season in seasons for e in season.episodes if e.master))
        return seasons

    @field_validator("characters")
    @classmethod
    def _names_differ(cls, characters: list[Character]) -> list[Character]:
        _once("name or alias", (n.casefold() for c in characters for n in (c.name, *c.aliases)))
        return characters

    @field_validator("locations")
    @classmethod
    def _places_differ(cls, locations: list[Location]) -> list[Location]:
        _once("name", (bare_name(location.name) for location in locations))
        meant = ({bare_name(n) for n in (place.name, *place.raw)} for place in locations)
        _once("name or raw name", (name for names in meant for name in sorted(names)))
        return locations

    @field_validator("scene_labels")
    @classmethod
    def _labels_differ(cls, labels: list[str]) -> list[str]:
        _once("label", labels)
        return labels

    @field_validator("speakers")
    @classmethod
    def _speakers_are_in_the_cast(
        cls, speakers: dict[str, dict[str, str]], info: ValidationInfo
    ) -> dict[str, dict[str, str]]:
        if "characters" not in info.data:  # they are at fault themselves
            return speakers
        names = [character.name for character in info.data["characters"]]
        for master, labels in speakers.items():
            for label, character in labels.items():
                if character not in names:
                    raise PydanticCustomError(
                        "character",
                        "{master}, {label}: {character} is none of the characters: {names}",
                        {
                            "master": master,
                            "label": label,
                            "character": repr(character),
                            "names": ", ".join(names) or "(none are listed)",
                        },
                    )
        return speakers

    def episode(self, registration: Registration) -> tuple[Season, EpisodeInfo] | None:
        """Season and episode that a registration stands for, if the show lists its master."""
        for season in self.seasons:
            for episode in season.episodes:
                if _stands_for(episode.master, registration):
                    return season, episode
        return None

    def speaker_map(self, registration: Registration) -> dict[str, str]:
        """Character by speaker label in one episode."""
        labels: dict[str, str] = {}
        for master, characters in self.speakers.items():
            if _stands_for(master, registration):
                labels |= characters
        return labels


def load_show(folder: Path) -> Show:
    """The knowledge in a show's folder.

    Raises BadInput, naming every faulty field, if there is none or it is not valid.
    """
    path = show_file(folder)
    where = f"{folder.name}/{path.name}"
    try:
        text = path.read_text(encoding="utf-8-sig")
        content = json.loads(text) if path.suffix == ".json" else yaml.load(text, _Loader)
    except (yaml.YAMLError, ValueError) as error:
        raise BadInput(
            f"not {path.suffix[1:].upper()} ({' '.join(str(error).split())})",
            where=where,
            remedy=_REMEDY,
        ) from None
    try:
        return Show.model_validate(content)
    except ValidationError as error:
        faults = "; ".join(_faults(error))
        raise BadInput(faults, where=where, remedy=_REMEDY) from None


def show_file(folder: Path) -> Path:
    """The file with the knowledge in a show's folder; BadInput if there is none."""
    for name in FILE_NAMES:
        if (folder / name).is_file():
            return folder / name
    raise BadInput(
        "no show.yaml in it",
        where=folder.name,
        remedy="Write one after media_assets/knowledge/template/show.yaml.",
    )


def known_show(home: Home, registration: Registration) -> Show | None:
    """The knowledge of a registered episode's show; None if it was registered without one."""
    return load_show(home.knowledge / registration.show) if registration.show else None


def install_show(home: Home, folder: Path) -> str:
    """The name under which the home knows the show in `folder`, whose file is copied there.

    A file that stands there is replaced if it differs. Raises BadInput, and changes nothing, if
    the knowledge is not valid or the name belongs to another show.
    """
    show = load_show(folder)
    slug = episode_id_of(show.show).lower()
    target = home.knowledge / slug
    source = show_file(folder)
    if target.is_dir() and any((target / name).is_file() for name in FILE_NAMES):
        standing = _show_name(target)
        if standing not in (None, show.show):
            raise BadInput(
                f"the name {slug} already stands for {standing!r}",
                where=f"{folder.name}/{source.name}",
                remedy="Give the show another name.",
            )
    data = source.read_bytes()
    installed = target / source.name
    if not (installed.is_file() and installed.read_bytes() == data):
        atomic_write(installed, lambda file: file.write(data) and None)
    for name in FILE_NAMES:
        if name != source.name and source.parent != target:
            (target / name).unlink(missing_ok=True)
    return slug


class _Loader(yaml.SafeLoader):
    """Safe YAML in which a key that stands twice is an error, not a silent loss."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if str(key.value) in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key.value!r} stands twice", key.start_mark
                )
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def _stands_for(master: str | None, registration: Registration) -> bool:
    return master in (registration.episode_id, registration.master.stem)


def _once(what: str, values: Iterable[Any]) -> None:
    seen = set()
    for value in values:
        if value in seen:
            raise PydanticCustomError(
                "twice", "{what} {value} stands twice", {"what": what, "value": repr(value)}
            )
        seen.add(value)


def _faults(error: ValidationError) -> Iterator[str]:
    for fault in error.errors():
        field = ".".join(map(str, fault["loc"])) or "the file"
        if fault["type"] == "extra_forbidden":
            yield f"{field} is unknown; allowed here: {', '.join(_fields(fault['loc'][:-1]))}"
        elif fault["type"] == "model_type":
            yield f"{field} is no mapping of fields (got {fault['input']!r})"
        elif fault["type"] == "string_type" and not isinstance(fault["input"], dict | list):
            yield f"{field} is read as {fault['input']!r}: put it in quotes"
        elif fault["type"] in ("string_type", "list_type", "dict_type"):
            yield f"{field}: {fault['msg']} (got {fault['input']!r})"
        else:
            yield f"{field}: {fault['msg']}"


def _fields(loc: tuple[int | str, ...]) -> list[str]:
    """The fields that are allowed at a place of the file."""
    parts: dict[str, type[_Part]] = {
        "seasons": Season,
        "episodes": EpisodeInfo,
        "characters": Character,
    }
    parts |= {"outfits": Outfit, "locations": Location, "speaker_count": SpeakerCount}
    names = [part for part in loc if isinstance(part, str)]
    part = parts[names[-1]] if names else Show
    return list(part.model_fields)


def _show_name(folder: Path) -> str | None:
    """The show's name in a folder; None if its file is not valid (and may be replaced)."""
    try:
        return load_show(folder).show
    except BadInput:
        return None
