"""How shots and transitions lie on the frames of an episode."""

from types import SimpleNamespace
from typing import Any

import pytest

from media_assets.demo.timeline import (
    CUT,
    Episode,
    Gradual,
    Join,
    Line,
    Shot,
    Turn,
    View,
    clock,
    lay_out,
    layers,
    rttm,
    subtitles,
    truth,
    turns,
)

PLACE: Any = SimpleNamespace(location="Quay")
VIEW = View(0, 0, 100)


def shot(frames: int, join: Join = CUT, *lines: Line, end: View = VIEW) -> Shot:
    return Shot(PLACE, "wide", "dialogue", frames, VIEW, end, lines=lines, join=join)


def film(*shots: Shot, closing: Join = CUT) -> Episode:
    return Episode("film", "Film", shots, closing)


def test_shots_without_a_join_are_cut():
    layout = lay_out(film(shot(10), shot(20), shot(5)))
    assert layout.spans == ((0, 10), (10, 30), (30, 35))
    assert layout.hard_cuts == (10, 30)
    assert layout.gradual == ()
    assert layout.frames == 35


def test_a_dissolve_lies_between_its_shots_and_is_no_cut():
    layout = lay_out(film(shot(10), shot(20, Join(dissolve=4))))
    assert layout.spans == ((0, 10), (14, 34))
    assert layout.hard_cuts == ()
    assert layout.gradual == (Gradual(10, 14, "dissolve"),)
    assert layers(layout, 9) == [(0, 1.0)]
    assert layers(layout, 10) == [(0, pytest.approx(0.8)), (1, pytest.approx(0.2))]
    assert layers(layout, 13) == [(0, pytest.approx(0.2)), (1, pytest.approx(0.8))]
    assert layers(layout, 14) == [(1, 1.0)]


def test_a_fade_goes_through_black():
    layout = lay_out(
        film(
            shot(5, Join(black=1, fade_in=2)),
            shot(5, Join(fade_out=2, black=3, fade_in=1)),
            closing=Join(fade_out=3, black=2),
        )
    )
    assert layout.spans == ((3, 8), (14, 19))
    assert layout.gradual == (
        Gradual(1, 3, "fade in"),
        Gradual(8, 10, "fade out"),
        Gradual(13, 14, "fade in"),
        Gradual(19, 22, "fade out"),
    )
    assert layout.frames == 24
    assert layers(layout, 0) == layers(layout, 11) == layers(layout, 23) == []
    assert layers(layout, 8) == [(0, pytest.approx(2 / 3))]
    assert layers(layout, 13) == [(1, pytest.approx(1 / 2))]


def test_a_line_is_timed_from_the_start_of_its_shot():
    episode = film(shot(24), shot(48, CUT, Line("Ada", "Hello.", 0.5)))
    assert turns(episode, lay_out(episode), [1.0]) == (Turn(1.5, 2.5, "Ada", "Hello."),)


def test_a_line_that_outlasts_its_shot_is_refused():
    episode = film(shot(24, CUT, Line("Ada", "Hello.", 0.5)), shot(24))
    with pytest.raises(ValueError, match="does not fit"):
        turns(episode, lay_out(episode), [0.6])


@pytest.mark.parametrize(
    ("end", "camera"),
    [
        (VIEW, "static"),
        (View(40, 0, 100), "pan"),
        (View(0, 0, 80), "push-in"),
        (View(40, 0, 130), "pull-out"),
    ],
)
def test_the_truth_names_what_the_camera_does(end: View, camera: str):
    episode = film(shot(10, end=end))
    (only,) = truth(episode, lay_out(episode), [])["shots"]
    assert only["camera"] == camera


def test_subtitles_and_rttm_say_the_same():
    spoken = [Turn(1.5, 2.5, "Ada", "Hello."), Turn(61.25, 62, "Bo", "Hi.")]
    assert subtitles(spoken, kind="srt", prefixes=False) == (
        "1\n00:00:01,500 --> 00:00:02,500\nHello.\n\n2\n00:01:01,250 --> 00:01:02,000\nHi.\n"
    )
    assert subtitles(spoken[:1], kind="vtt", prefixes=True) == (
        "WEBVTT\n\n1\n00:00:01.500 --> 00:00:02.500\nADA: Hello.\n"
    )
    assert rttm("film", spoken).splitlines()[0] == (
        "SPEAKER film 1 1.500 1.000 <NA> <NA> Ada <NA> <NA>"
    )


def test_a_clock_rounds_to_the_millisecond():
    assert clock(3599.9996, ",") == "01:00:00,000"
