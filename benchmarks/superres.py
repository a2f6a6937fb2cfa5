"""Super-resolution patches: cost against 004's generator and bare decoding, exactness, reruns.

python -m benchmarks.superres [cost exactness reruns memory] [--quick] [--work DIR] [--media DIR]

The two masters are made in --work, which is kept; without it in a folder that goes away again.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import polars as pl

from benchmarks import arguments
from benchmarks.generator_004 import cpu_seconds, make_window
from benchmarks.superres_clips import CLIPS, HD, UHD, cuts, made
from media_assets.media.index import FrameIndex, open_media, read_index, video_stream
from media_assets.media.index_file import read_frame_index
from media_assets.media.reader import set_threads
from media_assets.media.video import Damage, decode_stream
from media_assets.media.windows import WindowReader
from media_assets.superres.formats import CATEGORIES, WINDOW_FRAMES
from media_assets.superres.jobs import Master, Window, extraction, jobs_of
from media_assets.superres.patch import Patch, Source
from media_assets.superres.settings import PatchSettings
from resources.home import ENV, Home
from resources.problems import Unusable
from resources.tables import read_table

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import InputContainer

T = TypeVar("T")

BETTER = {UHD.name: 8.0, HD.name: 12.0}
OVER_BARE = 1.4
WORKER_GB = 1.2
KILLS = 20
WINDOWS = 100
# One category whose crops are usual, and the one whose crops are largest.
USUAL, LARGEST = {"general": 1.0}, {"space": 1.0}
MIXED = {"general": 0.45, "space": 0.35, "toon": 0.20}
# Where windows begin in files that are not planned: every so many frames, from each of these.
EVERY, OFFSETS = 16, (0, 5, 11)


@dataclass(frozen=True)
class Bench:
    """Where the masters are, where homes go that are used up, and how much is measured."""

    media: Path
    work: Path
    homes: Path
    quick: bool

    def some(self, jobs: Sequence[T], every: int = 1) -> Sequence[T]:
        """All of them or every so-many-th; of a quick run every tenth."""
        return jobs[:: 10 if self.quick else every]

    def home(self, name: str) -> Home:
        return Home(self.homes / name)

    def clip(self, name: str) -> Path:
        return made(next(clip for clip in CLIPS if clip.name == name), self.media, self.work)

    def planned(self, wishes: Mapping[str, float]) -> Home:
        """A home in which a hundred windows of both masters are planned."""
        home = self.home(f"{'-'.join(wishes)}-planned")
        self.configure(home, wishes, WINDOWS)
        media_assets(home, "run", "--select", "patch_plan")
        return home

    def configure(
        self, home: Home, wishes: Mapping[str, float], windows: int, workers: int = 2
    ) -> None:
        """Register both masters by a configuration of 004's kind."""
        videos = [
            {"name": clip.name, "path": str(self.clip(clip.name)), "categories": wishes}
            for clip in CLIPS
        ]
        settings = {"base_frame_limit": windows, "max_workers": workers}
        home.root.mkdir(parents=True, exist_ok=True)
        config = home.root / "generator_config.json"
        config.write_text(json.dumps({"base_settings": settings, "videos": videos}))
        media_assets(home, "add", "--config", str(config))


def media_assets(home: Home, *arguments: str) -> None:
    """Run the program to its end."""
    command = _command(home, *arguments)
    done = subprocess.run(command, env=_environment(), capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)}: {done.stdout}{done.stderr}")


def _command(home: Home, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "media_assets.cli", "--home", str(home.root), *arguments]


def _environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if k not in (ENV, "DAGSTER_HOME")}


def master_of(home: Home, episode: str, path: Path) -> tuple[Master, FrameIndex, list[Patch]]:
    """What `patches` would be made from, and the plan."""
    row = read_table(home.table("patch_source", episode)).row(0, named=True)
    index = home.root / row["index_path"]
    master = Master(episode, path, index, row["sha256"], row["title"], Source.of(row))
    plan = read_table(home.table("patch_plan", episode))
    return master, read_frame_index(index), [Patch.of(p) for p in plan.iter_rows(named=True)]


# cost


def cost(bench: Bench) -> None:
    """CPU seconds per window: 004, ours, and decoding alone, group by group in turn."""
    usual, largest = bench.planned(USUAL), bench.planned(LARGEST)
    print("| CPU seconds per window | windows | 004 | ours | 004 / ours | bar | |")
    print("|---|---|---|---|---|---|---|")
    decoding = []
    for clip in CLIPS:
        windows, each = _cost(bench, usual, clip.name, ("bare", "ours", "004"))
        ratio, bar = each["004"] / each["ours"], BETTER[clip.name]
        said = f"{each['004']:.2f} | {each['ours']:.3f} | {ratio:.1f} | >= {bar:.0f}"
        print(f"| {clip.name} | {windows} | {said} | {met(ratio >= bar)} |", flush=True)
        decoding.append((f"{clip.name}, general", windows, each))
        windows, each = _cost(bench, largest, clip.name, ("bare", "sparing", "ours"), every=3)
        decoding.append((f"{clip.name}, space", windows, each))
    print("\n| CPU seconds per window | windows | bare decode | decode as we do | ours ", end="")
    print("| ours / bare | bar | |\n|---|---|---|---|---|---|---|---|")
    for name, windows, each in decoding:
        over, sparing = each["ours"] / each["bare"], each.get("sparing")
        print(
            f"| {name} | {windows} | {each['bare']:.3f} | {f'{sparing:.3f}' if sparing else ''} "
            f"| {each['ours']:.3f} | {over:.2f} | <= {OVER_BARE} | {met(over <= OVER_BARE)} |",
        )


def _cost(
    bench: Bench, home: Home, episode: str, ways: Sequence[str], every: int = 1
) -> tuple[int, dict[str, float]]:
    """How many windows, and what each takes on average, by way."""
    master, index, plan = master_of(home, episode, bench.clip(episode))
    jobs = bench.some(jobs_of(plan, index), every)
    spent: Counter[str] = Counter()
    with (
        extraction(master, PatchSettings(), home) as extract,
        WindowReader(master.path, index) as reader,
        open_media(master.path) as plain,
        TemporaryDirectory() as folder,
    ):
        set_threads(video_stream(plain, index.stream), False)

        def old(window: Window) -> None:
            make_window(master.path, master.source.hdr != "sdr", window, Path(folder))

        known: dict[str, Callable[[list[Window]], object]] = {
            "bare": lambda job: _decode_to(plain, index, _numbers(job)),
            "sparing": lambda job: deque(reader.frames(_numbers(job)), maxlen=0),
            "ours": lambda job: list(extract(job)),
            "004": lambda job: [old(window) for window in job],
        }
        for way in ways:
            known[way](jobs[0])  # What is compiled once per installation does not count.
        for job in jobs:
            for way in ways:
                before = cpu_seconds()
                known[way](job)
                spent[way] += cpu_seconds() - before
    windows = sum(map(len, jobs))
    return windows, {way: seconds / windows for way, seconds in spent.items()}


def _numbers(job: list[Window]) -> list[int]:
    return [number for window in job for number in window[0].frames]


def _decode_to(container: InputContainer, index: FrameIndex, numbers: Sequence[int]) -> None:
    """Decode every frame from the entry point before the first to the last."""
    video = video_stream(container, index.stream)
    first, last = (int(index.pts[number]) for number in (numbers[0], numbers[-1]))
    entry = max(0, int(np.searchsorted(index.seek_pts, first, "right")) - 1)
    container.seek(int(index.seek_pts[entry]), stream=video)
    for frame in container.decode(video):
        if frame.pts >= last:
            return


# exactness


def exactness(bench: Bench) -> None:
    """Every frame that windows get against the same frame of a decode from the beginning."""
    home = bench.planned(USUAL)
    print("| file | frames | windows | frames given | withheld | wrong |")
    print("|---|---|---|---|---|---|")
    total: Counter[str] = Counter()
    for clip in CLIPS:
        master, index, plan = master_of(home, clip.name, bench.clip(clip.name))
        jobs = bench.some(jobs_of(plan, index))
        windows = [window[0].frames for job in jobs for window in job]
        total += _compared(clip.name, master.path, index, [windows])
    for folder in ("hdr_uhd", "hostile"):
        for path in sorted((bench.media / folder).rglob("*.*")):
            try:
                index = read_index(path)
            except Unusable:
                continue
            end = max(1, len(index) - WINDOW_FRAMES + 1)
            passes = [[_window(index, at) for at in range(first, end, EVERY)] for first in OFFSETS]
            total += _compared(path.relative_to(bench.media).as_posix(), path, index, passes)
    print(
        f"| all | {total['frames']} | {total['windows']} | {total['given']} | {total['withheld']} "
        f"| {total['wrong']} (bar 0) {met(total['wrong'] == 0)} |"
    )


def _window(index: FrameIndex, start: int) -> tuple[int, ...]:
    return tuple(range(start, min(start + WINDOW_FRAMES, len(index))))


def _compared(
    name: str, path: Path, index: FrameIndex, passes: Sequence[Sequence[Sequence[int]]]
) -> Counter[str]:
    """Prints and gives the counts of one file; in each pass the file is opened anew."""
    wanted = [sorted({n for window in windows for n in window}) for windows in passes]
    truth = _sequential(path, index, set().union(*wanted))
    count = Counter(frames=len(index), windows=sum(map(len, passes)), given=0, withheld=0, wrong=0)
    for numbers in wanted:
        damage = Damage()
        with WindowReader(path, index) as reader:
            for number, frame in reader.frames(numbers, damage):
                count["given"] += 1
                count["wrong"] += hash_of(frame) != truth.get(number)
        count["withheld"] += len(set(damage.missing) | set(damage.corrupt))
    print(
        f"| {name} | {count['frames']} | {count['windows']} | {count['given']} "
        f"| {count['withheld']} | {count['wrong']} |",
        flush=True,
    )
    return count


def _sequential(path: Path, index: FrameIndex, wanted: set[int]) -> dict[int, str]:
    """Hashes of the wanted frames as one thread shows them from the beginning of the file."""
    hashes: dict[int, str] = {}
    number_of = {pts: number for number, pts in enumerate(index.pts.tolist())}
    for count, frame in enumerate(decode_stream(path, index.stream)):
        number = count if index.restamped else number_of.get(frame.pts)
        if number in wanted and number not in hashes:
            hashes[number] = hash_of(frame)
    return hashes


def hash_of(frame: VideoFrame) -> str:
    """Of the visible samples of a planar picture, its size and its format."""
    found = hashlib.sha1(f"{frame.width}x{frame.height} {frame.format.name}".encode())
    size = 2 if frame.format.components[0].bits > 8 else 1
    for plane in frame.planes:
        lines = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
        found.update(np.ascontiguousarray(lines[:, : plane.width * size]))
    return found.hexdigest()


# reruns


def reruns(bench: Bench) -> None:
    """The same tree from two runs, and from one killed again and again; what it holds."""
    windows = 10 if bench.quick else 40
    kills = 3 if bench.quick else KILLS
    homes = [bench.home(name) for name in ("two-workers", "one-worker", "killed")]
    for home, workers in zip(homes, (2, 1, 2), strict=True):
        bench.configure(home, MIXED, windows, workers)
    undisturbed, again, disturbed = homes
    for home in (undisturbed, again):
        media_assets(home, "run", "--select", "patches")
    kept = [rows for number in range(kills) if (rows := _killed(disturbed, number)) is not None]
    media_assets(disturbed, "run", "--select", "patches")
    trees = [tree_of(home.exports / "superres") for home in homes]
    print("| rerun | files | tree | rows | bar | |\n|---|---|---|---|---|---|")
    names = ("two workers", "one worker", f"{len(kept)} kill -9")
    for name, home, tree in zip(names, homes, trees, strict=True):
        same = tree == trees[0]
        rows = _rows(home).drop("row_key").equals(_rows(undisturbed).drop("row_key"))
        digest = hashlib.sha256(json.dumps(tree).encode()).hexdigest()[:16]
        told = "same rows" if rows else "other rows"
        print(f"| {name} | {len(tree)} | {digest} | {told} | the same | {met(same and rows)} |")
    print(f"\nRows that were there at each kill: {', '.join(map(str, kept))}.\n")
    _split(undisturbed, windows)


def _killed(home: Home, number: int) -> int | None:
    """Kill a run at some moment while it makes patches; the rows that were there, None if it ended.

    Every other time its workers are killed with it; else they are left to notice by themselves.
    """
    draw = random.Random(number)
    least = _rows_in_journals(home) + draw.randint(1, 4)
    process = subprocess.Popen(
        _command(home, "run", "--select", "patches"),
        env=_environment(),
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None and _rows_in_journals(home) < least:
        time.sleep(0.02)
    time.sleep(draw.random() / 2)
    if process.poll() is None:
        kill = os.killpg if number % 2 else os.kill
        kill(process.pid, signal.SIGKILL)
    if process.wait() != -signal.SIGKILL:
        return None
    return _rows_in_journals(home)


def _rows_in_journals(home: Home) -> int:
    """Rows in the journals of both masters."""
    files = [home.journal("patches", clip.name) for clip in CLIPS]
    return sum(file.read_bytes().count(b'"row":') for file in files if file.exists())


def tree_of(folder: Path) -> list[tuple[str, str]]:
    """Path and hash of every file below a folder."""
    return [
        (path.relative_to(folder).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]


def _rows(home: Home) -> pl.DataFrame:
    return pl.concat([read_table(home.table("patches", clip.name)) for clip in CLIPS])


def _split(home: Home, windows: int) -> None:
    """Patches by category against their share, and how many places were rejected."""
    print("| category | share | planned per master | written | off by | bar | |")
    print("|---|---|---|---|---|---|---|")
    rows = _rows(home)
    written = rows.filter(pl.col("status") == "written")
    for category, share in MIXED.items():
        planned, stand = [], []
        for clip in CLIPS:
            plan = read_table(home.table("patch_plan", clip.name))
            planned.append(plan.filter(pl.col("category") == category))
            mine = (pl.col("episode_id") == clip.name) & (pl.col("category") == category)
            stand.append(written.filter(mine).height)
        off = max(abs(one.height - share * windows) for one in planned)
        exact = off <= 0.5 and all(map(_formats_fit, planned, [category] * len(CLIPS)))
        heights = " ".join(str(one.height) for one in planned)
        print(
            f"| {category} | {share} | {heights} | {' '.join(map(str, stand))} | {off:.2f} "
            f"| <= 0.5, formats < 1 | {met(exact)} |"
        )
    print(f"\nPlaces tried {rows.height}, written {written.height}: ", end="")
    print(f"{written.height / rows.height:.1%} (004 says 85-95%). ", end="")
    reasons = rows.filter(pl.col("status") == "rejected")["reason"].value_counts(sort=True)
    told = ", ".join(f"{reason} {count}" for reason, count in reasons.iter_rows())
    print(f"Rejected: {told or 'none'}.")
    cut = [_has_cut(row) for row in rows.iter_rows(named=True)]
    across = rows.filter(cut).height
    kept = written.filter([_has_cut(row) for row in written.iter_rows(named=True)]).height
    print(f"Places across one of the masters' cuts: {across}, written of them {kept}", end=" ")
    print(f"(bar 0) {met(kept == 0)}.")


def _has_cut(row: Mapping[str, Any]) -> bool:
    """Whether a place's frames are of two shots."""
    clip = next(clip for clip in CLIPS if clip.name == row["episode_id"])
    return any(row["frames"][0] < cut <= row["frames"][-1] for cut in cuts(clip))


def _formats_fit(plan: pl.DataFrame, category: str) -> bool:
    """Whether each format has its share of the category's patches, to less than one patch."""
    counts = dict(plan["format"].value_counts().iter_rows())
    shares = CATEGORIES[category].formats
    return all(abs(counts.get(name, 0) - s * plan.height) < 1 for name, s in shares.items())


# memory


def memory(bench: Bench) -> None:
    """Peak memory of a worker, by its own account, on the windows with the largest crops."""
    home = bench.planned(LARGEST)
    print("| peak of one worker | GB | bar | |\n|---|---|---|---|")
    for clip in CLIPS:
        master, index, plan = master_of(home, clip.name, bench.clip(clip.name))
        jobs = jobs_of(plan, index)
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=spawn) as pool:
            peak = pool.submit(_peak_bytes, master, home, jobs[:: max(1, len(jobs) // 8)]).result()
        told = met(peak <= WORKER_GB * 1e9)
        print(f"| {clip.name} | {peak / 1e9:.2f} | <= {WORKER_GB} | {told} |", flush=True)


def _peak_bytes(master: Master, home: Home, jobs: Sequence[list[Window]]) -> int:
    with extraction(master, PatchSettings(), home) as extract:
        for job in jobs:
            list(extract(job))
    # Not ru_maxrss, which a process takes over from the one that started it.
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith("VmHWM")).split()[1])


MEASURES: Mapping[str, Callable[[Bench], None]] = {
    "cost": cost,
    "exactness": exactness,
    "reruns": reruns,
    "memory": memory,
}


def met(good: bool) -> str:
    return "met" if good else "**missed**"


def main() -> None:
    """Print the tables of the measures that the command line names, by default of all."""
    parser = arguments(__doc__)
    parser.add_argument("measures", nargs="*", metavar="measure", help=", ".join(MEASURES))
    parser.add_argument("--work", type=Path, help="folder for the masters, kept")
    parser.add_argument("--quick", action="store_true", help="ten windows instead of a hundred")
    given, _ = parser.parse_known_args()
    names = [name for name in given.measures if name in MEASURES] or list(MEASURES)
    with TemporaryDirectory() as temporary:
        work = (given.work or Path(temporary) / "work").absolute()
        work.mkdir(parents=True, exist_ok=True)
        bench = Bench(given.media, work, Path(temporary) / "homes", given.quick)
        for name in names:
            print(f"\n### {name}\n", flush=True)
            began = time.monotonic()
            MEASURES[name](bench)
            print(f"\n({time.monotonic() - began:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
