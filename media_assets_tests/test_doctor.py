"""What `media-assets doctor` says of checkpoints."""

import pytest

from media_assets.doctor import findings
from resources.home import Home
from resources.models.checkpoints import ENV, UNTRAINED


def states(monkeypatch: pytest.MonkeyPatch, profile: str) -> dict[str, tuple[str, str]]:
    monkeypatch.setenv("MEDIA_ASSETS_PROFILE", profile)
    monkeypatch.delenv(ENV, raising=False)
    return {found.what: (found.state, found.remedy) for found in findings()}


def test_profile_embedded_needs_none(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    assert states(monkeypatch, "embedded")["checkpoints"][0] == "none needed"


def test_every_model_and_language_says_what_belongs_where(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = states(monkeypatch, "gpu")
    assert said["checkpoints"][0] == "checkpoints/ in the home"
    assert said["separator: demucs/htdemucs"] == (
        "missing htdemucs.yaml, *.safetensors or *.th",
        "Put the files from huggingface.co/adefossez/HTDemucs into that folder.",
    )
    pipeline = said["diarizer: pyannote/speaker-diarization-community-1"][0]
    assert "segmentation/pytorch_model.bin" in pipeline
    assert {"aligner: wav2vec2/en", "aligner: wav2vec2/de"} <= said.keys()
    assert str(home.root) not in str(said)


def test_what_is_there_is_complete_or_marked_as_untrained(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = home.root / "checkpoints/demucs/htdemucs"
    folder.mkdir(parents=True)
    for name in ("htdemucs.yaml", "0a1b.safetensors"):
        (folder / name).touch()
    assert states(monkeypatch, "gpu")["separator: demucs/htdemucs"] == ("complete", "")
    (folder / UNTRAINED).touch()
    assert states(monkeypatch, "gpu")["separator: demucs/htdemucs"] == ("untrained", "")


def test_only_the_languages_that_are_wanted_are_listed(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.root.mkdir()
    home.config.write_text("resources:\n  aligner:\n    languages: [de]\n")
    said = states(monkeypatch, "gpu")
    assert [what for what in said if what.startswith("aligner")] == ["aligner: wav2vec2/de"]
