"""The shipped coefficients, made again from the recordings."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from media_assets.cli import app
from media_assets.media.audio import write_wav
from resources.models.prosody_model import SHIPPED, ProsodyModel

OPTIONS = ["--name", "Emo-DB", "--licence", "usage: unrestricted", "--language", "de"]


def train(folder: Path, to: Path) -> str:
    """What the command prints; with one thread, because more wait for each other here."""
    command = [sys.executable, "-m", "media_assets.cli", "train-emotion", str(folder)]
    done = subprocess.run(
        [*command, *OPTIONS, "--to", str(to)],
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return " ".join(done.stdout.split())


def test_the_recordings_give_the_shipped_coefficients(media_dir: Path, tmp_path: Path) -> None:
    made = tmp_path / "made.json"
    said = train(media_dir / "speech/emodb_dev", made)
    new, shipped = (ProsodyModel.from_json(p.read_text()) for p in (made, SHIPPED))
    assert (new.labels, new.features, new.languages) == (
        shipped.labels,
        shipped.features,
        shipped.languages,
    )
    assert new.provenance["data"] == shipped.provenance["data"]
    for one, other in (
        (new.raw.weights, shipped.raw.weights),
        (new.relative.weights, shipped.relative.weights),
        (new.conditions.centre, shipped.conditions.centre),
    ):
        # Sound is resampled and pitch chosen in floating point, which machines round differently.
        np.testing.assert_allclose(one, other, rtol=0.05, atol=0.05 * np.abs(other).max())
    recall = new.provenance["average_recall"]
    assert recall["raw"] >= 0.65
    assert recall["relative"] >= 0.78
    assert f"raw {recall['raw']:.2f}, relative {recall['relative']:.2f} (chance 0.14)" in said


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (None, "no labels.csv"),
        ("file,speaker\na.wav,1\n", "no column emotion"),
        ("file,speaker,emotion\na.wav,1,anger\ngone.wav,2,fear\n", "gone.wav"),
        ("file,speaker,emotion\na.wav,1,anger\na.wav,2,fear\n", "fewer than three speakers"),
        (
            "file,speaker,emotion\n" + "".join(f"a.wav,{i},{i % 2}\n" for i in range(3)),
            "nothing is voiced",
        ),
    ],
)
def test_a_folder_that_cannot_be_learned_from_is_explained(
    tmp_path: Path, labels: str | None, told: str
) -> None:
    folder = tmp_path / "lines"
    write_wav(folder / "a.wav", [np.zeros((16_000, 1), np.float32)], 16_000, 1)
    if labels is not None:
        (folder / "labels.csv").write_text(labels)
    result = CliRunner().invoke(
        app, ["train-emotion", str(folder), *OPTIONS, "--to", str(tmp_path / "x.json")]
    )
    assert result.exit_code == 2
    assert told in result.output
    assert str(tmp_path) not in result.output
    assert not (tmp_path / "x.json").exists()
