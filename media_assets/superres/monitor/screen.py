"""The picture of the facts, for terminals of 80 columns and more.

Colours repeat what words and figures say: green is done, yellow is under way, red has failed, dim
waits.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.console import Console, Group, JustifyMethod, RenderableType
from rich.filesize import decimal
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from media_assets.superres.formats import kind_order
from media_assets.superres.monitor.facts import EpisodeFacts, Facts, State
from media_assets.superres.monitor.tally import Kind, most_frequent
from resources.problems import one_line

DONE, WORKING, FAILED, WAITING, HEAD = "green", "yellow", "red", "dim", "bold"
STYLES: dict[State, str] = {
    "running": WORKING,
    "stopped": FAILED,
    "failed": FAILED,
    "planned": WAITING,
    "waiting": WAITING,
    "done": DONE,
}
# Episodes to look at come first.
ORDER: tuple[State, ...] = tuple(STYLES)
# How many episodes, checkpoints and errors a picture without a given height shows.
MOST = 24
# What is tried for a given height: whether formats are shown, and checkpoints and errors at most.
FITS = ((True, 8), (True, 3), (False, 3), (False, 1))
FEWEST = 3
BAR = 14


def picture(facts: Facts, console: Console, height: int | None = None) -> RenderableType:
    """The picture; with a height, as much of it as fits, the rest counted."""
    if height is None:
        others = _others(facts, formats=True, most=MOST, fold=True)
        return _stacked([_head(facts), _episodes(facts, MOST), *others])
    room = 0
    for formats, most in FITS:
        others = [_head(facts), *_others(facts, formats, most, fold=False)]
        # The episodes' heading, the line of those left out, the gap.
        room = height - len(console.render_lines(_stacked(others))) - 3
        if room >= min(FEWEST, len(facts.episodes)):
            break
    return _stacked([others[0], _episodes(facts, max(room, 1)), *others[1:]])


def _others(facts: Facts, formats: bool, most: int, fold: bool) -> list[RenderableType | None]:
    return [
        _categories(facts, formats),
        _checkpoints(facts, most),
        _errors(facts, most, fold),
        _legend(),
    ]


def _stacked(parts: Iterable[RenderableType | None]) -> RenderableType:
    """The parts that there are, with a gap between them."""
    lines: list[RenderableType] = []
    for part in parts:
        if part is not None:
            lines += [Text(), part] if lines else [part]
    return Group(*lines)


def _head(facts: Facts) -> RenderableType:
    target, written = sum(facts.targets.values()), facts.tally.written.total()
    tried = facts.tally.tried
    states = Counter(episode.state for episode in facts.episodes)
    rows: list[tuple[str, RenderableType | None]] = [
        ("patches", _progress(written, target)),
        ("episodes", _listed(Text(f"{states[s]} {s}", STYLES[s]) for s in ORDER if states[s])),
        ("speed", _listed(_speed(facts, states))),
        ("places", Text(f"{tried:,} tried, {_share(written, tried)} gave a patch")),
        ("rejected", _listed(_reason(*one) for one in most_frequent(facts.tally.reasons))),
        ("disk", _disk(facts)),
        ("workers", _workers(facts)),
        ("here", _machine(facts)),
    ]
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    for name, told in rows:
        if told is not None:
            grid.add_row(name, told)
    title = Table.grid(expand=True)
    title.add_column(style=HEAD)
    title.add_column(justify="right", style="dim")
    title.add_row("Super-resolution patches", f"{facts.at.astimezone():%Y-%m-%d %H:%M:%S}")
    return Group(title, grid)


def _speed(facts: Facts, states: Counter[State]) -> Iterable[Text]:
    if facts.per_minute is None:
        yield Text("nobody is at work", WAITING)
        return
    yield Text(f"{facts.per_minute:,.1f} patches per minute")
    if facts.eta_s is not None:
        yield Text(f"ready in {duration(facts.eta_s)}", WORKING)
    if states["waiting"]:
        yield Text("without the episodes that are waiting")


def _reason(reason: str, places: int) -> Text:
    return Text(f"{places:,} {one_line(reason).replace('_', ' ')}")


def _disk(facts: Facts) -> Text | None:
    if not facts.disk:
        return None
    disk = facts.disk
    told = Text(f"{decimal(disk.used)} used, {decimal(disk.free)} free")
    if disk.expected is None:
        return told.append(", how much more is not known yet")
    fits = disk.expected <= disk.free
    more = f", {decimal(disk.expected)} more expected" + ("" if fits else ": more than is free")
    return told.append(more, "" if fits else FAILED)


def _workers(facts: Facts) -> Text | None:
    if not facts.workers:
        return None
    at_work = facts.workers
    return Text(
        f"{at_work.count} at work, CPU {at_work.cpu_percent:.0f} %, "
        f"memory {decimal(at_work.memory_bytes)}"
    )


def _machine(facts: Facts) -> Text | None:
    if not facts.machine:
        return None
    machine = facts.machine
    return Text(
        f"CPU {machine.cpu_percent:.0f} % of all cores, "
        f"memory {decimal(machine.memory_used)} of {decimal(machine.memory_total)}"
    )


def _episodes(facts: Facts, room: int) -> RenderableType | None:
    """A line per episode; those without room are counted."""
    if not facts.episodes:
        return Text("No episodes with use superres: media-assets add --config FILE", WAITING)
    ordered = sorted(facts.episodes, key=lambda e: (ORDER.index(e.state), e.id))
    shown, rest = ordered[:room], Counter(e.state for e in ordered[room:])
    table = _table("episode", ("state", "left"), ("windows", "right"))
    _add_bar_column(table)
    table.add_column("patches", justify="right", no_wrap=True)
    for episode in shown:
        style = STYLES[episode.state]
        stand = _of(episode.written, episode.patches)
        if episode.written < episode.settled:
            stand.stylize(FAILED)
        table.add_row(
            _name(episode.id, style),
            Text(episode.state, style),
            _of(episode.windows_done, episode.windows),
            _bar(episode.settled, episode.patches, style),
            stand,
        )
    if not rest:
        return table
    more = _listed(Text(f"{rest[state]} {state}", STYLES[state]) for state in ORDER if rest[state])
    return Group(table, Text("and ", WAITING) + more)


def _categories(facts: Facts, formats: bool) -> RenderableType | None:
    """A line per category, and one per format of it where there is room."""
    kinds = sorted({*facts.targets, *facts.tally.written}, key=lambda kind: kind_order(*kind))
    if not kinds:
        return None
    table = _table("category", ("format", "left"), ("no place", "right"))
    _add_bar_column(table)
    table.add_column("patches", justify="right", no_wrap=True)
    table.add_column("", justify="right", no_wrap=True)
    for category in dict.fromkeys(category for category, _ in kinds):
        own = [kind for kind in kinds if kind[0] == category]
        _add_counts(table, facts, _name(category, HEAD), Text("all"), own)
        for kind in own if formats else ():
            if facts.targets.get(kind) or facts.tally.written[kind]:
                _add_counts(table, facts, Text(), _name(kind[1]), [kind])
    return table


def _add_counts(table: Table, facts: Facts, name: Text, fmt: Text, kinds: Sequence[Kind]) -> None:
    target = sum(facts.targets.get(kind, 0) for kind in kinds)
    written = sum(facts.tally.written[kind] for kind in kinds)
    missing = sum(facts.tally.missing[kind] for kind in kinds)
    if written >= target:
        style = DONE
    elif written + missing >= target:
        style = FAILED
    else:
        style = WORKING if written else WAITING
    fmt.stylize(style)
    table.add_row(
        name,
        fmt,
        Text(f"{missing:,}", FAILED) if missing else Text("0", WAITING),
        _bar(written, target, style),
        _of(written, target),
        Text(_share(written, target), style),
    )


def _checkpoints(facts: Facts, most: int) -> RenderableType | None:
    """What the journals of work in flight hold."""
    held = [e for e in facts.episodes if e.checkpoint and e.state in ("running", "stopped")]
    if not held:
        return None
    columns: list[tuple[str, JustifyMethod]] = [
        (name, "right") for name in ("age", "lines", "size")
    ]
    table = _table("checkpoint", ("last written", "left"), *columns)
    for episode in held[:most]:
        _add_checkpoint(table, episode, facts.at)
    rest = Text(f"and {len(held) - most} more", WAITING)
    return Group(table, rest) if len(held) > most else table


def _add_checkpoint(table: Table, episode: EpisodeFacts, now: datetime) -> None:
    held = episode.checkpoint
    if not held:
        return
    written = f"{held.last.astimezone():%m-%d %H:%M:%S}" if held.last else "-"
    age = duration(max(0.0, (now - held.last).total_seconds())) if held.last else "-"
    table.add_row(
        _name(episode.id, STYLES[episode.state]),
        Text(written),
        Text(age, STYLES[episode.state]),
        Text(f"{held.lines:,}"),
        Text(decimal(held.bytes)),
    )


def _errors(facts: Facts, most: int, fold: bool) -> RenderableType | None:
    if not facts.errors:
        return None
    table = _table("trouble")
    table.expand = True
    table.add_column("", ratio=1, no_wrap=not fold, overflow="fold" if fold else "ellipsis")
    for where, what in facts.errors[:most]:
        table.add_row(_name(where, FAILED), Text(one_line(what)))
    rest = Text(f"and {len(facts.errors) - most} more", WAITING)
    return Group(table, rest) if len(facts.errors) > most else table


def _legend() -> RenderableType:
    words = (("on target", DONE), ("behind it", WORKING), ("failed", FAILED), ("waiting", WAITING))
    return Text("colours: ") + _listed(Text(word, style) for word, style in words)


def _table(first: str, *columns: tuple[str, JustifyMethod]) -> Table:
    """A table without lines; its first column holds names, and is cut off where room is scarce."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style=HEAD)
    table.add_column(first)
    for name, justify in columns:
        table.add_column(name, justify=justify, no_wrap=True)
    return table


def _add_bar_column(table: Table) -> None:
    table.expand = True
    table.add_column("", min_width=BAR, ratio=1)


def _name(name: str, style: str = "") -> Text:
    return Text(one_line(name), style, no_wrap=True, overflow="ellipsis")


def _progress(done: int, total: int) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(width=2 * BAR)
    grid.add_column(no_wrap=True)
    style = DONE if total and done >= total else WORKING
    grid.add_row(_bar(done, total, style), Text(f"{done:,} of {total:,}  {_share(done, total)}"))
    return grid


def _bar(done: int, total: int, style: str) -> RenderableType:
    """A bar; a style of words that is dim gives one that is not drawn at all."""
    if not total:
        return Text()
    return ProgressBar(total, min(done, total), complete_style=style, finished_style=style)


def _of(done: int, total: int) -> Text:
    return Text(f"{done:,}/{total:,}" if total else "-", "" if total else WAITING)


def _share(part: int, whole: int) -> str:
    """Whole per cent, 100 only when there is nothing left."""
    return f"{part * 100 // whole} %" if whole else "-"


def _listed(parts: Iterable[Text]) -> Text:
    return Text(", ").join(parts) or Text("none", WAITING)


def duration(seconds: float) -> str:
    """In the largest unit and the next.

    >>> [duration(s) for s in (3.2, 125, 9200, 200_000)]
    ['3 s', '2 min 5 s', '2 h 33 min', '2 d 7 h']
    """
    left = round(seconds)
    for larger, smaller, size in (("d", "h", 86400), ("h", "min", 3600), ("min", "s", 60)):
        if left >= size:
            next_size = {"h": 3600, "min": 60, "s": 1}[smaller]
            rest = left % size // next_size
            return f"{left // size} {larger}" + (f" {rest} {smaller}" if rest else "")
    return f"{left} s"
