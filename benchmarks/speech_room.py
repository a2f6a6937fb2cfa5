"""What the embedded speech room costs: time against the length of the sound, and memory.

The soundtrack is made here from labelled recordings: subtitled speech, the same over music, talk
that nobody subtitled (meetings, a phone call), music alone and pauses, repeated up to the length.
The job is the command line's own, in a process of its own, from the master to the utterances.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import arguments
from media_assets.media.audio import WavWriter, read_audio
from resources.home import ENV

RATE = 48_000
PAUSE_S = 1.0
MUSIC_DB = -12.0
"""Level of the music under speech, relative to its level alone."""
JOB = """
import sys, time
from media_assets.cli import main
start = time.perf_counter()
try:
    main()
except SystemExit as end:
    assert end.code in (None, 0), end.code
# Not ru_maxrss, which a process takes over from the one that started it.
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(time.perf_counter() - start, int(peak.split()[1]) / 1024, file=sys.stderr)
"""


@dataclass(frozen=True)
class Piece:
    """A recording, what is said in it (None: nobody wrote it down), and what plays under it."""

    sound: NDArray[np.float32]
    text: str | None = None
    music: bool = False


@dataclass(frozen=True)
class Cost:
    """What a run took."""

    sound_s: float
    subtitled_s: float
    wall_s: float
    peak_mb: float

    @property
    def ratio(self) -> float:
        """Share of real time."""
        return self.wall_s / self.sound_s


def main() -> None:
    """Print the table."""
    parser = arguments(__doc__)
    parser.add_argument("--minutes", type=float, nargs="+", default=[20, 120])
    given, _ = parser.parse_known_args()
    print("\nembedded speech room, from the master to the utterances, 2 cores")
    print("\n| sound | subtitled | share of real time | peak memory |\n|---|---|---|---|")
    for minutes in given.minutes:
        cost = measure(given.media, minutes * 60)
        print(
            f"| {cost.sound_s / 60:.0f} min | {100 * cost.subtitled_s / cost.sound_s:.0f} % "
            f"| {cost.ratio:.2f}x | {cost.peak_mb:.0f} MB |",
            flush=True,
        )


def measure(media: Path, length_s: float) -> Cost:
    """The cost of one soundtrack of about `length_s`."""
    with tempfile.TemporaryDirectory() as folder:
        master, home = Path(folder) / "film.wav", Path(folder) / "home"
        sound_s, subtitled_s = make_soundtrack(media, master, length_s)
        job(home, "add", str(master))
        wall_s, peak_mb = job(home, "run", "--select", "group:speech")
    return Cost(sound_s, subtitled_s, wall_s, peak_mb)


def job(home: Path, *arguments: str) -> tuple[float, float]:
    """Seconds and peak MB of a command of the program."""
    environment = {k: v for k, v in os.environ.items() if k not in (ENV, "DAGSTER_HOME")}
    command = [sys.executable, "-c", JOB, "--home", str(home), *arguments]
    done = subprocess.run(command, env=environment, text=True, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{arguments[0]} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    wall_s, peak_mb = done.stderr.splitlines()[-1].split()
    return float(wall_s), float(peak_mb)


def make_soundtrack(media: Path, master: Path, length_s: float) -> tuple[float, float]:
    """Write the master and the subtitles beside it; gives seconds of sound and of subtitled speech.

    Stereo: speech in the middle, the music as it is.
    """
    music = _stereo(media / "music/fluffing_a_duck.mp3")
    captions: list[tuple[float, float, str]] = []
    samples, played = 0, 0
    with WavWriter(master, RATE, 2) as out:
        for piece in _endless(pieces(media)):
            if samples >= length_s * RATE:
                break
            block = piece.sound.copy()
            if piece.music:
                under = np.take(music, np.arange(played, played + len(block)), 0, mode="wrap")
                block += under * np.float32(10 ** (MUSIC_DB / 20))
                played += len(block)
            if piece.text:
                captions.append((samples / RATE, (samples + len(block)) / RATE, piece.text))
            pause = np.zeros((round(PAUSE_S * RATE), 2), np.float32)
            out.write(block.clip(-1, 1))
            out.write(pause)
            samples += len(block) + len(pause)
    cues = (f"{_time(start)} --> {_time(end)}\n{text}\n" for start, end, text in captions)
    srt = "\n".join(f"{index}\n{cue}" for index, cue in enumerate(cues, 1))
    master.with_suffix(".en.srt").write_text(srt)
    return samples / RATE, sum(end - start for start, end, _ in captions)


def pieces(media: Path) -> list[Piece]:
    """What the soundtrack repeats: 6 minutes, half of them subtitled speech."""
    speech = media / "speech"
    said = {
        "mfa/acoustic_corpus.wav": (speech / "mfa/acoustic_corpus.lab").read_text(),
        "librispeech/2412-153948-0000.flac": (
            speech / "librispeech/2412-153948-0000.txt"
        ).read_text(),
        "jfk.flac": "And so my fellow Americans, ask not what your country can do for you, "
        "ask what you can do for your country.",
    }
    said |= {
        f"fleurs/fleurs-en-{index:03d}.ogg": (
            speech / f"fleurs/fleurs-en-{index:03d}.txt"
        ).read_text()
        for index in range(5)
    }
    subtitled = [Piece(_stereo(speech / name), text.strip()) for name, text in said.items()]
    talk = [Piece(_stereo(speech / name)) for name in ("ami/trn01.wav", "phone/sample.wav")]
    quiet = Piece(_stereo(media / "music/fluffing_a_duck.mp3")[: 30 * RATE])
    over_music = [Piece(each.sound, each.text, music=True) for each in subtitled]
    return [*subtitled, talk[0], *over_music, quiet, talk[1]]


def _endless(pieces: list[Piece]) -> Iterator[Piece]:
    while True:
        yield from pieces


def _stereo(path: Path) -> NDArray[np.float32]:
    """The whole file at `RATE`, (samples, 2)."""
    return read_audio(path, 0, 3600, rate=RATE, channels=2)


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds * 1000), 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d},{rest % 1000:03d}"


if __name__ == "__main__":
    main()
