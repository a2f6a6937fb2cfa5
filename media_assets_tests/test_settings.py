"""Settings at home."""

from dataclasses import dataclass

import pytest

from media_assets.settings import check_names, config_class, settings_from
from resources.home import Home
from resources.problems import BadInput


@dataclass(frozen=True)
class Limits:
    """Limits of something."""

    max_s: float = 10.0
    count: int = 3
    label: str = "clip"
    widths: tuple[int, ...] = (8, 16)


def write(home: Home, text: str) -> Home:
    home.root.mkdir(parents=True, exist_ok=True)
    home.config.write_text(text)
    return home


def test_defaults_hold_where_the_home_says_nothing(home: Home) -> None:
    assert settings_from(config_class("limits", Limits, home)(), Limits) == Limits()


def test_the_home_overrides_defaults(home: Home) -> None:
    write(home, "limits: {max_s: 4, label: piece, widths: [32]}")
    config = config_class("limits", Limits, home)()
    assert settings_from(config, Limits) == Limits(max_s=4.0, label="piece", widths=(32,))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "limits: {max: 4}",
            r"config\.yaml, limits: unknown setting 'max'.*max_s, count",
        ),
        ("limits: {count: many}", r"config\.yaml, limits\.count: .*'many'"),
        ("limits: 4", r"config\.yaml: not a mapping"),
        ("limits: [", r"config\.yaml: not YAML"),
        ("limits: !!python/object:os.system {}", r"config\.yaml: not YAML"),
    ],
)
def test_a_bad_setting_is_named(home: Home, text: str, complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        config_class("limits", Limits, write(home, text))


def test_an_unknown_asset_is_named(home: Home) -> None:
    message = r"unknown asset 'clipz'\. Choose from clips, shots, resources"
    with pytest.raises(BadInput, match=message):
        check_names(write(home, "clipz: {}"), ["shots", "clips"])
