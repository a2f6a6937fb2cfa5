"""`media-assets`: register masters, make the dataset, see where things stand, score it."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, astuple
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from media_assets import library
from media_assets.instance import open_instance, use_home
from media_assets.progress import bars
from resources.home import ALL, ENV, Home
from resources.problems import BadInput, one_line

if TYPE_CHECKING:
    from media_assets.runner import RunReport

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__
)
out = Console()
err = Console(stderr=True)

FAILED, MARKED, INTERRUPTED = 1, 3, 130
PATCHES = "patches"


@app.callback()
def home_option(
    home: Annotated[
        Path, typer.Option(envvar=ENV, help="Folder of tables, files, exports and Dagster's state.")
    ] = Path("data"),
) -> None:
    use_home(Home(home.absolute()))


@contextmanager
def _problems_end_it() -> Iterator[None]:
    """Bad input on the command line is one line and exit status 2."""
    try:
        yield
    except BadInput as problem:
        err.print(str(problem), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(2) from None


@app.command()
def add(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Masters, or folders that hold them.")
    ] = None,
    show: Annotated[
        str | None, typer.Option(help="The show: a knowledge folder, or the name of one added.")
    ] = None,
    id: Annotated[str | None, typer.Option(help="Episode id, for a single master.")] = None,
    use: Annotated[
        list[str] | None, typer.Option(help=f"What for: {', '.join(library.USES)}. Repeatable.")
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(help="Videos, categories and settings for super-resolution (JSON or YAML)."),
    ] = None,
) -> None:
    """Register masters as episodes."""
    home = Home.current()
    with _problems_end_it():
        if config and (paths or show or id or use):
            raise BadInput(
                "a configuration says all by itself",
                where="--config",
                remedy="Give it without paths, --show, --id and --use.",
            )
        if config:
            _add_config(home, config)
        else:
            _add_masters(home, paths or [], show, id, use)
    open_instance().dispose()


def _add_masters(
    home: Home, paths: list[Path], show: str | None, id: str | None, use: list[str] | None
) -> None:
    """Register what is found at `paths`; what is not said of an episode that is known stays."""
    slug = _show(home, show)
    found = list(library.find_masters(paths))
    if not found:
        raise BadInput(
            "no video or audio file found",
            where=", ".join(p.name for p in paths) or "add",
            remedy="Name a file, or a folder that holds masters.",
        )
    if id and len(found) > 1:
        raise BadInput(
            f"one id for {len(found)} masters", where="--id", remedy="Add them one by one."
        )
    known = library.registrations(home)
    by_master = {entry.master: entry for entry in known.values()}
    new = []
    for master, root in found:
        old = known.get(id) if id else by_master.get(master)
        new.append(
            library.Registration(
                id or (old.episode_id if old else library.episode_id_of(master.stem)),
                master,
                root,
                tuple(use or (old.uses if old else library.default_uses(master))),
                slug or (old.show if old else None),
                old.patches if old else None,
            )
        )
    library.refuse_collisions(new)
    if any("superres" in entry.uses for entry in new):
        from media_assets.superres.registering import refuse_shared_titles

        refuse_shared_titles((known | {entry.episode_id: entry for entry in new}).values())
    for entry in new:
        _say_added(library.register(home, entry), entry, one_line(entry.relative_path))


def _add_config(home: Home, path: Path) -> None:
    """Register the videos of a configuration and take over its settings, and say so."""
    from media_assets.superres.config import read_config
    from media_assets.superres.registering import add_config

    config = read_config(path)
    added = add_config(home, config)
    for entry, new in added.episodes:
        shares = ", ".join(f"{k} {v:g}" for k, v in entry.patch_wishes.categories.items())
        _say_added(new, entry, one_line(f"{entry.patch_wishes.title}  ({shares})"))
    for change in added.changes:
        _say(f"set    {change}")
    for notice in config.notices:
        _say(f"note   {path.name}: {notice}")


def _say_added(new: bool, entry: library.Registration, what: str) -> None:
    _say(f"{'added' if new else 'known'}  {entry.episode_id}  {what}")


def _say(line: str) -> None:
    out.print(line, markup=False, highlight=False, soft_wrap=True)


def _show(home: Home, show: str | None) -> str | None:
    """The slug of a show: installed from a folder, or known by name."""
    from media_assets.knowledge.show import install_show

    if show is None:
        return None
    if Path(show).is_dir():
        return install_show(home, Path(show))
    known = sorted(p.name for p in home.knowledge.glob("*") if p.is_dir())
    if show not in known:
        raise BadInput(
            "no such show",
            where=f"--show {show}",
            remedy=f"Name a folder with show.yaml, or one of: {', '.join(known) or '(none yet)'}.",
        )
    return show


@app.command()
def run(
    episode: Annotated[list[str] | None, typer.Option(help="Only these episodes.")] = None,
    select: Annotated[
        list[str] | None, typer.Option(help="Assets or groups (group:shots), with what they need.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Make the dataset: whatever is missing or stale, for all episodes."""
    from media_assets import runner

    home = Home.current()
    with _problems_end_it():
        from media_assets.definitions import defs

        known = library.registrations(home)
        wanted = [library.load(home, e).episode_id for e in episode or known]
        if not wanted:
            raise BadInput("no episodes", where="home", remedy="media-assets add PATH...")
        home.sweep()
        planned = runner.plan(defs, select or [])
        if PATCHES in (key.to_user_string() for key in planned.per_episode):
            _check_space(home, [known[episode] for episode in wanted])
    steps = len(planned.per_episode) * len(wanted) + len(planned.over_all)
    try:
        with bars(err, home, wanted, steps) as watch, open_instance() as instance:
            report = runner.run(defs, instance, wanted, planned, watch)
    except KeyboardInterrupt:
        err.print("stopped; what is made is kept, and the next run goes on from there")
        raise typer.Exit(INTERRUPTED) from None
    if as_json:
        summary = asdict(report) | {
            "rows_computed": report.rows_computed,
            "marked": report.marked,
            "exit_code": report.exit_code,
        }
        sys.stdout.write(json.dumps(summary, indent=1, ensure_ascii=False) + "\n")
    else:
        _print_run(report, home)
    raise typer.Exit(report.exit_code)


def _check_space(home: Home, entries: list[library.Registration]) -> None:
    """Say what the patches will take; too much for the disk ends it before any work."""
    from media_assets.settings import settings_at
    from media_assets.superres.settings import PatchSettings, PlanSettings, check_categories
    from media_assets.superres.space import estimate

    plan = settings_at(home, "patch_plan", PlanSettings)
    patches = settings_at(home, PATCHES, PatchSettings)
    check_categories(plan, patches)
    space = estimate(home, entries, plan, patches)
    if not space.fits:
        raise BadInput(
            str(space),
            where="exports/superres",
            remedy="Free space, run fewer episodes, or set patch_plan.base_frame_limit lower "
            f"in {home.config.name}.",
        )
    if space.needed:
        err.print(f"patches: {space}", highlight=False)


def _print_run(report: "RunReport", home: Home) -> None:
    table = Table("episode", "tables", "rows computed", "rows reused", "state")
    for key, tables in [*report.episodes.items(), (ALL, report.library)]:
        name = "all episodes" if key == ALL else key
        warnings = " ".join(report.warnings.get(key, []))
        state = report.failures.get(key) or report.marked.get(key) or warnings or "ok"
        computed, reused = (
            sum(getattr(t, f) for t in tables.values()) for f in ("computed", "reused")
        )
        _add_row(table, name, len(tables), computed, reused, state)
    out.print(table)
    for name in ("dataset", "tts", "speech", "superres", "septuplets"):
        folder = home.exports / name
        if folder.exists():
            out.print(f"{name}: {folder}", markup=False, highlight=False, soft_wrap=True)


def _add_row(table: Table, *cells: object) -> None:
    """A row of plain text: file names hold brackets, which Rich takes for markup."""
    table.add_row(*(Text(str(cell)) for cell in cells))


@app.command()
def status() -> None:
    """Where every episode stands."""
    from media_assets.exports.status import episode_overview

    table = Table("episode", "tables", "clips kept", "patches", "state")
    with _problems_end_it():
        for each in episode_overview(Home.current()):
            _add_row(table, *astuple(each))
    out.print(table)


@app.command()
def score(
    truth: Annotated[Path, typer.Option(help="Folder of cuts JSON, RTTM, TextGrid, SRT, STM.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the scores as JSON.")] = False,
) -> None:
    """Measure shots, turns and words against labelled truth."""
    from media_assets.scoring.report import format_report, score_home

    with _problems_end_it():
        scores = score_home(Home.current(), truth)
    if as_json:
        sys.stdout.write(json.dumps(scores, indent=1, ensure_ascii=False) + "\n")
    else:
        out.print(format_report(scores), markup=False, highlight=False, soft_wrap=True)


@app.command()
def train_emotion(
    folder: Annotated[
        Path, typer.Argument(help="Sound files, and labels.csv with file, speaker, emotion.")
    ],
    name: Annotated[str, typer.Option(help="Name of the data set.")],
    licence: Annotated[str, typer.Option(help="Licence of the data set.")],
    language: Annotated[str, typer.Option(help="Language that is spoken (BCP 47).")],
    to: Annotated[Path, typer.Option(help="File for the coefficients (JSON).")],
) -> None:
    """Train the emotion classifier on labelled lines."""
    from media_assets.speech.emotion.train import Source, train
    from resources.tables import atomic_write

    with _problems_end_it():
        model = train(folder, Source(name, licence, language))
    atomic_write(to, lambda file: file.write(model.to_json().encode()))
    told = ", ".join(f"{k} {v:.2f}" for k, v in model.provenance["average_recall"].items())
    out.print(f"average recall on speakers left out: {told} (chance {1 / len(model.labels):.2f})")


@app.command()
def monitor(
    every: Annotated[float, typer.Option(min=0.1, help="Seconds between two pictures.")] = 2.0,
    once: Annotated[bool, typer.Option("--once", help="Print one picture and end.")] = False,
) -> None:
    """How the work on super-resolution patches stands; during a run, or from elsewhere."""
    from media_assets.superres.monitor import live

    with _problems_end_it():
        live.monitor(Home.current(), out, every, once)


@app.command()
def doctor() -> None:
    """What this machine can run."""
    from media_assets.doctor import findings

    table = Table("what", *(Column(name, overflow="fold") for name in ("state", "remedy")))
    for finding in findings():
        _add_row(table, finding.what, finding.state, finding.remedy)
    out.print(table)


def main() -> None:
    app()


if __name__ == "__main__":
    main()
