"""The tables of `captions/`."""

import polars as pl

from resources.tables import Column, TableSchema

EPISODE = Column(pl.String, "The episode, which is the partition.")
CLIP_ID = Column(pl.String, "`{episode_id}-{start in ms, 8 digits}`.")
LINE = pl.Struct({"speaker": pl.String, "label": pl.String, "line": pl.String})

ANNOTATIONS = TableSchema(
    "annotations",
    "What is known of each kept clip: framing, motion, place, people, lines; unknown stays empty.",
    {
        "episode_id": EPISODE,
        "clip_id": CLIP_ID,
        "scene_type": Column(pl.String, "One of the show's scene labels, if known.", True),
        "shot_size": Column(pl.String, "close-up ... wide, if known.", True),
        "camera_angle": Column(pl.String, "Such as eye-level, if known.", True),
        "composition": Column(pl.List(pl.String), "Such as group shot."),
        "motion": Column(pl.List(pl.String), "Measured motion in words, such as `static frame`."),
        "location": Column(pl.String, "Canonical location, if known.", True),
        "location_raw": Column(pl.String, "The place as it was named before mapping.", True),
        "characters": Column(pl.List(pl.String), "Known to be in the clip."),
        "outfits": Column(
            pl.List(pl.Struct({"character": pl.String, "outfit": pl.String})), "Worn in this clip."
        ),
        "lines": Column(
            pl.List(LINE),
            "Lines spoken in the clip in time order: character and label of the voice, null if "
            "unknown; what is said.",
        ),
        "notes": Column(pl.List(pl.String), "What is uncertain, for `confidence_notes`."),
        "backend": Column(pl.String, "What made it."),
        "row_key": Column(pl.String, "What the row was made from."),
    },
    unique=("clip_id",),
)

CAPTIONS = TableSchema(
    "captions",
    "The three captions of each kept clip.",
    {
        "episode_id": EPISODE,
        "clip_id": CLIP_ID,
        "caption": Column(pl.String, "The visual description alone."),
        "structured_caption": Column(
            pl.String, "Scene, show, place, characters in sentences (000)."
        ),
        "training_caption": Column(
            pl.String, "Description and context tag: the field to train on."
        ),
        "backend": Column(pl.String, "What made the description."),
        "row_key": Column(pl.String, "What the row was made from."),
    },
    unique=("clip_id",),
)

TABLES = (ANNOTATIONS, CAPTIONS)
