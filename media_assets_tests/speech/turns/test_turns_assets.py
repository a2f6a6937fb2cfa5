"""The assets of who spoke when, on real masters, with the scores that they must reach."""

from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from media_assets.ingest import assets as ingest
from media_assets.knowledge import assets as knowledge
from media_assets.library import Registration, register
from media_assets.scoring.truth import read_rttm
from media_assets.scoring.turns import score_turns
from media_assets.speech import assets as speech
from media_assets.speech.schema import DIARIZATION, OVERLAPS, SPEAKER_EMBEDDINGS, VOICE_ACTIVITY
from resources.home import Home
from resources.profiles import adapters
from resources.storage import io_managers
from resources.tables import read_footer, read_table

EPISODE = "dev_episode_a"
TURNS = (VOICE_ACTIVITY, DIARIZATION, OVERLAPS, SPEAKER_EMBEDDINGS)
ASSETS = [
    knowledge.episode_info,
    knowledge.speaker_hints,
    ingest.masters,
    ingest.probe,
    ingest.audio,
    speech.voice_activity,
    speech.diarization,
    speech.overlaps,
    speech.speaker_embeddings,
]


def run(home: Home, master: Path, show: str | None = None) -> dg.ExecuteInProcessResult:
    register(home, Registration(master.stem, master, master.parent, ("speech",), show))
    instance = dg.DagsterInstance.ephemeral()
    instance.add_dynamic_partitions("episodes", [master.stem])
    bindings = {"diarizer": {"embedding": "cepstra"}}
    return dg.materialize(
        ASSETS,
        partition_key=master.stem,
        resources=io_managers(home) | adapters("embedded", bindings),
        instance=instance,
    )


def computed(result: dg.ExecuteInProcessResult, asset: str) -> int:
    (made,) = result.asset_materializations_for_node(asset)
    value = made.metadata["rows_computed"].value
    assert isinstance(value, int)
    return value


def table(home: Home, asset: str, episode: str = EPISODE) -> pl.DataFrame:
    return read_table(home.table(asset, episode))


@pytest.fixture(scope="module")
def made(
    media_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Home, dg.ExecuteInProcessResult]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEDIA_ASSETS_HOME", str(tmp_path_factory.mktemp("home")))
        home = Home.current()
        return home, run(home, media_dir / "composite" / "dev" / f"{EPISODE}.mkv")


def test_the_tables_have_their_schemas_and_pass_their_checks(
    made: tuple[Home, dg.ExecuteInProcessResult],
) -> None:
    home, result = made
    for schema in TURNS:
        schema.validate(table(home, schema.name))
    checks = {check.check_name: check for check in result.get_asset_check_evaluations()}
    assert checks["stretches_are_in_order_and_apart"].passed
    assert checks["exclusive_turns_do_not_overlap"].passed
    assert home.preview("diarization", EPISODE).stat().st_size < 50_000


def test_the_made_episode_is_diarized_well(
    made: tuple[Home, dg.ExecuteInProcessResult], media_dir: Path
) -> None:
    turns = table(made[0], "diarization")
    truth = read_rttm(media_dir / "composite" / "dev" / f"{EPISODE}.rttm")
    for exclusive in (False, True):
        score = score_turns(truth, turns.filter(exclusive=exclusive))
        assert score.der is not None
        assert score.der <= 0.15


def test_every_speaker_has_a_voice_print_of_the_same_backend(
    made: tuple[Home, dg.ExecuteInProcessResult],
) -> None:
    turns, prints = table(made[0], "diarization"), table(made[0], "speaker_embeddings")
    assert prints["speaker"].to_list() == sorted(turns["speaker"].unique())
    assert set(prints["backend"]) == set(turns["backend"]) == {"clustering 2, mel cepstra"}
    assert prints["dimensions"].unique().to_list() == [38]
    assert not prints["untrained"].any()


def test_a_second_run_has_nothing_to_do(
    made: tuple[Home, dg.ExecuteInProcessResult], media_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, _ = made
    monkeypatch.setenv("MEDIA_ASSETS_HOME", str(home.root))
    again = run(home, media_dir / "composite" / "dev" / f"{EPISODE}.mkv")
    assert [computed(again, schema.name) for schema in TURNS] == [0, 0, 0, 0]


def test_music_has_no_speakers_and_says_so(home: Home, media_dir: Path) -> None:
    run(home, media_dir / "music" / "fluffing_a_duck.mp3")
    for schema in TURNS:
        footer = read_footer(home.table(schema.name, "fluffing_a_duck"))
        assert footer is not None
        assert (footer.status, footer.reason) == ("not_applicable", "nobody speaks")
        assert table(home, schema.name, "fluffing_a_duck").is_empty()


def test_a_show_says_how_many_speak(home: Home, media_dir: Path) -> None:
    folder = home.knowledge / "calls"
    folder.mkdir(parents=True)
    (folder / "show.yaml").write_text("show: Calls\nspeaker_count: {exactly: 3}\n")
    run(home, media_dir / "speech" / "phone" / "sample.wav", show="calls")
    assert table(home, "diarization", "sample")["speaker"].n_unique() == 3
    assert table(home, "speaker_hints", "sample")["exactly"].to_list() == [3]
