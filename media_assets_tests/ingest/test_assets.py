import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from media_assets.ingest.masters import MasterSettings
from media_assets.knowledge.show import install_show
from media_assets.media import hashing
from media_assets_tests.ingest.conftest import Ingest

NOTHING = {"masters": 0, "streams": 0, "subtitles": 0, "probe": 0}
SRT = "1\n00:00:00,100 --> 00:00:00,900\n{}\n"


def of_ingest(made: dict[str, int]) -> dict[str, int]:
    return {name: rows for name, rows in made.items() if name in NOTHING}


@pytest.fixture
def demo_show(ingest_room: Ingest, tmp_path: Path) -> str:
    folder = tmp_path / "show"
    folder.mkdir()
    (folder / "show.yaml").write_text(
        "show: Harbour Lights\nlanguage: en\nrights_holder: CC0\ncharacters: [{name: Mina}]\n"
        "seasons: [{number: 1, episodes: [{number: 2, title: A Letter, master: film}]}]\n"
        "speakers: {film: {SPEAKER_0: Mina}}\n"
    )
    return install_show(ingest_room.home, folder)


def test_a_master_has_one_row_that_says_what_it_is_and_whose(
    ingest_room: Ingest, media_dir: Path, demo_show: str
) -> None:
    source = media_dir / "hostile" / "made_dev" / "three_audio_tracks.mkv"
    master = ingest_room.add(source, "film.mkv", show=demo_show)
    (master.parent / "film.en.srt").write_text(SRT.format("Mina: Hello"))
    ingest_room.run()
    (row,) = ingest_room.table("masters").iter_rows(named=True)
    assert row == {
        "episode_id": "ep",
        "path": "film.mkv",
        "sha256": hashing.sha256_file(source),
        "bytes": 402533,
        "duration_s": pytest.approx(6.0, abs=0.05),
        "container": "matroska,webm",
        "streams": [
            "video h264 640x360 24 fps",
            "audio aac 44100 Hz 2 ch",
            "audio aac 44100 Hz 2 ch en",
            "audio aac 48000 Hz 1 ch de",
        ],
        "language": "en",
        "rights_holder": "CC0",
        "show": "Harbour Lights",
        "season": 1,
        "number": 2,
        "title": "A Letter",
        "uses": ["video", "speech"],
        "sidecars": ["film.en.srt"],
    }
    said = ingest_room.table("subtitles").select("text", "speaker").rows()
    assert said == [("Hello", "Mina")]


def test_an_episode_without_a_show_is_known_by_nothing_and_that_is_fine(
    ingest_room: Ingest, media_dir: Path
) -> None:
    ingest_room.add(media_dir / "hostile" / "sample_video_only.mp4", "film.mp4")
    ingest_room.run()
    assert ingest_room.table("cast").is_empty()
    assert ingest_room.table("speaker_map").is_empty()
    assert ingest_room.table("locations")["location"].to_list() == [
        *("Other", "Other Indoor", "Other Outdoor"),
    ]
    (info,) = ingest_room.table("episode_info").iter_rows(named=True)
    assert info["show"] is None
    assert len(info["scene_labels"]) == 9
    assert {ingest_room.footer(t).status for t in (*NOTHING, "cast", "episode_info")} == {"ok"}
    assert ingest_room.table("subtitles").is_empty()


def test_an_untouched_master_is_never_read_again(
    ingest_room: Ingest, media_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest_room.add(media_dir / "hostile" / "made_dev" / "base.mp4", "film.mp4")
    ingest_room.run()
    monkeypatch.setattr("builtins.open", None)
    monkeypatch.setattr("av.open", None)
    assert of_ingest(ingest_room.run()) == NOTHING


def test_a_touched_master_costs_a_hash_and_no_more(
    ingest_room: Ingest, media_dir: Path, touch: Callable[[Path], None]
) -> None:
    master = ingest_room.add(media_dir / "hostile" / "made_dev" / "base.mp4", "film.mp4")
    ingest_room.run()
    touch(master)
    assert of_ingest(ingest_room.run()) == NOTHING | {"masters": 1}


def test_a_new_sidecar_does_not_cost_a_hash(
    ingest_room: Ingest, media_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    master = ingest_room.add(media_dir / "hostile" / "made_dev" / "base.mp4", "film.mp4")
    ingest_room.run()
    before = ingest_room.table("masters")["sha256"][0]
    master.with_suffix(".srt").write_text(SRT.format("Hello"))
    monkeypatch.setattr("media_assets.ingest.masters.sha256_file", None)
    assert ingest_room.run()["subtitles"] == 1
    assert ingest_room.table("masters")["sidecars"].to_list() == [["film.srt"]]
    assert ingest_room.table("masters")["sha256"][0] == before


def test_an_edited_line_makes_the_subtitles_alone_again(
    ingest_room: Ingest, media_dir: Path, touch: Callable[[Path], None]
) -> None:
    master = ingest_room.add(media_dir / "hostile" / "made_dev" / "base.mp4", "film.mp4")
    sidecar = master.with_suffix(".srt")
    sidecar.write_text(SRT.format("Hello"))
    ingest_room.run()
    touch(sidecar)
    assert of_ingest(ingest_room.run()) == NOTHING
    sidecar.write_text(SRT.format("Hullo"))
    assert of_ingest(ingest_room.run()) == NOTHING | {"subtitles": 1}
    assert ingest_room.table("subtitles")["text"].to_list() == ["Hullo"]


def test_another_film_under_the_same_name_is_another_content(
    ingest_room: Ingest, media_dir: Path
) -> None:
    hostile = media_dir / "hostile" / "made_dev"
    master = ingest_room.add(hostile / "base.mp4", "film.mp4")
    ingest_room.run()
    before = ingest_room.footer("probe").version
    shutil.copy(hostile / "bitrot_middle.mp4", master)
    ingest_room.run()
    assert ingest_room.table("probe").drop("sha256").height == 1
    assert ingest_room.footer("probe").version != before


@pytest.mark.parametrize(
    "name",
    [
        *("chunk_out_of_range.mp4", "sample_malformed_free_box.mp4", "made_dev/header_only.mp4"),
        *("made_dev/random_garbage.mkv", "made_dev/text_renamed.mp4", "made_dev/zero_byte.mp4"),
        "made_dev/truncated_no_moov.mp4",
    ],
)
def test_an_unreadable_master_is_bad_input_by_its_name(
    ingest_room: Ingest, media_dir: Path, name: str
) -> None:
    ingest_room.add(media_dir / "hostile" / name, f"film{Path(name).suffix}")
    ingest_room.run()
    for table in NOTHING:
        footer = ingest_room.footer(table)
        assert (footer.status, footer.rows) == ("bad_input", 0)
        assert footer.reason.startswith(f"film{Path(name).suffix}: ")
        assert footer.reason.endswith(".")
        assert str(ingest_room.folder) not in footer.reason


def test_a_master_that_is_gone_is_bad_input(ingest_room: Ingest, media_dir: Path) -> None:
    ingest_room.add(media_dir / "hostile" / "made_dev" / "base.mp4", "film.mp4").unlink()
    ingest_room.run()
    assert ingest_room.footer("masters").reason.startswith("film.mp4: the file is gone")


def test_a_broken_sidecar_does_not_spoil_the_master(ingest_room: Ingest, media_dir: Path) -> None:
    master = ingest_room.add(media_dir / "hostile" / "made_dev" / "base.mp4", "film.mp4")
    master.with_suffix(".srt").write_text("no subtitles")
    ingest_room.run()
    assert ingest_room.footer("subtitles").reason.startswith("film.srt: ")
    assert ingest_room.table("probe").height == 1


def test_a_faulty_show_is_bad_input_of_its_tables_and_the_master_stays_good(
    ingest_room: Ingest, media_dir: Path, demo_show: str
) -> None:
    ingest_room.add(media_dir / "hostile" / "made_dev" / "base.mp4", "film.mp4", show=demo_show)
    file = ingest_room.home.knowledge / demo_show / "show.yaml"
    good = file.read_text()
    file.write_text(good + "colour: red\n")
    ingest_room.run()
    for table in ("cast", "locations", "speaker_map", "episode_info"):
        footer = ingest_room.footer(table)
        assert footer.status == "bad_input"
        assert footer.reason.startswith("harbour-lights/show.yaml: colour is unknown; allowed here")
    assert ingest_room.table("masters").select("show", "language").row(0) == (None, None)
    file.write_text(good)
    ingest_room.run()
    assert ingest_room.table("masters").select("show", "language").row(0) == (
        "Harbour Lights",
        "en",
    )
    assert ingest_room.table("cast")["character"].to_list() == ["Mina"]
    assert ingest_room.table("speaker_map").select("speaker", "character").rows() == [
        ("SPEAKER_0", "Mina")
    ]


def test_streams_are_measured_by_their_packets(ingest_room: Ingest, media_dir: Path) -> None:
    source = media_dir / "hostile" / "made_dev" / "audio_starts_1500ms_late.mkv"
    ingest_room.add(source, "film.mkv")
    ingest_room.run()
    table = ingest_room.table("streams")
    assert table["kind"].to_list() == ["video", "audio"]
    assert table["start_s"].to_list() == [0.0, pytest.approx(1.5, abs=0.03)]
    assert table.select(end=pl.col("start_s") + pl.col("duration_s"))["end"].to_list() == [
        *(pytest.approx(6.0, abs=0.01), pytest.approx(6.0, abs=0.01)),
    ]


def test_the_settings_choose_among_languages_and_texts_follow(
    ingest_room: Ingest, media_dir: Path
) -> None:
    source = media_dir / "hostile" / "made_dev" / "three_audio_tracks.mkv"
    master = ingest_room.add(source, "film.mkv")
    for language, line in (("en", "Hello"), ("de", "Hallo")):
        master.with_suffix(f".{language}.srt").write_text(SRT.format(line))
    ingest_room.run()
    assert ingest_room.table("probe")["audio_stream"].to_list() == [2]
    assert ingest_room.table("subtitles")["text"].to_list() == ["Hello"]
    ingest_room.run({"masters": {"language": "de"}})
    assert ingest_room.table("masters")["language"].to_list() == ["de"]
    assert ingest_room.table("probe")["audio_stream"].to_list() == [3]
    assert ingest_room.table("subtitles")["text"].to_list() == ["Hallo"]
    ingest_room.run({"probe": {"audio_stream": 1}})
    assert ingest_room.table("probe")["audio_stream"].to_list() == [1]
    assert ingest_room.table("subtitles")["text"].to_list() == ["Hello"]


def test_a_language_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="'german' is no language code"):
        MasterSettings("german")
