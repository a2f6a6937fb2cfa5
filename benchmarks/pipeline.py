"""What the main job costs: the analysis pass, memory, start-up, and a second run.

Times are CPU seconds of two things done in turn in one run, the least of several rounds; what
counts is the ratio. Memory is the peak of a process of its own.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import given_media
from media_assets.demo import show_dir
from media_assets.shots.frame_pass import measure_frames
from resources.home import ENV

PASSES = (
    "animation/sintel_trailer_720p_vp8_opus.webm",
    "animation/popeye_p3_1080p_hevc_pgs.mkv",
    "composite/dev/dev_episode_a.mkv",
)
ROUNDS = 3
MEMORY = (
    ("1 s, 720p", "hostile/made_dev/base.mp4"),
    ("363 s, 1080p", "hostile/long_1080p_lowbitrate.mp4"),
)
PEAK = """
import sys, tempfile
from pathlib import Path
from media_assets.shots.frame_pass import measure_frames
with tempfile.TemporaryDirectory() as folder:
    frames = measure_frames(Path(sys.argv[1]), Path(folder) / "kept.nut").height
# Not ru_maxrss, which a process takes over from the one that started it.
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(frames, int(peak.split()[1]) // 1024)
"""


def main() -> None:
    """Print every section."""
    media = given_media(__doc__)
    analysis_pass(media)
    memory(media)
    start_up()
    second_run()


def analysis_pass(media: Path) -> None:
    """The pass that feeds shots, quality and reference frames, against the bare decode."""
    print("\nanalysis pass (shots, quality, reference frames) against the bare PyAV decode, CPU s")
    with tempfile.TemporaryDirectory() as folder:
        for name in PASSES:
            path, kept = media / name, Path(folder) / "kept.nut"
            bare, ours = [], []
            for _ in range(ROUNDS):
                bare.append(cpu_seconds(lambda path=path: decode(path)))
                ours.append(cpu_seconds(lambda path=path, kept=kept: measure_frames(path, kept)))
            print(f"  {min(ours) / min(bare):5.2f}x  {min(ours):6.2f} / {min(bare):6.2f}  {name}")


def memory(media: Path) -> None:
    """Peak memory of the analysis pass on a short and a long master."""
    print("\npeak memory of the analysis pass")
    for label, name in MEMORY:
        command = [sys.executable, "-c", PEAK, str(media / name)]
        frames, peak = subprocess.check_output(command, text=True).split()
        print(f"  {peak:>6} MB  {frames:>6} frames  {label}")


def start_up() -> None:
    """Import of the code location against that of dagster alone."""

    def seconds(module: str) -> float:
        command = [sys.executable, "-c", f"import time; t = time.perf_counter(); import {module}; "
                   "print(time.perf_counter() - t)"]  # fmt: skip
        return min(float(subprocess.check_output(command)) for _ in range(ROUNDS + 2))

    ours, dagster = seconds("media_assets.definitions"), seconds("dagster")
    print(f"\nimport of the code location: {ours:.2f} s, of dagster alone {dagster:.2f} s")


def second_run() -> None:
    """Rows computed by a first run, a second one, and one after an edited subtitle line."""
    print("\nmini show, rows computed")
    with tempfile.TemporaryDirectory() as folder:
        masters, home = Path(folder) / "masters", Path(folder) / "home"
        shutil.copytree(show_dir(), masters)
        media_assets(home, "add", str(masters), "--show", str(masters / "knowledge"))
        print(f"  first run        {rows(home)}")
        print(f"  second run       {rows(home)}")
        sidecar = next(masters.glob("*.vtt"))
        sidecar.write_text(sidecar.read_text().replace("big lever", "red lever"))
        print(f"  one line edited  {rows(home)}")


def rows(home: Path) -> dict[str, int]:
    """Rows computed by asset; assets without any left out."""
    summary = json.loads(media_assets(home, "run", "--json"))
    counts: dict[str, int] = {}
    for tables in [*summary["episodes"].values(), summary["library"]]:
        for name, table in tables.items():
            counts[name] = counts.get(name, 0) + table["computed"]
    return {"all": sum(counts.values())} | {name: n for name, n in counts.items() if n}


def media_assets(home: Path, *arguments: str) -> str:
    """What the program prints."""
    environment = {k: v for k, v in os.environ.items() if k not in (ENV, "DAGSTER_HOME")}
    command = [sys.executable, "-m", "media_assets.cli", "--home", str(home), *arguments]
    return subprocess.check_output(command, env=environment, text=True)


def decode(path: Path) -> None:
    """Decode every frame, all cores, as any reader would."""
    import av

    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        for _ in container.decode(stream):
            pass


def cpu_seconds(work: Callable[[], object]) -> float:
    """User and system seconds of all threads of this process that `work` takes."""
    before = os.times()
    work()
    after = os.times()
    return after.user + after.system - before.user - before.system


if __name__ == "__main__":
    main()
