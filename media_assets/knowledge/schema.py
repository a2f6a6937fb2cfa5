"""The tables of `knowledge/`: what the show's folder says, as far as it concerns the episode."""

import re
from collections import Counter

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

SPEAKER_HINTS = TableSchema(
    "speaker_hints",
    "How many speakers an episode of the show has; no row where the show does not say it.",
    {
        "episode_id": EPISODE,
        "exactly": Column(pl.Int64, "So many.", nullable=True),
        "at_least": Column(pl.Int64, "So many or more.", nullable=True),
        "at_most": Column(pl.Int64, "So many or fewer.", nullable=True),
    },
    unique=("episode_id",),
)

TABLES = (CAST, LOCATIONS, SPEAKER_MAP, EPISODE_INFO, SPEAKER_HINTS)


def voices(cast: pl.DataFrame, speaker_map: pl.DataFrame) -> dict[str, str]:
    """The character by `voice_key` of the labels and names that stand for one; people win."""
    named = [
        (name, row["character"])
        for row in cast.iter_rows(named=True)
        for name in {voice_key(name) for name in (row["character"], *row["aliases"])}
    ]
    shared = Counter(name for name, _ in named)
    known = {name: character for name, character in named if shared[name] == 1}
    mapped = speaker_map.select("speaker", "character").iter_rows()
    return known | {voice_key(speaker): character for speaker, character in mapped}


def voice_key(label: str) -> str:
    """The label without case; `SPEAKER_1` of other tools is `SPEAKER_01` here.

    >>> voice_key("SPEAKER_1"), voice_key("Mina")
    ('speaker_01', 'mina')
    """
    numbered = re.fullmatch(r"speaker_(\d+)", label.casefold())
    return f"speaker_{int(numbered[1]):02d}" if numbered else label.casefold()


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
