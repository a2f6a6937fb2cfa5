"""The generator that spec 004 describes, window by window: what our cost is measured against.

One FFmpeg per timestamp decodes from the entry point before it, tone-maps and scales whole frames
and writes seven PNGs; OpenCV reads them back, looks for a cut, crops, stacks and writes.
"""

import resource
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media_assets.superres.formats import MIDDLE, SCALE, WINDOW_FRAMES
from media_assets.superres.patch import Patch

SIZE = "scale=1920:1080:flags=lanczos"
HDR = (
    "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=tonemap=mobius,"
    f"zscale=t=bt709:m=bt709,format=yuv420p,{SIZE}"
)
SCENE_DIFFERENCE = 45
MIN_FRAME_BYTES = 10_000


def make_window(path: Path, hdr: bool, patches: Sequence[Patch], folder: Path) -> bool:
    """Write the patches of one window below `folder`; False if its frames are refused."""
    with TemporaryDirectory() as temporary:
        frames = _frames(path, patches[0].start_s, hdr, Path(temporary))
    if frames is None or not _same_scene(frames[0], frames[-1]):
        return False
    for patch in patches:
        _write(frames, patch, folder / patch.category / patch.format)
    return True


def _frames(path: Path, start_s: float, hdr: bool, folder: Path) -> list[NDArray[np.uint8]] | None:
    import cv2
    import imageio_ffmpeg

    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "fatal", "-nostdin", "-y"]
    command += ["-ss", f"{start_s:.6f}", "-i", str(path), "-vf", HDR if hdr else SIZE]
    command += ["-frames:v", str(WINDOW_FRAMES), str(folder / "frame_%03d.png")]
    subprocess.run(command, check=True)
    files = sorted(folder.glob("frame_*.png"))
    if len(files) != WINDOW_FRAMES or min(f.stat().st_size for f in files) < MIN_FRAME_BYTES:
        return None
    return [np.asarray(cv2.imread(str(file)), np.uint8) for file in files]


def _same_scene(first: NDArray[np.uint8], last: NDArray[np.uint8]) -> bool:
    import cv2

    grey = [cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY) for frame in (first, last)]
    return float(cv2.absdiff(*grey).mean()) < SCENE_DIFFERENCE


def _write(frames: list[NDArray[np.uint8]], patch: Patch, folder: Path) -> None:
    import cv2

    rows = slice(patch.crop_y_px, patch.crop_y_px + patch.crop_height_px)
    columns = slice(patch.crop_x_px, patch.crop_x_px + patch.crop_width_px)
    crops = [frame[rows, columns] for frame in frames]
    size = (patch.crop_width_px // SCALE, patch.crop_height_px // SCALE)
    small = [cv2.resize(crop, size, interpolation=cv2.INTER_LANCZOS4) for crop in crops]
    pictures: dict[str, Any] = {
        "GT": crops[MIDDLE],
        "LR_5frames": np.vstack(small[1:-1]),
        "LR_7frames": np.vstack(small),
    }
    for kind, picture in pictures.items():
        (folder / kind).mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / kind / patch.file_name), picture)


def cpu_seconds() -> float:
    """Processor seconds so far of this process and of the children that it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)
