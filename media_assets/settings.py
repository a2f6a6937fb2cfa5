"""Settings of assets: dataclasses in the pure modules, config in Dagster, one file at home.

`<home>/config.yaml` holds what differs from the defaults, by asset:

    clips:
      max_s: 6.0

Its key `resources` binds models otherwise than the profile does: see `resources.profiles`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from enum import StrEnum
from types import NoneType
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import dagster as dg
import pydantic
import yaml

from resources.home import Home
from resources.problems import BadInput

RESOURCES = "resources"


class SettingsConfig(dg.Config):
    """What `config_class` makes: choices come as the strings that they are."""

    model_config = pydantic.ConfigDict(use_enum_values=True)


def home_settings(home: Home) -> dict[str, dict[str, Any]]:
    """What `config.yaml` says, by asset; empty where there is no such file."""
    try:
        content = yaml.safe_load(home.config.read_text())
    except FileNotFoundError:
        return {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        told = " ".join(str(error).split())
        raise BadInput(f"not YAML ({told})", where=home.config.name, remedy="Mend it.") from None
    if content is None:
        return {}
    if not isinstance(content, dict) or not all(isinstance(v, dict) for v in content.values()):
        raise BadInput(
            "not a mapping of assets to settings",
            where=home.config.name,
            remedy="Write `asset:` and below it `setting: value`.",
        )
    return content


def resource_bindings(home: Home) -> dict[str, dict[str, Any]]:
    """What `config.yaml` says of resources, by resource key."""
    bindings = home_settings(home).get(RESOURCES, {})
    for key, given in bindings.items():
        if not isinstance(given, dict):
            raise BadInput(
                "not a mapping of settings to values",
                where=f"{home.config.name}, {RESOURCES}.{key}",
                remedy="Write `resource:` and below it `setting: value`.",
            )
    return bindings


S = TypeVar("S")


def check_names(home: Home, assets: Iterable[str]) -> None:
    """Raise `BadInput` if `config.yaml` speaks of an asset that does not exist."""
    known = [*sorted(assets), RESOURCES]
    for name in home_settings(home):
        if name not in known:
            raise BadInput(
                f"unknown asset {name!r}",
                where=home.config.name,
                remedy=f"Choose from {', '.join(known)}.",
            )


def config_class(asset: str, settings: type, home: Home) -> type[dg.Config]:
    """A Dagster config with the fields of the dataclass `settings`, defaults as at home."""
    given = home_settings(home).get(asset, {})
    known = {field.name: field for field in fields(settings)}
    types = get_type_hints(settings)
    for name in given:
        if name not in known:
            raise BadInput(
                f"unknown setting {name!r}",
                where=f"{home.config.name}, {asset}",
                remedy=f"Settings of {asset}: {', '.join(known)}.",
            )
    definitions: dict[str, Any] = {}
    for name, field in known.items():
        default = field.default
        if default is MISSING:
            default = field.default_factory() if field.default_factory is not MISSING else ...
        definitions[name] = (_config_type(types[name]), given.get(name, _plain(default)))
    name = "".join(part.title() for part in asset.split("_")) + "Config"
    made: type[dg.Config] = pydantic.create_model(name, __base__=SettingsConfig, **definitions)
    try:
        settings_from(made(**given), settings)
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        raise BadInput(
            f"{first['msg']} (got {first.get('input')!r})",
            where=f"{home.config.name}, {asset}.{'.'.join(map(str, first['loc']))}",
            remedy=f"Its type is {_told(types[str(first['loc'][0])])}.",
        ) from None
    except ValueError as error:
        raise BadInput(
            str(error), where=f"{home.config.name}, {asset}", remedy="Mend the value."
        ) from None
    return made


def settings_from(config: dg.Config, settings: type[S]) -> S:
    """The dataclass that a config made by `config_class` stands for."""
    values = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in config.model_dump().items()
    }
    return settings(**values)


def settings_at(home: Home, asset: str, settings: type[S]) -> S:
    """The settings that an asset has in a run that says none itself."""
    return settings_from(config_class(asset, settings, home)(), settings)


def _config_type(kind: Any) -> Any:
    """The type as Dagster's config knows it, which has no tuples, mappings, optional literals.

    Numbers, strings and booleans are taken strictly: `true` is no number, `"4"` neither.
    """
    origin, inner = get_origin(kind), get_args(kind)
    if origin is tuple:
        return list[_config_type(inner[0])]  # type: ignore[misc]
    if origin is Mapping:
        return dict[inner[0], _config_type(inner[1])]  # type: ignore[misc, valid-type]
    if origin is Literal:
        return StrEnum(" | ".join(inner), {value: value for value in inner})
    if NoneType in inner:
        return _config_type(next(part for part in inner if part is not NoneType)) | None
    return Annotated[kind, pydantic.Strict()] if kind in (int, float, str, bool) else kind


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _told(kind: Any) -> str:
    """A type as a person reads it: `Mapping[str, float]`, without the modules of its parts."""
    return kind.__name__ if isinstance(kind, type) else re.sub(r"\w+\.", "", str(kind))
