"""A pyannote pipeline with random weights, laid out as `speaker-diarization-community-1`."""

import warnings
from pathlib import Path

import numpy as np

from resources.models.checkpoints import UNTRAINED

CONFIG = """\
dependencies:
  pyannote.audio: 4.0.0
pipeline:
  name: pyannote.audio.pipelines.SpeakerDiarization
  params:
    clustering: VBxClustering
    segmentation: $model/segmentation
    segmentation_batch_size: 32
    embedding: $model/embedding
    embedding_batch_size: 32
    embedding_exclude_overlap: true
    plda: $model/plda
params:
  clustering:
    threshold: 0.6
    Fa: 0.07
    Fb: 0.8
  segmentation:
    min_duration_off: 0.0
"""


def save_pipeline(folder: Path) -> None:
    """config.yaml, segmentation (powerset, 3 speakers), embedding (ResNet34), PLDA."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch
        from lightning.pytorch import Trainer
        from pyannote.audio.core.task import Problem, Resolution, Specifications
        from pyannote.audio.models.embedding import WeSpeakerResNet34
        from pyannote.audio.models.segmentation import PyanNet

        torch.manual_seed(3)
        segmentation = PyanNet(lstm={"hidden_size": 8, "num_layers": 1}, linear={"hidden_size": 8})
        segmentation.specifications = Specifications(
            problem=Problem.MONO_LABEL_CLASSIFICATION,
            resolution=Resolution.FRAME,
            duration=10.0,
            classes=["speaker#1", "speaker#2", "speaker#3"],
            powerset_max_classes=2,
            permutation_invariant=True,
        )
        segmentation.build()
        with torch.no_grad():
            # So sensitive that the classes follow the sound.
            segmentation.classifier.weight.normal_(0, 40)
        embedding = WeSpeakerResNet34(num_mel_bins=16)
        embedding.specifications = Specifications(
            problem=Problem.REPRESENTATION,
            resolution=Resolution.CHUNK,
            duration=5.0,
            classes=["one", "two"],
        )
        embedding.build()
        for name, model in (("segmentation", segmentation), ("embedding", embedding)):
            (folder / name).mkdir(parents=True)
            trainer = Trainer(
                accelerator="cpu",
                logger=False,
                enable_checkpointing=False,
                enable_progress_bar=False,
                enable_model_summary=False,
            )
            trainer.strategy.connect(model)
            trainer.save_checkpoint(folder / name / "pytorch_model.bin")
    random = np.random.default_rng(4)
    (folder / "plda").mkdir()
    np.savez(
        folder / "plda/xvec_transform.npz",
        mean1=np.zeros(256),
        mean2=np.zeros(128),
        lda=random.normal(0, 0.1, (256, 128)),
    )
    np.savez(
        folder / "plda/plda.npz",
        mu=np.zeros(128),
        tr=np.linalg.qr(random.normal(0, 1, (128, 128)))[0],
        psi=np.linspace(3, 0.1, 128),
    )
    (folder / "config.yaml").write_text(CONFIG)
    (folder / UNTRAINED).touch()
