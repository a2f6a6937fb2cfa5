"""Which adapter a key gets: the profile's, or the one that config.yaml names."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from media_assets.settings import resource_bindings
from resources.home import ENV as HOME_ENV
from resources.home import Home
from resources.models.audio_separator import AudioSeparator
from resources.models.centre import CentreExtraction
from resources.models.demucs import Demucs
from resources.problems import BadInput
from resources.profiles import ENV, PROFILES, adapters

KEYS = {"separator", "diarizer", "recognizer", "aligner", "emotion_recognizer"}


def test_profile_gpu_binds_every_model_of_speech(home: Home) -> None:
    bound = adapters("gpu")
    assert set(bound) >= KEYS
    assert all(bound[key].gpu.device == "cuda" for key in KEYS)
    assert all("missing" in bound[key].backend for key in KEYS)


def test_config_binds_another_adapter_or_gives_other_settings(home: Home) -> None:
    home.root.mkdir()
    home.config.write_text(
        "resources:\n"
        "  gpu: {device: 'cuda:1', dtype: float16}\n"
        "  separator: {adapter: AudioSeparator, model: vocals.onnx}\n"
        "  recognizer: {beam: 1, folder: faster-whisper/small}\n"
    )
    bound = adapters("gpu", resource_bindings(home))
    assert isinstance(bound["separator"], AudioSeparator)
    assert bound["separator"].model == "vocals.onnx"
    assert bound["separator"].gpu.device == bound["gpu"].device == "cuda:1"
    assert (bound["recognizer"].beam, bound["recognizer"].folder) == (1, "faster-whisper/small")


def test_profiles_may_be_mixed() -> None:
    assert isinstance(
        adapters("gpu", {"separator": {"adapter": "CentreExtraction"}})["separator"],
        CentreExtraction,
    )
    demucs = adapters("embedded", {"separator": {"adapter": "Demucs"}})["separator"]
    assert isinstance(demucs, Demucs)
    assert demucs.gpu.device == "cpu"


@pytest.mark.parametrize(
    ("bindings", "message"),
    [
        (
            {"separater": {}},
            r"resources: unknown resource 'separater'\. Choose from gpu, separator",
        ),
        (
            {"separator": {"adapter": "Spleeter"}},
            r"resources\.separator: unknown adapter 'Spleeter'\. Choose from CentreExtraction, "
            r"Demucs, AudioSeparator",
        ),
        (
            {"separator": {"adapter": "Demucs", "shifts": 2}},
            r"resources\.separator: unknown setting 'shifts'\. Choose from folder, repo",
        ),
        ({"gpu": {"memory_fraction": "much"}}, r"resources\.gpu\.memory_fraction: .*got 'much'"),
    ],
)
def test_a_mistake_is_named_with_the_choice(
    bindings: dict[str, dict[str, object]], message: str
) -> None:
    with pytest.raises(BadInput, match=message):
        adapters("gpu", bindings)


@pytest.mark.parametrize("profile", PROFILES)
def test_steps_that_run_models_take_a_slot_of_the_pool_on_a_gpu_alone(
    profile: str, tmp_path: Path
) -> None:
    code = (
        "import dagster as dg\n"
        "from media_assets.speech import assets\n"
        "for asset in dg.load_assets_from_modules([assets]):\n"
        f"    if asset.required_resource_keys & {KEYS}:\n"
        "        print(asset.key.to_user_string(), asset.op.pool)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {ENV: profile, HOME_ENV: str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    pools = dict(line.split() for line in done.stdout.splitlines())
    assert pools.keys() >= {"stems", "recognition"}
    assert set(pools.values()) == {"gpu" if profile == "gpu" else "None"}, pools
