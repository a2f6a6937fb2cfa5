"""004's configuration: what is read, what is refused and how."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from media_assets.library import PatchWishes
from media_assets.superres.config import WITHOUT_MEANING, GeneratorConfig, read_config
from media_assets.superres.formats import CATEGORIES
from media_assets.superres.settings import PatchSettings, PlanSettings, SourceSettings
from resources.problems import BadInput

BASE = {
    "base_frame_limit": 3000,
    "max_workers": 12,
    "val_percent": 0.0,
    "output_base_dir": "/mnt/data/training/dataset",
    "temp_dir": "/mnt/data/temp",
    "status_file": None,
    "min_file_size": 10000,
    "scene_diff_threshold": 45,
    "max_retry_attempts": 10,
    "retry_skip_seconds": 5,
}
AVATAR = {
    "name": "Avatar (2009)",
    "path": "Avatar.mkv",
    "categories": {"general": 0.3, "space": 0.4, "toon": 0.3},
    "skip_test_editions": True,
}
FROZEN = {"name": "Frozen", "path": "films/Frozen.mkv", "categories": {"toon": 1}}
DOCUMENT: dict[str, Any] = {"base_settings": BASE, "videos": [AVATAR, FROZEN]}

Edit = Callable[[dict[str, Any]], object]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the two films, where configurations are put."""
    (tmp_path / "films").mkdir()
    (tmp_path / "Avatar.mkv").touch()
    (tmp_path / "films" / "Frozen.mkv").touch()
    return tmp_path


def written(folder: Path, edit: Edit = dict, name: str = "generator_config.json") -> Path:
    """A configuration as `DOCUMENT` after an edit, as the file of this name."""
    document = copy.deepcopy(DOCUMENT)
    edit(document)
    dump = json.dumps if name.endswith(".json") else yaml.safe_dump
    path = folder / name
    path.write_text(dump(document))
    return path


def read(folder: Path, edit: Edit = dict) -> GeneratorConfig:
    return read_config(written(folder, edit))


def base(**values: Any) -> Edit:
    return lambda document: document["base_settings"].update(values)


def video(number: int = 0, **values: Any) -> Edit:
    return lambda document: document["videos"][number].update(values)


def test_the_generators_own_configuration_is_all_defaults(folder: Path) -> None:
    config = read(folder)
    assert (config.source, config.plan, config.patches) == (
        SourceSettings(),
        PlanSettings(),
        PatchSettings(),
    )
    assert [v.wishes for v in config.videos] == [
        PatchWishes("Avatar (2009)", {"general": 0.3, "space": 0.4, "toon": 0.3}),
        PatchWishes("Frozen", {"toon": 1.0}),
    ]
    assert config.videos[1].place == folder / "films" / "Frozen.mkv"
    keys = [notice.split()[0] for notice in config.notices]
    assert keys == [*(key for key in BASE if key in WITHOUT_MEANING), "skip_test_editions"]


def test_a_path_is_spelled_as_the_configuration_does(folder: Path) -> None:
    (folder / "link").symlink_to(folder / "films")
    (folder / "films" / "deep").mkdir()
    (folder / "deep").symlink_to(folder / "films" / "deep")
    spelled = {
        "films/../films/Frozen.mkv": folder / "films" / "Frozen.mkv",
        "link/Frozen.mkv": folder / "link" / "Frozen.mkv",
        # What is above a link is above the folder that it leads to.
        "deep/../Frozen.mkv": folder / "films" / "Frozen.mkv",
    }
    for path, master in spelled.items():
        only = read(
            folder,
            lambda d, path=path: d["videos"].__setitem__(slice(2), [FROZEN | {"path": path}]),
        )
        assert only.videos[0].master == master


def test_yaml_says_the_same(folder: Path) -> None:
    as_json = read_config(written(folder))
    as_yaml = read_config(written(folder, name="generator_config.yaml"))
    assert (as_json.videos, as_json.plan) == (as_yaml.videos, as_yaml.plan)


def test_a_byte_order_mark_is_no_fault(folder: Path) -> None:
    path = written(folder)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(read_config(path).videos) == 2


def test_settings_go_where_they_belong(folder: Path) -> None:
    own = {"seed": 7, "lr_filter": "area", "naming": "LR", "gt_frames": "all", "untagged": "pq"}
    config = read(folder, base(base_frame_limit=50, reject_static=True, **own))
    assert config.source == SourceSettings(untagged="pq")
    assert config.plan == PlanSettings(seed=7, base_frame_limit=50)
    assert config.patches == PatchSettings(
        reject_static=True, lr_filter="area", naming="LR", gt_frames="all"
    )


def test_categories_add_to_the_three_or_replace_one(folder: Path) -> None:
    sport = {"root": "Sport/Learn", "formats": {"large_720": 1}}
    toon = {"root": "Toon2/Learn", "formats": {"small_540": 0.5, "large_720": 0.5}}

    def edit(document: dict[str, Any]) -> None:
        document["categories"] = {"sport": sport, "toon": toon}
        document["videos"][1]["categories"] = {"sport": 1.0}

    config = read(folder, edit)
    assert list(config.plan.formats) == [*CATEGORIES, "sport"]
    assert config.plan.formats["toon"] == {"small_540": 0.5, "large_720": 0.5}
    assert config.plan.formats["space"] == CATEGORIES["space"].formats
    assert config.patches.roots["toon"] == "Toon2/Learn"
    assert config.patches.roots["sport"] == "Sport/Learn"


def category(**values: Any) -> Edit:
    whole = {"root": "Sport", "formats": {"small_540": 1.0}} | values
    return lambda document: document.update(categories={"sport": whole})


@pytest.mark.parametrize(
    ("edit", "complaint"),
    [
        (lambda d: d.update(video=1), "video: unknown key.*base_settings, videos, categories"),
        (base(seeds=1), r"base_settings\.seeds: unknown key.*seed"),
        (video(1, nmae="x"), r"videos\[1\]\.nmae: unknown key.*name, path, categories"),
        (category(roots="x"), r"categories\.sport\.roots: unknown key.*root, formats"),
        (lambda d: d["videos"][1].pop("name"), r"videos\[1\]\.name: missing"),
        (lambda d: d.pop("videos"), r"videos: missing"),
        (lambda d: d["videos"].clear(), r"videos: no videos"),
        (lambda d: d.update(videos={}), r"videos: not a list \(got a list or mapping\)"),
        (lambda d: d["videos"].append(3), r"videos\[2\]: not a mapping.*got 3"),
        (base(max_workers=True), r"base_settings\.max_workers: not a whole number \(got True\)"),
        (base(max_workers="12"), r"base_settings\.max_workers: not a whole number \(got '12'\)"),
        (base(max_workers=12.5), r"base_settings\.max_workers: not a whole number"),
        (base(max_workers=0), r"base_settings\.max_workers: 0 is not a number of 1 or more"),
        (base(reject_static=1), r"base_settings\.reject_static: not true or false \(got 1\)"),
        (base(scene_diff_threshold="45"), r"scene_diff_threshold: not a number \(got '45'\)"),
        (base(scene_diff_threshold=-1), r"scene_diff_threshold: -1.* is not a number of 0 or more"),
        (base(min_file_size=None), r"base_settings\.min_file_size: not a whole number"),
        (base(retry_skip_seconds=1e999), r"Infinity is no number"),
        (base(scene_diff_threshold=float("nan")), r"NaN is no number"),
        (base(scene_diff_threshold=10**400), r"base_settings\.scene_diff_threshold: "),
        (base(naming="lr"), r"base_settings\.naming: .*'LR_5frames' or 'LR'.*got 'lr'"),
        (base(untagged="hdr"), r"base_settings\.untagged: .*'sdr', 'pq' or 'hlg'"),
        (video(categories={"space": 0.5}), r"videos\[0\]\.categories: shares sum to 0\.5, not 1"),
        (video(categories={}), r"videos\[0\]\.categories: shares sum to 0, not 1"),
        (
            video(categories={"space": 1.5, "toon": -0.5}),
            r"videos\[0\]\.categories\.space: 1\.5 is not a share",
        ),
        (video(categories={"space": True}), r"videos\[0\]\.categories\.space: not a number"),
        (
            video(categories={"sports": 1}),
            r"videos\[0\]\.categories\.sports: unknown category.*general, space, toon",
        ),
        (video(name=" "), r"videos\[0\]\.name: not a text of 1 to 200"),
        (video(name="x" * 201), r"videos\[0\]\.name: not a text of 1 to 200"),
        (video(name="\ud800"), r"videos\[0\]\.name: not whole Unicode"),
        (
            lambda d: d.update(categories={" ": {"root": "x", "formats": {"small_540": 1}}}),
            r"categories\. \.formats: ' ' is no name",
        ),
        (category(root="../Sport"), r"categories\.sport\.root: .*without `\.\.`"),
        (category(root="/Sport"), r"categories\.sport\.root: '/Sport' is not a relative"),
        (
            category(root=CATEGORIES["toon"].root),
            r"categories\.sport\.root: .*is the folder of toon",
        ),
        (
            lambda d: d.update(
                categories={
                    name: {"root": name, "formats": {"small_540": 1}}
                    for name in ("sci fi", "Sci-Fi")
                }
            ),
            r"categories\.Sci-Fi\.formats: 'Sci-Fi' and 'sci fi' make the same folder name",
        ),
        (category(formats={"tiny": 1}), r"categories\.sport\.formats: unknown format 'tiny'"),
        (
            category(formats={"small_540": 2, "large_720": -1}),
            r"categories\.sport\.formats\.large_720: -1.* is not",
        ),
        (category(formats={"small_540": 0.9}), r"categories\.sport\.formats: shares sum to 0\.9"),
        (video(path="nowhere.mkv"), r"videos: no such file for 'Avatar \(2009\)' \(videos\[0\]\)"),
        (video(path="films"), r"videos: no such file for 'Avatar \(2009\)'"),
        (video(path="\x00"), r"videos: no such file for 'Avatar \(2009\)'"),
        (video(path="x" * 5000), r"videos: no such file for 'Avatar \(2009\)'"),
        (
            video(path="films/../films/Frozen.mkv"),
            r"videos\[1\]\.path: 'Frozen' and 'Avatar \(2009\)' \(videos\[0\]\) are one file",
        ),
    ],
)
def test_a_fault_is_told_by_file_field_and_remedy(folder: Path, edit: Edit, complaint: str) -> None:
    with pytest.raises(BadInput, match=r"^generator_config\.json(, |: not JSON).*" + complaint):
        read(folder, edit)


def test_all_missing_videos_are_told_at_once_and_no_path_of_the_machine(folder: Path) -> None:
    def edit(document: dict[str, Any]) -> None:
        for number, entry in enumerate(document["videos"]):
            entry["path"] = f"{folder}/gone/{number}.mkv"

    with pytest.raises(BadInput, match=r"'Avatar .*'Frozen'") as told:
        read(folder, edit)
    assert str(folder) not in str(told.value)


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("a.json", '{"videos": [], "videos": []}', "not JSON .key 'videos' is there twice"),
        ("a.json", "{", "not JSON"),
        ("a.json", "[" * 100_000, "not JSON"),
        ("a.json", "1" * 5000, "not JSON"),
        (
            "a.json",
            '{"base_settings": {"retry_skip_seconds": 1e999}, "videos": []}',
            r"base_settings\.retry_skip_seconds: not a finite number .got inf",
        ),
        ("a.json", "[]", "a.json: not a mapping"),
        ("a.json", "", "not JSON"),
        ("a.yaml", "", "a.yaml: not a mapping"),
        ("a.yaml", "videos: []\nvideos: []\n", "not YAML .key 'videos' is there twice"),
        ("a.yaml", "videos: [\n", "not YAML"),
        ("a.yaml", "videos: !!python/object:os.system {}", "not YAML"),
        ("a.yaml", "when: 2001-99-99\n", "not YAML"),
        ("a.yaml", "? [a]\n: 1\n", "not YAML"),
        ("a.yaml", "1: 2\nvideos: []\n", "string|text"),
        ("a.yaml", "videos: &a [*a]\n", r"videos\[0\]: not a mapping"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, name: str, text: str, complaint: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(BadInput, match=complaint):
        read_config(tmp_path / name)


def test_other_bytes_and_no_file_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"\xff\xfe{")
    with pytest.raises(BadInput, match=r"a\.json: not JSON"):
        read_config(tmp_path / "a.json")
    with pytest.raises(BadInput, match=r"b\.json: no such file"):
        read_config(tmp_path / "b.json")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
PLACES = st.sampled_from(
    [
        ("base_settings",),
        *(("base_settings", key) for key in (*BASE, "seed", "naming", "untagged", "reject_static")),
        ("videos",),
        ("videos", 0),
        ("videos", 1, "name"),
        ("videos", 1, "path"),
        ("videos", 1, "categories"),
        ("videos", 0, "categories", "space"),
        ("categories",),
        ("categories", "sport"),
        ("categories", "sport", "root"),
        ("categories", "sport", "formats"),
        ("categories", "sport", "formats", "small_540"),
    ]
)


@settings(deadline=None)
@given(edits=st.lists(st.tuples(PLACES, VALUES), max_size=3), as_yaml=st.booleans())
def test_whatever_is_written_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory,
    edits: list[tuple[tuple[Any, ...], Any]],
    as_yaml: bool,
) -> None:
    folder = tmp_path_factory.getbasetemp()
    for film in ("Avatar.mkv", "films/Frozen.mkv"):
        (folder / film).parent.mkdir(exist_ok=True)
        (folder / film).touch()
    document = copy.deepcopy(DOCUMENT)
    document["categories"] = {"sport": {"root": "Sport", "formats": {"small_540": 1.0}}}
    for place, value in edits:
        inner: Any = document
        for part in place[:-1]:
            try:
                inner = inner[part]
            except (LookupError, TypeError):
                break
        if isinstance(inner, dict):
            inner[place[-1]] = value
    path = folder / ("fuzz.yaml" if as_yaml else "fuzz.json")
    path.write_text(yaml.safe_dump(document) if as_yaml else json.dumps(document))
    check_read(path)


@settings(deadline=None)
@given(content=st.binary(max_size=60) | st.text(max_size=60).map(lambda t: t.encode("utf-8")))
def test_whatever_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    for name in ("bytes.json", "bytes.yaml"):
        path = tmp_path_factory.getbasetemp() / name
        path.write_bytes(content)
        check_read(path)


def check_read(path: Path) -> None:
    try:
        config = read_config(path)
    except BadInput:
        return
    for entry in config.videos:
        assert set(entry.wishes.categories) <= set(config.plan.formats)
        assert sum(entry.wishes.categories.values()) == pytest.approx(1)
    assert set(config.plan.formats) == set(config.patches.roots)
