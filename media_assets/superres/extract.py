"""From the frames of a window to the files of its patches, or to the reason why there are none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from media_assets.superres.cut import Kept, crops, is_stored_as, keep
from media_assets.superres.degrade import degrade, stack
from media_assets.superres.formats import MIDDLE
from media_assets.superres.geometry import place
from media_assets.superres.patch import Outcome, Patch, Source
from media_assets.superres.rejects import reaches_bars, window_reason
from media_assets.superres.settings import PatchSettings
from media_assets.superres.write import Kind, png, write_patch

if TYPE_CHECKING:
    from av import VideoFrame

# Not all frames of the window decode.
DAMAGED = "damaged"


def extract_window(
    frames: Iterable[tuple[int, VideoFrame]],
    patches: Sequence[Patch],
    source: Source,
    settings: PatchSettings,
    root: Path,
    home: Path,
) -> list[Outcome]:
    """What became of the patches of one window: written below `root`, or rejected.

    frames: those of the window that decode exactly, with their numbers, in order; each is let go
    before the next is asked for. All patches have these frames.
    """
    places = [place(patch, source) for patch in patches]
    kept: list[Kept] = []
    numbers: list[int] = []
    reason = None
    for number, frame in frames:
        numbers.append(number)
        if is_stored_as(source, frame):
            kept.append(keep(frame, places, source))
        else:
            reason = "format_changed"
        # Else the loop would hold it until the next one is decoded.
        del frame
    if tuple(numbers) != patches[0].frames:
        reason = DAMAGED
    if reason is None:
        gray = np.stack([each.gray for each in kept])
        reason = window_reason(gray, settings)
    if reason is not None:
        return [Outcome(patch, "rejected", reason) for patch in patches]
    outcomes = []
    for patch, where in zip(patches, places, strict=True):
        if reaches_bars(gray, where):
            outcomes.append(Outcome(patch, "rejected", "bars"))
        else:
            outcomes.append(_written(crops(kept, where, source), patch, settings, root, home))
    return outcomes


def _written(
    pictures: Sequence[NDArray[np.uint8]],
    patch: Patch,
    settings: PatchSettings,
    root: Path,
    home: Path,
) -> Outcome:
    """The patch of these seven crops; the ground truth is put in place last."""
    truth = png(pictures[MIDDLE])
    if len(truth) < settings.min_file_size:
        return Outcome(patch, "rejected", "file_too_small")
    low = [degrade(picture, settings.lr_filter) for picture in pictures]
    files: dict[Kind, bytes] = {"lr5": png(stack(low[1:-1])), "lr7": png(stack(low))}
    if settings.gt_frames == "all":
        files["gt7"] = png(stack(pictures))
    files["gt"] = truth
    paths = write_patch(files, patch, settings, root)
    named = {f"{kind}_path": path.relative_to(home).as_posix() for kind, path in paths.items()}
    return Outcome(patch, "written", bytes=sum(map(len, files.values())), **named)
