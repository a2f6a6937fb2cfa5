"""The soundtrack taken apart."""

from dataclasses import asdict

import polars as pl

from media_assets.checks import Check, table_check
from media_assets.ingest.schema import AUDIO
from media_assets.speech.pictures import stem_spectrograms
from media_assets.speech.schema import (
    STEMS,
)
from media_assets.speech.stems.separate import separate, stems_folder
from media_assets.speech.stems.sum import largest_difference
from media_assets.table_assets import Episode, episode_table
from resources.home import Home
from resources.models.interfaces import Separator
from resources.profiles import gpu_pool


@table_check(blocking=True)
def voice_and_background_make_the_mix(table: pl.DataFrame, audio: pl.DataFrame) -> Check:
    """Added up sample by sample they are the soundtrack, within one unit in the last place."""
    root = Home.current().root
    paths = {stem: root / path for stem, path in table.select("stem", "path").iter_rows()}
    mix = root / audio.filter(pl.col("kind") == "stereo")["path"][0]
    missing = [path.name for path in (*paths.values(), mix) if not path.is_file()]
    if missing:
        return Check(False, f"{', '.join(missing)} is gone; remove the table to make it again")
    worst = largest_difference(paths["voice"], paths["background"], mix)
    return Check(worst <= 1, f"largest difference {worst:.2g} units in the last place")


@episode_table(
    STEMS,
    group="speech",
    code_version="1",
    inputs=[AUDIO],
    use="speech",
    adapters=["separator"],
    checks=[voice_and_background_make_the_mix],
    preview=lambda home, table: stem_spectrograms(
        [
            (stem, home.root / path)
            for stem, path in table.select("stem", "path").iter_rows()
            if stem != "voice16k"
        ]
    ),
    pool=gpu_pool(),
)
def stems(ep: Episode, audio: pl.DataFrame, separator: Separator) -> pl.DataFrame:
    """Voice and background in stereo at the source's rate, and the voice for models."""
    mix = ep.home.root / audio.filter(pl.col("kind") == "stereo")["path"][0]
    folder = stems_folder(ep.home.files, mix, separator.backend)
    return STEMS.frame(
        asdict(stem)
        | {
            "episode_id": ep.id,
            "path": ep.home.relative(stem.path),
            "metadata_path": ep.home.relative(folder / "metadata.json"),
            "separator": separator.method,
            "backend": separator.backend,
        }
        for stem in separate(mix, separator, folder)
    )
