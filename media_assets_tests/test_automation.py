"""The sensor that registers new masters."""

from pathlib import Path

import dagster as dg
import pytest

from media_assets.automation import LIBRARY_ENV, new_masters
from media_assets.library import registrations
from resources.home import Home


def tick(instance: dg.DagsterInstance, cursor: str | None) -> dg.SensorResult | dg.SkipReason:
    context = dg.build_sensor_context(instance=instance, cursor=cursor)
    result = new_masters(context)
    assert isinstance(result, dg.SensorResult | dg.SkipReason)
    return result


@pytest.fixture
def masters(tmp_path: Path, home: Home, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "library"
    folder.mkdir()
    monkeypatch.setenv(LIBRARY_ENV, str(folder))
    return folder


def test_a_master_that_has_settled_becomes_an_episode_and_a_run(masters: Path, home: Home) -> None:
    instance = dg.DagsterInstance.ephemeral()
    (masters / "Show S01E01.mkv").write_bytes(b"film")
    first = tick(instance, None)
    assert isinstance(first, dg.SensorResult)
    assert not first.run_requests
    assert registrations(home) == {}
    second = tick(instance, first.cursor)
    assert isinstance(second, dg.SensorResult)
    assert [request.partition_key for request in second.run_requests or []] == ["Show-S01E01"]
    assert [r.partition_keys for r in second.dynamic_partitions_requests or []] == [["Show-S01E01"]]
    assert list(registrations(home)) == ["Show-S01E01"]
    third = tick(instance, second.cursor)
    assert isinstance(third, dg.SensorResult)
    assert not third.run_requests


def test_two_masters_of_one_name_do_not_stop_the_others(masters: Path, home: Home) -> None:
    instance = dg.DagsterInstance.ephemeral()
    for name in ("a/film.mkv", "b/film.mkv", "b/other.mkv"):
        (masters / name).parent.mkdir(exist_ok=True)
        (masters / name).write_bytes(b"film")
    cursor = None
    for _ in range(2):
        result = tick(instance, cursor)
        assert isinstance(result, dg.SensorResult)
        cursor = result.cursor
    assert sorted(registrations(home)) == ["film", "other"]


def test_without_a_library_there_is_nothing_to_look_at(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(LIBRARY_ENV, raising=False)
    result = tick(dg.DagsterInstance.ephemeral(), None)
    assert isinstance(result, dg.SkipReason)
    assert LIBRARY_ENV in str(result.skip_message)
