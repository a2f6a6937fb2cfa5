"""audio-separator on a tiny BS-Roformer with random weights; runs where the package is installed.

It is in no extra, because a package that it needs is non-commercial (`AudioSeparator`).
"""

import json
import logging
from pathlib import Path

import numpy as np
import pytest
import yaml

from resources.gpu import Gpu
from resources.models.audio_separator import AudioSeparator
from resources.models.checkpoints import MissingCheckpoint
from resources.models.interfaces import Samples

RATE = 44_100
MODEL = "tiny_bs_roformer.ckpt"


def save_model(folder: Path) -> None:
    """The model, its configuration and the list of models, as audio-separator keeps them."""
    import torch
    from audio_separator.separator.uvr_lib_v5.roformer.bs_roformer import BSRoformer

    shape = {
        "dim": 8,
        "depth": 1,
        "stereo": True,
        "num_stems": 1,
        "time_transformer_depth": 1,
        "freq_transformer_depth": 1,
        "freqs_per_bands": (257, 256, 512),
        "dim_head": 8,
        "heads": 1,
        "stft_n_fft": 2048,
        "stft_hop_length": 441,
        "stft_win_length": 2048,
        "flash_attn": False,
    }
    torch.manual_seed(11)
    folder.mkdir(parents=True)
    torch.save(BSRoformer(**shape).state_dict(), folder / MODEL)
    config = {
        "audio": {
            "chunk_size": 44_100,
            "dim_t": 101,
            "hop_length": 441,
            "n_fft": 2048,
            "num_channels": 2,
            "sample_rate": RATE,
        },
        "model": shape,
        "training": {"instruments": ["Vocals", "Instrumental"], "target_instrument": "Vocals"},
        "inference": {"batch_size": 1, "dim_t": 101, "num_overlap": 2},
    }
    (folder / "tiny_bs_roformer.yaml").write_text(yaml.dump(config))
    kinds = ("vr", "mdx", "mdx_vip", "demucs", "mdx23", "mdx23c", "mdx23c_vip", "roformer")
    lists: dict[str, dict[str, object]] = {}
    for kind in kinds:
        name, _, vip = kind.partition("_")
        lists[f"{name}_download_{'vip_' if vip else ''}list"] = {}
    lists["roformer_download_list"] = {"Roformer Model: tiny": {MODEL: "tiny_bs_roformer.yaml"}}
    (folder / "download_checks.json").write_text(json.dumps(lists))


def music(seconds: float, rate: int, channels: int) -> Samples:
    return np.random.default_rng(12).normal(0, 0.4, (round(seconds * rate), channels)).astype("f4")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("rate", "channels"), [(RATE, 2), (48_000, 1)])
def test_windows_give_what_the_package_gives(
    root: Path, cpu: Gpu, tmp_path: Path, rate: int, channels: int
) -> None:
    pytest.importorskip("audio_separator", reason="is in no extra")
    from audio_separator.separator import Separator
    from scipy.io import wavfile

    folder = root / "audio-separator"
    save_model(folder)
    mix = music(3.0, rate, channels)
    adapter = AudioSeparator(gpu=cpu, model=MODEL)
    voice = np.concatenate(list(adapter.voice([mix[:5_000], mix[5_000:]], rate)))
    assert voice.shape == mix.shape
    assert voice.dtype == np.float32
    assert np.abs(voice).max() > 1e-3
    if rate != RATE:
        return
    own = Separator(
        log_level=logging.WARNING,
        model_file_dir=str(folder),
        output_dir=str(tmp_path),
        use_soundfile=True,
        output_single_stem="Vocals",
        normalization_threshold=1.0,
    )
    own.load_model(MODEL)
    quiet = mix * (0.5 / np.abs(mix).max())
    wavfile.write(tmp_path / "mix.wav", RATE, quiet)
    (name,) = own.separate(str(tmp_path / "mix.wav"))
    _, expected = wavfile.read(tmp_path / Path(name).name)
    scale = np.abs(mix).max() / 0.5
    np.testing.assert_allclose(voice, expected * scale, atol=1e-5)


def test_missing_files_are_named(root: Path, cpu: Gpu) -> None:
    pytest.importorskip("torch", reason="extra `models` is not installed")
    with pytest.raises(MissingCheckpoint, match=r"lacks model_bs.*ckpt, download_checks.json"):
        next(iter(AudioSeparator(gpu=cpu).voice([music(0.1, RATE, 2)], RATE)))
