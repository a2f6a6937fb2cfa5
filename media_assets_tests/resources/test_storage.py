"""IO managers, through Dagster."""

from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import polars as pl
import pytest

from resources.home import ALL
from resources.storage import REUSED, FileIOManager, Made, TableIOManager, TensorIOManager
from resources.tables import Column, TableSchema

SCHEMA = TableSchema("numbers", "Numbers.", {"n": Column(pl.Int64, "A number.")})
EPISODES = dg.DynamicPartitionsDefinition(name="episodes")


def made(*values: int) -> Made:
    return Made.of(SCHEMA, SCHEMA.frame({"n": value} for value in values), "key", {})


@pytest.fixture
def instance() -> dg.DagsterInstance:
    instance = dg.DagsterInstance.ephemeral()
    instance.add_dynamic_partitions("episodes", ["one", "two"])
    return instance


@dg.asset(
    partitions_def=EPISODES,
    io_manager_key="tables",
    backfill_policy=dg.BackfillPolicy.single_run(),
)
def numbers(context: dg.AssetExecutionContext) -> dict[str, Made]:
    return {key: made(len(key), index) for index, key in enumerate(context.partition_keys)}


def run(assets: list[Any], tmp_path: Path, instance: dg.DagsterInstance, **options: Any) -> Any:
    resources = {
        "tables": TableIOManager(tmp_path),
        "tensors": TensorIOManager(tmp_path),
        "files": FileIOManager(tmp_path),
    }
    return dg.materialize(assets, resources=resources, instance=instance, **options)


def test_one_run_may_hold_several_partitions(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    tags = {
        "dagster/asset_partition_range_start": "one",
        "dagster/asset_partition_range_end": "two",
    }
    assert run([numbers], tmp_path, instance, tags=tags).success
    assert pl.read_parquet(tmp_path / "numbers" / "one.parquet")["n"].to_list() == [3, 0]
    assert pl.read_parquet(tmp_path / "numbers" / "two.parquet")["n"].to_list() == [3, 1]


@pytest.mark.parametrize("present", [["one"], ["one", "two"]])
def test_a_fan_in_is_a_dict_even_over_one_episode(
    tmp_path: Path, instance: dg.DagsterInstance, present: list[str]
) -> None:
    seen: dict[str, pl.DataFrame] = {}

    @dg.asset(
        ins={
            "numbers": dg.AssetIn(
                partition_mapping=dg.AllPartitionMapping(),
                metadata={"allow_missing_partitions": True},
            )
        },
        io_manager_key="tables",
    )
    def total(numbers: dict[str, pl.DataFrame]) -> Made:
        seen.update(numbers)
        return made(sum(frame["n"].sum() for frame in numbers.values()))

    for key in present:
        run([numbers], tmp_path, instance, partition_key=key)
    assert run([numbers, total], tmp_path, instance, selection=[total]).success
    assert sorted(seen) == present
    assert (tmp_path / "total" / f"{ALL}.parquet").exists()


def test_a_reused_output_is_left_as_it_is(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    @dg.asset(name="numbers", partitions_def=EPISODES, io_manager_key="tables")
    def again() -> Any:
        return REUSED

    run([numbers], tmp_path, instance, partition_key="one")
    before = (tmp_path / "numbers" / "one.parquet").stat()
    run([again], tmp_path, instance, partition_key="one")
    after = (tmp_path / "numbers" / "one.parquet").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_partition_key_can_not_leave_its_folder(tmp_path: Path) -> None:
    instance = dg.DagsterInstance.ephemeral()
    instance.add_dynamic_partitions("episodes", [".."])
    with pytest.raises(ValueError, match="no path segment"):
        run([numbers], tmp_path, instance, partition_key="..")
    assert list(tmp_path.rglob("*.parquet")) == []


def test_tensors_come_back_as_they_were(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    latents = np.arange(24, dtype=np.float16).reshape(2, 3, 4)
    back: dict[str, np.ndarray] = {}

    @dg.asset(partitions_def=EPISODES, io_manager_key="tensors")
    def encoded() -> dict[str, np.ndarray]:
        return {"latents": latents}

    @dg.asset(partitions_def=EPISODES, io_manager_key="tables")
    def reader(encoded: dict[str, dict[str, np.ndarray]]) -> Made:
        back.update(encoded["one"])
        return made(1)

    run([encoded, reader], tmp_path, instance, partition_key="one")
    assert np.array_equal(back["latents"], latents)
    assert back["latents"].dtype == np.float16


@pytest.mark.parametrize("as_path", [False, True])
def test_files_are_stored_as_they_are_and_handed_on_by_path(
    tmp_path: Path, instance: dg.DagsterInstance, as_path: bool
) -> None:
    seen: list[Path] = []

    @dg.asset(partitions_def=EPISODES, io_manager_key="files", metadata={"suffix": ".wav"})
    def sound() -> Any:
        if not as_path:
            return b"RIFF"
        finished = tmp_path / "finished.part"
        finished.write_bytes(b"RIFF")
        return finished

    @dg.asset(partitions_def=EPISODES, io_manager_key="tables")
    def listener(sound: dict[str, Path]) -> Made:
        seen.append(sound["one"])
        return made(1)

    run([sound, listener], tmp_path, instance, partition_key="one")
    assert seen == [tmp_path / "sound" / "one.wav"]
    assert seen[0].read_bytes() == b"RIFF"
    assert [path.name for path in tmp_path.rglob("*.part")] == []
