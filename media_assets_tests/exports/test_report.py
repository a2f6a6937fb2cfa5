from dataclasses import replace
from pathlib import Path

import polars as pl

from media_assets.exports.plots import bars, histogram
from media_assets.exports.record import clip_record
from media_assets.exports.report import Facts, coverage, draw, is_known, markdown, numbers
from media_assets.exports.schema import DATASET, REJECT_LEDGER
from media_assets.shots.schema import CLIP_QUALITY
from media_assets_tests.exports.test_record import FRANKENPANDA, NOTHING


def known() -> Facts:
    """Two clips of one episode, one of which nothing is known, and two rejected things."""
    records = [clip_record(FRANKENPANDA), clip_record(FRANKENPANDA | NOTHING)]
    dataset = pl.DataFrame(
        {
            "episode_id": ["7lA-b6ou8yc"] * 2,
            "reference_frames": [3, 4],
            "duration_s": [3.84, 3.84],
        }
    )
    ledger = REJECT_LEDGER.frame(
        [
            {
                "episode_id": "7lA-b6ou8yc",
                "clip_id": "7lA-b6ou8yc-00000000",
                "stage": "clip_quality",
                "reasons": ["luma 3.1 is under 16"],
            },
            {
                "episode_id": "bad",
                "clip_id": None,
                "stage": "masters",
                "reasons": ["bad.mp4: no | moov"],
            },
        ]
    )
    quality = pl.DataFrame({"motion": [0.1, 2.0], "luma": [90.0, 99.0], "sharpness": [5.0, 6.0]})
    attributed = {"clip": (1, 1), "segment": (67, 100)}
    lines = [[True, True], []]
    return Facts(records, lines, attributed, [1.0, 4.0, 9.0], quality, dataset, ledger)


def test_the_numbers_count_what_the_records_say():
    table = {row["metric"]: row for row in numbers(known()).to_dicts()}
    assert table["Total clips"]["value"] == 2
    assert round(table["Duration"]["value"], 4) == round(2 * 3.84 / 60, 4)
    assert table["Reference frames"]["value"] == 7
    for metric in ("Characters named", "Outfit data", "Location known", "Scene type"):
        assert (table[metric]["value"], table[metric]["total"]) == (1, 2)
    assert (table["Villain described"]["value"], table["Gadgets named"]["value"]) == (0, 0)
    assert table["Lines with a named speaker"]["total"] == 2
    assert (table["Rejected clips"]["value"], table["Rejected clips"]["total"]) == (1, 3)
    assert table["Rejected episodes"]["value"] == 1


def test_attributed_dialogue_is_a_share_of_all_clips_and_of_all_segments():
    facts = known()
    text = markdown(facts, numbers(facts), [])
    assert "| Dialogue attributed (clip) | 1 / 2 (50%) of clips |" in text
    assert "| Dialogue attributed (segment) | 67 / 100 (67%) of segments |" in text
    silent = replace(facts, attributed={})
    text = markdown(silent, numbers(silent), [])
    assert "| Dialogue attributed (clip) | - |" in text
    assert "| Dialogue attributed (segment) | - |" in text


def test_every_field_of_the_record_is_covered_in_its_order():
    counts = coverage(known().records)
    assert list(counts)[:2] == ["clip", "episode"]
    assert counts["clip"] == 2
    assert counts["shot_annotation.motion"] == counts["location"] == counts["transcript"] == 1
    assert is_known(0.0)
    assert is_known(False)


def test_the_report_is_the_same_bytes_twice_and_every_picture_has_words(tmp_path: Path):
    facts = known()
    first = draw(facts, tmp_path / "a")
    second = draw(facts, tmp_path / "b")
    assert first == second
    assert len(first) == 6
    for plot in first:
        png = (tmp_path / "a" / plot.path).read_bytes()
        assert png[:8] == b"\x89PNG\r\n\x1a\n"
        assert png == (tmp_path / "b" / plot.path).read_bytes()
        assert len(png) < 50_000
    text = markdown(facts, numbers(facts), first)
    assert text == markdown(facts, numbers(facts), second)
    assert text.count("](plots/") == 6
    assert "![](" not in text
    assert "| clip_quality | luma N is under N | 1 |" in text
    assert "| bad | masters | bad.mp4: no \\| moov |" in text
    assert "| Location known | 1 / 2 (50%) |" in text.split("## Remaining gaps")[1]


def test_a_dataset_without_clips_has_a_report_too(tmp_path: Path):
    nothing = Facts([], [], {}, [], CLIP_QUALITY.empty(), DATASET.empty(), REJECT_LEDGER.empty())
    assert draw(nothing, tmp_path) == []
    text = markdown(nothing, numbers(nothing), [])
    assert "| Total clips | 0 clips |" in text
    assert "| Location known | 0 / 0 of clips |" in text


def test_the_words_of_a_plot_say_its_numbers(tmp_path: Path):
    assert histogram(tmp_path, "x", "Clip length", "s", [1.0, 2.0, 6.0]).alt == (
        "Clip length (s): 3 values from 1 to 6, median 2"
    )
    assert bars(tmp_path, "y", "Minutes", "min", {"e1": 2.0}).alt == "Minutes (min): e1 2"
