import unicodedata
from pathlib import Path

import pytest

from media_assets.ingest.sidecars import find_sidecars


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    def touch(*names: str) -> None:
        for name in names:
            (tmp_path / name).touch()

    touch("Show.mkv", "Show.01.mkv", "Show.srt", "Show.01.en.srt", "Show.01.SRT", "Showdown.srt")
    touch("Show.en-US.forced.vtt", "Show.en.hi.ass", "Show.hi.srt", "Show.lab", "Show.jpg")
    return tmp_path


def test_a_sidecar_carries_the_stem_of_its_master(folder: Path) -> None:
    names = [sidecar.path.name for sidecar in find_sidecars(folder / "Show.mkv")]
    assert names == sorted(
        ["Show.en-US.forced.vtt", "Show.en.hi.ass", "Show.hi.srt", "Show.lab", "Show.srt"]
    )


def test_a_sidecar_belongs_to_the_master_with_the_longest_stem(folder: Path) -> None:
    names = [sidecar.path.name for sidecar in find_sidecars(folder / "Show.01.mkv")]
    assert names == ["Show.01.SRT", "Show.01.en.srt"]


def test_the_name_says_language_and_kind(folder: Path) -> None:
    told = {
        s.path.name: (s.language, s.labels, s.timed) for s in find_sidecars(folder / "Show.mkv")
    }
    assert told["Show.srt"] == (None, frozenset(), True)
    assert told["Show.en-US.forced.vtt"] == ("en-US", {"forced"}, True)
    assert told["Show.en.hi.ass"] == ("en", {"hi"}, True)
    assert told["Show.hi.srt"] == ("hi", frozenset(), True)
    assert told["Show.lab"] == (None, frozenset(), False)


def test_composed_and_decomposed_names_are_one(tmp_path: Path) -> None:
    master = tmp_path / unicodedata.normalize("NFC", "Épisode 01 «ё» 😀 [480p] (it's) $HOME %s.mp4")
    sidecar = tmp_path / unicodedata.normalize("NFD", f"{master.stem}.fr.srt")
    sidecar.touch()
    assert [(s.path, s.language) for s in find_sidecars(master)] == [(sidecar, "fr")]
