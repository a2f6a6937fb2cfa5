"""A patch is on the disk whole or not at all, in the folders that trainers read."""

import errno
from pathlib import Path

import cv2
import numpy as np
import pytest

from media_assets.superres.settings import PatchSettings
from media_assets.superres.write import Kind, png, write_patch
from media_assets_tests.superres.pictures import patch, scene

SETTINGS = PatchSettings()
FILES: dict[Kind, bytes] = {"lr5": b"five", "lr7": b"seven", "gt": b"truth"}
LEARN = "Universal/Mastermodell/Learn"
NAME = "patch_A_film_idx3.png"


def files_below(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_the_three_files_have_one_name_in_the_folders_of_their_format(tmp_path: Path) -> None:
    placed = write_patch(FILES, patch(), SETTINGS, tmp_path)
    assert files_below(tmp_path) == {
        f"{LEARN}/Patches/GT/{NAME}": b"truth",
        f"{LEARN}/Patches/LR_5frames/{NAME}": b"five",
        f"{LEARN}/Patches/LR_7frames/{NAME}": b"seven",
    }
    assert placed["gt"] == tmp_path / LEARN / "Patches/GT" / NAME


def test_formats_and_categories_have_folders_of_their_own(tmp_path: Path) -> None:
    wide = patch(fmt="fullhd_1920", category="space")
    write_patch(FILES, wide, SETTINGS, tmp_path)
    folder = "Space/SpaceModel/Learn/Patches_FullHD"
    assert f"{folder}/GT/patch_A_film_idx3_fullhd.png" in files_below(tmp_path)


def test_five_frames_lie_in_lr_for_the_later_loader(tmp_path: Path) -> None:
    placed = write_patch(FILES, patch(), PatchSettings(naming="LR"), tmp_path)
    assert placed["lr5"] == tmp_path / LEARN / "Patches/LR" / NAME


def test_all_seven_of_ground_truth_lie_beside_it(tmp_path: Path) -> None:
    placed = write_patch({"gt7": b"all", **FILES}, patch(), SETTINGS, tmp_path)
    assert placed["gt7"] == tmp_path / LEARN / "Patches/GT_7frames" / NAME


def test_the_folder_for_validation_waits_empty(tmp_path: Path) -> None:
    write_patch(FILES, patch(), SETTINGS, tmp_path)
    assert list((tmp_path / LEARN / "Val/GT").iterdir()) == []


def test_ground_truth_comes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    replace = Path.replace

    def noted(self: Path, target: Path) -> Path:
        order.append(target.parent.name)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", noted)
    write_patch(FILES, patch(), SETTINGS, tmp_path)
    assert order == ["LR_5frames", "LR_7frames", "GT"]


@pytest.mark.parametrize("fails_at", [b"five", b"seven", b"truth"])
def test_a_full_disk_leaves_nothing_of_a_patch_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: bytes
) -> None:
    other = patch(window=2, file_name="patch_A_film_idx2.png")
    write_patch(FILES, other, SETTINGS, tmp_path)
    before = files_below(tmp_path)
    write = Path.write_bytes

    def fills(self: Path, data: bytes) -> int:
        if data == fails_at:
            write(self, data[:2])
            raise OSError(errno.ENOSPC, "No space left on device", str(self))
        return write(self, data)

    monkeypatch.setattr(Path, "write_bytes", fills)
    with pytest.raises(OSError, match="no space is left for patches") as caught:
        write_patch(FILES, patch(), SETTINGS, tmp_path)
    assert caught.value.errno == errno.ENOSPC
    assert str(tmp_path) not in str(caught.value)
    assert files_below(tmp_path) == before


def test_what_cannot_be_put_in_place_is_taken_back(tmp_path: Path) -> None:
    # A folder in the way of the ground truth.
    (tmp_path / LEARN / "Patches/GT" / NAME).mkdir(parents=True)
    with pytest.raises(OSError, match="exports/superres cannot be written"):
        write_patch(FILES, patch(), SETTINGS, tmp_path)
    assert files_below(tmp_path) == {}


def test_a_png_holds_the_very_pixels_in_their_colours(tmp_path: Path) -> None:
    picture = scene(height=60, width=80)
    picture[:10] = (255, 0, 0)
    (tmp_path / "a.png").write_bytes(png(picture))
    loaded = cv2.imread(str(tmp_path / "a.png"), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(loaded[..., ::-1], picture)


def test_the_same_picture_gives_the_same_bytes() -> None:
    assert png(scene(4)) == png(scene(4))
