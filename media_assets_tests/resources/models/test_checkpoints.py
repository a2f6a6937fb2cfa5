"""Where checkpoints lie, what is said of missing ones, and that nothing is fetched unasked."""

from pathlib import Path

import pytest

from resources.models.checkpoints import UNTRAINED, Checkpoint, MissingCheckpoint

VOICES = Checkpoint("family/voices", ("config.json", "*.safetensors|*.bin"), "somebody/voices")


def put(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_text(content)


def test_the_error_names_folder_files_source_and_doctor_but_no_path(root: Path) -> None:
    with pytest.raises(MissingCheckpoint) as error:
        VOICES.require()
    message = str(error.value)
    for part in (
        "checkpoints/family/voices lacks config.json, *.safetensors|*.bin",
        "huggingface.co/somebody/voices",
        "MEDIA_ASSETS_CHECKPOINTS",
        "media-assets doctor",
    ):
        assert part in message
    assert str(root) not in message


def test_either_format_of_weights_will_do(root: Path) -> None:
    put(root / VOICES.folder, config_json="{}")
    assert VOICES.missing() == ["*.safetensors|*.bin"]
    put(root / VOICES.folder, weights_bin="1")
    assert VOICES.missing() == []
    assert VOICES.require() == root / "family/voices"


def test_the_fingerprint_follows_the_content(root: Path) -> None:
    assert VOICES.fingerprint() == "missing"
    put(root / VOICES.folder, config_json="{}", weights_bin="1")
    first = VOICES.fingerprint()
    assert len(first) == 12
    assert VOICES.fingerprint() == first
    put(root / VOICES.folder, weights_bin="22")
    assert VOICES.fingerprint() not in (first, "missing")


def test_a_file_marks_what_is_not_trained(root: Path) -> None:
    assert not VOICES.untrained
    put(root / VOICES.folder)
    (root / VOICES.folder / UNTRAINED).touch()
    assert VOICES.untrained


def test_the_hub_is_asked_only_if_allowed_and_never_offline(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = pytest.importorskip("huggingface_hub")
    asked: list[str] = []

    def fetch(repo: str, **wanted: object) -> None:
        asked.append(repo)
        raise ConnectionError("no route to host")

    monkeypatch.setattr(hub, "snapshot_download", fetch)
    with pytest.raises(MissingCheckpoint, match="lacks"):
        VOICES.require()
    monkeypatch.setattr(hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(MissingCheckpoint, match="HF_HUB_OFFLINE is set"):
        VOICES.require(allow_hub=True)
    assert asked == []
    monkeypatch.setattr(hub.constants, "HF_HUB_OFFLINE", False)
    with pytest.raises(MissingCheckpoint, match=r"could not be fetched .*ConnectionError.*doctor"):
        VOICES.require(allow_hub=True)
    assert asked == ["somebody/voices"]


def test_what_the_hub_gives_lies_in_the_folder(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = pytest.importorskip("huggingface_hub")
    monkeypatch.setattr(hub.constants, "HF_HUB_OFFLINE", False)
    rounds: list[list[str]] = []

    def fetch(repo: str, *, local_dir: Path, allow_patterns: list[str], **_: object) -> None:
        rounds.append(allow_patterns)
        put(local_dir, config_json="{}")
        if "*.bin" in allow_patterns:
            put(local_dir, weights_bin="1")

    monkeypatch.setattr(hub, "snapshot_download", fetch)
    assert VOICES.require(allow_hub=True) == root / "family/voices"
    assert [["*.safetensors" in patterns, "*.bin" in patterns] for patterns in rounds] == [
        [True, False],
        [False, True],
    ]
