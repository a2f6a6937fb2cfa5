"""The making of one table file: decide whether there is work, make or reuse, report to Dagster."""

import inspect
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import dagster as dg
import polars as pl

from media_assets.checks import Check, TableCheck
from resources.gpu import WarmModels
from resources.home import Home
from resources.problems import Unusable
from resources.samples import Rows
from resources.storage import REUSED, Made
from resources.tables import (
    Footer,
    TableSchema,
    atomic_write,
    digest,
    files_stand,
    read_made,
)

# Called with the home, the table and, by name, any of the asset's inputs; gives Markdown.
Preview = Callable[..., str]


@dataclass(frozen=True)
class Result:
    """What a step made, or found made, and what its checks say of it.

    load_share: part of its time that loading took, where it used models.
    """

    value: Any
    frame: pl.DataFrame
    footer: Footer
    checks: Sequence[dg.AssetCheckResult]
    computed: int
    load_share: float | None = None


@dataclass(frozen=True)
class Step:
    """The making of one table file: decide, make or reuse, report."""

    home: Home
    schema: TableSchema
    episode: str
    checks: Sequence[TableCheck]
    preview: Preview | None
    inputs: Mapping[str, Any]
    log: Callable[[str], None]

    def run(
        self,
        made_from: dict[str, Any],
        make: Callable[[pl.DataFrame | None], pl.DataFrame | Rows],
    ) -> Result:
        path = self.home.table(self.schema.name, self.episode)
        key = digest(made_from)
        found = read_made(path)
        previous = found[1] if found else None
        if found and found[0].key == key and files_stand(found[1], self.schema, self.home.root):
            footer, frame = found
            return Result(REUSED, frame, footer, self._checked(footer, frame), computed=0)
        began, uses, loaded_s = time.perf_counter(), WarmModels.uses, WarmModels.load_s
        try:
            rows = make(previous)
            frame, computed = (
                (rows.frame, rows.computed) if isinstance(rows, Rows) else (rows, rows.height)
            )
            made = Made.of(self.schema, frame, key, made_from)
        except Unusable as problem:
            made, computed = Made.nothing(self.schema, problem, key, made_from), 0
            self.log(f"{self.schema.name} of {self.episode} is empty: {problem}")
        if self.preview and made.footer.status == "ok":
            text = _call(self.preview, self.inputs, self.home, made.frame).encode()
            atomic_write(
                self.home.preview(self.schema.name, self.episode), lambda file: file.write(text)
            )
        checks = self._checked(made.footer, made.frame)
        failed, warnings = (
            [
                check.description or str(check.check_name)
                for check in checks
                if not check.passed and check.severity is severity
            ]
            for severity in (dg.AssetCheckSeverity.ERROR, dg.AssetCheckSeverity.WARN)
        )
        made = Made(made.frame, replace(made.footer, failed=failed, warnings=warnings))
        load_share = None
        if WarmModels.uses > uses:
            load_share = (WarmModels.load_s - loaded_s) / (time.perf_counter() - began)
        return Result(made, made.frame, made.footer, checks, computed, load_share)

    def report(self, result: Result) -> Iterator[Any]:
        """The materialization and the checks; of a reused table too, so that the UI stays whole."""
        footer = result.footer
        metadata: dict[str, Any] = {
            "dagster/row_count": footer.rows,
            "rows_computed": result.computed,
            "rows_reused": footer.rows - result.computed,
            "status": footer.status,
        }
        if footer.reason:
            metadata["reason"] = footer.reason
        if result.load_share is not None:
            metadata["load_share"] = round(result.load_share, 3)
        preview = self.home.preview(self.schema.name, self.episode)
        if footer.status == "ok" and preview.exists():
            metadata["preview"] = dg.MetadataValue.md(preview.read_text())
        yield dg.MaterializeResult(
            value={self.episode: result.value},
            metadata=metadata,
            data_version=dg.DataVersion(footer.version),
            check_results=list(result.checks),
        )

    def _checked(self, footer: Footer, frame: pl.DataFrame) -> list[dg.AssetCheckResult]:
        """What each check says of the table."""
        return [self._outcome(check, footer, frame) for check in self.checks]

    def _outcome(
        self, check: TableCheck, footer: Footer, frame: pl.DataFrame
    ) -> dg.AssetCheckResult:
        if footer.status != "ok":
            outcome = Check(True, f"nothing to check: {footer.reason}")
        else:
            outcome = _call(check.run, self.inputs, frame)
        return dg.AssetCheckResult(
            check_name=check.name,
            passed=outcome.passed,
            severity=dg.AssetCheckSeverity.ERROR if check.blocking else dg.AssetCheckSeverity.WARN,
            description=outcome.description,
            metadata=dict(outcome.metadata or {}),
        )


def checked_together(
    results: Mapping[str, Sequence[dg.AssetCheckResult]],
) -> Iterator[dg.AssetCheckResult]:
    """One result per check over several episodes: passed if all did, else the first that did not.

    Dagster takes one result of a check from a run, however many partitions it makes.
    """
    for same in zip(*results.values(), strict=True):
        failed = [(k, one) for k, one in zip(results, same, strict=True) if not one.passed]
        episode, shown = failed[0] if failed else ("", same[0])
        told = f"{len(failed)} of {len(same)} episodes; {episode}: {shown.description}"
        yield shown._replace(description=told if failed else f"{len(same)} episodes", metadata={})


def _call(function: Callable[..., Any], inputs: Mapping[str, Any], *given: Any) -> Any:
    """What `function` makes of `given` and of those inputs that it names."""
    wanted = inspect.signature(function).parameters
    return function(*given, **{name: inputs[name] for name in inputs if name in wanted})
