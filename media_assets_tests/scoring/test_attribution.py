"""The score of attribution: whose label it is does not matter, who is meant does."""

import json
from pathlib import Path

import polars as pl
import pytest

from media_assets.scoring.attribution import pool_attribution, score_attribution
from media_assets.scoring.report import format_report, pool, score_home
from media_assets_tests.scoring.test_report import add, put
from resources.home import Home

TURN = {"start_s": pl.Float64, "end_s": pl.Float64, "speaker": pl.String}
TRUTH = [(0.0, 4.0, "Mina"), (4.0, 8.0, "Bram")]
FOUND = [(0.0, 4.0, "SPEAKER_01"), (4.0, 8.0, "SPEAKER_00")]
ITEM = {
    "id": pl.String,
    "start_s": pl.Float64,
    "end_s": pl.Float64,
    "speaker": pl.String,
    "margin": pl.Float64,
}


def turns(rows) -> pl.DataFrame:  # type: ignore[no-untyped-def]
    return pl.DataFrame(rows, schema=TURN, orient="row")


def score(*items, truth=TRUTH, found=FOUND, level="segment"):  # type: ignore[no-untyped-def]
    frame = pl.DataFrame(items, schema=ITEM, orient="row").with_columns(level=pl.lit(level))
    return score_attribution(turns(truth), turns(found), frame)


def test_labels_mean_the_speakers_with_whom_they_share_most_time():
    counts = score(("a", 0, 2, "SPEAKER_01", 1.0), ("b", 5, 7, "SPEAKER_00", 1.0))["segment"]
    assert (counts["items"], counts["assigned"], counts["correct"]) == (2, 2, 2)
    assert (counts["accuracy"], counts["coverage"]) == (1.0, 1.0)
    swapped = score(("a", 0, 2, "SPEAKER_00", 1.0), ("b", 5, 7, "SPEAKER_01", 1.0))["segment"]
    assert swapped["accuracy"] == 0.0


def test_who_speaks_most_of_it_is_the_true_speaker_and_alike_is_not_scored():
    counts = score(("a", 1, 6, "SPEAKER_01", 0.2), ("b", 2, 6, "SPEAKER_01", 0.0))["segment"]
    assert (counts["items"], counts["correct"]) == (1, 1)


def test_a_label_that_means_nobody_is_wrong():
    found = [*FOUND, (3.5, 4.0, "SPEAKER_02")]
    assert score(("a", 0, 2, "SPEAKER_02", 1.0), found=found)["segment"]["accuracy"] == 0.0


def test_abstaining_costs_coverage_but_not_where_nobody_speaks():
    counts = score(
        ("a", 0, 2, "SPEAKER_01", 0.9), ("b", 5, 7, None, 0.1), ("c", 9, 10, None, 0.0),
        ("d", 10, 11, "SPEAKER_00", 0.4),
    )["segment"]  # fmt: skip
    assert (counts["silent"], counts["silent_assigned"]) == (2, 1)
    assert (counts["coverage"], counts["accuracy"]) == (0.5, 0.5)


def test_risk_falls_where_only_large_margins_are_trusted():
    counts = score(("a", 0, 2, "SPEAKER_01", 0.9), ("b", 5, 7, "SPEAKER_01", 0.1))["segment"]
    curve = {point["margin"]: (point["coverage"], point["risk"]) for point in counts["curve"]}
    assert curve[0.9] == (0.5, 0.0)
    assert curve[-1.0] == (1.0, 0.5)


def test_scores_of_several_episodes_add_up():
    one = score(("a", 0, 2, "SPEAKER_01", 0.9))
    other = score(("a", 0, 2, "SPEAKER_00", 0.9), ("b", 1, 2, None, 0.0))
    pooled = pool_attribution([one, other, score(("a", 0, 2, "SPEAKER_01", 0.9), level="word")])
    assert set(pooled) == {"segment", "word"}
    assert (pooled["segment"]["accuracy"], pooled["segment"]["items"]) == (0.5, 3)
    assert pooled["segment"]["coverage"] == pytest.approx(2 / 3)
    assert pooled["segment"]["curve"][-1]["risk"] == 0.5


def test_a_home_is_scored_by_its_own_tables(home: Home, tmp_path: Path):
    (tmp_path / "truth").mkdir()
    lines = [f"SPEAKER ep 1 {a} {b - a} <NA> <NA> {who} <NA> <NA>\n" for a, b, who in TRUTH]
    (tmp_path / "truth" / "ep.rttm").write_text("".join(lines))
    add(home, tmp_path / "ep.mkv", "ep")
    found = turns(FOUND)
    both = [found.with_columns(exclusive=pl.lit(value)) for value in (False, True)]
    put(home, "diarization", "ep", pl.concat(both))
    spans = pl.DataFrame({"start_s": [1.0, 5.0], "end_s": [2.0, 6.0], "segment_id": ["a", "b"]})
    text = {"text": ["x", "y"], "source": ["subtitles"] * 2}
    put(home, "segments", "ep", spans.with_columns(**{k: pl.Series(v) for k, v in text.items()}))
    rows = [("segment", "a", "SPEAKER_01", 1.0), ("segment", "b", None, 0.2)]
    columns = ["level", "id", "speaker", "margin"]
    put(home, "attribution", "ep", pl.DataFrame(rows, schema=columns, orient="row"))
    scores = score_home(home, tmp_path / "truth")
    assert json.loads(json.dumps(scores)) == scores
    (episode,) = scores["episodes"]
    assert episode["scores"]["attribution"]["segment"]["correct"] == 1
    assert pool([episode])["attribution"]["segment"]["coverage"] == 0.5
    assert "segments: 100.0 % of 1 right, 50.0 % of 2 assigned" in format_report(scores)
