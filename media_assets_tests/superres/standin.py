"""A film without pictures, and an extraction that writes what follows from the place alone."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from hashlib import sha256
from pathlib import Path

import numpy as np
import polars as pl
import psutil

from media_assets.media.index import FrameIndex
from media_assets.media.index_file import write_frame_index
from media_assets.superres.extract import DAMAGED
from media_assets.superres.jobs import Master, Window
from media_assets.superres.patch import Outcome, Patch, Source
from media_assets.superres.plan import plan_patches
from media_assets.superres.settings import PatchSettings, PlanSettings
from media_assets.superres.write import Kind, write_patch
from resources.home import Home

FRAMES, GROUP = 2400, 48
Extract = Callable[[list[Window]], Iterator[list[Outcome]]]


def index() -> FrameIndex:
    pts = np.arange(FRAMES)
    return FrameIndex(
        *(0, Fraction(1, 24), Fraction(0), pts, pts[::GROUP], pts[::GROUP]),
        last_duration=1,
        declared_rate=Fraction(24),
    )


def film(home: Home, episode: str = "film", title: str = "A Film") -> Master:
    path = home.files / f"{episode}.npz"
    write_frame_index(path, index())
    source = Source(
        **{"frames": FRAMES, "fps": 24.0, "pixel_aspect": Fraction(1), "hdr": "sdr"},
        **{"area_x_px": 0, "area_y_px": 0, "area_width_px": 1280, "area_height_px": 720},
        **{"transpose": False, "mirror_x": False, "mirror_y": False, "peak_nits": None},
        **{"width_px": 1280, "height_px": 720, "matrix": "bt709", "range": "tv"},
        **{"coded_width_px": 1280, "coded_height_px": 720, "pixel_format": "yuv420p"},
        siting="left",
    )
    return Master(episode, home.root / "film.mkv", path, "ab" * 32, title, source)


def planned(master: Master, windows: int = 24, general: float = 0.75, seed: int = 0) -> list[Patch]:
    shares = [("general", general), ("toon", 1 - general)]
    row = {
        "episode_id": master.episode,
        "sha256": master.sha256,
        "title": master.title,
        "frames": FRAMES,
        "width_px": 1280,
        "height_px": 720,
        "categories": [{"category": name, "weight": weight} for name, weight in shares],
    }
    _, plan = plan_patches(row, index(), PlanSettings(base_frame_limit=windows, seed=seed))
    return [Patch.of(place) for place in plan.iter_rows(named=True)]


def outcome(patch: Patch, settings: PatchSettings, home: Home) -> Outcome:
    """A third of all places is black; the files of the others hold their place and the filter."""
    place = sha256(f"{patch.start_frame} {patch.category}".encode()).digest()
    if place[0] < 85:
        return Outcome(patch, "rejected", "black")
    said = sha256(place + settings.lr_filter.encode()).digest()
    files: dict[Kind, bytes] = {"lr5": b"5" + said, "lr7": b"7" + said, "gt": said * 3}
    paths = write_patch(files, patch, settings, home.exports / "superres")
    named = {f"{kind}_path": home.relative(path) for kind, path in paths.items()}
    return Outcome(patch, "written", bytes=sum(map(len, files.values())), **named)


@contextmanager
def standin(master: Master, settings: PatchSettings, home: Home) -> Iterator[Extract]:
    def extract(windows: list[Window]) -> Iterator[list[Outcome]]:
        for window in windows:
            yield [outcome(patch, settings, home) for patch in window]

    yield extract


@contextmanager
def failing(master: Master, settings: PatchSettings, home: Home) -> Iterator[Extract]:
    """Like the other up to the middle of the film; there it writes one more, and breaks."""
    with standin(master, settings, home) as whole:

        def extract(windows: list[Window]) -> Iterator[list[Outcome]]:
            for window in windows:
                done = list(whole([window]))
                if window[0].start_frame > FRAMES / 2:
                    raise OSError(28, "No space left on device", str(home.root))
                yield from done

        yield extract


@contextmanager
def breaking_off(master: Master, settings: PatchSettings, home: Home) -> Iterator[Extract]:
    """Like the other up to the middle of the film, where its file is cut short."""
    with standin(master, settings, home) as whole:

        def extract(windows: list[Window]) -> Iterator[list[Outcome]]:
            for window in windows:
                if window[0].start_frame <= FRAMES / 2:
                    yield from whole([window])
                else:
                    master.path.write_bytes(b"cut short")
                    yield [Outcome(patch, "rejected", DAMAGED) for patch in window]

        yield extract


def tree(folder: Path) -> dict[str, str]:
    """Every file below a folder, by its path, as a hash."""
    return {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def empty_folders(folder: Path) -> list[str]:
    return [
        path.relative_to(folder).as_posix()
        for path in sorted(folder.rglob("*"))
        if path.is_dir() and not any(path.iterdir())
    ]


def as_told(frame: pl.DataFrame) -> list[dict[str, object]]:
    """The rows without what they were made from."""
    return frame.drop("row_key").to_dicts()


def alive(pids: Iterable[int]) -> list[int]:
    """Those that run; one that has ended and whose parent has not asked is none of them."""
    found = []
    for pid in pids:
        with suppress(psutil.NoSuchProcess):
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                found.append(pid)
    return found
