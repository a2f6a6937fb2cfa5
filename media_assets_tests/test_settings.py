"""Settings at home."""

from dataclasses import dataclass
from typing import Any

import dagster as dg
import pytest
import yaml

from media_assets.settings import check_names, config_class, settings_from
from media_assets.superres.settings import (
    PatchSettings,
    PlanSettings,
    SourceSettings,
    check_categories,
)
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


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("limits: {count: true}", r"config\.yaml, limits\.count: .*integer.*True.*type is int"),
        ("limits: {max_s: '4'}", r"config\.yaml, limits\.max_s: .*number.*'4'.*type is float"),
        ("limits: {widths: [8, true]}", r"config\.yaml, limits\.widths\.1: .*integer"),
    ],
)
def test_a_value_is_not_bent_to_its_type(home: Home, text: str, complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        config_class("limits", Limits, write(home, text))


def made_with(asset: str, settings: type, home: Home, values: dict[str, Any]) -> Any:
    """The settings that an asset receives in a run that is told `values`, as the launchpad does."""
    config = config_class(asset, settings, home)
    received = []

    def compute(config: Any) -> None:
        received.append(settings_from(config, settings))

    compute.__annotations__ = {"config": config, "return": None}
    dg.materialize(
        [dg.asset(name=asset)(compute)],
        run_config={"ops": {asset: {"config": values}}, "loggers": {"console": {"config": QUIET}}},
    )
    return received[0]


QUIET = {"log_level": "CRITICAL"}
PATCH_SETTINGS = (
    (
        "patch_source",
        SourceSettings,
        {"untagged": "hlg"},
        SourceSettings(untagged="hlg"),
    ),
    (
        "patch_plan",
        PlanSettings,
        {"seed": 4, "formats": {"toon": {"small_540": 1}, "space": {"fullhd_1920": 1.0}}},
        PlanSettings(seed=4, formats={"toon": {"small_540": 1.0}, "space": {"fullhd_1920": 1.0}}),
    ),
    (
        "patches",
        PatchSettings,
        {"scene_diff_threshold": 30, "naming": "LR", "roots": {"toon": "Toon"}},
        PatchSettings(scene_diff_threshold=30.0, naming="LR", roots={"toon": "Toon"}),
    ),
)


@pytest.mark.parametrize(("asset", "settings", "values", "meant"), PATCH_SETTINGS)
def test_a_run_and_the_home_say_mappings_and_choices_alike(
    home: Home, asset: str, settings: type, values: dict[str, Any], meant: object
) -> None:
    assert made_with(asset, settings, home, {}) == settings()
    assert made_with(asset, settings, home, values) == meant
    write(home, yaml.safe_dump({asset: values}))
    assert made_with(asset, settings, home, {}) == meant


@pytest.mark.parametrize(
    ("asset", "settings", "values", "complaint"),
    [
        ("patch_source", SourceSettings, {"untagged": "hdr"}, r"untagged.*sdr \| pq \| hlg.*hdr"),
        ("patches", PatchSettings, {"naming": "lr"}, r"naming.*LR_5frames \| LR.*lr"),
        ("patches", PatchSettings, {"roots": {"toon": 3}}, r"roots:'toon':value.*3"),
        ("patches", PatchSettings, {"roots": "Toon"}, r"roots.*must be dict"),
        ("patches", PatchSettings, {"max_workers": 0}, r"max_workers: 0 is not .* 1 or more"),
        ("patch_plan", PlanSettings, {"formats": {"toon": {"big": 1.0}}}, r"formats\.toon: .*big"),
    ],
)
def test_a_run_refuses_other_values_by_name(
    home: Home, asset: str, settings: type, values: dict[str, Any], complaint: str
) -> None:
    with pytest.raises((dg.DagsterInvalidConfigError, ValueError), match=complaint):
        made_with(asset, settings, home, values)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("patch_source: {untagged: hdr}", r"patch_source\.untagged: .*'sdr', 'pq' or 'hlg'.*'hdr'"),
        ("patches: {gt_frames: 7}", r"patches\.gt_frames: .*'middle' or 'all'.*7"),
        ("patches: {roots: {toon: /srv}}", r"patches: roots\.toon: '/srv' is not a relative"),
        ("patches: {roots: {toon: a/../..}}", r"patches: roots\.toon: .* without `\.\.`"),
        ("patches: {roots: {a: x, b: ./x}}", r"patches: roots\.b: './x' is the folder of a"),
        ("patches: {scene_diff_threshold: .nan}", r"patches: scene_diff_threshold: nan"),
        ("patches: {retry_skip_seconds: -1}", r"patches: retry_skip_seconds: -1"),
        ("patch_plan: {base_frame_limit: 0}", r"patch_plan: base_frame_limit: 0"),
        (
            "patch_plan: {formats: {a: {small_540: .5}}}",
            r"patch_plan: formats\.a: shares sum to 0\.5, not 1",
        ),
        ("patch_plan: {formats: {a: {}}}", r"patch_plan: formats\.a: shares sum to 0, not 1"),
        ("patch_plan: {formats: {a: {small_540: true}}}", r"patch_plan\.formats\.a\.small_540: "),
        (
            "patch_plan: {formats: {a: {small_540: 1.5, large_720: -0.5}}}",
            r"patch_plan: formats\.a\.large_720: -0\.5 is not",
        ),
    ],
)
def test_the_home_refuses_other_values_by_name(home: Home, text: str, complaint: str) -> None:
    rooms = {"patch_source": SourceSettings, "patch_plan": PlanSettings, "patches": PatchSettings}
    asset = text.partition(":")[0]
    with pytest.raises(BadInput, match=r"config\.yaml, " + complaint):
        config_class(asset, rooms[asset], write(home, text))


def test_a_category_is_planned_and_has_a_folder_or_neither() -> None:
    check_categories(PlanSettings(), PatchSettings())
    lonely = PatchSettings(roots={"general": "G", "space": "S"})
    with pytest.raises(BadInput, match=r"patches\.roots: category 'toon' is in patch_plan"):
        check_categories(PlanSettings(), lonely)
    assert lonely.root("space") == "S"
    more = PatchSettings(roots=dict(PatchSettings().roots) | {"sport": "Sport"})
    with pytest.raises(BadInput, match=r"patch_plan\.formats: category 'sport' is in patches"):
        check_categories(PlanSettings(), more)
    with pytest.raises(ValueError, match="roots: no folder for category 'toon'"):
        lonely.root("toon")
