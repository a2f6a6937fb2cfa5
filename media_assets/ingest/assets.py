"""The door of `ingest/`: what a master is, and what it says of itself.

Every table here is made again when the master's content changes; a mere touch costs one hash.
"""

from dataclasses import asdict
from typing import Any

import polars as pl

from media_assets.checks import Check, table_check
from media_assets.ingest.audio import extract_audio
from media_assets.ingest.masters import MasterSettings, file_facts, master_row
from media_assets.ingest.probe import ProbeSettings, probe_row
from media_assets.ingest.schema import AUDIO, MASTERS, PROBE, STREAMS, SUBTITLES, TRANSCRIPTS
from media_assets.ingest.sidecars import find_sidecars, sidecar_hashes
from media_assets.ingest.streams import scan
from media_assets.ingest.subtitles import SubtitleSettings, subtitle_rows
from media_assets.ingest.transcripts import TranscriptSettings, transcript_rows
from media_assets.knowledge.schema import CAST, EPISODE_INFO
from media_assets.library import Registration
from media_assets.previews import table as as_table
from media_assets.table_assets import Episode, episode_table
from resources.home import Home
from resources.tables import read_footer


def _master_facts(registration: Registration, home: Home) -> dict[str, Any]:
    return {
        "path": registration.relative_path,
        "uses": registration.uses,
        "file": file_facts(registration.master),
        "sidecars": [sidecar.name for sidecar in find_sidecars(registration.master)],
    }


def _known_sha256(ep: Episode) -> str | None:
    """The hash in the previous table, if the file has not been touched since."""
    footer = read_footer(ep.home.table(MASTERS.name, ep.id))
    if footer is None or ep.previous is None or ep.previous.is_empty():
        return None
    before = footer.made_from["external"]
    same = _master_facts(ep.registration, ep.home)
    untouched = all(before.get(name) == same[name] for name in ("path", "file"))
    return str(ep.previous["sha256"][0]) if untouched else None


@episode_table(
    MASTERS,
    group="ingest",
    code_version="1",
    optional=[EPISODE_INFO],
    external=_master_facts,
    settings=MasterSettings,
)
def masters(ep: Episode, episode_info: pl.DataFrame, config: MasterSettings) -> pl.DataFrame:
    """Hashed only when its size or time of change differs."""
    info = next(episode_info.iter_rows(named=True), {})
    return MASTERS.frame([master_row(ep.registration, info, _known_sha256(ep), config)])


@episode_table(STREAMS, group="ingest", code_version="1", inputs=[MASTERS])
def streams(ep: Episode, masters: pl.DataFrame) -> pl.DataFrame:
    """From the header; times from the packets, for headers may lie."""
    return STREAMS.frame(
        {
            "episode_id": ep.id,
            "stream": stream.stream,
            "kind": stream.kind,
            "codec": stream.codec,
            "language": stream.language,
            "title": stream.title,
            "default": stream.default,
            "start_s": stream.start_s,
            "duration_s": stream.duration_s,
            "about": stream.about,
        }
        for stream in scan(ep.master).streams
    )


@episode_table(PROBE, group="ingest", code_version="1", inputs=[MASTERS], settings=ProbeSettings)
def probe(ep: Episode, masters: pl.DataFrame, config: ProbeSettings) -> pl.DataFrame:
    """From header, packets and the first frame; the audio is the one in the spoken language."""
    (master,) = masters.iter_rows(named=True)
    known = {name: master[name] for name in ("sha256", "duration_s")}
    row = probe_row(ep.master, master["language"], config.audio_stream, ep.log)
    return PROBE.frame([{"episode_id": ep.id, **known, **row}])


@table_check(blocking=True)
def subtitles_lie_within_the_episode(table: pl.DataFrame, masters: pl.DataFrame) -> Check:
    """Every event begins before it ends, at second 0 or later, and ends with the episode."""
    duration = masters["duration_s"][0] or float("inf")
    start, end = pl.col("start_s"), pl.col("end_s")
    outside = table.filter((start < 0) | (end <= start) | (end > duration + 0.001))
    return Check(outside.is_empty(), f"{outside.height} of {table.height} events lie outside")


@episode_table(
    SUBTITLES,
    group="ingest",
    code_version="1",
    inputs=[MASTERS],
    optional=[CAST],
    external=lambda registration, home: sidecar_hashes(registration.master, timed=True),
    settings=SubtitleSettings,
    checks=[subtitles_lie_within_the_episode],
    preview=lambda home, frame: as_table(frame.drop("episode_id")),
)
def subtitles(
    ep: Episode, masters: pl.DataFrame, cast: pl.DataFrame, config: SubtitleSettings
) -> pl.DataFrame:
    """From the best sidecar or embedded text track in the language that is spoken."""
    rows = subtitle_rows(
        ep.master,
        language=masters["language"][0],
        duration_s=masters["duration_s"][0],
        names=[*cast["character"], *cast["aliases"].explode().drop_nulls()],
        settings=config,
        log=ep.log,
    )
    return SUBTITLES.frame(row | {"episode_id": ep.id} for row in rows)


@episode_table(
    TRANSCRIPTS,
    group="ingest",
    code_version="1",
    inputs=[MASTERS],
    optional=[CAST],
    external=lambda registration, home: sidecar_hashes(registration.master, timed=False),
    settings=TranscriptSettings,
    preview=lambda home, frame: as_table(frame.drop("episode_id")),
)
def transcripts(
    ep: Episode, masters: pl.DataFrame, cast: pl.DataFrame, config: TranscriptSettings
) -> pl.DataFrame:
    """From the best plain-text file beside the master, in the language that is spoken."""
    rows = transcript_rows(
        ep.master,
        language=masters["language"][0],
        duration_s=masters["duration_s"][0],
        names=[*cast["character"], *cast["aliases"].explode().drop_nulls()],
        settings=config,
        log=ep.log,
    )
    return TRANSCRIPTS.frame(row | {"episode_id": ep.id} for row in rows)


@episode_table(AUDIO, group="ingest", code_version="1", inputs=[PROBE], use="speech")
def audio(ep: Episode, probe: pl.DataFrame) -> pl.DataFrame:
    """One pass of decoding; the stream is the probe's choice."""
    folder = ep.home.files / "audio"
    files = extract_audio(ep.master, probe["audio_stream"][0], probe["sha256"][0], folder)
    return AUDIO.frame(
        asdict(file) | {"episode_id": ep.id, "path": ep.home.relative(file.path)} for file in files
    )
