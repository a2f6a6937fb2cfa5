from pathlib import Path

import pytest
import yaml

import media_assets.knowledge
from media_assets.knowledge.schema import LOCATIONS, canonical_location
from media_assets.knowledge.show import SCENE_LABELS, install_show, load_show
from media_assets.library import Registration
from resources.home import Home
from resources.problems import BadInput

TEMPLATE = Path(media_assets.knowledge.__file__).parent / "template"


def show(folder: Path, text: str, name: str = "show.yaml") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    return folder


def fault(folder: Path, text: str) -> str:
    with pytest.raises(BadInput) as problem:
        load_show(show(folder / "spies", text))
    assert str(problem.value).startswith("spies/show.yaml: ")
    assert str(folder) not in str(problem.value)
    return str(problem.value)


def registration(stem: str, episode_id: str = "an-id") -> Registration:
    return Registration(episode_id, Path(f"/films/{stem}.mkv"), Path("/films"), ("video",))


def test_the_template_is_valid_and_shows_every_field() -> None:
    known = load_show(TEMPLATE)
    assert set(yaml.safe_load((TEMPLATE / "show.yaml").read_text())) == set(
        type(known).model_fields
    )
    assert [character.name for character in known.characters] == ["Sam", "Alex"]
    assert tuple(known.scene_labels) == SCENE_LABELS


def test_only_the_name_of_a_show_is_required(tmp_path: Path) -> None:
    known = load_show(show(tmp_path / "a", "show: 1984\n"))
    assert (known.show, known.language, known.characters) == ("1984", None, [])
    assert tuple(known.scene_labels) == SCENE_LABELS


def test_json_says_the_same_as_yaml(tmp_path: Path) -> None:
    json = show(tmp_path / "j", '{"show": "X", "language": "eng"}', "show.json")
    assert load_show(json) == load_show(show(tmp_path / "y", "show: X\nlanguage: en\n"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("show: X\ncolour: red", "colour is unknown; allowed here: show, language, rights_holder"),
        (
            "show: X\ncharacters: [{name: A, eyes: blue}]",
            "characters.0.eyes is unknown; allowed here: name, aliases, hair, outfits",
        ),
        ("show: X\ncharacters: [{name: A, hair: red}]", "characters.0.hair: Input should be a val"),
        (
            "show: X\ncharacters: [{name: A, outfits: [{label: spy}]}]",
            "characters.0.outfits.0.description: Field required",
        ),
        ("language: en", "show: Field required"),
        ("show: X\nlanguage: no", "language is read as False: put it in quotes"),
        ("show: X\nlanguage: klingon", "language: no language code; write one such as en"),
        ("show: X\nscene_labels: []", "scene_labels: List should have at least 1 item"),
        ("show: X\nseasons: [{number: one}]", "seasons.0.number: Input should be a valid integer"),
        (
            "show: X\ncharacters: [{name: A}, {name: B}]\nspeakers: {ep: {SPEAKER_0: C}}",
            "speakers: ep, SPEAKER_0: 'C' is none of the characters: A, B",
        ),
        ("show: X\ncharacters: [{name: A}, {name: B, aliases: [a]}]", "'a' stands twice"),
        (
            "show: X\nlocations: [{name: HQ, raw: [lab]}, {name: L, raw: [LAB]}]",
            "'lab' stands twice",
        ),
        (
            "show: X\nseasons: [{number: 1, episodes: [{number: 1}, {number: 1}]}]",
            "seasons.0.episodes: episode number 1 stands twice",
        ),
        ("show: X\nspeaker_count: {exactly: 0}", "speaker_count.exactly: Input should be greater"),
        ("show: X\nspeaker_count: {exactly: 2, at_most: 3}", "speaker_count: write either exactly"),
        ("show: X\nspeaker_count: {many: 2}", "speaker_count.many is unknown; allowed here: exact"),
        ("show: X\nshow: Y", "'show' stands twice"),
        ("- a", "the file is no mapping of fields"),
        ("", "the file is no mapping of fields"),
        ("show: [", "not YAML"),
        ("? [a]\n: b", "not YAML"),
        ("show: !!python/object/apply:os.system [ls]", "not YAML"),
    ],
)
def test_every_fault_names_the_file_the_field_and_what_is_allowed(
    tmp_path: Path, text: str, told: str
) -> None:
    assert told in fault(tmp_path, text)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    told = fault(tmp_path, "show: X\ncolour: red\ncharacters: [{hair: [red]}]")
    assert "colour is unknown" in told
    assert "characters.0.name: Field required" in told


def test_an_episode_is_known_by_the_stem_of_its_master_or_by_its_id() -> None:
    known = load_show(TEMPLATE)
    by_stem = known.episode(registration("template-show-s01e02"))
    by_id = known.episode(registration("any", "template-show-s01e02"))
    assert by_stem is not None
    assert (by_stem[0].number, by_stem[1].number, by_stem[1].title) == (1, 2, "The Second One")
    assert by_id == by_stem
    assert known.episode(registration("other")) is None


def test_the_speaker_map_is_that_of_the_episode() -> None:
    known = load_show(TEMPLATE)
    assert known.speaker_map(registration("template-show-s01e01")) == {
        "SPEAKER_0": "Sam",
        "ALEX": "Alex",
    }
    assert known.speaker_map(registration("template-show-s01e02")) == {}


def test_an_installed_show_is_the_file_in_the_home(home: Home, tmp_path: Path) -> None:
    folder = show(tmp_path / "given", "show: Été à Paris!\n# a comment\n")
    assert install_show(home, folder) == "ete-a-paris"
    installed = home.knowledge / "ete-a-paris" / "show.yaml"
    assert installed.read_text() == "show: Été à Paris!\n# a comment\n"
    before = installed.stat().st_mtime_ns
    assert install_show(home, folder) == "ete-a-paris"
    assert installed.stat().st_mtime_ns == before
    show(folder, "show: Été à Paris!\nlanguage: fr\n")
    install_show(home, folder)
    assert load_show(installed.parent).language == "fr"
    assert [path.name for path in installed.parent.iterdir()] == ["show.yaml"]


def test_a_show_that_is_not_valid_does_not_replace_one_that_is(home: Home, tmp_path: Path) -> None:
    slug = install_show(home, show(tmp_path / "given", "show: X\nlanguage: en\n"))
    with pytest.raises(BadInput):
        install_show(home, show(tmp_path / "given", "show: X\nlanguage: klingon\n"))
    assert load_show(home.knowledge / slug).language == "en"


def test_two_shows_do_not_share_a_name(home: Home, tmp_path: Path) -> None:
    install_show(home, show(tmp_path / "one", "show: Harbour Lights\n"))
    with pytest.raises(BadInput, match="already stands for 'Harbour Lights'"):
        install_show(home, show(tmp_path / "two", "show: Harbour-Lights?\n"))


def test_json_in_place_of_yaml_replaces_it(home: Home, tmp_path: Path) -> None:
    install_show(home, show(tmp_path / "one", "show: X\n"))
    slug = install_show(
        home, show(tmp_path / "two", '{"show": "X", "language": "de"}', "show.json")
    )
    assert [path.name for path in (home.knowledge / slug).iterdir()] == ["show.json"]


def test_a_folder_without_a_show_is_bad_input_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"^empty: no show\.yaml"):
        load_show(show(tmp_path / "empty", "", "readme.txt"))


def test_a_place_is_known_by_any_of_its_names_however_written() -> None:
    table = LOCATIONS.frame(
        {"episode_id": "e", "location": name, "raw": raw}
        for name, raw in {"Bubble Café": ["the café"], "HQ": ["Control-Room"], "Other": []}.items()
    )
    assert canonical_location("bubble  CAFÉ", table) == "Bubble Café"
    assert canonical_location("control room", table) == "HQ"
    assert canonical_location("Moon", table) is None
    assert canonical_location("", table) is None
