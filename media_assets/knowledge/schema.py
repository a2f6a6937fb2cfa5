"""The tables of `knowledge/`: what the show's folder says, as far as it concerns the episode."""

import polars as pl

from resources.tables import Column, TableSchema

EPISODE = Column(pl.String, "The episode, which is the partition.")

CAST = TableSchema(
    "cast",
    "The characters of the show with the looks by which captions anchor their names.",
    {
        "episode_id": EPISODE,
        "character": Column(pl.String, "Name as captions write it."),
        "cast_order": Column(pl.Int64, "Place in the show's list, from 0."),
        "aliases": Column(pl.List(pl.String), "Other names of the character."),
        "hair": Column(pl.List(pl.String), "Descriptions of the hair; the first is written."),
        "outfits": Column(
            pl.List(pl.Struct({"label": pl.String, "description": pl.String})),
            "Outfits; the first is the usual one.",
        ),
    },
    unique=("character",),
)

LOCATIONS = TableSchema(
    "locations",
    "The canonical locations of the show, and the raw names that mean them.",
    {
        "episode_id": EPISODE,
        "location": Column(
            pl.String, "Canonical name; `Other`, `Other Indoor`, `Other Outdoor` too."
        ),
        "raw": Column(pl.List(pl.String), "Names that mean it."),
    },
    unique=("location",),
)

SPEAKER_MAP = TableSchema(
    "speaker_map",
    "Who a speaker label stands for in this episode, as people wrote it down; it always wins.",
    {
        "episode_id": EPISODE,
        "speaker": Column(pl.String, "Label: SPEAKER_N, or a name that subtitles use."),
        "character": Column(pl.String, "The character of the cast."),
    },
    unique=("speaker",),
)

EPISODE_INFO = TableSchema(
    "episode_info",
    "What the show says of the episode; one row, null where nothing is known.",
    {
        "episode_id": EPISODE,
        "show": Column(pl.String, "Name of the show.", nullable=True),
        "season": Column(pl.Int64, "Number of the season.", nullable=True),
        "number": Column(pl.Int64, "Number of the episode in its season.", nullable=True),
        "title": Column(pl.String, "Title of the episode.", nullable=True),
        "language": Column(pl.String, "Language that is spoken (BCP 47).", nullable=True),
        "rights_holder": Column(pl.String, "Who licenses it.", nullable=True),
        "scene_labels": Column(pl.List(pl.String), "The scene types that captions may use."),
    },
    unique=("episode_id",),
)

TABLES = (CAST, LOCATIONS, SPEAKER_MAP, EPISODE_INFO)


def canonical_location(raw: str, locations: pl.DataFrame) -> str | None:
    """The canonical location that `raw` means, by a table LOCATIONS; None where it is unknown.

    Case, blanks, hyphens and punctuation do not matter.
    """
    wanted = bare_name(raw)
    for location, names in locations.select("location", "raw").iter_rows():
        if wanted and wanted in map(bare_name, (location, *names)):
            return str(location)
    return None


def bare_name(name: str) -> str:
    """Letters and digits alone, so that `WOOHP-HQ` and `woohp hq` are one."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())
