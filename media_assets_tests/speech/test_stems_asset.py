"""The asset `stems` on real masters, with the scores that it must reach."""

import json
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from media_assets.ingest import assets as ingest
from media_assets.knowledge import assets as knowledge
from media_assets.library import Registration, register
from media_assets.scoring.report import score_home
from media_assets.speech import assets as speech
from media_assets.speech.schema import STEMS
from resources.home import Home
from resources.profiles import adapters
from resources.storage import io_managers
from resources.tables import read_footer, read_table

EPISODE = "dev_episode_a"


def run(home: Home, master: Path) -> dg.ExecuteInProcessResult:
    register(home, Registration(master.stem, master, master.parent, ("speech",)))
    instance = dg.DagsterInstance.ephemeral()
    instance.add_dynamic_partitions("episodes", [master.stem])
    return dg.materialize(
        [knowledge.episode_info, ingest.masters, ingest.probe, ingest.audio, speech.stems],
        partition_key=master.stem,
        resources=io_managers(home) | adapters("embedded"),
        instance=instance,
        raise_on_error=False,
    )


def computed(result: dg.ExecuteInProcessResult) -> int:
    (made,) = result.asset_materializations_for_node("stems")
    value = made.metadata["rows_computed"].value
    assert isinstance(value, int)
    return value


def stems_check(result: dg.ExecuteInProcessResult) -> dg.AssetCheckEvaluation:
    (check,) = [
        check
        for check in result.get_asset_check_evaluations()
        if check.check_name == "voice_and_background_make_the_mix"
    ]
    return check


@pytest.fixture(scope="module")
def made(
    media_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Home, dg.ExecuteInProcessResult]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEDIA_ASSETS_HOME", str(tmp_path_factory.mktemp("home")))
        home = Home.current()
        return home, run(home, media_dir / "composite" / "dev" / f"{EPISODE}.mkv")


def test_stems_have_the_schema_and_lie_in_one_folder(
    made: tuple[Home, dg.ExecuteInProcessResult],
) -> None:
    home, result = made
    table = STEMS.validate(read_table(home.table("stems", EPISODE)))
    assert table["stem"].to_list() == ["voice", "background", "voice16k"]
    assert table["rate_hz"].to_list() == [48_000, 48_000, 16_000]
    assert table["separator"].unique().to_list() == ["centre extraction"]
    folders = {(home.root / path).parent for path in [*table["path"], *table["metadata_path"]]}
    assert len(folders) == 1
    about = json.loads((folders.pop() / "metadata.json").read_text())
    assert about["separator"] == "centre extraction"
    assert about["stems"]["voice"]["samples"] == table["samples"][0]
    assert stems_check(result).passed
    assert stems_check(result).blocking


def test_the_voice_gains_5_db_on_the_made_episode(
    made: tuple[Home, dg.ExecuteInProcessResult], media_dir: Path
) -> None:
    scores = score_home(made[0], media_dir / "composite" / "dev")["episodes"][0]["scores"]["stems"]
    assert scores["delay_samples"] == 1024  # AAC in Matroska, whose header does not say so
    assert scores["voice_mix_si_sdr_db"] == pytest.approx(10.0, abs=0.1)
    assert scores["voice_si_sdr_db"] >= scores["voice_mix_si_sdr_db"] + 5
    assert scores["background_si_sdr_db"] >= scores["background_mix_si_sdr_db"] + 10


def test_a_second_run_does_nothing_and_makes_files_again_that_are_gone(
    made: tuple[Home, dg.ExecuteInProcessResult],
    media_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home, first = made
    monkeypatch.setenv("MEDIA_ASSETS_HOME", str(home.root))
    voice = home.root / read_table(home.table("stems", EPISODE))["path"][0]
    before = voice.stat().st_mtime_ns
    again = run(home, media_dir / "composite" / "dev" / f"{EPISODE}.mkv")
    assert (computed(first), computed(again)) == (3, 0)
    assert voice.stat().st_mtime_ns == before
    aside = voice.rename(voice.with_suffix(".aside"))
    assert stems_check(run(home, media_dir / "composite" / "dev" / f"{EPISODE}.mkv")).passed
    assert voice.read_bytes() == aside.read_bytes()
    aside.unlink()


@pytest.mark.parametrize(
    ("name", "level_db"),
    [
        ("speech/mfa/acoustic_corpus.wav", -25.3),
        ("talking_heads/bbaf2n.mpg", -21.8),
        ("hostile/made_dev/all_black_silent.mp4", None),
    ],
    ids=["mono", "equal channels", "silence"],
)
def test_where_nothing_can_be_taken_apart_the_voice_is_the_mix(
    home: Home, media_dir: Path, name: str, level_db: float | None
) -> None:
    master = media_dir / name
    assert run(home, master).success
    table = read_table(home.table("stems", master.stem))
    by_stem = dict(table.select("stem", "rms_db").iter_rows())
    assert by_stem["background"] is None
    assert by_stem["voice"] == (level_db and pytest.approx(level_db, abs=0.1))
    about = json.loads((home.root / table["metadata_path"][0]).read_text())
    assert ("note" in about) == (level_db is not None)


def test_music_alone_is_measured(home: Home, media_dir: Path) -> None:
    master = media_dir / "animation" / "big_buck_bunny_0_30_720p.webm"
    assert run(home, master).success
    table = read_table(home.table("stems", master.stem))
    assert table.filter(pl.col("stem") == "voice")["silence_ratio"][0] < 0.5


def test_a_master_without_sound_has_no_stems_and_says_why(home: Home, media_dir: Path) -> None:
    master = media_dir / "hostile" / "made_dev" / "no_audio_track.mp4"
    assert run(home, master).success
    footer = read_footer(home.table("stems", master.stem))
    assert footer is not None
    assert (footer.status, footer.reason) == ("not_applicable", "no audio stream")
