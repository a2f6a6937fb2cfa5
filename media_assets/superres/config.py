"""004's `generator_config.json` (or the same as YAML) as typed settings and videos."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NoReturn, TypeVar, get_type_hints

import pydantic
import yaml
from pydantic import BaseModel, ConfigDict

from media_assets.library import PatchWishes, place_of
from media_assets.superres.formats import CATEGORIES, Category
from media_assets.superres.settings import PatchSettings, PlanSettings, SourceSettings
from resources.problems import BadInput

# 004's keys that say nothing here, and what holds instead.
WITHOUT_MEANING = {
    "val_percent": "Val/GT stays empty, to be filled by hand",
    "output_base_dir": "patches are written below exports/superres of the home",
    "temp_dir": "no temporary files are needed",
    "status_file": "media-assets monitor reads the tables",
    "skip_test_editions": "every video in the list is taken",
}


@dataclass(frozen=True)
class Video:
    """A master to cut patches from; `field` is where the configuration says it, `videos[3]`.

    master: absolute, spelled as the configuration does.
    """

    master: Path
    wishes: PatchWishes
    field: str

    @property
    def place(self) -> Path:
        return place_of(self.master)


@dataclass(frozen=True)
class GeneratorConfig:
    """What a configuration says. notices: keys that were accepted though they say nothing here."""

    name: str
    videos: tuple[Video, ...]
    source: SourceSettings
    plan: PlanSettings
    patches: PatchSettings
    notices: tuple[str, ...]


class _Entry(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


class _Category(_Entry):
    root: str
    formats: dict[str, float]


class _Video(_Entry):
    name: str
    path: str
    categories: dict[str, float]
    skip_test_editions: Any = None


class _Document(_Entry):
    base_settings: dict[str, Any] = {}
    videos: list[_Video]
    categories: dict[str, _Category] = {}


def _base_settings() -> type[_Entry]:
    """The settings that are single values, under their names, and 004's keys without meaning."""
    known: dict[str, Any] = {
        name: (kind, getattr(settings, name))
        for settings in (SourceSettings, PlanSettings, PatchSettings)
        for name, kind in get_type_hints(settings).items()
        if name not in ("formats", "roots")
    }
    known |= {name: (Any, None) for name in WITHOUT_MEANING if name != "skip_test_editions"}
    return pydantic.create_model("_BaseSettings", __base__=_Entry, **known)


_BaseSettings = _base_settings()
_PLACES: Mapping[str, type[_Entry]] = {
    "base_settings": _BaseSettings,
    "videos": _Video,
    "categories": _Category,
}


def read_config(path: Path) -> GeneratorConfig:
    """The configuration in a file; relative paths of videos are relative to its folder.

    Raises `BadInput` that names the file, the field (`videos[3].categories.space`) and a remedy.
    """
    name = path.name
    document = _parsed(name, _Document, _content(path))
    given = _parsed(name, _BaseSettings, document.base_settings, "base_settings")
    if not document.videos:
        _refuse(name, "videos", "no videos", "List at least one.")
    base = given.model_dump()
    categories = dict(CATEGORIES) | {
        key: Category(given.root, given.formats) for key, given in document.categories.items()
    }
    formats = {key: dict(category.formats) for key, category in categories.items()}
    roots = {key: category.root for key, category in categories.items()}
    try:
        source = _settings(SourceSettings, base)
        plan = _settings(PlanSettings, base | {"formats": formats})
        patches = _settings(PatchSettings, base | {"roots": roots})
    except ValueError as error:
        setting, _, what = str(error).partition(": ")
        _refuse(name, _field_of(setting), what, "Mend the value.")
    videos = tuple(
        _video(name, f"videos[{number}]", path.parent, video, categories)
        for number, video in enumerate(document.videos)
    )
    _refuse_missing(name, videos)
    _refuse_repeated(name, videos)
    return GeneratorConfig(name, videos, source, plan, patches, _notices(given, *document.videos))


def _content(path: Path) -> Any:
    """What the file says: YAML by its suffix, else JSON; a key said twice is refused."""
    as_yaml = path.suffix.lower() in (".yaml", ".yml")
    try:
        text = path.read_bytes().decode("utf-8-sig")
        if as_yaml:
            return yaml.load(text, _UniqueKeys)
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_number)
    except OSError:
        raise BadInput("no such file", where=path.name, remedy="Check the path.") from None
    except (ValueError, yaml.YAMLError, RecursionError, TypeError) as error:
        kind, told = "YAML" if as_yaml else "JSON", " ".join(str(error).split())[:200]
        raise BadInput(f"not {kind} ({told})", where=path.name, remedy="Mend it.") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    for key, value in pairs:
        if key in seen:
            raise ValueError(f"key {key!r} is there twice")
        seen[key] = value
    return seen


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


class _UniqueKeys(yaml.SafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        _unique([(key, None) for key in keys])
        return super().construct_mapping(node, deep)


E = TypeVar("E", bound=_Entry)


def _parsed(name: str, model: type[E], content: Any, *below: str) -> E:
    try:
        return model.model_validate(content)
    except pydantic.ValidationError as error:
        faults = error.errors(include_url=False, include_context=False)
        # A key that was meant to be another is told as the unknown one, not as the missing one.
        first = min(faults, key=lambda fault: fault["type"] != "extra_forbidden")
        location = (*below, *first["loc"])
        more = f" (and {len(faults) - 1} more faults)" if len(faults) > 1 else ""
        what, remedy = _told(first["type"], location, first["input"], first["msg"])
        _refuse(name, _shown(location), what + more, remedy)


def _shown(location: tuple[str | int, ...]) -> str:
    """A place in the document as a person writes it: `videos[3].categories.space`."""
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in location]
    return "".join(parts).removeprefix(".")


KINDS = {
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "a text",
    "list_type": "a list",
    "dict_type": "a mapping of names to values",
    "model_type": "a mapping of names to values",
    "finite_number": "a finite number",
}


def _told(kind: str, location: tuple[str | int, ...], given: Any, message: str) -> tuple[str, str]:
    """What is wrong and what to do about it, for one fault that pydantic found."""
    if kind == "missing":
        return "missing", "Give it."
    if kind == "extra_forbidden":
        model: type[_Entry] = _Document
        if len(location) > 1:
            model = _PLACES[str(location[0])]
        return "unknown key", f"Keys here: {', '.join(model.model_fields)}."
    got = "a list or mapping" if isinstance(given, (list, dict)) else repr(given)[:60]
    if kind in KINDS:
        return f"not {KINDS[kind]} (got {got})", f"Write {KINDS[kind]}."
    return f"{message} (got {got})", "Mend the value."


S = TypeVar("S")


def _settings(settings: type[S], values: Mapping[str, Any]) -> S:
    names = {field.name for field in fields(settings)}  # type: ignore[arg-type]
    return settings(**{name: value for name, value in values.items() if name in names})


def _field_of(setting: str) -> str:
    """Where a configuration says a setting: `formats.space.small_540` is below `categories`."""
    kind, *rest = setting.split(".")
    if kind == "formats":
        return ".".join(["categories", rest[0], "formats", *rest[1:]])
    return f"categories.{rest[0]}.root" if kind == "roots" else f"base_settings.{setting}"


def _video(
    name: str, field: str, folder: Path, video: _Video, categories: Mapping[str, Category]
) -> Video:
    for category in video.categories:
        if category not in categories:
            _refuse(
                name,
                f"{field}.categories.{category}",
                "unknown category",
                f"Choose from {', '.join(categories)}, or describe it below `categories`.",
            )
    try:
        wishes = PatchWishes(video.name, video.categories)
    except ValueError as error:
        wrong, _, what = str(error).partition(": ")
        _refuse(name, f"{field}.{'name' if wrong == 'title' else wrong}", what, "Mend the value.")
    return Video(_absolute(folder / video.path), wishes, field)


def _absolute(path: Path) -> Path:
    """The path without `..`, where that is still the same file: not behind a link to a folder."""
    plain = Path(os.path.abspath(path))  # noqa: PTH100
    try:
        return plain if place_of(plain) == place_of(path) else place_of(path)
    except ValueError:  # a null character
        return plain


def _refuse_missing(name: str, videos: tuple[Video, ...]) -> None:
    missing = [video for video in videos if not _is_file(video.master)]
    if missing:
        titles = ", ".join(f"{video.wishes.title!r} ({video.field})" for video in missing)
        _refuse(name, "videos", f"no such file for {titles}", "Check each `path`.")


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # too long for a path
        return False


def _refuse_repeated(name: str, videos: tuple[Video, ...]) -> None:
    seen: dict[Path, Video] = {}
    for video in videos:
        other = seen.setdefault(video.place, video)
        if other is not video:
            _refuse(
                name,
                f"{video.field}.path",
                f"{video.wishes.title!r} and {other.wishes.title!r} ({other.field}) are one file",
                "List it once; one video may serve several categories.",
            )


def _notices(*entries: _Entry) -> tuple[str, ...]:
    said = set().union(*(entry.model_fields_set for entry in entries))
    return tuple(
        f"{key} says nothing here: {why}" for key, why in WITHOUT_MEANING.items() if key in said
    )


def _refuse(name: str, field: str, what: str, remedy: str) -> NoReturn:
    raise BadInput(what, where=f"{name}, {field}" if field else name, remedy=remedy)
