"""How a room's functions become assets: `@episode_table` and `@library_table`.

A room writes a function over tables; the decorator adds what every asset of the house promises:
one writer at a time, nothing done when nothing changed, an empty table with a reason where the
input is unusable, the schema checked, checks run, counts, versions and a preview shown.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from media_assets.checks import TableCheck
from media_assets.episodes import EPISODES
from media_assets.library import Registration, load
from media_assets.making import Preview, Step, checked_together
from media_assets.recipes import External, Recipe, version
from media_assets.settings import config_class, settings_from
from resources.home import ALL, Home
from resources.problems import NotApplicable, Unusable
from resources.samples import Rows, recompute_rows
from resources.tables import TableSchema, read_footer


@dataclass(frozen=True)
class Episode:
    """What the function of an asset is told of the episode it works on."""

    registration: Registration
    home: Home
    schema: TableSchema
    params: Mapping[str, Any]
    previous: pl.DataFrame | None
    log: Callable[[str], None]

    @property
    def id(self) -> str:
        return self.registration.episode_id

    @property
    def master(self) -> Path:
        """The master on this machine; name it `registration.relative_path` in tables and errors."""
        return self.registration.master

    def has_file(self, row: Mapping[str, Any]) -> bool:
        """Whether the file that a row points to is there."""
        path: str = row["path"]
        return (self.home.root / path).is_file()

    def rows(
        self,
        inputs: pl.DataFrame,
        compute: Callable[[pl.DataFrame], pl.DataFrame],
        usable: Callable[[Mapping[str, Any]], bool] = lambda row: True,
    ) -> Rows:
        """`recompute_rows` with this asset's schema, parameters and previous table."""
        return recompute_rows(
            self.schema,
            inputs,
            compute,
            params=self.params,
            previous=self.previous,
            usable=usable,
        )


@dataclass(frozen=True)
class Library:
    """What the function of an asset over all episodes is told."""

    home: Home
    schema: TableSchema
    episodes: tuple[str, ...]
    log: Callable[[str], None]


def episode_table(
    schema: TableSchema,
    *,
    group: str,
    code_version: str,
    inputs: Sequence[TableSchema] = (),
    optional: Sequence[TableSchema] = (),
    use: str | None = None,
    settings: type | None = None,
    adapters: Sequence[str] = (),
    external: External | None = None,
    checks: Sequence[TableCheck] = (),
    preview: Preview | None = None,
    kinds: Sequence[str] = (),
    pool: str | None = None,
) -> Callable[[Callable[..., pl.DataFrame | Rows]], dg.AssetsDefinition]:
    """An asset: one table of `schema` per episode, made by the decorated function.

    The function takes an `Episode`, then by name the tables in `inputs` and `optional`, `config`
    (an instance of `settings`) and the resources named in `adapters` (each with a `backend`).

    inputs: tables that must hold something; an unusable one makes this one unusable too.
    optional: tables that may be empty because their input is missing, bad or not applicable.
    use: the master's use (`video`, `speech` ...) without which the asset does not apply.
    external: what the function reads besides tables, as JSON-like facts that change with it.
    """
    tables = [table.name for table in (*inputs, *optional)]

    def decorate(function: Callable[..., pl.DataFrame | Rows]) -> dg.AssetsDefinition:
        config = config_class(schema.name, settings, Home.current()) if settings else None
        recipe = Recipe(
            schema,
            code_version,
            tuple(tables),
            config().model_dump() if config else {},
            tuple(adapters),
            use,
            external,
        )

        def compute(context: dg.AssetExecutionContext, **given: Any) -> Iterator[Any]:
            configured = given.pop("config", None)
            config_values = configured.model_dump() if configured else {}
            home = Home.current()
            results, checked = {}, {}
            for episode in context.partition_keys:
                frames = {name: given[name][episode] for name in tables}
                step = Step(home, schema, episode, checks, preview, frames, context.log.info)
                with home.writer(schema.name, episode):
                    registration = load(home, episode)
                    backends = {n: getattr(context.resources, n).backend for n in adapters}
                    made_from = recipe.made_from(home, registration, config_values, backends)

                    def make(
                        previous: pl.DataFrame | None,
                        registration: Registration = registration,
                        made_from: dict[str, Any] = made_from,
                        frames: dict[str, pl.DataFrame] = frames,
                    ) -> pl.DataFrame | Rows:
                        if use and use not in registration.uses:
                            raise NotApplicable(f"the master's uses are {registration.uses}")
                        _require_usable(home, inputs, registration.episode_id)
                        params = {k: made_from[k] for k in ("code_version", "config", "adapters")}
                        told = Episode(
                            registration, home, schema, params, previous, context.log.info
                        )
                        extra = {name: getattr(context.resources, name) for name in adapters}
                        if settings and configured:
                            extra["config"] = settings_from(configured, settings)
                        return function(told, **frames, **extra)

                    results[episode] = step.run(made_from, make)
                    if len(context.partition_keys) == 1:
                        yield from step.report(results[episode])
                    else:
                        checked[episode] = results[episode].checks
            if len(context.partition_keys) > 1:
                yield dg.MaterializeResult(
                    value={k: r.value for k, r in results.items()},
                    check_results=list(checked_together(checked)),
                )

        annotations: dict[str, Any] = {"context": dg.AssetExecutionContext}
        if config:
            annotations["config"] = config
        annotations |= dict.fromkeys(tables, dict[str, pl.DataFrame])
        _declare(compute, schema.name, annotations)
        compute.recipe = recipe  # type: ignore[attr-defined]
        asset: dg.AssetsDefinition = dg.asset(
            name=schema.name,
            partitions_def=EPISODES,
            ins={name: dg.AssetIn(name) for name in tables},
            io_manager_key="tables",
            required_resource_keys=set(adapters),
            code_version=code_version,
            check_specs=_check_specs(schema.name, checks),
            pool=pool,
            **_shown(schema, function, group, kinds),
        )(compute)
        return asset

    return decorate


def library_table(
    schema: TableSchema,
    *,
    group: str,
    code_version: str,
    over: Sequence[TableSchema] = (),
    beside: Sequence[TableSchema] = (),
    external: Callable[[Home], Any] | None = None,
    settings: type | None = None,
    checks: Sequence[TableCheck] = (),
    preview: Preview | None = None,
    kinds: Sequence[str] = (),
) -> Callable[[Callable[..., pl.DataFrame | Rows]], dg.AssetsDefinition]:
    """An asset over all episodes: one table, made from the folders of the tables in `over`.

    The function takes a `Library`, then by name a lazy scan of each table in `over` and `beside`
    and `config`. What is over all episodes never feeds a table of one episode (DESIGN.md).

    over: tables by episode; beside: other tables over all episodes.
    """

    def decorate(function: Callable[..., pl.DataFrame | Rows]) -> dg.AssetsDefinition:
        config = config_class(schema.name, settings, Home.current()) if settings else None

        def compute(context: dg.AssetExecutionContext, **given: Any) -> Iterator[Any]:
            home = Home.current()
            configured = given.get("config")
            config_values = configured.model_dump() if configured else {}
            with home.writer(schema.name, ALL):
                known = sorted(path.stem for path in home.episodes.glob("*.json"))
                episodes = {
                    table.name: {k: v for k in known if (v := version(home, table.name, k))}
                    for table in over
                }
                made_from = {
                    "code_version": code_version,
                    "columns": {name: str(dtype) for name, dtype in schema.dtypes.items()},
                    "inputs": episodes | {t.name: version(home, t.name, ALL) for t in beside},
                    "config": config_values,
                    "external": external(home) if external else None,
                }
                scans = {t.name: _scan(home, t, list(episodes[t.name])) for t in over}
                scans |= {t.name: _scan(home, t, [ALL]) for t in beside}

                def make(previous: pl.DataFrame | None) -> pl.DataFrame | Rows:
                    told = Library(home, schema, tuple(known), context.log.info)
                    extra: dict[str, Any] = {}
                    if settings and configured:
                        extra["config"] = settings_from(configured, settings)
                    return function(told, **scans, **extra)

                step = Step(home, schema, ALL, checks, preview, scans, context.log.info)
                yield from step.report(step.run(made_from, make))

        annotations: dict[str, Any] = {"context": dg.AssetExecutionContext}
        if config:
            annotations["config"] = config
        _declare(compute, schema.name, annotations)
        asset: dg.AssetsDefinition = dg.asset(
            name=schema.name,
            deps=[
                *(dg.AssetDep(t.name, partition_mapping=dg.AllPartitionMapping()) for t in over),
                *(t.name for t in beside),
            ],
            io_manager_key="tables",
            code_version=code_version,
            check_specs=_check_specs(schema.name, checks),
            **_shown(schema, function, group, kinds),
        )(compute)
        return asset

    return decorate


def recipe_of(asset: dg.AssetsDefinition) -> Recipe:
    """The recipe of an asset made by `episode_table`."""
    recipe: Recipe = asset.op.compute_fn.decorated_fn.recipe  # type: ignore[union-attr]
    return recipe


def _declare(function: Callable[..., Any], name: str, annotations: dict[str, Any]) -> None:
    """Give a function made here the name and the parameters that Dagster is to see."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [inspect.Parameter(n, kind, annotation=a) for n, a in annotations.items()]
    function.__name__ = name
    function.__annotations__ = annotations
    function.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]


def _require_usable(home: Home, inputs: Sequence[TableSchema], episode: str) -> None:
    for table in inputs:
        footer = read_footer(home.table(table.name, episode))
        if footer and footer.status != "ok":
            problem = Unusable(footer.reason)
            problem.status = footer.status
            raise problem


def _scan(home: Home, table: TableSchema, episodes: Sequence[str]) -> pl.LazyFrame:
    """All rows of a table over `episodes`; files of an older schema give what they have."""
    if not episodes:
        return table.empty().lazy()
    return pl.scan_parquet(
        [home.table(table.name, episode) for episode in episodes],
        schema=table.dtypes,
        missing_columns="insert",
        extra_columns="ignore",
    )


def _check_specs(asset: str, checks: Sequence[TableCheck]) -> list[dg.AssetCheckSpec]:
    return [
        dg.AssetCheckSpec(c.name, asset=asset, blocking=c.blocking, description=c.about)
        for c in checks
    ]


def _shown(
    schema: TableSchema, function: Callable[..., Any], group: str, kinds: Sequence[str]
) -> dict[str, Any]:
    """What the UI shows of an asset: description, group, kinds, columns."""
    columns = [
        dg.TableColumn(
            name,
            type=str(column.dtype),
            description=column.about,
            constraints=dg.TableColumnConstraints(
                nullable=column.nullable, unique=schema.unique == (name,)
            ),
        )
        for name, column in schema.columns.items()
    ]
    about = inspect.getdoc(function)
    return {
        "group_name": group,
        "kinds": {"parquet", *kinds},
        "description": f"{schema.about}\n\n{about}" if about else schema.about,
        "metadata": {"dagster/column_schema": dg.TableSchema(columns=columns)},
    }
