"""The voice by a model that audio-separator runs: MDX-Net, Roformer, VR and other UVR models."""

import logging
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Sequence
from math import gcd
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from resources.models.checkpoints import LocalModel
from resources.models.interfaces import Samples
from resources.models.overlap_add import Window, overlap_add

if TYPE_CHECKING:
    import torch

RATE = 44_100
# Long against the windows inside the models (6 to 12 s), so that its own seams are few.
WINDOW_S, STRIDE_S = 60, 54
# audio-separator scales what is louder than its threshold; below that it leaves the level alone.
PEAK = 0.5


class AudioSeparator(LocalModel):
    """The voice by the model file `model` in `folder`, in windows of a minute.

    The folder holds the model, its configuration if it has one (`*.yaml`), and the lists by which
    audio-separator knows its models: `download_checks.json`, for MDX and VR models also
    `mdx_model_data.json` and `vr_model_data.json`; what is missing of them it would download, so
    the first is asked for. Some of its models are pickles that can run code: take them from nobody
    but their makers.

    The package is in no extra: it depends on diffq, whose licence is non-commercial. Who may use it
    installs it beside the rest: `pip install audio-separator==0.47.1`.
    """

    folder: str = "audio-separator"
    model: str = "model_bs_roformer_ep_317_sdr_12.9755.ckpt"

    @property
    def files(self) -> tuple[str, ...]:
        return (self.model, "download_checks.json")

    @property
    def backend(self) -> str:
        return f"audio-separator {self.model} in {self.checkpoint.name}"

    @property
    def method(self) -> str:
        return f"audio-separator {Path(self.model).stem}"

    def voice(self, mix: Iterable[Samples], rate: int) -> Iterator[Samples]:
        """Blocks of the voice, (n, channels), together as long as the blocks of `mix`."""
        separator = self.warm(self.checkpoint, lambda path, device: _load(path, self.model, device))
        period = rate // gcd(rate, RATE)
        length = WINDOW_S * rate // period * period
        stride = STRIDE_S * rate // period * period

        def separate(batch: Sequence[Window]) -> list[Samples]:
            return [_separated(separator, window.samples, rate) for window in batch]

        return overlap_add(mix, length, stride, 1, separate)


def _load(folder: Path, model: str, device: "torch.device") -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from audio_separator.separator import Separator
    except ImportError:
        raise RuntimeError(
            "audio-separator is not installed: pip install audio-separator==0.47.1"
        ) from None
    separator = Separator(
        log_level=logging.WARNING,
        model_file_dir=str(folder),
        output_dir=tempfile.gettempdir(),
        output_format="WAV",
        output_single_stem="Vocals",
        use_soundfile=True,
        sample_rate=RATE,
    )
    separator.torch_device = device
    try:
        separator.load_model(model)
    except SystemExit:
        # So it ends where a model cannot be read.
        raise RuntimeError(f"audio-separator cannot read {model}") from None
    return separator


def _separated(separator: Any, samples: Samples, rate: int) -> Samples:
    """The voice in (n, channels), by way of files, which is the interface."""
    from scipy.io import wavfile
    from scipy.signal import resample_poly

    peak = float(np.abs(samples).max(initial=0))
    if peak == 0:
        return samples
    common = gcd(rate, RATE)
    there, back = RATE // common, rate // common
    scaled = samples * (PEAK / peak)
    mix = resample_poly(scaled, there, back, axis=0) if rate != RATE else scaled
    with tempfile.TemporaryDirectory() as folder:
        wavfile.write(Path(folder) / "mix.wav", RATE, mix.astype(np.float32))
        separator.output_dir = separator.model_instance.output_dir = folder
        (name,) = separator.separate(
            str(Path(folder) / "mix.wav"), custom_output_names={"Vocals": "voice"}
        )
        _, stem = wavfile.read(Path(folder) / Path(name).name)
    voice = resample_poly(stem, back, there, axis=0) if rate != RATE else stem
    voice = voice[: len(samples)] * (peak / PEAK)
    if samples.shape[1] == 1:
        voice = voice.mean(1, keepdims=True)
    return np.asarray(voice, np.float32)
