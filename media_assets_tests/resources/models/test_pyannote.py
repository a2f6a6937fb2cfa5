"""pyannote.audio on a pipeline folder with random weights."""

import os
from pathlib import Path

import numpy as np
import pytest
from scipy.io import wavfile

from media_assets_tests.resources.models import tiny_pyannote
from resources.gpu import Gpu
from resources.models.checkpoints import ENV, MissingCheckpoint
from resources.models.interfaces import RATE, Span, SpeakerHints, Turns
from resources.models.pyannote import Pyannote

pytest.importorskip("torch", reason="extra `models` is not installed")
pytest.importorskip("pyannote.audio", reason="extra `models` is not installed")

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
SECONDS = 12.0


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of checkpoints with the pipeline in it."""
    root = tmp_path_factory.mktemp("checkpoints")
    tiny_pyannote.save_pipeline(root / "pyannote/speaker-diarization-community-1")
    return root


@pytest.fixture
def diarizer(pipeline: Path, root: Path, cpu: Gpu, monkeypatch: pytest.MonkeyPatch) -> Pyannote:
    monkeypatch.setenv(ENV, str(pipeline))
    return Pyannote(gpu=cpu)


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """Tones that change every two seconds, in noise."""
    random = np.random.default_rng(9)
    time = np.arange(round(SECONDS * RATE)) / RATE
    pitch = np.array([150, 900, 300, 2000, 180, 700])[(time // 2).astype(int)]
    samples = 0.3 * np.sin(2 * np.pi * pitch * time) + random.normal(0, 0.05, len(time))
    wavfile.write(tmp_path / "voice.wav", RATE, samples.astype(np.float32))
    return tmp_path / "voice.wav"


def turns(diarizer: Pyannote, sound: Path, hints: SpeakerHints) -> Turns:
    return diarizer.turns(sound, [Span(0, SECONDS)], hints)


def test_both_sets_and_a_voice_print_per_speaker(diarizer: Pyannote, sound: Path) -> None:
    made = turns(diarizer, sound, SpeakerHints(exactly=2))
    for found in (made.standard, made.exclusive):
        assert found
        assert all(0 <= turn.start_s < turn.end_s <= SECONDS + 0.1 for turn in found)
        assert [turn.start_s for turn in found] == sorted(turn.start_s for turn in found)
    ends = [turn.end_s for turn in made.exclusive]
    assert all(end <= turn.start_s for end, turn in zip(ends, made.exclusive[1:], strict=False))
    speakers = {turn.speaker for turn in made.standard}
    assert {turn.speaker for turn in made.exclusive} <= speakers
    assert len(made.embeddings) == 2
    assert set(made.embeddings) <= speakers
    for vector in made.embeddings.values():
        assert vector.dtype == np.float32
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
    assert made.untrained
    assert os.environ["PYANNOTE_METRICS_ENABLED"] == "0"


def test_hints_bound_the_number_of_speakers(diarizer: Pyannote, sound: Path) -> None:
    one = turns(diarizer, sound, SpeakerHints(at_most=1))
    assert {turn.speaker for turn in one.standard} == {"SPEAKER_00"}
    # More speakers than there are windows to tell them by are not made up.
    assert turns(diarizer, sound, SpeakerHints(at_least=60)).standard


def test_where_nobody_speaks_the_model_is_not_asked(root: Path, cpu: Gpu, sound: Path) -> None:
    adapter = Pyannote(gpu=cpu)
    assert adapter.turns(sound, [], SpeakerHints()) == Turns((), ())
    with pytest.raises(MissingCheckpoint, match=r"lacks config.yaml, segmentation/pytorch_model"):
        turns(adapter, sound, SpeakerHints())
