"""The asset `emotion` on a German episode joined from the lines of one speaker."""

from pathlib import Path

import dagster as dg
import numpy as np
import polars as pl
import pytest

from media_assets.episodes import EPISODES
from media_assets.library import Registration, register
from media_assets.media.audio import write_wav
from media_assets.speech import assets as speech
from media_assets.speech.emotion.train import labelled_lines, samples_of
from media_assets.speech.schema import EMOTION, LINES, STEMS
from resources.home import Home
from resources.models.interfaces import RATE
from resources.profiles import adapters
from resources.storage import Made, io_managers
from resources.tables import TableSchema, digest, read_table, write_table

EPISODE = "german"


def put(home: Home, schema: TableSchema, table: pl.DataFrame) -> None:
    made = Made.of(schema, table, digest(table.to_dicts()), {})
    write_table(home.table(schema.name, EPISODE), made.frame, made.footer)


def run(home: Home) -> dg.ExecuteInProcessResult:
    instance = dg.DagsterInstance.ephemeral()
    instance.add_dynamic_partitions("episodes", [EPISODE])
    given = [
        dg.AssetSpec(table.name, partitions_def=EPISODES).with_io_manager_key("tables")
        for table in (LINES, STEMS)
    ]
    return dg.materialize(
        [*given, speech.emotion],
        partition_key=EPISODE,
        resources=io_managers(home) | adapters("embedded"),
        instance=instance,
    )


@pytest.fixture
def lines(media_dir: Path, home: Home) -> pl.DataFrame:
    """One speaker's lines one after the other, registered as an episode with stems and lines."""
    said = [x for x in labelled_lines(media_dir / "speech/emodb_dev") if x.speaker == "03"]
    sound = [samples_of(line.path) for line in said]
    ends = np.cumsum([len(samples) for samples in sound]) / RATE
    starts = [0.0, *ends[:-1].tolist()]
    master = home.root / "german.wav"
    write_wav(master, [samples[:, None] for samples in sound], RATE, 1)
    register(home, Registration(EPISODE, master, home.root, ("speech",)))
    put(
        home,
        STEMS,
        STEMS.frame(
            [
                {
                    "episode_id": EPISODE,
                    "stem": "voice16k",
                    "path": "german.wav",
                    "metadata_path": "metadata.json",
                    "rate_hz": RATE,
                    "channels": 1,
                    "samples": round(ends[-1] * RATE),
                    "duration_s": float(ends[-1]),
                    "rms_db": -20.0,
                    "silence_ratio": 0.1,
                    "separator": "none",
                    "backend": "none",
                }
            ]
        ),
    )
    table = LINES.frame(
        {
            "episode_id": EPISODE,
            "line_id": line.path.stem,
            "segment_id": line.path.stem,
            "start_s": start,
            "end_s": end,
            "text": line.emotion,
            "speaker": "SPEAKER_00",
            "character": None,
            "overlap": False,
            "language": "de",
            "source": "transcript",
            "status": "aligned",
            "score": 0.9,
            "reason": None,
        }
        for line, start, end in zip(said, starts, ends.tolist(), strict=True)
    )
    put(home, LINES, table)
    return table


def test_lines_get_their_emotion_and_are_not_judged_twice(home: Home, lines: pl.DataFrame) -> None:
    first = run(home)
    (check,) = first.get_asset_check_evaluations()
    assert check.passed
    table = EMOTION.validate(read_table(home.table("emotion", EPISODE)))
    assert table["line_id"].to_list() == lines["line_id"].to_list()
    judged = table.filter(pl.col("emotion").is_not_null())
    assert judged.height >= 8
    # The shipped coefficients know this speaker: this shows that the right sound is judged.
    truth = judged.join(lines.select("line_id", "text"), on="line_id")
    assert (truth["emotion"] == truth["text"]).mean() >= 0.9
    assert judged["normalised"].unique().to_list() == ["speaker"]
    assert judged["confidence"].min() >= 0.5
    (made,) = run(home).asset_materializations_for_node("emotion")
    assert made.metadata["rows_computed"].value == 0
