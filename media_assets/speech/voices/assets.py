"""What is good enough to train voices."""

import polars as pl

from media_assets import previews
from media_assets.checks import Check, table_check
from media_assets.speech.schema import (
    DIARIZATION,
    STEMS,
    TTS_QUALITY,
    UTTERANCES,
    VOICE_ACTIVITY,
    WORDS,
)
from media_assets.speech.voices.facts import quality_facts
from media_assets.speech.voices.quality import judge
from media_assets.speech.voices.rules import TtsFilter
from media_assets.table_assets import Episode, episode_table
from resources.models.dnsmos import Dnsmos
from resources.samples import Rows


@table_check(blocking=True)
def every_utterance_is_judged(table: pl.DataFrame, utterances: pl.DataFrame) -> Check:
    """Each has one row, good or with reasons."""
    unlike = set(table["utterance_id"]) ^ set(utterances["utterance_id"])
    silent = table.filter(pl.col("kept") != (pl.col("reasons").list.len() == 0))
    return Check(
        not unlike and silent.is_empty(),
        f"{table['kept'].sum()} of {table.height} utterances good; {len(unlike)} not judged",
    )


@episode_table(
    TTS_QUALITY,
    group="speech",
    code_version="1",
    inputs=[UTTERANCES, STEMS],
    optional=[WORDS, VOICE_ACTIVITY, DIARIZATION],
    use="speech",
    settings=TtsFilter,
    adapters=["dnsmos"],
    checks=[every_utterance_is_judged],
    preview=lambda home, table: previews.table(
        table.select("utterance_id", "duration_s", "snr_db", "leakage_db", "kept", "reasons")
    ),
)
def tts_quality(ep: Episode, config: TtsFilter, dnsmos: Dnsmos, **tables: pl.DataFrame) -> Rows:
    """Measured on the voice stem; DNSMOS where its model is present, else null."""
    facts = quality_facts(**tables)
    return ep.rows(facts, lambda missing: judge(missing, ep.home.root, config, dnsmos.overall))
