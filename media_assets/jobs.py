"""One job per outcome."""

import dagster as dg

from media_assets.superres.schema import EPISODE_TABLES, LIBRARY_TABLES

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
SUPERRES_PATCHES = dg.define_asset_job(
    "superres_patches",
    selection=dg.AssetSelection.assets(*(table.name for table in EPISODE_TABLES)).upstream(),
    description="Super-resolution patches of one episode: from its master to files for training.",
)
EXPORT_SUPERRES = dg.define_asset_job(
    "export_superres",
    selection=dg.AssetSelection.assets(*(table.name for table in LIBRARY_TABLES)),
    description="Patches of all episodes: counts against target, dataset card, septuplets.",
)
JOBS = (PREPARE_EPISODE, EXPORT_DATASET, SUPERRES_PATCHES, EXPORT_SUPERRES)
