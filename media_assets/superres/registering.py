"""A configuration's videos as episodes, its settings as those of the home: all or nothing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from media_assets.library import Registration, episode_id_of, register, registrations
from media_assets.settings import home_settings
from media_assets.settings_file import text_with, write_text
from media_assets.superres.config import GeneratorConfig, Video
from media_assets.superres.formats import clean_name
from media_assets.superres.settings import PatchSettings, PlanSettings, SourceSettings
from resources.home import Home
from resources.problems import BadInput

Settings = SourceSettings | PlanSettings | PatchSettings

USE = "superres"
BY_ID = "First add the file by itself: media-assets add FILE --id ID --use superres."


@dataclass(frozen=True)
class Change:
    """A setting that the configuration changes; `before` and `now` include defaults."""

    setting: str
    before: Any
    now: Any

    def __str__(self) -> str:
        if isinstance(self.now, Mapping):
            return f"{self.setting} for {', '.join(self.now)}"
        return f"{self.setting} {self.now} (was {self.before})"


@dataclass(frozen=True)
class Added:
    """What adding a configuration did: each episode with whether it changed, and each setting."""

    episodes: tuple[tuple[Registration, bool], ...]
    changes: tuple[Change, ...]


def add_config(home: Home, config: GeneratorConfig) -> Added:
    """Register the videos and write the settings to `config.yaml`.

    A master that is an episode already keeps its id, gains the use `superres` and the wishes said
    here. Raises `BadInput` before anything is written.
    """
    known = registrations(home)
    new = [_registration(known, config, video) for video in config.videos]
    _refuse_shared_ids(known, config, new)
    all_of_them = known | {entry.episode_id: entry for entry in new}
    refuse_shared_titles(all_of_them.values())
    _refuse_lost_categories(config, all_of_them.values())
    said: dict[str, Settings] = {
        "patch_source": config.source,
        "patch_plan": config.plan,
        "patches": config.patches,
    }
    changes = tuple(_changes(home, said))
    text = text_with(home, {asset: _differences(value) for asset, value in said.items()})
    added = tuple((entry, register(home, entry)) for entry in new)
    write_text(home, text)
    return Added(added, changes)


def refuse_shared_titles(entries: Iterable[Registration]) -> None:
    """Raise `BadInput` naming both titles where the patches of two masters would share names."""
    seen: dict[str, Registration] = {}
    for entry in entries:
        if USE in entry.uses:
            title = entry.patch_wishes.title
            other = seen.setdefault(clean_name(title).casefold(), entry)
            if other is not entry:
                raise BadInput(
                    f"the titles {other.patch_wishes.title!r} ({other.episode_id}) and {title!r} "
                    f"({entry.episode_id}) both make the file name patch_{clean_name(title)}_...",
                    where=entry.relative_path,
                    remedy="Give one another `name` in a configuration: media-assets add --config.",
                )


def _registration(
    known: Mapping[str, Registration], config: GeneratorConfig, video: Video
) -> Registration:
    place = video.place
    same = [entry for entry in known.values() if entry.place == place]
    if same:
        # Of a master under two ids, the one that gives patches already goes on doing so.
        entry = max(same, key=lambda entry: USE in entry.uses)
        uses = entry.uses if USE in entry.uses else (*entry.uses, USE)
        return replace(entry, uses=uses, patches=video.wishes)
    try:
        episode_id = episode_id_of(video.master.stem)
    except BadInput as problem:
        raise BadInput(
            problem.what, where=f"{config.name}, {video.field}.path", remedy=BY_ID
        ) from None
    master = video.master
    return Registration(episode_id, master, master.parent, (USE,), patches=video.wishes)


def _refuse_shared_ids(
    known: Mapping[str, Registration], config: GeneratorConfig, new: Iterable[Registration]
) -> None:
    seen = {entry.episode_id: (entry, "") for entry in known.values()}
    for entry, video in zip(new, config.videos, strict=True):
        other, field = seen.setdefault(entry.episode_id, (entry, video.field))
        if other.place != entry.place:
            raise BadInput(
                f"{video.wishes.title!r} ({entry.relative_path}) and "
                f"{other.patch_wishes.title!r} ({field or 'registered'}, {other.relative_path}) "
                f"both make the episode id {entry.episode_id!r}",
                where=f"{config.name}, {video.field}",
                remedy=BY_ID,
            )


def _refuse_lost_categories(config: GeneratorConfig, entries: Iterable[Registration]) -> None:
    for entry in entries:
        lost = set(entry.patch_wishes.categories) - set(config.plan.formats)
        if USE in entry.uses and lost:
            raise BadInput(
                f"category {min(lost)!r}, for which {entry.episode_id} is registered, is unknown",
                where=f"{config.name}, categories",
                remedy="Describe it there too: categories hold for all masters of the home.",
            )


def _differences(settings: Settings) -> dict[str, Any]:
    """The settings that are not the defaults."""
    default = asdict(type(settings)())
    return {name: value for name, value in asdict(settings).items() if value != default[name]}


def _changes(home: Home, said: Mapping[str, Settings]) -> Iterator[Change]:
    stood = home_settings(home)
    for asset, settings in said.items():
        before = asdict(type(settings)()) | stood.get(asset, {})
        for name, now in asdict(settings).items():
            if before[name] != now:
                yield Change(f"{asset}.{name}", before[name], now)
