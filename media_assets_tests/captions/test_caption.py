import polars as pl
import pytest

from media_assets.captions.annotate import AnnotateSettings, annotate, clip_facts, spoken_lines
from media_assets.captions.caption import CaptionSettings, caption, caption_facts
from media_assets.captions.schema import ANNOTATIONS, CAPTIONS, LINE
from media_assets.ingest.schema import SUBTITLES
from media_assets.knowledge.schema import CAST
from media_assets.speech.schema import LINES
from media_assets_tests.captions.test_annotate import clips, subtitles
from resources.samples import Rows, recompute_rows

SPANS = [(0, 2), (2, 4), (4, 6)]
SAID = [(0.5, 1.5, "One.", "MINA"), (2.5, 3.5, "Two.", "MINA")]
MASTER = pl.DataFrame({"episode_id": ["e"], "show": ["Harbour"], "season": [1], "title": [None]})


def quality() -> pl.DataFrame:
    return clips(*SPANS)[1].with_columns(luma=pl.lit(90.0), contrast=pl.lit(40.0))


def annotated(lines=SAID, previous=None) -> Rows:  # type: ignore[no-untyped-def]
    settings = AnnotateSettings()
    told = subtitles(*lines) if lines else SUBTITLES.empty()
    spoken = spoken_lines(LINES.empty(), told, {"mina": "Mina"}, settings)
    facts = clip_facts(*clips(*SPANS), spoken, settings)
    return recompute_rows(
        ANNOTATIONS, facts, lambda rows: annotate(rows, settings), params={}, previous=previous
    )


def captioned(annotations: pl.DataFrame, cast: pl.DataFrame, previous=None) -> Rows:  # type: ignore[no-untyped-def]
    settings = CaptionSettings()
    facts = caption_facts(MASTER, quality(), annotations, cast)
    return recompute_rows(
        CAPTIONS, facts, lambda rows: caption(rows, settings), params={}, previous=previous
    )


def cast(hair: str) -> pl.DataFrame:
    return CAST.frame(
        [
            {
                "episode_id": "e",
                "character": "Mina",
                "cast_order": 0,
                "aliases": [],
                "hair": [hair],
                "outfits": [],
            }
        ]
    )


@pytest.mark.parametrize("edited", [[(0.5, 1.5, "One!", "MINA"), SAID[1]], SAID[1:]])
def test_an_edited_line_touches_the_annotation_and_caption_of_its_clip_alone(edited):
    before = annotated()
    first = captioned(before.frame, CAST.empty())
    after = annotated(edited, previous=before.frame)
    assert (after.computed, after.reused) == (1, 2)
    second = captioned(after.frame, CAST.empty(), previous=first.frame)
    assert (second.computed, second.reused) == (1, 2)
    changed = first.frame["training_caption"] != second.frame["training_caption"]
    assert changed.to_list() == [True, False, False]


def test_a_line_that_no_clip_holds_touches_nothing():
    before = annotated()
    after = annotated([*SAID, (100.0, 101.0, "Elsewhere.", None)], previous=before.frame)
    assert after.computed == 0


def test_new_hair_touches_only_clips_that_show_the_character():
    rows = annotated().frame.with_columns(
        characters=pl.Series([["Mina"], [], []], dtype=pl.List(pl.String))
    )
    before = captioned(rows, cast("red hair"))
    after = captioned(rows, cast("black hair"), previous=before.frame)
    assert (after.computed, after.reused) == (1, 2)
    assert "Characters: Mina (black hair)" in after.frame["training_caption"][0]


def test_a_clip_about_which_nothing_is_known_still_has_all_captions():
    rows = annotated(lines=[]).frame
    assert captioned(rows, CAST.empty()).frame.drop("row_key").to_dicts()[2] == {
        "episode_id": "e",
        "clip_id": "e-00004000",
        "caption": "A shot with moderate motion.",
        "structured_caption": "A scene from Harbour Season 1. Moderate motion.",
        "training_caption": "A shot with moderate motion.",
        "backend": "measures",
    }


def test_a_label_of_a_voice_touches_the_annotation_but_no_caption():
    before = annotated()
    first = before.frame.head(1).with_columns(
        pl.col("lines").list.eval(
            pl.element().struct.with_fields(label=pl.lit("SPEAKER_07")).cast(LINE)
        )
    )
    labelled = pl.concat([first, before.frame.tail(-1)])
    once = captioned(before.frame, cast("red hair"))
    assert captioned(labelled, cast("red hair"), once.frame).computed == 0
