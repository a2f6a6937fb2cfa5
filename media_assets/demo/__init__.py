"""Harbour Lights, a mini show of two short episodes, so that the main job runs on a fresh machine.

The masters, their subtitles, their exact truth and the show's knowledge are files in `show/`;
`python -m media_assets.demo.make_show` makes them again. Nothing here is imported to use them:

>>> from media_assets.demo import episodes
>>> [path.name for path in episodes()]
['harbour-lights-s01e01.mp4', 'harbour-lights-s01e02.mp4']
"""

from pathlib import Path


def show_dir() -> Path:
    """The folder with the masters; `knowledge/` and `truth/` lie in it."""
    return Path(__file__).parent / "show"


def episodes() -> list[Path]:
    """The masters in the order of the episodes."""
    return sorted(show_dir().glob("*.mp4"))
