"""What is said, word by word, and the files that other tools read."""

import polars as pl

from media_assets import previews
from media_assets.checks import Check, table_check
from media_assets.ingest.schema import AUDIO, MASTERS, SUBTITLES, TRANSCRIPTS
from media_assets.speech.schema import (
    ALIGNMENT,
    DIARIZATION,
    LINES,
    PHONES,
    RECOGNITION,
    SEGMENTS,
    SPEECH_FILES,
    STEMS,
    UTTERANCES,
    VOICE_ACTIVITY,
    WORDS,
)
from media_assets.speech.text.align import AlignmentSettings, aligned
from media_assets.speech.text.align_facts import alignment_facts, nothing_to_align
from media_assets.speech.text.files import SpeechFileSettings, place_voices, speech_files_of, told
from media_assets.speech.text.parts import phone_rows, word_rows
from media_assets.speech.text.recognise import RecognitionSettings, recognise, recognition_facts
from media_assets.speech.text.sound import sound_of
from media_assets.table_assets import Episode, episode_table
from resources.models.interfaces import Aligner, Recognizer
from resources.problems import NotApplicable
from resources.profiles import gpu_pool
from resources.samples import Rows


@table_check(blocking=True)
def nothing_is_recognised_under_subtitles(table: pl.DataFrame, subtitles: pl.DataFrame) -> Check:
    """Recognised speech lies outside of the times of subtitles that are spoken."""
    spoken = subtitles.filter("spoken").select(from_s="start_s", to_s="end_s")
    under = table.join_where(
        spoken, pl.col("start_s") < pl.col("to_s"), pl.col("from_s") < pl.col("end_s")
    )
    kept = table["kept"].sum()
    return Check(under.is_empty(), f"{under.height} under subtitles; {kept} of {table.height} kept")


@episode_table(
    RECOGNITION,
    group="speech",
    code_version="1",
    inputs=[MASTERS, STEMS, VOICE_ACTIVITY],
    optional=[SUBTITLES, TRANSCRIPTS],
    use="speech",
    settings=RecognitionSettings,
    adapters=["recognizer"],
    checks=[nothing_is_recognised_under_subtitles],
    preview=lambda home, table: previews.table(
        table.select("start_s", "end_s", "text", "score", "kept", "reasons"), rows=40
    ),
    pool=gpu_pool(),
)
def recognition(
    ep: Episode,
    stems: pl.DataFrame,
    voice_activity: pl.DataFrame,
    masters: pl.DataFrame,
    subtitles: pl.DataFrame,
    transcripts: pl.DataFrame,
    recognizer: Recognizer,
    config: RecognitionSettings,
) -> Rows:
    """Where somebody speaks and no text says what: from the voice, in spans of up to 30 s."""
    root, language = ep.home.root, masters["language"][0]
    sound = stems.filter(pl.col("stem") == "voice16k")["path"][0]
    facts = recognition_facts(root, sound, voice_activity, subtitles, transcripts, language, config)
    return ep.rows(facts, lambda missing: recognise(missing, ep.id, root, recognizer, config))


@table_check(blocking=False)
def every_segment_is_aligned(table: pl.DataFrame) -> Check:
    """What people wrote is placed by its sound; what is not is a row with a reason."""
    written = table.filter(pl.col("source").is_in(["subtitles", "transcript"]))
    off = written.filter(pl.col("status") != "aligned")
    first = f", the first of them since: {off['reason'][0]}" if off.height else ""
    return Check(
        off.is_empty(), f"{off.height} of {written.height} segments are not aligned{first}"
    )


@table_check(blocking=True)
def words_are_in_order(table: pl.DataFrame) -> Check:
    """Within a segment no word begins before the one before it has ended."""
    words = table.select("segment_id", word="words").explode("word").unnest("word")
    before = pl.col("end_s").shift().over("segment_id")
    faults = words.filter(
        (pl.col("start_s") > pl.col("end_s")) | (pl.col("start_s") < before - 1e-6)
    )
    return Check(faults.is_empty(), f"{words['word'].count()} words, {faults.height} out of order")


@episode_table(
    ALIGNMENT,
    group="speech",
    code_version="2",
    inputs=[MASTERS, AUDIO],
    optional=[SUBTITLES, TRANSCRIPTS, RECOGNITION, VOICE_ACTIVITY],
    use="speech",
    settings=AlignmentSettings,
    adapters=["aligner", "recognizer"],
    checks=[every_segment_is_aligned, words_are_in_order],
    preview=lambda home, table: previews.table(
        table.select("start_s", "end_s", "text", "source", "status", "score", "reason"), rows=40
    ),
    pool=gpu_pool(),
)
def alignment(
    ep: Episode,
    config: AlignmentSettings,
    aligner: Aligner,
    recognizer: Recognizer,
    **tables: pl.DataFrame,
) -> Rows:
    """Subtitles, else the transcript, placed in the sound word by word; drafts of the rest."""
    sound = sound_of(tables, ep.home.root, aligner, recognizer)
    facts = alignment_facts(
        tables["subtitles"],
        tables["transcripts"],
        tables["recognition"],
        tables["masters"]["language"][0],
        sound,
        config,
    )
    if facts.is_empty():
        raise NotApplicable(nothing_to_align(tables["voice_activity"]))
    return ep.rows(facts, lambda new: aligned(new, ep.id, aligner, sound.read, config))


@episode_table(SEGMENTS, group="speech", code_version="2", inputs=[ALIGNMENT], use="speech")
def segments(ep: Episode, alignment: pl.DataFrame) -> pl.DataFrame:
    """The segments of `alignment`, without what is inside of them.

    A draft that the aligner does not find where it was heard is nothing that was said.
    """
    unheard = (pl.col("source") == "draft") & (pl.col("status") == "failed")
    table = alignment.filter(~unheard).select(list(SEGMENTS.columns))
    if table.is_empty():
        raise NotApplicable("of what was recognised nothing is found in the sound")
    return table


@episode_table(WORDS, group="speech", code_version="2", inputs=[ALIGNMENT], use="speech")
def words(ep: Episode, alignment: pl.DataFrame) -> pl.DataFrame:
    """The words of `alignment`."""
    table = word_rows(alignment).select(list(WORDS.columns))
    if table.is_empty():
        raise NotApplicable("no segment has words that were placed; `segments` says why")
    return table


@episode_table(PHONES, group="speech", code_version="2", inputs=[ALIGNMENT], use="speech")
def phones(ep: Episode, alignment: pl.DataFrame) -> pl.DataFrame:
    """The phones of `alignment`."""
    table = phone_rows(alignment)
    if table.is_empty():
        raise NotApplicable("no word was placed phone by phone; `segments` says why")
    return table


@episode_table(
    SPEECH_FILES,
    group="speech",
    code_version="2",
    inputs=[AUDIO],
    optional=[DIARIZATION, WORDS, PHONES, LINES, UTTERANCES],
    use="speech",
    settings=SpeechFileSettings,
    preview=lambda home, table: previews.table(table.drop("episode_id")),
)
def speech_files(
    ep: Episode, audio: pl.DataFrame, config: SpeechFileSettings, **tables: pl.DataFrame
) -> pl.DataFrame:
    """RTTM, CTM, SubRip, WebVTT, TextGrid, and 002's records, in `exports/speech/<episode>`."""
    folder = ep.home.exports / "speech" / ep.id
    (mono,) = audio.filter(pl.col("kind") == "mono16k").iter_rows(named=True)
    tables = told(tables, config)
    place_voices(tables["utterances"], ep.home.root, folder)
    return SPEECH_FILES.frame(
        {
            "episode_id": ep.id,
            "format": file.format,
            "path": ep.home.relative(file.write(folder)),
            "entries": file.entries,
        }
        for file in speech_files_of(ep.id, tables, mono["samples"] / mono["rate_hz"])
    )
