"""The tables of `speech/`.

The order in which they are made: stems and voice activity; turns of speakers; what is said and
when (alignment: segments, words, phones); who says it (attribution, lines); how it is said
(emotion); the fused record (utterances); the set for training voices (tts_quality, tts_dataset).
Times are seconds on the episode's clock, half-open.
"""

import polars as pl

from resources.tables import ROW_KEY, Column, TableSchema

EPISODE = Column(pl.String, "The episode, which is the partition.")
START_S = Column(pl.Float64, "Start on the episode's clock.")
END_S = Column(pl.Float64, "End on the episode's clock.")
SPEAKER = Column(pl.String, "`SPEAKER_00` ..., by first appearance in the episode.")
NO_SPEAKER = Column(pl.String, "`SPEAKER_N`; null where the rules abstain.", nullable=True)
LANGUAGE = Column(pl.String, "Language (BCP 47); null where nothing says it.", nullable=True)
BACKEND = Column(pl.String, "What made the row: model id @ revision, or algorithm.")
KEPT = Column(pl.Boolean, "Whether it passed every rule.")
REASONS = Column(pl.List(pl.String), "The rules it failed, with the measured value.")
MADE_FROM = Column(pl.String, "What the row was made from.")

STEMS = TableSchema(
    "stems",
    "The soundtrack taken apart: voice and background, which add up to it sample by sample.",
    {
        "episode_id": EPISODE,
        "stem": Column(pl.String, "`voice`, `background`, or `voice16k` (voice, mono, 16 kHz)."),
        "path": Column(pl.String, "WAV (32-bit float), relative to the home."),
        "metadata_path": Column(pl.String, "`metadata.json` beside it, relative to the home."),
        "rate_hz": Column(pl.Int64, "Sample rate."),
        "channels": Column(pl.Int64, "Channels."),
        "samples": Column(pl.Int64, "Samples per channel; sample 0 is second 0 of the episode."),
        "duration_s": Column(pl.Float64, "Length."),
        "rms_db": Column(pl.Float64, "Root mean square in dBFS; null for silence.", True),
        "silence_ratio": Column(pl.Float64, "Share of its frames below the silence level."),
        "separator": Column(pl.String, "How it was taken apart, such as `centre extraction`."),
        "backend": BACKEND,
    },
    unique=("stem",),
    files=("path", "metadata_path"),
)

VOICE_ACTIVITY = TableSchema(
    "voice_activity",
    "Stretches in which somebody speaks, in time order.",
    {
        "episode_id": EPISODE,
        "start_s": START_S,
        "end_s": END_S,
        "probability": Column(pl.Float64, "Mean probability of speech over the stretch."),
        "backend": BACKEND,
    },
)

DIARIZATION = TableSchema(
    "diarization",
    "Who spoke when: two complete sets of turns, in time order within each.",
    {
        "episode_id": EPISODE,
        "turn_id": Column(pl.String, "`{t|x}{start in ms, 8 digits}-{speaker}`; x is exclusive."),
        "start_s": START_S,
        "end_s": END_S,
        "speaker": SPEAKER,
        "exclusive": Column(
            pl.Boolean, "False: the standard set, turns may overlap. True: one speaker at a time."
        ),
        "backend": BACKEND,
    },
    unique=("turn_id",),
)

OVERLAPS = TableSchema(
    "overlaps",
    "Stretches in which two or more speakers speak at once.",
    {
        "episode_id": EPISODE,
        "start_s": START_S,
        "end_s": END_S,
        "speakers": Column(pl.List(pl.String), "Who, sorted."),
    },
)

SPEAKER_EMBEDDINGS = TableSchema(
    "speaker_embeddings",
    "One voice print per speaker of the episode.",
    {
        "episode_id": EPISODE,
        "speaker": SPEAKER,
        "embedding": Column(pl.List(pl.Float32), "Unit length; comparable within one backend."),
        "dimensions": Column(pl.Int64, "Length of the vector."),
        "speech_s": Column(pl.Float64, "Exclusive speech that it was made from."),
        "untrained": Column(pl.Boolean, "True where a random or toy checkpoint made it."),
        "backend": BACKEND,
    },
    unique=("speaker",),
)

PIECE = pl.Struct({"start_s": pl.Float64, "end_s": pl.Float64, "text": pl.String})
RECOGNITION = TableSchema(
    "recognition",
    "What is recognised where no subtitle and no transcript covers the speech.",
    {
        "episode_id": EPISODE,
        "start_s": START_S,
        "end_s": END_S,
        "text": Column(pl.String, "As recognised; empty where nothing could be."),
        "pieces": Column(pl.List(PIECE), "The text cut at pauses and where sentences end."),
        "draft": Column(
            pl.Boolean, "Whether its words are for looking at only: the recognizer is often wrong."
        ),
        "language": LANGUAGE,
        "score": Column(pl.Float64, "Mean confidence of its words, 0 to 1.", True),
        "kept": KEPT,
        "reasons": REASONS,
        "backend": BACKEND,
        ROW_KEY: MADE_FROM,
    },
    unique=("start_s",),
)

PHONE = pl.Struct({"phone": pl.String, "start_s": pl.Float64, "end_s": pl.Float64})
WORD = pl.Struct(
    {
        "word": pl.String,
        "start_s": pl.Float64,
        "end_s": pl.Float64,
        "score": pl.Float64,
        "method": pl.String,
        "phones": pl.List(PHONE),
    }
)
SEGMENT_COLUMNS = {
    "episode_id": EPISODE,
    "segment_id": Column(
        pl.String,
        "Id of its subtitle or line of transcript; `r{start in ms}`, then `b` ... if recognised.",
    ),
    "start_s": Column(pl.Float64, "Start of its first word; its own start where not aligned."),
    "end_s": Column(pl.Float64, "End of its last word; its own end where not aligned."),
    "text": Column(pl.String, "What is said: plain text, no markup, no speaker's name."),
    "language": LANGUAGE,
    "source": Column(pl.String, "`subtitles`, `transcript`, `recognition` or `draft`."),
    "named_speaker": Column(pl.String, "Who speaks, where the text itself names one.", True),
    "subtitle_id": Column(pl.String, "The subtitle it is; null for other sources.", True),
    "status": Column(
        pl.String, "`aligned`; `proportional`: words spread over its time; `failed`: no words."
    ),
    "score": Column(pl.Float64, "Mean score of its words, 0 to 1; null if not aligned.", True),
    "reason": Column(pl.String, "Why it was not aligned.", nullable=True),
    "backend": BACKEND,
}

ALIGNMENT = TableSchema(
    "alignment",
    "Every segment with its words and phones placed in time; made as a whole, read in parts.",
    SEGMENT_COLUMNS
    | {
        "words": Column(pl.List(WORD), "Words in order, each with its phones."),
        ROW_KEY: MADE_FROM,
    },
    unique=("segment_id",),
)

SEGMENTS = TableSchema(
    "segments",
    "What is said, in time order.",
    SEGMENT_COLUMNS,
    unique=("segment_id",),
)

WORDS = TableSchema(
    "words",
    "Every word and exactly when it is said.",
    {
        "episode_id": EPISODE,
        "word_id": Column(pl.String, "`{segment_id}.{index, 3 digits}`."),
        "segment_id": Column(pl.String, "The segment it belongs to."),
        "word_index": Column(pl.Int64, "Place in its segment, from 0."),
        "word": Column(pl.String, "As written, with its punctuation."),
        "start_s": START_S,
        "end_s": END_S,
        "score": Column(
            pl.Float64, "How well sound and word agree, 0 to 1; null if not aligned.", True
        ),
        "method": Column(pl.String, "`aligned`, `proportional` or `recognised`."),
    },
    unique=("word_id",),
)

PHONES = TableSchema(
    "phones",
    "Every phone of the aligned words.",
    {
        "episode_id": EPISODE,
        "word_id": Column(pl.String, "The word it belongs to."),
        "phone_index": Column(pl.Int64, "Place in its word, from 0."),
        "phone": Column(pl.String, "ARPAbet without stress, or the aligner's own unit."),
        "start_s": START_S,
        "end_s": END_S,
    },
    unique=("word_id", "phone_index"),
)

ATTRIBUTION = TableSchema(
    "attribution",
    "Who speaks each word, segment and clip, or why the rules abstain.",
    {
        "episode_id": EPISODE,
        "level": Column(pl.String, "`word`, `segment` or `clip`."),
        "id": Column(pl.String, "`word_id`, `segment_id` or `clip_id`."),
        "speaker": NO_SPEAKER,
        "coverage": Column(
            pl.Float64,
            "Share of its time (of a clip: of the speech in it) in which that speaker speaks; "
            "where the rules abstain, in which the strongest does.",
        ),
        "margin": Column(
            pl.Float64,
            "Coverage less that of the strongest other speaker; words, which go by exclusive "
            "turns, may have less than 0.",
        ),
        "overlap": Column(pl.Boolean, "Whether the second speaker covers 30 % or more."),
        "reason": Column(pl.String, "Why it abstains, or which rule decided.", nullable=True),
    },
    unique=("level", "id"),
)

LINES = TableSchema(
    "lines",
    "What one speaker says in one go: segments, split where the speaker changes.",
    {
        "episode_id": EPISODE,
        "line_id": Column(pl.String, "`segment_id`; after a split `{segment_id}.1`, `.2` ..."),
        "segment_id": Column(pl.String, "The segment it is or is part of."),
        "start_s": START_S,
        "end_s": END_S,
        "text": Column(pl.String, "What is said."),
        "speaker": NO_SPEAKER,
        "character": Column(
            pl.String, "Who that is, where the text or people say so; else null.", nullable=True
        ),
        "overlap": Column(pl.Boolean, "Whether somebody else speaks in 30 % of it or more."),
        "language": LANGUAGE,
        "source": Column(pl.String, "`subtitles`, `transcript`, `recognition` or `draft`."),
        "status": Column(pl.String, "As in `segments`."),
        "score": Column(pl.Float64, "Mean score of its words; null if not aligned.", True),
        "reason": Column(pl.String, "Why no speaker is given.", nullable=True),
    },
    unique=("line_id",),
)

EMOTION = TableSchema(
    "emotion",
    "How each line is said.",
    {
        "episode_id": EPISODE,
        "line_id": Column(pl.String, "The line."),
        "start_s": START_S,
        "end_s": END_S,
        "emotion": Column(
            pl.String,
            "anger, boredom, disgust, fear, happiness, neutral, sadness, surprise ...; null where "
            "the model abstains.",
            nullable=True,
        ),
        "confidence": Column(pl.Float64, "Probability of that label.", nullable=True),
        "normalised": Column(
            pl.String, "`speaker`: features relative to the speaker's own; `none`.", nullable=True
        ),
        "reason": Column(pl.String, "Why it abstains.", nullable=True),
        "backend": BACKEND,
        ROW_KEY: MADE_FROM,
    },
    unique=("line_id",),
)

UTTERANCES = TableSchema(
    "utterances",
    "The fused record (002, section 8): text, time, speaker, character, emotion, and the audio.",
    {
        "episode_id": EPISODE,
        "utterance_id": Column(pl.String, "`{episode_id}-{start in ms, 8 digits}`, then `b` ..."),
        "line_id": Column(pl.String, "The line it is made from."),
        "start_s": START_S,
        "end_s": END_S,
        "text": Column(pl.String, "What is said."),
        "speaker": NO_SPEAKER,
        "character": Column(pl.String, "Who that is; null until identified.", nullable=True),
        "emotion": Column(pl.String, "As in `emotion`.", nullable=True),
        "emotion_confidence": Column(pl.Float64, "As in `emotion`.", nullable=True),
        "overlap": Column(pl.Boolean, "Whether somebody else speaks in 30 % of it or more."),
        "language": LANGUAGE,
        "source": Column(pl.String, "`subtitles`, `transcript`, `recognition` or `draft`."),
        "status": Column(pl.String, "As in `segments`."),
        "score": Column(pl.Float64, "Mean score of its words; null if not aligned.", True),
        "path": Column(pl.String, "Its voice as WAV (32-bit float), relative to the home."),
        "rate_hz": Column(pl.Int64, "Sample rate."),
        "channels": Column(pl.Int64, "Channels."),
        "samples": Column(pl.Int64, "Samples per channel."),
        ROW_KEY: MADE_FROM,
    },
    unique=("utterance_id",),
    files=("path",),
)

TTS_QUALITY = TableSchema(
    "tts_quality",
    "What a voice model needs to know of each utterance, and whether it is good enough.",
    {
        "episode_id": EPISODE,
        "utterance_id": Column(pl.String, "The utterance."),
        "duration_s": Column(pl.Float64, "Length, after its ends were set at pauses."),
        "start_s": Column(pl.Float64, "Start after its ends were set at pauses."),
        "end_s": Column(pl.Float64, "End after its ends were set at pauses."),
        "snr_db": Column(
            pl.Float64, "10 log10 (energy of voice / of background); null without background.", True
        ),
        "leakage_db": Column(
            pl.Float64, "Voice stem in the pauses around it, relative to the speech."
        ),
        "pause_s": Column(pl.Float64, "The shorter of the pauses it was cut in; 0 for none."),
        "edge_db": Column(pl.Float64, "The louder of its two ends, relative to the speech."),
        "beside_db": Column(
            pl.Float64, "Loudest sound near its ends that nobody is known to make, likewise."
        ),
        "break_db": Column(
            pl.Float64, "Sound that stops or starts at digital silence; null if none does.", True
        ),
        "second_voice_share": Column(pl.Float64, "Share of frames in which two pitches sound."),
        "dnsmos": Column(pl.Float64, "DNSMOS OVRL, where the model is present.", nullable=True),
        "word_score": Column(pl.Float64, "Mean score of its words.", nullable=True),
        "characters_per_s": Column(pl.Float64, "Letters and digits per second."),
        "clipped_share": Column(pl.Float64, "Share of samples in flat tops at the peak."),
        "loudness_lufs": Column(pl.Float64, "Integrated loudness (BS.1770).", nullable=True),
        "peak_db": Column(pl.Float64, "True peak in dBFS; null for silence.", nullable=True),
        "fingerprint": Column(pl.List(pl.Float64), "Coarse picture of the sound, unit length."),
        "kept": KEPT,
        "reasons": REASONS,
        ROW_KEY: MADE_FROM,
    },
    unique=("utterance_id",),
)

TTS_DATASET = TableSchema(
    "tts_dataset",
    "The exported set for training voices: every utterance, where it went or why not.",
    {
        "episode_id": EPISODE,
        "utterance_id": Column(pl.String, "The utterance."),
        "speaker": Column(pl.String, "Character, else `{episode_id}_SPEAKER_N`.", nullable=True),
        "text": Column(pl.String, "As said."),
        "normalised_text": Column(pl.String, "Numbers and abbreviations as words."),
        "normalised": Column(
            pl.Boolean, "False where it holds digits in a language that they are not known in."
        ),
        "language": LANGUAGE,
        "emotion": Column(pl.String, "As in `emotion`.", nullable=True),
        "duration_s": Column(pl.Float64, "Length."),
        "group": Column(pl.String, "Near-duplicates share a group, and a group one split."),
        "split": Column(pl.String, "`train`, `validation` or `test`; null if rejected.", True),
        "split_by": Column(
            pl.String, "`episode`; `group` in audio-only libraries of under 10 episodes."
        ),
        "path": Column(pl.String, "Its sound, relative to the export; null if rejected.", True),
        "sound_key": Column(pl.String, "What its sound was made from; null if rejected.", True),
        "kept": KEPT,
        "reasons": REASONS,
    },
    unique=("utterance_id",),
)

SPEECH_FILES = TableSchema(
    "speech_files",
    "Turns and text of the episode in the formats of other tools.",
    {
        "episode_id": EPISODE,
        "format": Column(
            pl.String, "`rttm`, `ctm`, `srt`, `vtt`, `textgrid`, `utterances` or `who_spoke`."
        ),
        "path": Column(pl.String, "The file, relative to the home."),
        "entries": Column(pl.Int64, "Turns, words, cues, intervals or records in it."),
    },
    unique=("format",),
    files=("path",),
)

TABLES = (
    STEMS,
    VOICE_ACTIVITY,
    DIARIZATION,
    OVERLAPS,
    SPEAKER_EMBEDDINGS,
    RECOGNITION,
    ALIGNMENT,
    SEGMENTS,
    WORDS,
    PHONES,
    ATTRIBUTION,
    LINES,
    EMOTION,
    UTTERANCES,
    SPEECH_FILES,
    TTS_QUALITY,
    TTS_DATASET,
)
