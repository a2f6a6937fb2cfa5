"""One job per outcome."""

import dagster as dg

# Groups whose assets are one table per episode and lead to the clip record.
EPISODE_GROUPS = ("ingest", "knowledge", "shots", "speech", "captions", "records")

PREPARE_EPISODE = dg.define_asset_job(
    "prepare_episode",
    selection=dg.AssetSelection.groups(*EPISODE_GROUPS),
    description="Everything of one episode: from its master to captioned clips and their records.",
)
EXPORT_DATASET = dg.define_asset_job(
    "export_dataset",
    selection=dg.AssetSelection.groups("exports"),
    description="The dataset of all episodes: manifests, clips, frames, ledger, report.",
)
JOBS = (PREPARE_EPISODE, EXPORT_DATASET)
