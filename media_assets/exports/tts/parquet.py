"""Hugging Face: Parquet with the sound inside, one shard per split and episode.

`audio` is a struct {bytes, path}; the schema's metadata names the features as `datasets` does, so
that `load_dataset` yields decoded audio. A new episode is a new shard, the others stay untouched.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from media_assets.exports.files import remove_others, write_changed
from media_assets.exports.tts.item import Item
from media_assets.exports.tts.splits import SPLITS
from resources.tables import digest

if TYPE_CHECKING:
    import pyarrow as pa

FOLDER = "parquet"
# Readers take a row group at a time; the Hub recommends 100 rows of audio.
GROUP_ROWS = 100
COLUMNS = (
    *("id", "audio", "text", "normalized_text", "speaker", "language"),
    *("emotion", "episode", "duration_s"),
)
# The entry of the schema's metadata that says what a shard was made from.
MADE_FROM = b"media_assets"


def write_parquet(root: Path, items: Sequence[Item], rate_hz: int) -> list[str]:
    """The names of the shards, `parquet/{split}/{episode}.parquet`; others are removed."""
    ordered = sorted(items, key=lambda i: (i.split, i.episode_id, i.utterance_id))
    names = []
    for (split, episode), members in groupby(ordered, key=lambda i: (i.split, i.episode_id)):
        names.append(f"{FOLDER}/{split}/{episode}.parquet")
        _write_shard(root, root / names[-1], list(members), rate_hz)
    for split in SPLITS:
        shards = {Path(name).name for name in names if f"/{split}/" in name}
        remove_others(root / FOLDER / split, shards)
    return names


def _write_shard(root: Path, path: Path, items: Sequence[Item], rate_hz: int) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    key = digest([rate_hz, [vars(item) for item in items]]).encode()
    if path.exists() and (pq.read_schema(path).metadata or {}).get(MADE_FROM) == key:
        return
    schema = _schema().with_metadata(
        {b"huggingface": json.dumps(_features(rate_hz)).encode(), MADE_FROM: key}
    )

    def write(file: IO[bytes]) -> None:
        # Sound does not compress; text is small beside it.
        with pq.ParquetWriter(file, schema, compression="zstd", store_schema=True) as writer:
            for rows in _groups(root, items):
                writer.write_table(pa.Table.from_pylist(rows, schema=schema))

    write_changed(path, write)


def _groups(root: Path, items: Sequence[Item]) -> Iterator[list[Mapping[str, Any]]]:
    for first in range(0, len(items), GROUP_ROWS):
        yield [_row(root, item) for item in items[first : first + GROUP_ROWS]]


def _row(root: Path, item: Item) -> dict[str, Any]:
    return {
        "id": item.utterance_id,
        "audio": {"bytes": (root / item.path).read_bytes(), "path": Path(item.path).name},
        "text": item.text,
        "normalized_text": item.normalised_text,
        "speaker": item.speaker,
        "language": item.language,
        "emotion": item.emotion,
        "episode": item.episode_id,
        "duration_s": item.duration_s,
    }


def _schema() -> "pa.Schema":
    import pyarrow as pa

    audio = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    types = {"audio": audio, "duration_s": pa.float64()}
    return pa.schema([(name, types.get(name, pa.string())) for name in COLUMNS])


def _features(rate_hz: int) -> dict[str, Any]:
    """The columns as `datasets.Features` writes them into a schema."""
    special = {
        "audio": {"sampling_rate": rate_hz, "_type": "Audio"},
        "duration_s": {"dtype": "float64", "_type": "Value"},
    }
    text = {"dtype": "string", "_type": "Value"}
    return {"info": {"features": {name: special.get(name, text) for name in COLUMNS}}}
