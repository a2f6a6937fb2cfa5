"""How good speech sounds, by DNSMOS P.835 (Reddy, Gopal, Cutler, ICASSP 2022) on onnxruntime."""

from typing import Any

import dagster as dg
import numpy as np

from resources.models.checkpoints import Checkpoint
from resources.models.interfaces import RATE, Samples

MODEL = "sig_bak_ovr.onnx"
# The model hears 9.01 s at a time; shorter sound is repeated, longer moves on by a second.
HEARD = round(9.01 * RATE)
# From the model's overall score to a mean opinion, as its authors publish it with the model.
OVERALL = np.polynomial.Polynomial([0.04602535, 1.11546468, -0.06766283])


class Dnsmos(dg.ConfigurableResource[Any]):
    """The published ONNX model in a checkpoint folder; without it there is no score.

    folder: relative to the folder of checkpoints; `sig_bak_ovr.onnx` from microsoft/DNS-Challenge.
    """

    folder: str = "microsoft/dnsmos"

    @property
    def checkpoint(self) -> Checkpoint:
        return Checkpoint(self.folder, (MODEL,))

    @property
    def backend(self) -> str:
        """Another model, or one that has come, has all utterances judged anew."""
        return f"dnsmos @ {self.checkpoint.fingerprint()}"

    def overall(self, samples: Samples) -> float | None:
        """Mean opinion of the overall quality, 1 to 5; None where the model is missing.

        samples: shape (n,), 16 kHz.
        """
        if self.checkpoint.missing() or not len(samples):
            return None
        from onnxruntime import InferenceSession

        session = InferenceSession(self.checkpoint.path / MODEL, providers=["CPUExecutionProvider"])
        (heard,) = session.get_inputs()
        long = np.resize(samples, max(HEARD, len(samples))).astype(np.float32)
        scores = [
            float(OVERALL(session.run(None, {heard.name: long[None, at : at + HEARD]})[0][0][2]))
            for at in range(0, len(long) - HEARD + 1, RATE)
        ]
        return float(np.mean(scores))
