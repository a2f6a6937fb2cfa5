"""Settings written into `config.yaml` beside what a person wrote there."""

from textwrap import indent
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from media_assets.settings_file import text_with, write_text
from resources.home import Home
from resources.problems import BadInput

WRITTEN = """\
# Settings of this box.
clips:   # shorter than by default
  max_s:   6.0

patches:
  max_workers: 4  # the box has 4
  roots:
    toon: Toon

# The speech models
"resources": {whisper: {model: tiny}}
"""


def at(home: Home, text: str) -> Home:
    home.root.mkdir(parents=True, exist_ok=True)
    home.config.write_bytes(text.encode())
    return home


def test_one_block_is_exchanged_and_all_else_stays(home: Home) -> None:
    made = text_with(at(home, WRITTEN), {"patches": {"naming": "LR"}})
    old = "  max_workers: 4  # the box has 4\n  roots:\n    toon: Toon\n"
    assert made == WRITTEN.replace(old, "  naming: LR\n")


def test_a_block_without_settings_goes(home: Home) -> None:
    made = text_with(at(home, WRITTEN), {"patches": {}, "patch_plan": {}})
    start, end = WRITTEN.index("patches:"), WRITTEN.index("\n# The speech")
    assert made == WRITTEN[:start] + WRITTEN[end:]


def test_a_new_block_comes_last(home: Home) -> None:
    assert text_with(at(home, WRITTEN), {"patch_plan": {"seed": 1}}) == (
        WRITTEN + "patch_plan:\n  seed: 1\n"
    )
    assert text_with(at(home, "a: {b: 1}"), {"c": {"d": 2}}) == "a: {b: 1}\nc:\n  d: 2\n"


def test_what_is_set_so_already_stays_as_it_is_written(home: Home) -> None:
    same = {"patches": {"roots": {"toon": "Toon"}, "max_workers": 4}}
    assert text_with(at(home, WRITTEN), same) == WRITTEN


def test_several_blocks_at_once(home: Home) -> None:
    made = text_with(at(home, WRITTEN), {"clips": {"max_s": 1}, "patches": {}, "new": {"a": 2}})
    assert yaml.safe_load(made) == {
        "clips": {"max_s": 1},
        "resources": {"whisper": {"model": "tiny"}},
        "new": {"a": 2},
    }
    assert "# Settings of this box." in made


def test_line_ends_stay_as_they_are(home: Home) -> None:
    made = text_with(at(home, "a:\r\n  b: 1\r\nc:\r\n  d: 2\r\n"), {"a": {"b": 3}})
    assert made == "a:\r\n  b: 3\r\nc:\r\n  d: 2\r\n"


def test_a_home_without_a_file_gets_one_only_if_there_is_something_to_say(home: Home) -> None:
    write_text(home, text_with(home, {"patches": {}}))
    assert not home.config.exists()
    write_text(home, text_with(home, {"patches": {"naming": "LR"}}))
    assert home.config.read_text() == "patches:\n  naming: LR\n"


@pytest.mark.parametrize(
    "text",
    [
        "{clips: {max_s: 6.0}, patches: {max_workers: 4}}\n",
        "clips: {a: &n 1}\npatches: {b: &m 2}\nother: {c: *m}\n",
        "clips: {a: 1}\n...\n",
    ],
)
def test_a_file_written_otherwise_is_left_to_a_person(home: Home, text: str) -> None:
    with pytest.raises(BadInput, match=r"config\.yaml: .*patches.* a line of its own"):
        text_with(at(home, text), {"patches": {"naming": "LR"}})


NAMES = st.sampled_from(["a", "b", "patches", "résumé", "x y"])
PRINTABLE = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=20)
LEAVES = st.integers() | PRINTABLE | st.none() | st.booleans()
CONTENT = st.dictionaries(
    NAMES, st.dictionaries(NAMES, LEAVES | st.lists(LEAVES) | st.dictionaries(NAMES, LEAVES))
)


@given(stood=CONTENT, blocks=CONTENT, flow=st.booleans())
def test_the_file_says_what_it_said_and_what_is_new(
    tmp_path_factory: pytest.TempPathFactory,
    stood: dict[str, dict[str, Any]],
    blocks: dict[str, dict[str, Any]],
    flow: bool,
) -> None:
    home = Home(tmp_path_factory.getbasetemp() / "home")
    parts = [
        f"# About {name!r}\n{name!r}: " + (block if flow else "\n" + indent(block, "  "))
        for name, block in (
            (name, yaml.safe_dump(block, default_flow_style=flow)) for name, block in stood.items()
        )
    ]
    made = text_with(at(home, "\n".join(parts)), blocks)
    assert said(yaml.safe_load(made)) == said({**stood, **blocks})
    for name, part in zip(stood, parts, strict=True):
        if name not in blocks:
            assert part in made


def said(content: dict[str, Any] | None) -> dict[str, Any]:
    return {name: block for name, block in (content or {}).items() if block}
