"""Where somebody speaks, and who."""

import polars as pl

from media_assets import previews
from media_assets.checks import Check, table_check
from media_assets.ingest.schema import AUDIO
from media_assets.knowledge.schema import SPEAKER_HINTS
from media_assets.speech.schema import (
    DIARIZATION,
    OVERLAPS,
    SPEAKER_EMBEDDINGS,
    VOICE_ACTIVITY,
)
from media_assets.speech.turns.activity import activity_rows
from media_assets.speech.turns.diarize import (
    DiarizationSettings,
    diarize,
    overlap_rows,
    print_rows,
    prints_path,
    turn_rows,
    write_prints,
)
from media_assets.speech.turns.timeline import speaker_timeline
from media_assets.table_assets import Episode, episode_table
from resources.models.interfaces import Diarizer
from resources.models.silero import ActivitySettings
from resources.problems import BadInput, NotApplicable
from resources.profiles import gpu_pool


@table_check(blocking=True)
def stretches_are_in_order_and_apart(table: pl.DataFrame, audio: pl.DataFrame) -> Check:
    """Stretches follow on each other without overlap, within the sound."""
    length_s = audio.filter(kind="mono16k").select(pl.col("samples") / pl.col("rate_hz")).item()
    starts, ends = table["start_s"], table["end_s"]
    faults = int((starts >= ends).sum()) + int((starts[1:] < ends[:-1]).sum())
    outside = int((starts < 0).sum()) + int((ends > length_s).sum())
    return Check(not faults and not outside, f"{faults} out of order, {outside} outside")


@episode_table(
    VOICE_ACTIVITY,
    group="speech",
    code_version="1",
    inputs=[AUDIO],
    use="speech",
    settings=ActivitySettings,
    checks=[stretches_are_in_order_and_apart],
    kinds=["onnx"],
)
def voice_activity(ep: Episode, audio: pl.DataFrame, config: ActivitySettings) -> pl.DataFrame:
    """By Silero VAD on the levelled mix: the voice stem is no better for it (benchmarks)."""
    sound = ep.home.root / audio.filter(kind="mono16k")["path"][0]
    rows = activity_rows(sound, config)
    return VOICE_ACTIVITY.frame(row | {"episode_id": ep.id} for row in rows)


@table_check(blocking=True)
def exclusive_turns_do_not_overlap(table: pl.DataFrame) -> Check:
    """In the exclusive set one speaker speaks at a time, and every speaker is in the other too."""
    exclusive = table.filter("exclusive").sort("start_s")
    overlapping = int((exclusive["start_s"][1:] < exclusive["end_s"][:-1]).sum())
    alone = set(exclusive["speaker"]) - set(table.filter(~pl.col("exclusive"))["speaker"])
    about = f"{table['speaker'].n_unique()} speakers, {overlapping} overlaps in the exclusive set"
    return Check(not overlapping and not alone, about)


@episode_table(
    DIARIZATION,
    group="speech",
    code_version="1",
    inputs=[AUDIO, VOICE_ACTIVITY],
    optional=[SPEAKER_HINTS],
    use="speech",
    settings=DiarizationSettings,
    adapters=["diarizer"],
    checks=[exclusive_turns_do_not_overlap],
    preview=lambda home, table, voice_activity: speaker_timeline(table, voice_activity),
    pool=gpu_pool(),
)
def diarization(
    ep: Episode,
    audio: pl.DataFrame,
    voice_activity: pl.DataFrame,
    speaker_hints: pl.DataFrame,
    diarizer: Diarizer,
    config: DiarizationSettings,
) -> pl.DataFrame:
    """Both sets of turns; the voice prints are kept in a file for `speaker_embeddings`."""
    sound = ep.home.root / audio.filter(kind="mono16k")["path"][0]
    turns = diarize(sound, voice_activity, diarizer, config.hints(speaker_hints))
    rows = turn_rows(turns, diarizer.backend)
    table = DIARIZATION.frame(row | {"episode_id": ep.id} for row in rows)
    if table.is_empty():
        raise NotApplicable("too little speech to tell voices apart")
    write_prints(prints_path(ep.home.files, table), turns)
    return table


@episode_table(OVERLAPS, group="speech", code_version="1", inputs=[DIARIZATION], use="speech")
def overlaps(ep: Episode, diarization: pl.DataFrame) -> pl.DataFrame:
    """Where turns of the standard set overlap."""
    return OVERLAPS.frame(row | {"episode_id": ep.id} for row in overlap_rows(diarization))


@episode_table(
    SPEAKER_EMBEDDINGS,
    group="speech",
    code_version="1",
    inputs=[DIARIZATION],
    use="speech",
    preview=lambda home, table: previews.table(table.drop("episode_id", "embedding")),
)
def speaker_embeddings(ep: Episode, diarization: pl.DataFrame) -> pl.DataFrame:
    """The voice prints that the diarization left beside its turns."""
    path = prints_path(ep.home.files, diarization)
    if not path.is_file():
        raise BadInput(
            "the voice prints are gone",
            where=ep.home.relative(path),
            remedy="Remove the table `diarization` of the episode to make both again.",
        )
    rows = print_rows(path, diarization)
    return SPEAKER_EMBEDDINGS.frame(row | {"episode_id": ep.id} for row in rows)
