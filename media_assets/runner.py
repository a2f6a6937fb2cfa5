"""Running the main job from the command line: episode by episode, then what is over all of them."""

import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import dagster as dg

from media_assets.killed_runs import end_killed_runs, known_to_live
from media_assets.library import load
from media_assets.recipes import stale
from media_assets.table_assets import recipe_of
from resources.home import ALL, Home
from resources.problems import BadInput
from resources.tables import read_footer

# What `media-assets run` makes when nothing is selected.
MAIN_GROUPS = ("speech", "exports")
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass
class TableRun:
    """What a run did to one table."""

    computed: int = 0
    reused: int = 0
    status: str = "ok"
    reason: str = ""


@dataclass
class RunReport:
    """What a run did: per episode (and for the library) per asset, and what failed.

    failures, warnings: by episode, `ALL` for what is over all of them; warnings are what checks
    found that stop nothing.
    """

    episodes: dict[str, dict[str, TableRun]] = field(default_factory=dict)
    library: dict[str, TableRun] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    warnings: dict[str, list[str]] = field(default_factory=dict)

    @property
    def marked(self) -> dict[str, str]:
        """Episodes with bad input, and the first reason."""
        return {
            episode: table.reason
            for episode, tables in reversed(self.episodes.items())
            for table in reversed(tables.values())
            if table.status == "bad_input"
        }

    @property
    def exit_code(self) -> int:
        """0 all good, 3 done with episodes marked, 1 something failed."""
        if self.failures:
            return 1
        return 3 if self.marked else 0

    @property
    def rows_computed(self) -> int:
        tables = [*self.library.values(), *(t for e in self.episodes.values() for t in e.values())]
        return sum(table.computed for table in tables)


@dataclass(frozen=True)
class Plan:
    """The assets to run: one table per episode, and over all episodes."""

    per_episode: tuple[dg.AssetKey, ...]
    over_all: tuple[dg.AssetKey, ...]


def plan(defs: dg.Definitions, select: Sequence[str]) -> Plan:
    """The selected assets or groups with all that is upstream of them.

    `shots` is the asset; `group:shots` is the group, which may be said without the prefix where
    no asset has its name.
    """
    graph = defs.resolve_asset_graph()
    groups = {graph.get(key).group_name for key in graph.get_all_asset_keys()}
    names = {key.to_user_string() for key in graph.get_all_asset_keys()}
    selection: dg.AssetSelection = dg.AssetSelection.assets()
    for name in select or MAIN_GROUPS:
        if name in names:
            selection = selection | dg.AssetSelection.assets(name)
        elif name.removeprefix("group:") in groups:
            selection = selection | dg.AssetSelection.groups(name.removeprefix("group:"))
        else:
            raise BadInput(
                "no such asset or group",
                where=f"--select {name}",
                remedy=f"Groups: {', '.join(sorted(groups))}. Assets: {', '.join(sorted(names))}.",
            )
    keys = [k for k in graph.toposorted_asset_keys if k in selection.upstream().resolve(graph)]
    return Plan(
        tuple(key for key in keys if graph.get(key).is_partitioned),
        tuple(key for key in keys if not graph.get(key).is_partitioned),
    )


Watch = Callable[[str, str], None]


def run(
    defs: dg.Definitions,
    instance: dg.DagsterInstance,
    episodes: Sequence[str],
    planned: Plan,
    watch: Watch,
) -> RunReport:
    """Run `planned` for `episodes`; one that fails stops neither the others nor the export.

    Of an episode only those tables are run that are stale, with all that is made from them.
    watch: told the episode (or `library`) and the asset whenever a table is done.
    Raises KeyboardInterrupt after Ctrl+C, when the step in work has ended.
    """
    report = RunReport()
    home = Home.current()
    end_killed_runs(home, instance)
    graph = defs.resolve_asset_graph()
    recipes = {key: recipe_of(graph.get(key).assets_def) for key in planned.per_episode}
    shown = {key: instance.get_materialized_partitions(key) for key in planned.per_episode}
    for episode in episodes:
        old = stale([*recipes.values()], home, load(home, episode), defs.resources or {})
        keys = [k for k, r in recipes.items() if r.schema.name in old or episode not in shown[k]]
        standing = [recipe.schema.name for key, recipe in recipes.items() if key not in keys]
        report.episodes[episode] = _standing(report, home, episode, standing)
        for name in standing:
            watch(episode, name)
        if keys:
            result = _execute(defs, instance, keys, episode, watch)
            report.episodes[episode] |= _add(report, episode, result)
    if planned.over_all:
        result = _execute(defs, instance, planned.over_all, None, watch)
        report.library = _add(report, ALL, result)
    return report


def _standing(
    report: RunReport, home: Home, episode: str, names: Sequence[str]
) -> dict[str, TableRun]:
    """Tables with which there is nothing to do; their warnings go into the report."""
    footers = {name: read_footer(home.table(name, episode)) for name in names}
    whole = {name: footer for name, footer in footers.items() if footer}
    if found := [text for footer in whole.values() for text in footer.warnings]:
        report.warnings[episode] = found
    return {
        name: TableRun(0, footer.rows, footer.status, footer.reason)
        for name, footer in whole.items()
    }


def _add(report: RunReport, name: str, result: dg.ExecuteInProcessResult) -> dict[str, TableRun]:
    """The tables of a run; its failure and its warnings go into the report."""
    if not result.success:
        report.failures[name] = _failure(result)
    found = [
        check.description or check.check_name
        for check in result.get_asset_check_evaluations()
        if not check.passed and check.severity == dg.AssetCheckSeverity.WARN
    ]
    if found:
        report.warnings.setdefault(name, []).extend(found)
    return {
        event.asset_key.to_user_string(): _table_run(event)
        for event in result.all_events
        if event.is_step_materialization and event.asset_key
    }


def _execute(
    defs: dg.Definitions,
    instance: dg.DagsterInstance,
    keys: Sequence[dg.AssetKey],
    episode: str | None,
    watch: Watch,
) -> dg.ExecuteInProcessResult:
    job = defs.resolve_implicit_global_asset_job_def()
    run_id = str(uuid.uuid4())
    done = threading.Event()
    watcher = threading.Thread(
        target=_follow, args=(instance, run_id, done, episode or "library", watch)
    )
    watcher.start()
    try:
        with known_to_live(Home.current(), run_id):
            result = job.execute_in_process(
                instance=instance,
                partition_key=episode,
                asset_selection=list(keys),
                raise_on_error=False,
                run_id=run_id,
                run_config=QUIET,
            )
    except dg.DagsterExecutionInterruptedError:
        raise KeyboardInterrupt from None
    finally:
        done.set()
        watcher.join()
    # Dagster makes of Ctrl+C a step that failed, after which we would go on with the next episode.
    if any(_was_interrupted(event) for event in result.all_events if event.is_step_failure):
        raise KeyboardInterrupt
    return result


def _was_interrupted(event: dg.DagsterEvent) -> bool:
    error = event.step_failure_data.error
    while error:
        if error.cls_name in (dg.DagsterExecutionInterruptedError.__name__, "KeyboardInterrupt"):
            return True
        error = error.cause
    return False


def _follow(
    instance: dg.DagsterInstance,
    run_id: str,
    done: threading.Event,
    episode: str,
    watch: Watch,
) -> None:
    """Tell `watch` of every table as the event log of the run tells of it."""
    cursor: str | None = None
    while True:
        last = done.wait(0.2)
        records = instance.get_records_for_run(
            run_id, cursor=cursor, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION
        )
        cursor = records.cursor
        for record in records.records:
            event = record.event_log_entry.dagster_event
            if event and event.asset_key:
                watch(episode, event.asset_key.to_user_string())
        if last and not records.has_more:
            return


def _table_run(event: dg.DagsterEvent) -> TableRun:
    metadata: dict[str, Any] = {
        key: value.value
        for key, value in event.step_materialization_data.materialization.metadata.items()
    }
    return TableRun(
        computed=metadata.get("rows_computed", 0),
        reused=metadata.get("rows_reused", 0),
        status=metadata.get("status", "ok"),
        reason=metadata.get("reason", ""),
    )


def _failure(result: dg.ExecuteInProcessResult) -> str:
    for event in result.all_events:
        if event.is_step_failure and event.step_failure_data.error:
            error = event.step_failure_data.error
            cause = error.cause or error
            return f"{event.step_key}: {cause.message.strip()}"
    return "the run failed; see its log in the UI"
