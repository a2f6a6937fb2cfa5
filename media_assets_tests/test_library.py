"""Registering masters."""

import json
import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assets.arrivals import look
from media_assets.library import (
    Registration,
    check_episode_id,
    default_uses,
    episode_id_of,
    find_masters,
    load,
    refuse_collisions,
    register,
    registrations,
)
from resources.home import Home
from resources.problems import BadInput


def entry(name: str, episode_id: str = "one", root: Path = Path("/lib")) -> Registration:
    return Registration(episode_id, root / name, root, ("video",))


@given(st.text())
def test_an_episode_id_is_safe_in_paths_tags_and_urls(stem: str) -> None:
    if any(c.isascii() and c.isalnum() for c in unicodedata.normalize("NFKD", stem)):
        assert check_episode_id(episode_id_of(stem)) == episode_id_of(stem)


def test_a_name_without_letters_wants_an_id() -> None:
    with pytest.raises(BadInput, match="--id"):
        episode_id_of("— 😀 —")


@pytest.mark.parametrize("bad", ["", "a.b", "a/b", "..", "x" * 129, "é", "a\n"])
def test_other_ids_are_refused(bad: str) -> None:
    with pytest.raises(BadInput, match="1 to 128"):
        check_episode_id(bad)


def test_hostile_file_names_make_tame_ids() -> None:
    assert episode_id_of('spaces  and "quotes" & $HOME; %s') == "spaces-and-quotes-HOME-s"
    assert episode_id_of("Épisode 01 – Тест «ё» 😀 [480p] (it's)") == "Episode-01-480p-it-s"


def test_a_registration_comes_back_as_it_was(home: Home) -> None:
    new = Registration("one", Path("/lib/show/a b.mkv"), Path("/lib"), ("video", "speech"), "show")
    assert register(home, new)
    assert not register(home, new)
    assert registrations(home) == {"one": new}
    assert load(home, "one").relative_path == "show/a b.mkv"


def test_an_id_stands_for_one_master(home: Home) -> None:
    register(home, entry("a.mkv"))
    with pytest.raises(BadInput, match=r"b\.mkv: episode id 'one' already stands for a\.mkv"):
        register(home, entry("b.mkv"))
    with pytest.raises(BadInput, match=r"a\.mkv and b\.mkv both make the episode id 'one'"):
        refuse_collisions([entry("a.mkv"), entry("b.mkv")])


def test_an_unknown_use_is_refused_with_the_known_ones(home: Home) -> None:
    with pytest.raises(BadInput, match="video, speech, layout, superres"):
        register(home, Registration("one", Path("/lib/a.mkv"), Path("/lib"), ("cinema",)))


@pytest.mark.parametrize("damage", ["", "[]", "{}", '{"master": 1}'])
def test_a_damaged_registration_names_its_file(home: Home, damage: str) -> None:
    home.episodes.mkdir(parents=True)
    (home.episodes / "one.json").write_text(damage)
    with pytest.raises(BadInput, match=r"episodes/one\.json"):
        load(home, "one")


def test_masters_are_found_in_folders_and_hidden_files_are_not(tmp_path: Path) -> None:
    for name in ("b.mkv", "season/a.MP4", "sound.flac", "notes.txt", ".trash/c.mkv", "._b.mkv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [master.relative_to(root).as_posix() for master, root in find_masters([tmp_path])]
    assert found == ["b.mkv", "season/a.MP4", "sound.flac"]
    assert default_uses(Path("sound.flac")) == ("speech",)
    with pytest.raises(BadInput, match="nowhere"):
        list(find_masters([tmp_path / "nowhere"]))


def test_a_master_arrives_when_it_has_stopped_growing(tmp_path: Path) -> None:
    master = tmp_path / "new.mkv"
    master.write_bytes(b"half")
    here = [(master, tmp_path)]
    first = look(here, frozenset(), {})
    assert not first.arrived
    master.write_bytes(b"the whole file")
    pending = json.loads(json.dumps(first.pending))
    second = look(here, frozenset(), pending)
    assert not second.arrived
    third = look(here, frozenset(), json.loads(json.dumps(second.pending)))
    assert third.arrived == ((master, tmp_path),)
    assert not look(here, frozenset([master]), third.pending).arrived


def test_a_folder_or_a_dead_link_with_the_name_of_a_master(tmp_path: Path) -> None:
    """A folder is searched and is no master; a dead link is one, but never arrives by itself."""
    (tmp_path / "season.mp4").mkdir()
    inside = tmp_path / "season.mp4" / "one.mkv"
    inside.write_bytes(b"x")
    dead = tmp_path / "two.mkv"
    dead.symlink_to("nowhere.mkv")
    found = list(find_masters([tmp_path]))
    assert [master for master, _ in found] == [inside, dead]
    first = look(found, frozenset(), {})
    assert [master for master, _ in look(found, frozenset(), first.pending).arrived] == [inside]


def test_a_name_that_is_not_utf8_is_registered_and_told_with_escapes(home: Home) -> None:
    new = entry(os.fsdecode(b"caf\xe9.mkv"))
    register(home, new)
    assert load(home, "one") == new
    assert new.relative_path == "caf\\xe9.mkv"
