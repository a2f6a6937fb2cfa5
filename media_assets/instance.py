"""The Dagster instance of a home: its state lies in `<home>/dagster`."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from resources.home import ENV, Home

if TYPE_CHECKING:
    import dagster as dg

NOT_KEPT = {
    "module": "dagster._core.storage.noop_compute_log_manager",
    "class": "NoOpComputeLogManager",
}


def use_home(home: Home) -> None:
    """Make `home` the current one for this process, its children and Dagster.

    An instance that the environment names already (DAGSTER_HOME) is left in place.
    """
    os.environ[ENV] = str(home.root)
    os.environ.setdefault("MEDIA_ASSETS_DAGSTER", str(home.root / "dagster"))
    os.environ.setdefault("DAGSTER_HOME", str(_instance_folder()))


def open_instance() -> "dg.DagsterInstance":
    """The instance of the current home, every registered episode a partition of it.

    What steps print goes to the terminal and is not kept: for that Dagster would start two helper
    processes with every step, which on Ctrl+C fill the terminal with tracebacks.
    """
    import dagster as dg
    from dagster._core.instance.ref import InstanceRef

    from media_assets.episodes import EPISODES
    from media_assets.library import registrations

    Path(os.environ["MEDIA_ASSETS_DAGSTER"]).mkdir(parents=True, exist_ok=True)
    instance = dg.DagsterInstance.from_ref(
        InstanceRef.from_dir(os.environ["DAGSTER_HOME"], overrides={"compute_logs": NOT_KEPT})
    )
    known = set(instance.get_dynamic_partitions(str(EPISODES.name)))
    new = [episode for episode in registrations(Home.current()) if episode not in known]
    for start in range(0, len(new), 500):
        instance.add_dynamic_partitions(str(EPISODES.name), new[start : start + 500])
    return instance


def _instance_folder() -> Path:
    """The folder of dagster.yaml: the checkout's, or the package's in an installed wheel."""
    package = Path(__file__).parent
    return package.parent if (package.parent / "dagster.yaml").exists() else package
