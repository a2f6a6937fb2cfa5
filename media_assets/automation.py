"""What starts work by itself: the sensor that registers new masters, and the nightly export."""

import json
import os
from pathlib import Path

import dagster as dg

from media_assets.arrivals import look
from media_assets.episodes import EPISODES
from media_assets.jobs import EXPORT_DATASET, PREPARE_EPISODE
from media_assets.library import (
    Registration,
    default_uses,
    episode_id_of,
    find_masters,
    register,
    registrations,
)
from resources.home import Home
from resources.problems import BadInput

# Folders whose new masters become episodes, separated as in PATH.
LIBRARY_ENV = "MEDIA_ASSETS_LIBRARY"


@dg.sensor(job=PREPARE_EPISODE, minimum_interval_seconds=60)
def new_masters(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Registers masters that have arrived in the folders of MEDIA_ASSETS_LIBRARY and runs them."""
    folders = [Path(p) for p in os.environ.get(LIBRARY_ENV, "").split(os.pathsep) if p]
    if not folders:
        return dg.SkipReason(f"{LIBRARY_ENV} names no folder")
    home = Home.current()
    known = frozenset(entry.master for entry in registrations(home).values())
    found = look(find_masters(folders), known, json.loads(context.cursor or "{}"))
    new = []
    for master, root in found.arrived:
        try:
            episode = episode_id_of(master.stem)
            register(home, Registration(episode, master, root, default_uses(master)))
            new.append(episode)
        except BadInput as problem:
            context.log.warning(str(problem))
    return dg.SensorResult(
        dynamic_partitions_requests=[EPISODES.build_add_request(new)] if new else [],
        run_requests=[dg.RunRequest(run_key=episode, partition_key=episode) for episode in new],
        cursor=json.dumps(found.pending),
    )


nightly_export = dg.ScheduleDefinition(
    name="nightly_export", job=EXPORT_DATASET, cron_schedule="0 4 * * *"
)
