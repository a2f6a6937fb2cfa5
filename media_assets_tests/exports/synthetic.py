"""A small library made of tables and real tiny clips, as the rooms upstream would leave it."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from media_assets.captions import assets as captions_assets
from media_assets.episodes import EPISODES
from media_assets.exports import assets as exports_assets
from media_assets.ingest.schema import MASTERS, PROBE, SUBTITLES
from media_assets.knowledge.schema import CAST, SPEAKER_MAP
from media_assets.library import Registration, register
from media_assets.schemas import TABLES
from media_assets.shots.schema import CLIP_FILES, CLIP_QUALITY, CLIPS, REFERENCE_FRAMES, SHOTS
from media_assets.speech.schema import ATTRIBUTION, LINES
from resources.home import Home
from resources.problems import BadInput, NotApplicable, Unusable
from resources.storage import Made, io_managers
from resources.tables import TableSchema, digest, write_table

WIDTH, HEIGHT, FPS = 64, 36, 24
PER_EPISODE = [captions_assets.annotations, captions_assets.captions, exports_assets.records]
OVER_ALL = [
    exports_assets.dataset,
    exports_assets.reject_ledger,
    exports_assets.source_manifest,
    exports_assets.dataset_report,
    exports_assets.episode_status,
    exports_assets.manifest_frame,
]

EMPTY = {pl.String: "", pl.Int64: 0, pl.Float64: 0.0, pl.Boolean: False}

# start_s, frames, motion, luma, kept: the clips of an episode.
CLIPS_OF = ((0.0, 48, 0.05, 200.0), (3.0, 72, 2.0, 120.0), (6.0, 48, 9.0, 20.0))


def put(home: Home, schema: TableSchema, episode: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write a table as its asset would; columns that are left out are null, else 0 or empty."""
    blank = {
        name: None if column.nullable else EMPTY.get(column.dtype, [])
        for name, column in schema.columns.items()
    }
    frame = schema.frame(blank | dict(row) for row in rows)
    made = Made.of(schema, frame, digest(frame.to_dicts()), {})
    write_table(home.table(schema.name, episode), made.frame, made.footer)


def put_nothing(home: Home, schema: TableSchema, episode: str, problem: Unusable) -> None:
    made = Made.nothing(schema, problem, digest(str(problem)), {})
    write_table(home.table(schema.name, episode), made.frame, made.footer)


def clip_id(episode: str, start_s: float) -> str:
    return f"{episode}-{round(start_s * 1000):08d}"


def video(path: Path, frames: int, shade: int) -> None:
    """A tiny MP4 with exactly that many frames."""
    import av
    import numpy as np

    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for index in range(frames):
            picture = np.full((HEIGHT, WIDTH, 3), shade, np.uint8)
            picture[:, index % WIDTH] = 255
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)


def picture(path: Path, shade: int) -> None:
    import cv2
    import numpy as np

    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((HEIGHT, WIDTH, 3), shade, np.uint8))


def enter(home: Home, episode: str, uses: tuple[str, ...] = ("video", "speech")) -> None:
    """Register a master that is only a name."""
    root = home.root.parent / "masters"
    root.mkdir(exist_ok=True)
    register(home, Registration(episode, root / f"{episode}.mp4", root, uses, "harbour"))


def good_episode(home: Home, episode: str, title: str | None = "The Dark Lamp") -> None:
    """Three clips: bright and still, ordinary with two lines, dark and fast but rejected."""
    enter(home, episode)
    shared = {"episode_id": episode}
    put(home, MASTERS, episode, [shared | {
        "path": f"{episode}.mp4", "sha256": digest(episode), "bytes": 1000, "duration_s": 8.0,
        "container": "mp4", "streams": ["video h264 64x36 24 fps", "audio aac 48000 Hz 2 ch"],
        "language": "en", "rights_holder": "Harbour Films", "show": "Harbour Lights", "season": 1,
        "number": 1, "title": title, "uses": ["video", "speech"], "sidecars": [],
    }])  # fmt: skip
    put(home, PROBE, episode, [shared | {"container": "mp4", "start_s": 0.0}])
    put(home, SUBTITLES, episode, subtitles(episode))
    for schema in (ATTRIBUTION, LINES):
        put_nothing(home, schema, episode, NotApplicable("the master has no sound"))
    put(home, CAST, episode, [
        shared | {"character": "Mina", "cast_order": 0, "aliases": [], "hair": ["red hair"],
                  "outfits": [{"label": "coat", "description": "yellow raincoat"}]},
        shared | {"character": "Grandpa Bram", "cast_order": 1, "aliases": ["Grandpa"],
                  "hair": ["white beard"], "outfits": []},
    ])  # fmt: skip
    put(home, SPEAKER_MAP, episode, [
        shared | {"speaker": "BRAM", "character": "Grandpa Bram"},
    ])  # fmt: skip
    shots, clips, quality, files, frames = [], [], [], [], []
    for index, (start_s, count, motion, luma) in enumerate(CLIPS_OF):
        clip = shared | {"clip_id": clip_id(episode, start_s)}
        start, end_s = round(start_s * FPS), start_s + count / FPS
        span = {"start_frame": start, "end_frame": start + count, "start_s": start_s,
                "end_s": end_s}  # fmt: skip
        key = {"shot_key": f"{episode}:s{index:04d}", "shot_index": index}
        shots.append(shared | key | span | {
            "transition_in": "cut", "transition_out": "cut", "confidence": 1.0})  # fmt: skip
        clips.append(clip | key | span | {
            "clip": f"{clip['clip_id']}.mp4", "scene_index": 0, "fps": float(FPS), "fps_num": FPS,
            "fps_den": 1, "frames": count, "width_px": WIDTH, "height_px": HEIGHT,
            "suspected": False})  # fmt: skip
        dark = luma < 30
        quality.append(clip | {
            "motion": motion, "luma": luma, "contrast": 40.0, "sharpness": 100.0 + index,
            "black_share": 0.0, "static_share": 0.0, "crop_x_px": 0, "crop_y_px": 0,
            "crop_width_px": WIDTH, "crop_height_px": HEIGHT, "kept": not dark,
            "reasons": [f"luma {luma:.0f} is under 30"] if dark else []})  # fmt: skip
        if dark:
            continue
        path = home.files / "clips" / f"{digest([episode, index])}.mp4"
        video(path, count, shade=60 + index)
        files.append(clip | {
            "path": home.relative(path), "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "frames": count,
            "frames_sha256": digest(index), "audio": False, "encoder": "mpeg4", "row_key": "",
        })  # fmt: skip
        for k in range(3):
            path = home.files / "frames" / f"{digest([episode, index, k])}.png"
            picture(path, 40 * k + index)
            frames.append(clip | {
                "k": k, "frame": start + k, "ts_s": start_s + k / FPS, "path": home.relative(path),
                "width_px": WIDTH, "height_px": HEIGHT, "row_key": ""})  # fmt: skip
    for schema, rows in ((SHOTS, shots), (CLIPS, clips), (CLIP_QUALITY, quality),
                         (CLIP_FILES, files), (REFERENCE_FRAMES, frames)):  # fmt: skip
        put(home, schema, episode, rows)


def subtitles(episode: str, first: str = 'The lamp is "dark"\ntonight!') -> list[dict[str, Any]]:
    lines = (
        (3.1, 4.6, first, "MINA", True),
        (4.7, 5.3, "Pull the lever.", "Bram", True),
        (5.4, 5.9, "Who is there?", "GUARD", True),
        (0.5, 1.0, "[waves]", None, False),
    )
    return [
        {
            "episode_id": episode, "subtitle_id": f"{round(start * 1000):08d}", "start_s": start,
            "end_s": end, "text": text, "speaker": speaker, "spoken": spoken, "language": "en",
            "source": f"{episode}.en.srt",
        }
        for start, end, text, speaker, spoken in lines
    ]  # fmt: skip


def bad_episode(home: Home, episode: str) -> None:
    """A master that can not be read: every table says so."""
    enter(home, episode)
    problem = BadInput("moov atom not found", where=f"{episode}.mp4", remedy="Copy it again.")
    for schema in (MASTERS, PROBE, SUBTITLES, CAST, SPEAKER_MAP, SHOTS, CLIPS, CLIP_QUALITY,
                   CLIP_FILES, REFERENCE_FRAMES, ATTRIBUTION, LINES):  # fmt: skip
        put_nothing(home, schema, episode, problem)


def speech_episode(home: Home, episode: str) -> None:
    """A radio play: there is no picture to make clips of."""
    good_episode(home, episode)
    (home.episodes / f"{episode}.json").unlink()
    enter(home, episode, uses=("speech",))
    for schema in (SHOTS, CLIPS, CLIP_QUALITY, CLIP_FILES, REFERENCE_FRAMES):
        put_nothing(home, schema, episode, NotApplicable("the master's uses are ('speech',)"))


QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def stubs(made: Iterable[dg.AssetsDefinition]) -> list[dg.AssetSpec]:
    """Specs of all tables that come from rooms not at work here."""
    known = {key.to_user_string() for asset in made for key in asset.keys}
    return [
        dg.AssetSpec(name, partitions_def=EPISODES).with_io_manager_key("tables")
        for name in TABLES
        if name not in known
    ]


def run(
    home: Home, *episodes: str, over_all: bool = True, raise_on_error: bool = True
) -> list[dg.ExecuteInProcessResult]:
    """Materialize captions and records of the episodes, then what is over all of them."""
    everything = [*PER_EPISODE, *OVER_ALL]
    assets = [*everything, *stubs(everything)]
    results = []
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("episodes", list(episodes))
        for episode in episodes:
            results.append(
                dg.materialize(assets, selection=PER_EPISODE, partition_key=episode,
                               resources=io_managers(home), instance=instance, run_config=QUIET)
            )  # fmt: skip
        if over_all:
            results.append(
                dg.materialize(assets, selection=OVER_ALL, resources=io_managers(home),
                               instance=instance, run_config=QUIET, raise_on_error=raise_on_error)
            )  # fmt: skip
    return results


def counts(results: Iterable[dg.ExecuteInProcessResult]) -> dict[str, int]:
    """Rows computed by asset, over the given runs."""
    total: dict[str, int] = {}
    for result in results:
        for event in result.get_asset_materialization_events():
            name = event.asset_key.to_user_string()
            metadata = event.step_materialization_data.materialization.metadata
            if "rows_computed" in metadata:
                total[name] = total.get(name, 0) + metadata["rows_computed"].value
    return total
