import json

import dagster as dg
import pandas as pd
import polars as pl

from media_assets.exports import assets
from media_assets.exports.dataset import folder
from media_assets.exports.frame import DTYPES, MANIFEST_FRAME, NAME, typed_manifest
from media_assets.exports.record import clip_record
from media_assets.exports.schema import DATASET
from media_assets.exports.status import Overview, episode_overview
from media_assets_tests.exports.synthetic import bad_episode, enter, good_episode, run
from media_assets_tests.exports.test_record import FRANKENPANDA, NOTHING
from resources.home import ALL, Home
from resources.tables import read_table

RECORDS = [
    clip_record(FRANKENPANDA),
    clip_record(FRANKENPANDA | NOTHING | {"clip": "other.mp4"}),
]


def test_every_episode_has_a_status_for_every_table(home: Home):
    good_episode(home, "good")
    bad_episode(home, "bad")
    enter(home, "new")
    run(home, "good", "bad")
    table = read_table(home.table("episode_status", ALL))
    assert set(table["episode_id"]) == {"good", "bad", "new"}
    assert table["asset"].n_unique() * 3 == table.height
    states = {(row["episode_id"], row["asset"]): row["status"] for row in table.to_dicts()}
    assert states["good", "records"] == "ok"
    assert states["bad", "records"] == "bad_input"
    assert states["new", "masters"] == "missing"
    assert not {asset for _, asset in states} & {"dataset", "episode_status"}
    overview = {each.episode: each for each in episode_overview(home)}
    assert (overview["good"].clips, overview["good"].state) == (2, "no utterances yet")
    assert overview["bad"].clips == 0
    assert "moov" in overview["bad"].state
    assert overview["new"] == Overview("new", 0, 0, 0, "no records yet; no utterances yet")


def test_a_home_without_a_usable_episode_exports_an_empty_dataset(home: Home):
    bad_episode(home, "bad")
    run(home, "bad")
    assert json.loads((folder(home) / "manifest.json").read_text()) == []
    assert (folder(home) / "ltx2_dataset.jsonl").read_text() == ""
    assert pd.read_parquet(folder(home) / NAME).empty


def test_the_manifest_frame_is_typed_and_reads_back(home: Home):
    good_episode(home, "e01")
    run(home, "e01")
    frame = pd.read_parquet(folder(home) / NAME)
    assert list(frame.columns) == list(DTYPES)
    assert frame["width"].dtype == "int64"
    assert frame["scene_type"].isna().tolist() == [True, False]
    assert frame["clip"].tolist() == [
        record["clip"] for record in json.loads((folder(home) / "manifest.json").read_text())
    ]


def test_a_manifest_frame_with_a_clip_twice_or_without_length_is_refused():
    frame = typed_manifest(RECORDS)
    assert dg.check_dagster_type(MANIFEST_FRAME, frame).success
    assert dg.check_dagster_type(MANIFEST_FRAME, typed_manifest([])).success
    twice = pd.concat([frame, frame])
    assert not dg.check_dagster_type(MANIFEST_FRAME, twice).success
    assert not dg.check_dagster_type(MANIFEST_FRAME, frame.assign(duration=-1.0)).success
    assert not dg.check_dagster_type(MANIFEST_FRAME, frame.drop(columns="fps")).success


def test_shared_stems_and_empty_captions_fail_their_check():
    def checked(*rows: tuple[str, str]) -> bool:
        table = pl.DataFrame(rows, schema=["media_path", "training_caption"], orient="row")
        return assets.names_and_captions_are_usable.run(table).passed

    assert checked(("clips/a.mp4", "x"), ("clips/b.mp4", "y"))
    assert not checked(("clips/a.mp4", "x"), ("more/A.mp4", "y"))
    assert not checked(("clips/a.mp4", "x"), ("clips/b.mp4", "  "))
    assert assets.names_and_captions_are_usable.run(DATASET.empty()).passed


def test_the_preview_of_records_shows_frames_and_reasons_in_little_space(home: Home):
    good_episode(home, "e01")
    run(home, "e01", over_all=False)
    text = home.preview("records", "e01").read_text()
    assert text.startswith("![sheet](data:image/jpeg;base64,")
    assert "luma 20 is under 30" in text
    assert len(text) < 60_000
