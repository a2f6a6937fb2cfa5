"""The tables of `ingest/`."""

import polars as pl

from resources.tables import Column, TableSchema

EPISODE = Column(pl.String, "The episode, which is the partition.")

MASTERS = TableSchema(
    "masters",
    "The licensed source file of the episode: what it is, whose it is and what it may be used for.",
    {
        "episode_id": EPISODE,
        "path": Column(pl.String, "The master, relative to its root, with forward slashes."),
        "sha256": Column(pl.String, "Hash of the file."),
        "bytes": Column(pl.Int64, "Size of the file."),
        "duration_s": Column(
            pl.Float64, "End of the last picture or sound on the episode's clock.", nullable=True
        ),
        "container": Column(pl.String, "Format as the demuxer names it.", nullable=True),
        "streams": Column(
            pl.List(pl.String), "One line per stream, such as `video h264 1280x720 24 fps`."
        ),
        "language": Column(pl.String, "Main language (BCP 47), from the show or the audio.", True),
        "rights_holder": Column(pl.String, "Who licenses it, from the show's knowledge.", True),
        "show": Column(pl.String, "Name of the show.", nullable=True),
        "season": Column(pl.Int64, "Number of the season.", nullable=True),
        "number": Column(pl.Int64, "Number of the episode in its season.", nullable=True),
        "title": Column(pl.String, "Title of the episode.", nullable=True),
        "uses": Column(pl.List(pl.String), "What it may be used for: video, speech, ..."),
        "sidecars": Column(pl.List(pl.String), "Text files beside it, relative to the root."),
    },
    unique=("episode_id",),
)

PROBE = TableSchema(
    "probe",
    "What the header and the packets say of the streams that are used; one row per episode.",
    {
        "episode_id": EPISODE,
        "sha256": Column(
            pl.String, "Hash of the master: what is made from its frames or sound follows it."
        ),
        "container": Column(pl.String, "Format as the demuxer names it."),
        "duration_s": Column(
            pl.Float64, "End of the last picture or sound on the episode's clock.", nullable=True
        ),
        "start_s": Column(
            pl.Float64, "Container time of second 0: all times of an episode count from it."
        ),
        "video_stream": Column(pl.Int64, "Index of the video stream that is used.", True),
        "video_codec": Column(pl.String, "Codec of the video.", True),
        "pixel_format": Column(pl.String, "Pixel format of the decoder.", True),
        "bit_depth": Column(pl.Int64, "Bits per luma sample.", True),
        "coded_width_px": Column(pl.Int64, "Stored width, before pixel aspect and rotation.", True),
        "coded_height_px": Column(pl.Int64, "Stored height, before rotation.", True),
        "width_px": Column(pl.Int64, "Width as shown: pixels made square, rotated upright.", True),
        "height_px": Column(pl.Int64, "Height as shown.", True),
        "pixel_aspect": Column(pl.String, "Sample aspect ratio, such as `16/15`.", True),
        "rotation_deg": Column(
            pl.Int64, "Clockwise turn that makes it upright: 0 90 180 270.", True
        ),
        "mirrored": Column(pl.Boolean, "Whether the picture is mirrored after the turn.", True),
        "fps_num": Column(pl.Int64, "Nominal rate, numerator: the rate that clips get.", True),
        "fps_den": Column(pl.Int64, "Nominal rate, denominator.", True),
        "variable_rate": Column(pl.Boolean, "Whether frames are not evenly spaced.", True),
        "interlaced": Column(pl.Boolean, "Whether the frames are two interleaved fields.", True),
        "color_primaries": Column(pl.String, "Colour primaries as tagged.", True),
        "color_transfer": Column(pl.String, "Transfer function as tagged.", True),
        "color_matrix": Column(pl.String, "Matrix as tagged.", True),
        "color_range": Column(pl.String, "`tv` or `pc` as tagged.", True),
        "hdr": Column(pl.String, "`sdr`, `pq`, `hlg` or `dolby_vision`.", True),
        "packets": Column(pl.Int64, "Video packets that hold a shown frame.", True),
        "audio_stream": Column(pl.Int64, "Index of the audio stream that is used.", True),
        "audio_codec": Column(pl.String, "Codec of the audio.", True),
        "audio_rate_hz": Column(pl.Int64, "Sample rate of the audio.", True),
        "audio_channels": Column(pl.Int64, "Channels of the audio.", True),
        "audio_language": Column(pl.String, "Language of the audio (BCP 47), if tagged.", True),
    },
    unique=("episode_id",),
)

STREAMS = TableSchema(
    "streams",
    "Every stream of the master.",
    {
        "episode_id": EPISODE,
        "stream": Column(pl.Int64, "Index in the container."),
        "kind": Column(pl.String, "video, audio, subtitle, data or attachment."),
        "codec": Column(pl.String, "Codec; null where the decoder is unknown.", True),
        "language": Column(pl.String, "Language (BCP 47), if tagged.", True),
        "title": Column(pl.String, "Title, if tagged.", True),
        "default": Column(pl.Boolean, "Whether it is marked as default."),
        "start_s": Column(pl.Float64, "Start on the episode's clock.", True),
        "duration_s": Column(pl.Float64, "Length by its packets; null if it has none.", True),
        "about": Column(pl.String, "One line, such as `audio aac 48000 Hz 2 ch en`."),
    },
    unique=("stream",),
)

SUBTITLES = TableSchema(
    "subtitles",
    "Subtitle events of the track that is used, in time order; markup kept apart from text.",
    {
        "episode_id": EPISODE,
        "subtitle_id": Column(pl.String, "`{start in ms, 8 digits}`, then `b`, `c` ... if shared."),
        "start_s": Column(pl.Float64, "Start on the episode's clock."),
        "end_s": Column(pl.Float64, "End on the episode's clock."),
        "text": Column(pl.String, "Plain text, one blank between words, lines joined by newline."),
        "speaker": Column(pl.String, "Who speaks, where the file names one (`MINA: ...`).", True),
        "spoken": Column(pl.Boolean, "False for sounds, signs and notes such as `[door]`."),
        "language": Column(pl.String, "Language (BCP 47) from the name or tag.", True),
        "source": Column(pl.String, "Sidecar's name, or `stream N` of the master."),
    },
    unique=("subtitle_id",),
)

TRANSCRIPTS = TableSchema(
    "transcripts",
    "What is said, sentence by sentence, from a text file without times; sounds are left out.",
    {
        "episode_id": EPISODE,
        "line_id": Column(pl.String, "`t{index, 5 digits}`, in the order of the text."),
        "text": Column(pl.String, "Plain text in one line, one blank between words."),
        "speaker": Column(pl.String, "Who speaks, where the file names one (`MINA: ...`).", True),
        "language": Column(pl.String, "Language (BCP 47) from the file's name.", True),
        "source": Column(pl.String, "The file's name."),
    },
    unique=("line_id",),
)

AUDIO = TableSchema(
    "audio",
    "The soundtrack as files that every room reads: full rate stereo, and 16 kHz mono.",
    {
        "episode_id": EPISODE,
        "kind": Column(pl.String, "`stereo` (source rate) or `mono16k`."),
        "path": Column(pl.String, "WAV (32-bit float), relative to the home."),
        "rate_hz": Column(pl.Int64, "Sample rate."),
        "channels": Column(pl.Int64, "Channels."),
        "samples": Column(pl.Int64, "Samples per channel; sample 0 is second 0 of the episode."),
        "source_stream": Column(pl.Int64, "Stream it was decoded from."),
        "source_channels": Column(pl.Int64, "Channels before the down-mix."),
        "peak_db": Column(pl.Float64, "Largest sample in dBFS; null for silence.", True),
    },
    unique=("kind",),
    files=("path",),
)

TABLES = (MASTERS, PROBE, STREAMS, SUBTITLES, TRANSCRIPTS, AUDIO)
