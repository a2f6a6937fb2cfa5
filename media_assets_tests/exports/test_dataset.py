"""The exported dataset, read as trainers read it."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from media_assets.exports import assets
from media_assets.exports.dataset import folder
from media_assets.ingest.schema import PROBE, SUBTITLES
from media_assets.shots.schema import CLIP_FILES
from media_assets_tests.exports.synthetic import (
    FPS,
    HEIGHT,
    WIDTH,
    bad_episode,
    clip_id,
    counts,
    enter,
    good_episode,
    put,
    put_nothing,
    run,
    speech_episode,
    subtitles,
)
from media_assets_tests.exports.test_record import KEYS
from resources.home import ALL, ENV, Home
from resources.problems import BadInput
from resources.tables import read_table

KEPT = [clip_id(e, s) for e in ("e01", "e02") for s in (0.0, 3.0)]


def fill(home: Home) -> None:
    """Two good episodes, a bad master, a radio play and a newcomer."""
    good_episode(home, "e01")
    good_episode(home, "e02", title=None)
    bad_episode(home, "e03")
    speech_episode(home, "e04")
    enter(home, "e05")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An exported library; tests work on copies of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(ENV, str(tmp_path_factory.mktemp("template") / "home"))
        home = Home.current()
        fill(home)
        run(home, "e01", "e02", "e03", "e04")
    return home.root


@pytest.fixture
def library(template: Path, home: Home) -> Home:
    shutil.copytree(template, home.root)
    return home


def read(home: Home, name: str):  # type: ignore[no-untyped-def]
    return json.loads((folder(home) / name).read_text())


def exported(home: Home) -> dict[str, bytes]:
    root = folder(home)
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def decoded(path: Path) -> Iterator[tuple[int, int]]:
    import av

    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield frame.width, frame.height


def test_the_manifest_holds_every_kept_clip_with_all_keys(library: Home):
    records = read(library, "manifest.json")
    assert [record["clip"] for record in records] == [f"{clip}.mp4" for clip in KEPT]
    assert all(list(record) == KEYS for record in records)
    assert [record["episode"] for record in records] == ["The Dark Lamp"] * 2 + ["e02"] * 2


def test_the_clips_hold_the_frames_that_the_manifest_says(library: Home):
    for record in read(library, "manifest.json"):
        frames = list(decoded(folder(library) / "clips" / record["clip"]))
        assert len(frames) == round(record["duration"] * record["fps"])
        assert set(frames) == {(record["width"], record["height"])} == {(WIDTH, HEIGHT)}
        assert record["fps"] == FPS


def test_ltx2_reads_columns_from_the_first_line_and_finds_every_medium(library: Home):
    lines = (folder(library) / "ltx2_dataset.jsonl").read_text().splitlines()
    columns = list(json.loads(lines[0]))
    assert columns == ["caption", "media_path", "location", "scene_type"]
    rows = [json.loads(line) for line in lines]
    assert all(list(row) == columns for row in rows)
    assert rows == read(library, "ltx2_dataset.json")
    for row, record in zip(rows, read(library, "manifest.json"), strict=True):
        assert row["caption"] == record["training_caption"]
        assert not Path(row["media_path"]).is_absolute()
        assert (folder(library) / row["media_path"]).is_file()
    stems = [Path(row["media_path"]).stem for row in rows]
    assert len(set(stems)) == len(stems)
    assert not any("." in stem for stem in stems)


def test_wan_finds_the_first_frame_of_every_clip(library: Home):
    import cv2

    rows = read(library, "wan21_metadata.json")
    assert len(rows) == 4
    for row in rows:
        assert list(row) == [
            "caption",
            "media_path",
            "first_frame",
            "duration",
            "location",
            "scene_type",
        ]
        picture = cv2.imread(str(folder(library) / row["first_frame"]))
        assert picture.shape == (HEIGHT, WIDTH, 3)
        assert (folder(library) / row["media_path"]).is_file()
    assert len(list((folder(library) / "frames").iterdir())) == 12


def test_a_caption_quotes_known_speakers_and_the_transcript_has_every_line(library: Home):
    record = read(library, "manifest.json")[1]
    assert record["training_caption"] == (
        "A shot with moderate motion. [Dialogue scene | Dialogue: Mina: \"The lamp is 'dark' "
        'tonight!" Grandpa Bram: "Pull the lever."]'
    )
    assert record["transcript"] == (
        'Mina: The lamp is "dark" tonight! Grandpa Bram: Pull the lever. Who is there?'
    )
    assert record["characters"] == []


def test_the_ledger_says_of_everything_else_why_it_is_out(library: Home):
    rows = read(library, "reject_ledger.json")
    assert [(row["episode_id"], row["clip_id"], row["stage"]) for row in rows] == [
        ("e01", clip_id("e01", 6.0), "clip_quality"),
        ("e02", clip_id("e02", 6.0), "clip_quality"),
        ("e03", None, "masters"),
        ("e04", None, "shots"),
        ("e05", None, "masters"),
    ]
    assert rows[0]["reasons"] == ["luma 20 is under 30"]
    assert (folder(library) / "reject_ledger.csv").read_text().count("\n") == 6


def test_the_source_manifest_indexes_every_master_with_its_rights(library: Home):
    index = read(library, "source_manifest.json")
    assert (index["masters"], index["usable"]) == (5, 3)
    assert index["episodes"]["e01"]["rights_holder"] == "Harbour Films"
    assert index["episodes"]["e01"]["sha256"]
    assert index["episodes"]["e03"]["status"] == "bad_input"
    assert index["episodes"]["e03"]["path"] == "e03.mp4"
    assert "moov" in index["episodes"]["e03"]["reason"]
    assert (folder(library) / "source_manifest.csv").read_text().count("\n") == 6


def test_a_master_whose_streams_can_not_be_read_is_marked_with_what_is_known_of_it(library: Home):
    problem = BadInput("no video packets", where="e02.mp4", remedy="Copy it again.")
    put_nothing(library, PROBE, "e02", problem)
    run(library)
    row = read(library, "source_manifest.json")["episodes"]["e02"]
    assert (row["status"], row["duration_s"]) == ("bad_input", 8.0)
    assert "no video packets" in row["reason"]


def test_no_export_names_a_path_of_this_machine(library: Home):
    for name, content in exported(library).items():
        assert str(library.root).encode() not in content, name


def test_a_second_run_computes_nothing_and_leaves_every_byte(library: Home):
    before = exported(library)
    assert set(counts(run(library, "e01", "e02", "e03", "e04")).values()) == {0}
    assert exported(library) == before


def test_another_home_gives_the_same_bytes(
    library: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(ENV, str(tmp_path / "other"))
    other = Home.current()
    fill(other)
    run(other, "e04", "e03", "e02", "e01")
    mp4 = {name for name in exported(other) if name.endswith(".mp4")}
    assert {k: v for k, v in exported(other).items() if k not in mp4} == {
        k: v for k, v in exported(library).items() if k not in mp4
    }


def test_an_edited_line_recomputes_one_annotation_one_caption_and_one_record(library: Home):
    put(library, SUBTITLES, "e01", subtitles("e01", first="The lamp is out!"))
    done = counts(run(library, "e01"))
    assert {name: done[name] for name in ("annotations", "captions", "records", "dataset")} == {
        "annotations": 1,
        "captions": 1,
        "records": 1,
        "dataset": 0,
    }
    assert '"The lamp is out!"' in read(library, "ltx2_dataset.json")[1]["caption"]


def test_a_clip_that_is_encoded_anew_is_replaced_and_one_that_is_lost_is_withdrawn(library: Home):
    from media_assets_tests.exports.synthetic import video

    files = read_table(library.table("clip_files", "e01")).to_dicts()
    path = library.files / "clips" / "anew.mp4"
    video(path, 48, shade=200)
    files[0] |= {"path": library.relative(path), "bytes": path.stat().st_size}
    put(library, CLIP_FILES, "e01", files[:1])
    done = counts(run(library, "e01"))
    assert (done["records"], done["dataset"]) == (2, 1)
    assert (folder(library) / "clips" / f"{KEPT[0]}.mp4").read_bytes() == path.read_bytes()
    assert not (folder(library) / "clips" / f"{KEPT[1]}.mp4").exists()
    assert not (folder(library) / "frames" / f"{KEPT[1]}_0.png").exists()
    assert [row["media_path"] for row in read(library, "ltx2_dataset.json")] == [
        f"clips/{clip}.mp4" for clip in KEPT if clip != KEPT[1]
    ]
    assert ["e01", KEPT[1], "clip_files", ["not encoded"]] in [
        list(row.values()) for row in read(library, "reject_ledger.json")
    ]


def test_what_somebody_removed_from_the_export_is_put_back(library: Home):
    before = exported(library)
    for name in (f"clips/{KEPT[0]}.mp4", f"frames/{KEPT[2]}_1.png", "manifest.json", "report.md"):
        (folder(library) / name).unlink()
    run(library)
    assert exported(library) == before


def test_a_clip_whose_file_is_gone_stops_the_export_and_leaves_the_old_one(library: Home):
    before = exported(library)
    gone = library.root / read_table(library.table("clip_files", "e01"))["path"][0]
    gone.unlink()
    put(library, SUBTITLES, "e01", subtitles("e01", first="The lamp is out!"))
    with pytest.raises(FileNotFoundError, match=r"files/clips/\w+\.mp4 of clip e01-00000000"):
        run(library, "e01")
    assert exported(library) == before


def checks(results) -> dict[str, bool]:  # type: ignore[no-untyped-def]
    return {
        check.check_name: check.passed
        for result in results
        for check in result.get_asset_check_evaluations()
    }


def test_the_checks_pass_on_a_sound_export(library: Home):
    assert checks(run(library, "e01")) == dict.fromkeys(
        (
            "every_clip_is_captioned",
            "captions_fit_the_text_encoders",
            "every_clip_is_kept_or_rejected",
            "media_are_what_the_tables_say",
            "names_and_captions_are_usable",
            "clips_in_are_clips_kept_plus_clips_rejected",
        ),
        True,
    )


def test_a_truncated_clip_fails_the_check_of_the_dataset(library: Home):
    path = folder(library) / "clips" / f"{KEPT[0]}.mp4"
    path.unlink()
    path.write_bytes(b"short")
    results = run(library, "e01", raise_on_error=False)
    assert checks(results)["media_are_what_the_tables_say"] is False


def test_a_record_that_tells_other_frames_than_the_encoding_fails_the_check(library: Home):
    files = read_table(library.table("clip_files", "e01"))
    table = read_table(library.table("dataset", ALL)).filter(pl.col("episode_id") == "e01")
    check = assets.media_are_what_the_tables_say.run
    assert check(table, clip_files=files.lazy()).passed
    fewer = files.with_columns(pl.col("frames") - 1)
    assert not check(table, clip_files=fewer.lazy()).passed


def test_clips_that_have_no_records_yet_fail_the_check_of_the_ledger(library: Home):
    from media_assets.shots.schema import CLIPS

    clips = read_table(library.table("clips", "e01"))
    extra = clips.to_dicts()[0] | {"clip_id": clip_id("e01", 9.0), "clip": "x.mp4"}
    put(library, CLIPS, "e01", [*clips.to_dicts(), extra])
    results = run(library, raise_on_error=False)
    assert checks(results)["clips_in_are_clips_kept_plus_clips_rejected"] is False
