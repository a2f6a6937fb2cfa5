"""What the set for training voices is: `card.json` for programs, `README.md` for people.

No figure in them is written by hand: hours and counts are those of the files.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from media_assets.exports.files import json_text, write_text
from media_assets.exports.tts.gpt_sovits import readable
from media_assets.exports.tts.item import Item
from media_assets.exports.tts.settings import TtsExport
from media_assets.exports.tts.splits import SPLITS
from media_assets.speech.schema import TTS_QUALITY
from resources.home import Home
from resources.tables import read_footer

CARD, README = "card.json", "README.md"


def speaker_numbers(root: Path, speakers: Sequence[str]) -> dict[str, int]:
    """A number per speaker; who had one in the card that stands keeps it."""
    known: dict[str, int] = _standing(root, "speaker_numbers")
    numbers = dict(known)
    for name in sorted(set(speakers) - known.keys()):
        numbers[name] = len(numbers)
    return numbers


def episode_splits(root: Path) -> dict[str, str]:
    """The split of every episode that was ever split as a whole, by the card that stands.

    The table forgets an episode while none of its utterances is good enough.
    """
    return _standing(root, "episode_splits")


def _standing(root: Path, entry: str) -> dict[str, Any]:
    try:
        known: dict[str, Any] = json.loads((root / CARD).read_text())[entry]
    except (FileNotFoundError, ValueError, KeyError):
        return {}
    return known


def write_card(
    home: Home,
    root: Path,
    table: pl.DataFrame,
    items: Sequence[Item],
    sources: pl.DataFrame,
    numbers: Mapping[str, int],
    config: TtsExport,
) -> list[str]:
    """The names of the two files."""
    whole = table.filter(pl.col("kept") & (pl.col("split_by") == "episode"))
    card = {
        "made_by": f"media-assets {version('media-assets')}",
        "settings": vars(config),
        "filter": _filters(home, table),
        "sources": [
            {
                k: row[k]
                for k in ("episode_id", "path", "sha256", "rights_holder", "show", "language")
            }
            for row in sources.iter_rows(named=True)
            if row["episode_id"] in set(table["episode_id"])
        ],
        "utterances": {
            "in": table.height,
            "kept": len(items),
            "rejected": table.height - len(items),
        },
        "rejected_for": _reasons(table),
        "hours": {
            "split": _hours((item.split, item.duration_s) for item in items),
            "speaker": _hours((item.speaker, item.duration_s) for item in items),
        },
        "split_by": sorted(set(table["split_by"])),
        "episode_splits": episode_splits(root)
        | dict(whole.select("episode_id", "split").iter_rows()),
        "text_with_digits": int((table.filter("kept")["normalised"] == False).sum()),  # noqa: E712
        "gpt_sovits_left_out": sum(not readable(item) for item in items),
        "speaker_numbers": dict(numbers),
    }
    write_text(root / CARD, [json_text(card), "\n"])
    write_text(root / README, [_readme(card, items)])
    return [CARD, README]


def _filters(home: Home, table: pl.DataFrame) -> list[dict[str, Any]]:
    """The thresholds that the episodes were judged by; more than one where they differ."""
    footers = [
        read_footer(home.table(TTS_QUALITY.name, episode))
        for episode in sorted(set(table["episode_id"]))
    ]
    configs = [footer.made_from.get("config", {}) for footer in footers if footer]
    return [c for i, c in enumerate(configs) if c not in configs[:i]]


def _reasons(table: pl.DataFrame) -> dict[str, int]:
    """How often each rule rejected, by the words before the measured value."""
    rejected = table.filter(~pl.col("kept"))["reasons"].to_list()
    kinds = Counter(_kind(reason) for reasons in rejected for reason in reasons)
    return dict(sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0])))


def _kind(reason: str) -> str:
    words = reason.split(":")[0].split()
    return " ".join(word for word in words if word[0].isalpha() or word == "_")


def _hours(pairs: Any) -> dict[str, float]:
    seconds: dict[str, float] = {}
    for name, duration_s in pairs:
        seconds[name] = seconds.get(name, 0.0) + duration_s
    return {name: round(total / 3600, 4) for name, total in sorted(seconds.items())}


def _readme(card: Mapping[str, Any], items: Sequence[Item]) -> str:
    present = [split for split in SPLITS if any(item.split == split for item in items)]
    files = "".join(
        f"  - split: {split}\n    path: parquet/{split}/*.parquet\n" for split in present
    )
    head = f"---\nconfigs:\n- config_name: default\n  data_files:\n{files}---\n" if files else ""
    counts = card["utterances"]
    absent = ", ".join(split for split in SPLITS if split not in present)
    lines = [
        "# Voices",
        f"{counts['in']} utterances: {counts['kept']} kept, {counts['rejected']} rejected "
        f"(why: `card.json`, and the table `tts_dataset` utterance by utterance).",
        *([f"Empty: {absent}. {_why_empty(card)}"] if absent else []),
        "",
        "| split | hours |\n|---|---|",
        *(f"| {name} | {hours} |" for name, hours in card["hours"]["split"].items()),
        "",
        "| speaker | hours |\n|---|---|",
        *(f"| {name} | {hours} |" for name, hours in card["hours"]["speaker"].items()),
        "",
        "| source | sha256 | rights holder |\n|---|---|---|",
        *(
            f"| {s['path']} | {s['sha256']} | {s['rights_holder'] or 'not stated'} |"
            for s in card["sources"]
        ),
    ]
    return head + "\n".join(lines) + "\n"


def _why_empty(card: Mapping[str, Any]) -> str:
    if not card["utterances"]["in"]:
        return "No episode has an utterance."
    if not card["utterances"]["kept"]:
        return "No utterance passed the filter."
    unit = "near-duplicate groups" if card["split_by"] == ["group"] else "episodes"
    return f"There are too few {unit} for all three."
