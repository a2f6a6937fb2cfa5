"""Benchmarks: ratios and counts, printed; `python -m benchmarks`."""

import argparse
import os
from pathlib import Path


def default_media() -> Path:
    """The folder of real inputs with ground truth."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "media"
    return Path(os.environ.get("MEDIA_ASSETS_TEST_MEDIA") or beside)


def arguments(about: str | None) -> argparse.ArgumentParser:
    """What every benchmark takes: `--media`, the folder of real inputs."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--media", type=Path, default=default_media())
    return parser


def given_media(about: str | None) -> Path:
    """The folder that the command line names."""
    media: Path = arguments(about).parse_known_args()[0].media
    return media
