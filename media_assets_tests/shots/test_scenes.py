"""Scenes as runs of shots."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from media_assets.shots.scenes import SceneSettings, scene_runs


def looks(places: str) -> list[np.ndarray]:
    """Colour layouts of shots that lie in places, one letter per shot."""
    return [np.full((3, 48), 20.0 * (ord(place) - ord("a"))) for place in places]


@given(st.text("abcdef", max_size=30), st.integers(1, 5))
def test_scenes_cover_every_shot_once_in_order(places: str, reach: int) -> None:
    runs = scene_runs(looks(places), SceneSettings(reach=reach))
    assert [shot for first, last in runs for shot in range(first, last + 1)] == list(
        range(len(places))
    )


def test_cutting_back_and_forth_is_one_scene() -> None:
    assert scene_runs(looks("ababccdd"), SceneSettings()) == [(0, 3), (4, 5), (6, 7)]


def test_a_place_seen_again_much_later_is_another_scene() -> None:
    assert scene_runs(looks("abcdea"), SceneSettings(reach=3)) == [(i, i) for i in range(6)]
