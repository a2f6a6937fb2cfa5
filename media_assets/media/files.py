"""Files put where readers of an export look for them."""

import os
import shutil
from pathlib import Path


def place(source: Path, target: Path) -> bool:
    """Put `source` at `target` as a hard link, or as a copy on another disk; whether it was new.

    A copy keeps the time of its source, by which it is known the next time.
    """
    if target.exists() and _same(source, target):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.new")
    temporary.unlink(missing_ok=True)
    try:
        os.link(source, temporary)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copy2(source, temporary)
    temporary.replace(target)
    return True


def remove_others(folder: Path, keep: set[str]) -> int:
    """Remove the files of `folder` that are not in `keep`; how many."""
    stale = [
        path
        for path in (folder.iterdir() if folder.is_dir() else ())
        if path.name not in keep and not path.is_dir()
    ]
    for path in stale:
        path.unlink()
    return len(stale)


def _same(source: Path, target: Path) -> bool:
    a, b = source.stat(), target.stat()
    linked = (a.st_dev, a.st_ino) == (b.st_dev, b.st_ino)
    return linked or (a.st_size, a.st_mtime_ns) == (b.st_size, b.st_mtime_ns)
