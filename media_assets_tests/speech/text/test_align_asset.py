"""`alignment` and what is read out of it, from an AAC master with a text beside it."""

from pathlib import Path

import dagster as dg
import polars as pl

from media_assets.episodes import EPISODES
from media_assets.ingest import assets as ingest
from media_assets.knowledge import assets as knowledge
from media_assets.library import Registration, register
from media_assets.media.audio import audio_frame, read_audio
from media_assets.scoring.truth import read_textgrid
from media_assets.scoring.words import score_words
from media_assets.speech import assets as speech
from media_assets.speech.schema import (
    ALIGNMENT,
    PHONES,
    RECOGNITION,
    SEGMENTS,
    VOICE_ACTIVITY,
    WORDS,
)
from media_assets_tests.exports.synthetic import put
from resources.home import Home
from resources.models.interfaces import RATE
from resources.models.pocketsphinx_aligner import PocketSphinxAligner
from resources.models.pocketsphinx_recognizer import PocketSphinxRecognizer
from resources.storage import io_managers
from resources.tables import read_footer, read_table

ASSETS = (
    *(knowledge.cast, knowledge.locations, knowledge.speaker_map, knowledge.episode_info),
    *(ingest.masters, ingest.streams, ingest.subtitles, ingest.transcripts, ingest.probe),
    *(ingest.audio, speech.alignment, speech.segments, speech.words, speech.phones),
)


def write_aac(source: Path, target: Path) -> None:
    import av

    samples = read_audio(source, 0, 60, rate=RATE, channels=1)
    with av.open(str(target), "w") as container:
        stream = container.add_stream("aac", rate=RATE)
        stream.layout, stream.bit_rate = "mono", 128_000
        for at in range(0, len(samples), 1024):
            container.mux(stream.encode(audio_frame(samples[at : at + 1024], RATE, at)))
        container.mux(stream.encode(None))


def run(home: Home, instance: dg.DagsterInstance) -> dict[str, int]:
    """Rows computed by asset."""
    upstream = [
        dg.AssetSpec(schema.name, partitions_def=EPISODES).with_io_manager_key("tables")
        for schema in (RECOGNITION, VOICE_ACTIVITY)
    ]
    done = dg.materialize(
        [*upstream, *ASSETS],
        selection=list(ASSETS),
        partition_key="ep",
        resources=io_managers(home)
        | {"aligner": PocketSphinxAligner(), "recognizer": PocketSphinxRecognizer()},
        instance=instance,
    )
    return {
        event.asset_key.to_user_string(): int(
            event.step_materialization_data.materialization.metadata["rows_computed"].value
        )
        for event in done.get_asset_materialization_events()
    }


def test_words_of_an_aac_master_lie_where_they_are_said(
    home: Home, media_dir: Path, tmp_path: Path
) -> None:
    folder = media_dir / "speech/mfa"
    master = tmp_path / "talk.m4a"
    write_aac(folder / "acoustic_corpus.wav", master)
    (tmp_path / "talk.en.txt").write_bytes((folder / "acoustic_corpus.lab").read_bytes())
    register(home, Registration("ep", master, tmp_path, ("speech",)))
    for schema in (RECOGNITION, VOICE_ACTIVITY):
        put(home, schema, "ep", [])
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("episodes", ["ep"])
        run(home, instance)
        again = run(home, instance)

    tables = {s.name: read_table(home.table(s.name, "ep")) for s in (ALIGNMENT, SEGMENTS, WORDS)}
    assert tables["segments"]["status"].to_list() == ["aligned"]
    truth = read_textgrid(folder / "acoustic_corpus.TextGrid")["words"]
    score = score_words(truth, tables["words"])
    assert score["mean_s"] <= 0.030
    assert score["within_100_ms"] >= 0.96
    phones = read_table(home.table(PHONES.name, "ep"))
    assert set(phones["word_id"]) == set(tables["words"]["word_id"])
    assert again["alignment"] == 0
    footer = read_footer(home.table("words", "ep"))
    assert footer is not None
    assert footer.rows == tables["words"].height == pl.Series(tables["words"]["word"]).len()
