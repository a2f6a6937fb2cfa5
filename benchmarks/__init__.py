"""Benchmarks: ratios and counts, printed; `python -m benchmarks`."""

import os
from pathlib import Path


def default_media() -> Path:
    """The folder of real inputs with ground truth."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "media"
    return Path(os.environ.get("MEDIA_ASSETS_TEST_MEDIA") or beside)
