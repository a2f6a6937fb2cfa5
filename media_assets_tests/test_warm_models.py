"""A batch of episodes pays for one load of a model, and the tables say what it cost."""

from typing import Any

import dagster as dg
import polars as pl
import pytest

from media_assets.library import Registration, register
from media_assets.table_assets import Episode, episode_table
from resources.gpu import Gpu, WarmModels
from resources.home import Home
from resources.storage import io_managers
from resources.tables import Column, TableSchema

pytest.importorskip("torch", reason="extra `models` is not installed")

SCORES = TableSchema("scores", "Scores of a model.", {"score": Column(pl.Int64, "A score.")})


class Scorer(dg.ConfigurableResource[Any]):
    """An adapter with a model; `loads` counts how often it was read."""

    gpu: dg.ResourceDependency[Gpu]

    @property
    def backend(self) -> str:
        return "scorer @ 1"

    def score(self, loads: list[str]) -> int:
        def load(device: object, dtype: object) -> int:
            loads.append(str(device))
            return 7

        return self.gpu.model("scorer", load)


def test_two_episodes_in_two_runs_load_the_model_once(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WarmModels, "held", {})
    loads: list[str] = []

    @episode_table(SCORES, group="room", code_version="1", adapters=["scorer"])
    def scores(episode: Episode, scorer: Scorer) -> pl.DataFrame:
        return SCORES.frame([{"score": scorer.score(loads)}])

    resources = io_managers(home) | {"scorer": Scorer(gpu=Gpu(device="cpu", dtype="float32"))}
    shares = []
    with dg.DagsterInstance.ephemeral() as instance:
        for name in ("first", "second"):
            master = home.root / f"{name}.wav"
            master.parent.mkdir(parents=True, exist_ok=True)
            master.touch()
            register(home, Registration(name, master, master.parent, ("speech",)))
            instance.add_dynamic_partitions("episodes", [name])
            # A run each, as `media-assets run` does.
            done = dg.materialize(
                [scores], instance=instance, partition_key=name, resources=resources
            )
            (made,) = done.asset_materializations_for_node("scores")
            shares.append(made.metadata["load_share"].value)
    assert loads == ["cpu"]
    first, second = shares
    assert 0 <= first <= 1
    assert second == 0
