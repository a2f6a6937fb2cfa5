"""How long it takes to plan the patches of a film of 12 hours: reading its index, planning.

The film is a small clip whose packets are written again and again with later times: a million
frames without encoding them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks import given_media
from media_assets.media.index import read_index
from media_assets.media.index_file import read_frame_index, write_frame_index
from media_assets.superres.again import places_again
from media_assets.superres.patch import Outcome, Patch, Source
from media_assets.superres.plan import plan_patches
from media_assets.superres.settings import PatchSettings, PlanSettings

HOURS, RATE = 12, 24
CLIP_FRAMES, SIZE = 480, (160, 96)
CATEGORIES = {"general": 0.3, "space": 0.4, "toon": 0.3}
GOAL_S = 10.0
SOURCE = {
    **{"episode_id": "film", "sha256": "film", "title": "A Film", "fps": float(RATE)},
    "categories": [{"category": name, "weight": weight} for name, weight in CATEGORIES.items()],
    **{"coded_width_px": 3840, "coded_height_px": 2160, "pixel_format": "yuv420p10le"},
    **{"area_x_px": 0, "area_y_px": 0, "area_width_px": 3840, "area_height_px": 2160},
    **{"pixel_aspect": "1/1", "transpose": False, "mirror_x": False, "mirror_y": False},
    **{"width_px": 1920, "height_px": 1080, "hdr": "pq", "peak_nits": 1000.0},
    **{"matrix": "bt2020", "range": "tv", "siting": "topleft"},
}


def main() -> None:
    print("\n".join(measure(given_media(__doc__))))


def measure(media: Path | None = None) -> Iterator[str]:
    """Lines of a Markdown table, seconds of wall clock and of CPU; real media are not needed."""
    yield "| container | packets | index read | index kept | planned | patches | all tried again |"
    yield "|---|---|---|---|---|---|---|"
    worst = 0.0
    with TemporaryDirectory() as folder:
        clip = _clip(Path(folder) / "clip.mp4")
        for suffix in ("mkv", "mp4"):
            film = _film(clip, Path(folder) / f"film.{suffix}")
            clock = _Clock()
            index = read_index(film)
            clock.lap()
            write_frame_index(film.with_suffix(".npz"), index)
            index = read_frame_index(film.with_suffix(".npz"))
            clock.lap()
            row = SOURCE | {"frames": len(index)}
            _, plan = plan_patches(row, index, PlanSettings())
            clock.lap()
            worst = max(worst, clock.total_s)
            patches = [Patch.of(one) for one in plan.iter_rows(named=True)]
            tried = [Outcome(patch, "rejected", "black") for patch in patches]
            again = places_again(patches, tried, index, Source.of(row), PatchSettings())
            clock.lap()
            assert len(again) == len(patches)
            read, kept, planned, retried = clock.laps
            counts = f"{len(index)} | {read} | {kept} | {planned} | {plan.height}"
            yield f"| {suffix} | {counts} | {retried} |"
            film.unlink()
    yield f"\n{HOURS} h of film are planned in {worst:.1f} s (goal: {GOAL_S:.0f} s)"


class _Clock:
    """Wall clock and CPU seconds of one step after the other."""

    def __init__(self) -> None:
        self.laps: list[str] = []
        self.total_s = 0.0
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def lap(self) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        self.laps.append(f"{wall - self._wall:.2f} s ({cpu - self._cpu:.2f})")
        self.total_s += wall - self._wall
        self._wall, self._cpu = wall, cpu


def _clip(path: Path) -> Path:
    """Noise of 20 s in open groups of 48 pictures with B-frames."""
    import av

    picture = np.random.default_rng(0).integers(16, 235, (SIZE[1] * 3 // 2, SIZE[0]), np.uint8)
    params = "keyint=48:scenecut=0:bframes=3:b-pyramid=normal:open-gop=1:log-level=none"
    with av.open(str(path), "w") as out:
        options = {"preset": "ultrafast", "crf": "45", "x264-params": params}
        stream = out.add_stream("libx264", rate=RATE, options=options)
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        for number in range(CLIP_FRAMES):
            shifted = np.roll(picture, number, axis=1)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(shifted, format="yuv420p")))
        out.mux(stream.encode(None))
    return path


def _film(clip: Path, path: Path) -> Path:
    """`HOURS` of the clip's packets, one copy after the other."""
    import av

    with av.open(str(clip)) as source, av.open(str(path), "w") as out:
        video = source.streams.video[0]
        stream = out.add_stream_from_template(video)
        packets = [(bytes(p), p) for p in source.demux(video) if p.size]
        assert video.time_base is not None
        span = round(CLIP_FRAMES / (RATE * video.time_base))
        for copy in range(HOURS * 3600 * RATE // CLIP_FRAMES):
            for data, packet in packets:
                again = av.Packet(data)
                again.pts = (packet.pts or 0) + copy * span
                again.dts = (packet.dts or 0) + copy * span
                again.duration = packet.duration
                again.time_base, again.is_keyframe = video.time_base, packet.is_keyframe
                again.stream = stream
                out.mux(again)
    return path


if __name__ == "__main__":
    main()
