"""What a table of one episode is made from, and so whether there is work to do."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from media_assets.library import Registration
from resources.home import Home
from resources.problems import Unusable
from resources.tables import TableSchema, digest, files_stand, read_footer, read_made

External = Callable[[Registration, Home], Any]


@dataclass(frozen=True)
class Recipe:
    """Everything that a table's key depends on but the episode.

    config: values of its settings where a run gives none. See `episode_table` for the rest.
    """

    schema: TableSchema
    code_version: str
    inputs: tuple[str, ...]
    config: Mapping[str, Any]
    adapters: tuple[str, ...]
    use: str | None
    external: External | None

    def made_from(
        self,
        home: Home,
        registration: Registration,
        config: Mapping[str, Any],
        backends: Mapping[str, str],
    ) -> dict[str, Any]:
        """What the table of an episode would be made from now; its digest is the table's key."""
        episode = registration.episode_id
        return {
            "code_version": self.code_version,
            "columns": {name: str(dtype) for name, dtype in self.schema.dtypes.items()},
            "inputs": {name: version(home, name, episode) for name in self.inputs},
            "config": dict(config),
            "adapters": dict(backends),
            "applies": self.use is None or self.use in registration.uses,
            "external": self.external(registration, home) if self.external else None,
        }

    def stands(self, home: Home, registration: Registration, backends: Mapping[str, str]) -> bool:
        """Whether the table is there, made from what it would be made from now, and sound."""
        # The rows are read too: a footer may be whole where they are not.
        found = read_made(home.table(self.schema.name, registration.episode_id))
        if found is None or found[0].failed:
            return False
        footer, frame = found
        made_from = self.made_from(home, registration, self.config, backends)
        return footer.key == digest(made_from) and files_stand(frame, self.schema, home.root)


def stale(
    recipes: Sequence[Recipe], home: Home, registration: Registration, resources: Mapping[str, Any]
) -> set[str]:
    """Names of the tables that are to be made again, and of all that are made from them.

    recipes: an episode's tables, each after those it is made from.
    resources: adapters by name, each with a `backend`.
    """
    found: set[str] = set()
    for recipe in recipes:
        if found & set(recipe.inputs) or not _stands(recipe, home, registration, resources):
            found.add(recipe.schema.name)
    return found


def _stands(
    recipe: Recipe, home: Home, registration: Registration, resources: Mapping[str, Any]
) -> bool:
    """As `Recipe.stands`; what hinders the look will hinder the making, which tells of it."""
    try:
        backends = {name: resources[name].backend for name in recipe.adapters}
        return recipe.stands(home, registration, backends)
    except (Unusable, OSError):
        return False


def version(home: Home, table: str, episode: str) -> str | None:
    """What a table holds, as the tables made from it know it; None if it is missing."""
    footer = read_footer(home.table(table, episode))
    return footer.version if footer else None
