"""A configuration in the home: episodes and settings, all or nothing."""

import json
from pathlib import Path

import pytest

from media_assets.library import PatchWishes, Registration, load, register, registrations
from media_assets.settings import settings_at
from media_assets.superres.config import GeneratorConfig, read_config
from media_assets.superres.registering import add_config, refuse_shared_titles
from media_assets.superres.settings import PatchSettings, PlanSettings
from resources.home import Home
from resources.problems import BadInput


def config(folder: Path, *films: tuple[str, str], **more: object) -> GeneratorConfig:
    """A configuration of films (name, path) for `general`; the files are made."""
    for _, path in films:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).touch()
    videos = [{"name": n, "path": p, "categories": {"general": 1}} for n, p in films]
    folder.mkdir(exist_ok=True)
    (folder / "c.json").write_text(json.dumps({"videos": videos} | more))
    return read_config(folder / "c.json")


def state(home: Home) -> dict[str, tuple[bytes, int]]:
    """Every file of the home, with its time."""
    files = (path for path in home.root.rglob("*") if path.is_file())
    return {home.relative(p): (p.read_bytes(), p.stat().st_mtime_ns) for p in files}


def test_videos_become_episodes_and_settings_those_of_the_home(home: Home, tmp_path: Path) -> None:
    said = config(
        tmp_path / "lib",
        ("Avatar (2009)", "Avatar.2009.mkv"),
        base_settings={"base_frame_limit": 50, "max_workers": 12, "lr_filter": "area"},
    )
    added = add_config(home, said)
    assert [(entry.episode_id, new) for entry, new in added.episodes] == [("Avatar-2009", True)]
    entry = load(home, "Avatar-2009")
    assert entry.uses == ("superres",)
    assert entry.patches == PatchWishes("Avatar (2009)", {"general": 1.0})
    assert entry.relative_path == "Avatar.2009.mkv"
    assert settings_at(home, "patch_plan", PlanSettings) == PlanSettings(base_frame_limit=50)
    assert settings_at(home, "patches", PatchSettings) == PatchSettings(lr_filter="area")
    assert "max_workers" not in home.config.read_text()
    assert [str(change) for change in added.changes] == [
        "patch_plan.base_frame_limit 50 (was 3000)",
        "patches.lr_filter area (was lanczos4)",
    ]


def test_the_same_again_changes_no_file(home: Home, tmp_path: Path) -> None:
    said = config(tmp_path, ("A", "a.mkv"), ("B", "b.mkv"), base_settings={"seed": 3})
    add_config(home, said)
    before = state(home)
    again = add_config(home, said)
    assert state(home) == before
    assert [new for _, new in again.episodes] == [False, False]
    assert again.changes == ()


def test_a_setting_that_is_said_no_more_is_the_default_again(home: Home, tmp_path: Path) -> None:
    add_config(home, config(tmp_path, ("A", "a.mkv"), base_settings={"seed": 3}))
    added = add_config(home, config(tmp_path, ("A", "a.mkv")))
    assert [str(change) for change in added.changes] == ["patch_plan.seed 0 (was 3)"]
    assert home.config.read_text() == ""


def test_an_episode_keeps_its_id_and_uses_and_gains_this_one(home: Home, tmp_path: Path) -> None:
    said = config(tmp_path, ("Frozen", "frozen.mkv"))
    old = Registration("s01e01", tmp_path / "frozen.mkv", tmp_path, ("video", "speech"), "show")
    register(home, old)
    add_config(home, said)
    assert registrations(home) == {
        "s01e01": Registration(
            "s01e01",
            tmp_path / "frozen.mkv",
            tmp_path,
            ("video", "speech", "superres"),
            "show",
            PatchWishes("Frozen", {"general": 1.0}),
        )
    }
    add_config(home, config(tmp_path, ("Die Eiskönigin", "frozen.mkv")))
    assert load(home, "s01e01").patch_wishes.title == "Die Eiskönigin"


def test_a_master_is_known_through_another_spelling_of_its_folder(
    home: Home, tmp_path: Path
) -> None:
    films = tmp_path / "films"
    config(films, ("Frozen", "frozen.mkv"))
    (tmp_path / "link").symlink_to(films)
    register(home, Registration("one", tmp_path / "link" / "frozen.mkv", tmp_path, ("video",)))
    add_config(home, config(tmp_path, ("Frozen", "films/../films/frozen.mkv")))
    assert list(registrations(home)) == ["one"]


def test_links_to_one_file_are_masters_of_their_own(home: Home, tmp_path: Path) -> None:
    (tmp_path / "a.mkv").touch()
    (tmp_path / "b.mkv").symlink_to("a.mkv")
    add_config(home, config(tmp_path, ("A", "a.mkv"), ("B", "b.mkv")))
    assert list(registrations(home)) == ["a", "b"]


@pytest.mark.parametrize(
    ("films", "more", "complaint"),
    [
        (
            [("A b", "a.mkv"), ("A/B", "c.mkv"), ("A_b", "b.mkv")],
            {},
            r"the titles 'A b' \(a\) and 'A/B' \(c\) both make the file name patch_A_B_",
        ),
        (
            [("New", "a.mkv"), ("Old film", "b.mkv")],
            {},
            r"the titles 'Old/film' \(old\) and 'Old film' \(b\) both make",
        ),
        (
            [("A", "x/film.mkv"), ("B", "y/film.mp4")],
            {},
            r"c\.json, videos\[1\]: 'B' \(film\.mp4\) and 'A' \(videos\[0\], film\.mkv\) both make "
            r"the episode id 'film'\. First add the file by itself: media-assets add FILE --id",
        ),
        (
            [("A", "x/old.mkv")],
            {},
            r"c\.json, videos\[0\]: 'A' .* and 'Old/film' \(registered, .* episode id 'old'",
        ),
        (
            [("A", "千.mkv")],
            {},
            r"c\.json, videos\[0\]\.path: no letter or digit.*--id",
        ),
    ],
)
def test_what_collides_is_told_and_nothing_is_registered(
    home: Home,
    tmp_path: Path,
    films: list[tuple[str, str]],
    more: dict[str, object],
    complaint: str,
) -> None:
    old = config(tmp_path / "before", ("Old/film", "old.mkv"))
    add_config(home, old)
    before = state(home)
    said = config(tmp_path / "lib", *films, **more, base_settings={"seed": 1})
    with pytest.raises(BadInput, match=complaint):
        add_config(home, said)
    assert state(home) == before


def test_a_title_may_be_given_back_and_taken(home: Home, tmp_path: Path) -> None:
    """Only what would stand afterwards counts."""
    add_config(home, config(tmp_path, ("One", "a.mkv"), ("Two", "b.mkv")))
    add_config(home, config(tmp_path, ("Two", "a.mkv"), ("One", "b.mkv")))
    assert load(home, "a").patch_wishes.title == "Two"


def test_a_category_that_a_master_serves_cannot_be_lost(home: Home, tmp_path: Path) -> None:
    sport = {"sport": {"root": "Sport", "formats": {"small_540": 1.0}}}
    (tmp_path / "a.mkv").touch()
    document = {
        "categories": sport,
        "videos": [{"name": "A", "path": "a.mkv", "categories": {"sport": 1.0}}],
    }
    (tmp_path / "s.json").write_text(json.dumps(document))
    added = add_config(home, read_config(tmp_path / "s.json"))
    assert [str(change) for change in added.changes] == [
        "patch_plan.formats for general, space, toon, sport",
        "patches.roots for general, space, toon, sport",
    ]
    with pytest.raises(BadInput, match=r"c\.json, categories: category 'sport', for which a is"):
        add_config(home, config(tmp_path, ("B", "b.mkv")))


def test_a_damaged_home_configuration_stops_it_before_anything(home: Home, tmp_path: Path) -> None:
    home.root.mkdir()
    home.config.write_text("clips: [\n")
    with pytest.raises(BadInput, match=r"config\.yaml: not YAML"):
        add_config(home, config(tmp_path / "lib", ("A", "a.mkv")))
    assert registrations(home) == {}


def test_masters_without_wishes_are_named_after_their_files(tmp_path: Path) -> None:
    entries = [
        Registration(str(n), tmp_path / name, tmp_path, ("superres",))
        for n, name in enumerate(("a b.mkv", "a_b.mkv"))
    ]
    assert entries[0].patch_wishes == PatchWishes("a b", {"general": 1.0})
    with pytest.raises(BadInput, match=r"a_b\.mkv: the titles 'a b' \(0\) and 'a_b' \(1\)"):
        refuse_shared_titles(entries)
    other_uses = Registration("1", tmp_path / "a_b.mkv", tmp_path, ("video",))
    refuse_shared_titles([entries[0], other_uses])
