"""The code location: the rooms' assets, merged, with the resources of the current profile."""

import importlib
from collections.abc import Mapping
from typing import Any

import dagster as dg

from media_assets.automation import new_masters, nightly_export
from media_assets.jobs import JOBS
from media_assets.settings import check_names, resource_bindings
from resources.home import Home
from resources.profiles import adapters, current_profile
from resources.storage import io_managers

ROOMS = ("ingest", "knowledge", "shots", "speech", "captions", "exports", "superres")


def build_defs(resource_overrides: Mapping[str, Any] | None = None) -> dg.Definitions:
    """The definitions for the current home and profile; the caller may put in resources."""
    home = Home.current()
    bound = adapters(current_profile(), resource_bindings(home))
    rooms = [importlib.import_module(f"media_assets.{room}.assets") for room in ROOMS]
    assets = dg.load_assets_from_modules(rooms)
    defs = dg.Definitions(
        assets=assets,
        jobs=JOBS,
        sensors=[new_masters],
        schedules=[nightly_export],
        resources=io_managers(home) | bound | dict(resource_overrides or {}),
        # A fork after cv2 or av were used hangs; a forkserver that has the code location starts
        # a step in well under a second.
        executor=dg.multiprocess_executor.configured(
            {
                "max_concurrent": 2,
                "start_method": {"forkserver": {"preload_modules": ["media_assets.definitions"]}},
            }
        ),
    )
    check_names(
        home, [key.to_user_string() for key in defs.resolve_asset_graph().get_all_asset_keys()]
    )
    return defs


defs = build_defs()
