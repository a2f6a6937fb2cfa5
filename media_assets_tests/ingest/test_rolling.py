from hypothesis import given
from hypothesis import strategies as st

from media_assets.ingest.rolling import unrolled
from media_assets.ingest.subtitle_files import Cue


def test_lines_that_roll_up_are_said_once() -> None:
    cues = [
        Cue(160, 2389, "hello and welcome"),
        Cue(2389, 2399, "hello and welcome"),
        Cue(2399, 4470, "hello and welcome\nto the show"),
        Cue(4470, 4480, "to the show"),
        Cue(4480, 7000, "to the show\nof shows"),
        Cue(7000, 8000, "of shows\nat last"),
        Cue(9000, 9500, "at last"),
    ]
    assert unrolled(cues) == [
        Cue(160, 2399, "hello and welcome"),
        Cue(2399, 4480, "to the show"),
        Cue(4480, 7000, "of shows"),
        Cue(7000, 8000, "at last"),
        Cue(9000, 9500, "at last"),
    ]


def test_what_is_said_twice_is_said_twice() -> None:
    cues = [
        *(Cue(0, 1000, "No!"), Cue(1000, 2000, "No!"), Cue(2000, 3000, "No!")),
        *(Cue(3000 + n, 3001 + n, f"Line {n}") for n in range(5)),
    ]
    assert unrolled(cues) == cues


@given(st.lists(st.sampled_from("abcde"), min_size=6, max_size=30))
def test_a_text_that_was_made_to_roll_is_found_again(said: list[str]) -> None:
    lines = [f"{n} {line}" for n, line in enumerate(said)]
    rolled = [
        Cue(n * 1000, n * 1000 + 1000, "\n".join(lines[max(0, n - 2) : n + 1]))
        for n in range(len(lines))
    ]
    assert unrolled(rolled) == [
        Cue(n * 1000, n * 1000 + 1000, line) for n, line in enumerate(lines)
    ]
