"""Who spoke when by pyannote.audio 4 (Bredin, Interspeech 2023), called directly."""

import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from resources.models.checkpoints import LocalModel
from resources.models.interfaces import RATE, Span, SpeakerHints, Turn, Turns

if TYPE_CHECKING:
    import torch

# Memory per 10 s window in the larger of the two models (ResNet34), float32; no more windows at
# once than the published pipeline takes.
WINDOW_BYTES = 250_000_000
MOST_WINDOWS = 32


class Pyannote(LocalModel):
    """Turns by a pyannote.audio pipeline in a folder, as the hub has it.

    The models are Lightning checkpoints, pickles that can run code when they are loaded (the
    library reads them with `weights_only=False`): take them from nobody but their makers. It works
    in float32.
    """

    folder: str = "pyannote/speaker-diarization-community-1"
    repo: str = "pyannote/speaker-diarization-community-1"

    @property
    def files(self) -> tuple[str, ...]:
        return (
            "config.yaml",
            "segmentation/pytorch_model.bin",
            "embedding/pytorch_model.bin",
            "plda/plda.npz",
            "plda/xvec_transform.npz",
        )

    @property
    def backend(self) -> str:
        return f"pyannote.audio {self.checkpoint.name}"

    def turns(self, audio: Path, activity: Sequence[Span], hints: SpeakerHints) -> Turns:
        """Turns of a WAV (mono, 16 kHz, float32), which is mapped and not read as a whole.

        activity: where it is empty nobody speaks, and the model is not asked; else the model's own
        segmentation says who speaks when.
        """
        untrained = self.checkpoint.untrained
        if not activity:
            return Turns((), (), untrained=untrained)
        pipeline = self.warm(self.checkpoint, _load)
        file = {"waveform": _waveform(audio), "sample_rate": RATE, "uri": "episode"}

        def run(size: int) -> Any:
            pipeline.segmentation_batch_size = size
            pipeline.embedding_batch_size = size
            try:
                return pipeline(
                    file,
                    num_speakers=hints.exactly,
                    min_speakers=hints.at_least,
                    max_speakers=hints.at_most,
                )
            except ValueError as error:
                # Fewer windows with a voice than speakers wanted: k-means cannot invent them.
                if "n_clusters" not in str(error):
                    raise
                return pipeline(file, max_speakers=hints.exactly or hints.at_most)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = self.gpu.fitting(WINDOW_BYTES, MOST_WINDOWS, run)
        labels = found.speaker_diarization.labels()
        vectors = found.speaker_embeddings if found.speaker_embeddings is not None else ()
        return Turns(
            _turns(found.speaker_diarization),
            _turns(found.exclusive_speaker_diarization),
            {
                label: (vector / np.linalg.norm(vector)).astype(np.float32)
                for label, vector in zip(labels, vectors, strict=False)
                # pyannote fills up with zeros where it has more speakers than clusters.
                if np.isfinite(vector).all() and np.linalg.norm(vector) > 0
            },
            untrained,
        )


def _load(folder: Path, device: "torch.device") -> Any:
    # Before the import: pyannote.audio sends usage statistics unless this is 0.
    os.environ["PYANNOTE_METRICS_ENABLED"] = "0"
    with warnings.catch_warnings():
        # It warns of torchcodec, which it needs only for reading files.
        warnings.simplefilter("ignore")
        from pyannote.audio import Pipeline

        return Pipeline.from_pretrained(folder).to(device)


def _waveform(audio: Path) -> "torch.Tensor":
    """(1, samples), backed by the file."""
    import torch
    from scipy.io import wavfile

    rate, samples = wavfile.read(audio, mmap=True)
    if rate != RATE or samples.ndim != 1 or samples.dtype != np.float32:
        raise ValueError(f"{audio.name}: {samples.dtype} {samples.shape} at {rate} Hz, not mono16k")
    return torch.from_numpy(samples)[None]


def _turns(annotation: Any) -> list[Turn]:
    return sorted(
        (
            Turn(segment.start, segment.end, label)
            for segment, _, label in annotation.itertracks(yield_label=True)
        ),
        key=lambda turn: (turn.start_s, turn.end_s, turn.speaker),
    )
