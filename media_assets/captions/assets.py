"""The assets of `captions/`."""

import polars as pl

from media_assets import previews
from media_assets.captions.annotate import AnnotateSettings, annotate, clip_facts, spoken_lines
from media_assets.captions.caption import CaptionSettings, caption, caption_facts
from media_assets.captions.compose import tokens
from media_assets.captions.schema import ANNOTATIONS, CAPTIONS
from media_assets.checks import Check, table_check
from media_assets.ingest.schema import MASTERS, SUBTITLES
from media_assets.knowledge.schema import CAST, SPEAKER_MAP, voices
from media_assets.shots.schema import CLIP_QUALITY, CLIPS
from media_assets.speech.schema import LINES
from media_assets.table_assets import Episode, episode_table
from resources.samples import Rows

ENCODER_LIMITS = {"Wan (UMT5-XXL)": 512, "LTX-2 (Gemma)": 1024}


@table_check(blocking=True)
def every_clip_is_captioned(table: pl.DataFrame) -> Check:
    """Every annotated clip has three captions, none of them empty."""
    empty = table.filter(
        pl.any_horizontal(
            pl.col("caption", "structured_caption", "training_caption").str.strip_chars() == ""
        )
    )
    return Check(empty.is_empty(), f"{empty.height} of {table.height} clips lack a caption")


@table_check(blocking=False)
def captions_fit_the_text_encoders(table: pl.DataFrame) -> Check:
    """Training captions are within what the text encoders read, by estimate."""
    lengths = [tokens(text) for text in table["training_caption"]]
    over = {name: sum(n > limit for n in lengths) for name, limit in ENCODER_LIMITS.items()}
    longest = max(lengths, default=0)
    return Check(
        not any(over.values()),
        f"longest about {longest} tokens; over the limit: "
        + ", ".join(f"{count} for {name}" for name, count in over.items()),
        {"longest_tokens": longest} | over,
    )


@episode_table(
    ANNOTATIONS,
    group="captions",
    code_version="2",
    inputs=[CLIPS, CLIP_QUALITY],
    optional=[SUBTITLES, LINES, CAST, SPEAKER_MAP],
    use="video",
    settings=AnnotateSettings,
)
def annotations(
    ep: Episode,
    clips: pl.DataFrame,
    clip_quality: pl.DataFrame,
    subtitles: pl.DataFrame,
    lines: pl.DataFrame,
    cast: pl.DataFrame,
    speaker_map: pl.DataFrame,
    config: AnnotateSettings,
) -> Rows:
    """From measures and what is said; what nothing measured stays unknown."""
    spoken = spoken_lines(lines, subtitles, voices(cast, speaker_map), config)
    facts = clip_facts(clips, clip_quality, spoken, config)
    return ep.rows(facts, lambda missing: annotate(missing, config))


@episode_table(
    CAPTIONS,
    group="captions",
    code_version="1",
    inputs=[MASTERS, CLIP_QUALITY, ANNOTATIONS],
    optional=[CAST],
    use="video",
    settings=CaptionSettings,
    checks=[every_clip_is_captioned, captions_fit_the_text_encoders],
    preview=lambda home, table: previews.table(table.select("clip_id", "training_caption")),
)
def captions(
    ep: Episode,
    masters: pl.DataFrame,
    clip_quality: pl.DataFrame,
    annotations: pl.DataFrame,
    cast: pl.DataFrame,
    config: CaptionSettings,
) -> Rows:
    """A description from measures, then names, place and lines as far as they are known."""
    facts = caption_facts(masters, clip_quality, annotations, cast)
    return ep.rows(facts, lambda missing: caption(missing, config))
