"""The manifest for pandas users: a typed DataFrame, checked by dagster-pandas, as Parquet."""

import warnings
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
from dagster_pandas import PandasColumn, create_dagster_pandas_dataframe_type

from media_assets.exports.dataset import folder
from media_assets.exports.files import write_changed
from resources.home import Home

NAME = "manifest.parquet"

DTYPES: dict[str, str] = {
    "clip": "string",
    "episode": "string",
    "episode_id": "string",
    "shot_key": "string",
    "start_s": "float64",
    "duration": "float64",
    "width": "int64",
    "height": "int64",
    "fps": "float64",
    "scene_type": "string",
    "shot_framing": "string",
    "location": "string",
    "location_raw": "string",
    "transcript": "string",
    "caption": "string",
    "structured_caption": "string",
    "training_caption": "string",
    "characters": "object",
}
"""The flat keys of the record of 000, and `characters` as lists; the rest is in manifest.json."""

with warnings.catch_warnings():
    warnings.simplefilter("ignore", dg.BetaWarning)
    MANIFEST_FRAME = create_dagster_pandas_dataframe_type(
        name="ManifestFrame",
        description="One row per exported clip, columns named as in manifest.json.",
        columns=[
            PandasColumn.string_column("clip", unique=True, non_nullable=True),
            PandasColumn.string_column("training_caption", non_nullable=True),
            PandasColumn.float_column("start_s", min_value=0.0, non_nullable=True),
            PandasColumn.float_column("duration", min_value=0.0, non_nullable=True),
            PandasColumn.integer_column("width", min_value=2, non_nullable=True),
            PandasColumn.integer_column("height", min_value=2, non_nullable=True),
            PandasColumn.float_column("fps", min_value=1.0, non_nullable=True),
        ],
    )


def typed_manifest(records: list[dict[str, Any]]) -> pd.DataFrame:
    """The records as a DataFrame with the columns and types of `DTYPES`."""
    frame = pd.DataFrame.from_records(records, columns=list(DTYPES))
    return frame.astype(DTYPES)


class ManifestFrameIO(dg.IOManager):
    """Writes the frame beside manifest.json and reads it back."""

    @property
    def path(self) -> Path:
        return folder(Home.current()) / NAME

    def handle_output(self, context: dg.OutputContext, obj: pd.DataFrame) -> None:
        write_changed(self.path, lambda file: obj.to_parquet(file, index=False))
        context.add_output_metadata({"dagster/row_count": len(obj)})

    def load_input(self, context: dg.InputContext) -> pd.DataFrame:
        return pd.read_parquet(self.path)
