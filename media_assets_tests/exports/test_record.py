import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assets.exports.record import clip_record, record_rows, rejection, transcript

FRANKENPANDA = {
    "episode_id": "7lA-b6ou8yc",
    "clip_id": "7lA-b6ou8yc-00042160",
    "title": "Frankenpanda",
    "clip": "7lA-b6ou8yc-00042160.mp4",
    "shot_key": "7lA-b6ou8yc:s0080",
    "start_s": 42.16,
    "fps": 25.0,
    "fps_num": 25,
    "fps_den": 1,
    "frames": 96,
    "width_px": 720,
    "height_px": 406,
    "kept": True,
    "reasons": [],
    "clip_path": "files/clips/a.mp4",
    "clip_frames": 96,
    "frame_paths": ["files/frames/a.png"],
    "annotated": True,
    "scene_type": "dialogue",
    "shot_size": "medium-wide",
    "camera_angle": "eye-level",
    "composition": ["group shot"],
    "motion": ["static frame"],
    "location": "Singapore City",
    "location_raw": "Singapore City",
    "characters": ["Clover", "Sam", "Alex"],
    "outfits": [
        {"character": "Sam", "outfit": "green catsuit with white trim"},
        {"character": "Clover", "outfit": "red catsuit with silver accents"},
    ],
    "lines": [
        {"speaker": "Sam", "label": "SPEAKER_02", "line": "And now we're stranded in Singapore!"},
        {"speaker": "Sam", "label": None, "line": "Ugh!"},
    ],
    "notes": ["Claw function not wiki-verified"],
    "caption": "Three spies stand on a dock.",
    "structured_caption": "A dialogue scene from Totally Spies Season 7.",
    "training_caption": "Three spies stand on a dock. [Dialogue scene]",
}
KEYS = [
    "clip", "episode", "episode_id", "shot_key", "start_s", "duration",
    "width", "height", "fps", "scene_type", "shot_framing", "location",
    "location_raw", "characters", "outfits", "transcript", "caption", "structured_caption",
    "training_caption", "shot_annotation", "caption_entities", "confidence_notes",
]  # fmt: skip
NOTHING = {
    "title": None,
    "scene_type": None,
    "shot_size": None,
    "camera_angle": None,
    "composition": [],
    "motion": [],
    "location": None,
    "location_raw": None,
    "characters": [],
    "outfits": [],
    "lines": [],
    "notes": [],
}


def test_a_record_has_the_keys_of_the_reference_in_its_order():
    record = clip_record(FRANKENPANDA)
    assert list(record) == KEYS
    assert list(record["shot_annotation"]) == ["shot_size", "camera_angle", "composition", "motion"]
    assert list(record["caption_entities"]) == [
        "characters",
        "locations",
        "gadgets",
        "villain_description",
    ]


def test_the_example_of_the_reference_comes_out_with_its_values():
    record = clip_record(FRANKENPANDA)
    assert (record["episode"], record["start_s"], record["duration"]) == (
        "Frankenpanda",
        42.16,
        3.84,
    )
    assert (record["width"], record["height"], record["fps"]) == (720, 406, 25.0)
    assert record["outfits"]["Sam"] == "green catsuit with white trim"
    assert record["shot_framing"] == record["shot_annotation"]["shot_size"] == "medium-wide"
    assert record["transcript"] == "Sam: And now we're stranded in Singapore! Sam: Ugh!"
    assert record["caption_entities"]["characters"] == record["characters"]


def test_what_is_unknown_keeps_its_key_and_type():
    record = clip_record(FRANKENPANDA | NOTHING)
    assert list(record) == KEYS
    assert record["episode"] == "7lA-b6ou8yc"
    for key in ("scene_type", "shot_framing", "location", "location_raw"):
        assert record[key] is None
    assert (record["characters"], record["outfits"], record["transcript"]) == ([], {}, "")
    assert record["confidence_notes"] == []
    assert record["caption_entities"] == {
        "characters": [],
        "locations": [],
        "gadgets": [],
        "villain_description": "",
    }


@given(st.integers(1, 300), st.sampled_from([(24, 1), (25, 1), (24000, 1001), (30000, 1001)]))
def test_duration_and_rate_give_back_the_number_of_frames(frames: int, rate: tuple[int, int]):
    record = clip_record(FRANKENPANDA | {"frames": frames, "fps_num": rate[0], "fps_den": rate[1]})
    assert round(record["duration"] * record["fps"]) == frames


def test_lines_without_a_speaker_stand_in_the_transcript_without_a_name():
    assert transcript([{"speaker": None, "label": None, "line": "Halt!"}]) == "Halt!"


def test_a_voice_without_a_name_stands_in_the_transcript_with_its_label():
    lines = [
        {"speaker": None, "label": "SPEAKER_00", "line": "Halt!"},
        {"speaker": "Sam", "label": "SPEAKER_01", "line": "No."},
    ]
    assert transcript(lines) == "SPEAKER_00: Halt! Sam: No."


@pytest.mark.parametrize(
    ("lacks", "stage", "reasons"),
    [
        ({"kept": False, "reasons": ["too dark"]}, "clip_quality", ["too dark"]),
        ({"kept": False}, "clip_quality", ["no reason given"]),
        ({"kept": None, "reasons": None}, "clip_quality", ["not measured"]),
        ({"clip_path": None, "clip_frames": None}, "clip_files", ["not encoded"]),
        ({"clip_frames": 95}, "clip_files", ["95 of 96 frames"]),
        ({"frame_paths": None}, "reference_frames", ["no reference frame"]),
        ({"annotated": None}, "annotations", ["not annotated"]),
        ({"training_caption": None}, "captions", ["no caption"]),
        ({"kept": False, "reasons": ["too dark"], "clip_path": None}, "clip_quality", ["too dark"]),
    ],
)
def test_a_clip_that_lacks_something_names_the_first_asset_that_lacks_it(lacks, stage, reasons):
    assert rejection(FRANKENPANDA | lacks) == (stage, reasons)


def test_a_row_has_either_a_record_or_reasons():
    import polars as pl

    facts = pl.DataFrame([FRANKENPANDA, FRANKENPANDA | {"clip_id": "x-00000000", "kept": False}])
    kept, rejected = record_rows(facts).to_dicts()
    assert json.loads(kept["record"]) == clip_record(FRANKENPANDA)
    assert (kept["kept"], kept["stage"], kept["reasons"]) == (True, None, [])
    assert (rejected["kept"], rejected["record"]) == (False, None)
