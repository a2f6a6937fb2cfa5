"""Diarization and Jaccard error rate, against counting by hand and by brute force."""

import sys
from itertools import permutations
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_assets.scoring.truth import REGIONS, TURNS, find_truth
from media_assets.scoring.turns import as_one_speaker, pool_turns, score_turns
from resources.problems import BadInput

Rows = list[tuple[float, float, str]]


def turns(rows: Rows) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=TURNS, orient="row")


def by_hand(truth: Rows, found: Rows, seconds: range) -> float:
    """DER by trying every mapping of speakers, second by second."""

    def who(rows: Rows, second: int) -> set[str]:
        return {speaker for start, end, speaker in rows if start <= second < end}

    true_speakers = sorted({row[2] for row in truth})
    found_speakers = sorted({row[2] for row in found})
    places = [*true_speakers, *(f"nobody {name}" for name in found_speakers)]
    fewest = float("inf")
    for mapped in permutations(places, len(found_speakers)):
        name = dict(zip(found_speakers, mapped, strict=True))
        errors = 0
        for second in seconds:
            true, said = who(truth, second), {name[each] for each in who(found, second)}
            errors += max(len(true), len(said)) - len(true & said)
        fewest = min(fewest, errors)
    return fewest / sum(len(who(truth, second)) for second in seconds)


ROWS = st.lists(
    st.tuples(st.integers(0, 8), st.integers(1, 4), st.sampled_from("AB")).map(
        lambda row: (float(row[0]), float(row[0] + row[1]), row[2])
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=150, deadline=None)
@given(ROWS, ROWS)
def test_der_is_what_counting_every_second_under_the_best_mapping_gives(
    truth: Rows, found: Rows
) -> None:
    score = score_turns(turns(truth), turns(found))
    assert score.der == pytest.approx(by_hand(truth, found, range(12)))
    assert score.jer is not None
    assert 0 <= score.jer <= 1
    names = {"A": "SPEAKER_1", "B": "SPEAKER_0"}
    renamed = score_turns(turns(truth), turns([(s, e, names[w]) for s, e, w in found]))
    assert renamed.der == pytest.approx(score.der)


def test_the_parts_of_the_error_by_hand() -> None:
    truth = turns([(0, 10, "A"), (8, 12, "B"), (20, 24, "B")])
    found = turns([(0, 10, "x"), (10, 14, "x"), (20, 24, "y")])
    score = score_turns(truth, found)
    # 18 s of speech: B is missed from 8 to 10 and taken for A from 10 to 12; 12 to 14 is silent.
    assert (score.speech_s, score.missed_s, score.confusion_s, score.false_alarm_s) == (18, 2, 2, 2)
    assert score.der == pytest.approx(6 / 18)
    # A: 10 of 14 s in common; B: 4 of 8 s in common.
    assert score.jer == pytest.approx((4 / 14 + 4 / 8) / 2)
    assert score.as_dict()["missed"] == pytest.approx(2 / 18)
    assert (score.speakers, score.found_speakers) == (2, 2)


def test_a_speaker_who_is_written_twice_at_a_time_speaks_once() -> None:
    truth = turns([(0, 10, "A"), (5, 12, "A"), (3, 3, "A")])
    score = score_turns(truth, turns([(0, 12, "x")]))
    assert (score.speech_s, score.der, score.jer) == (12, 0, 0)


def test_only_scored_regions_count() -> None:
    truth, found = turns([(0, 10, "A"), (40, 50, "B")]), turns([(5, 30, "x")])
    regions = pl.DataFrame([(0, 10), (20, 25)], schema=REGIONS, orient="row")
    score = score_turns(truth, found, regions)
    assert (score.speech_s, score.missed_s, score.false_alarm_s) == (10, 5, 5)
    assert score.speakers == 1


def test_silence_in_the_truth_has_no_rate_but_its_false_alarms_are_pooled() -> None:
    silent = score_turns(turns([]), turns([(0, 5, "x")]))
    assert (silent.der, silent.jer, silent.false_alarm_s) == (None, None, 5)
    spoken = score_turns(turns([(0, 10, "A")]), turns([(0, 10, "x")]))
    assert pool_turns([silent, spoken]).der == 0.5


def test_nothing_found_is_all_missed() -> None:
    score = score_turns(turns([(0, 10, "A")]), turns([]))
    assert (score.der, score.jer, score.missed_s, score.found_speakers) == (1, 1, 10, 0)
    assert score_turns(turns([]), turns([])).der is None


def test_meetings_score_and_pool_as_pyannote_does(media_dir: Path) -> None:
    from pyannote.core import Annotation, Segment, Timeline
    from pyannote.metrics.diarization import DiarizationErrorRate, JaccardErrorRate

    def annotation(frame: pl.DataFrame) -> Annotation:
        made = Annotation()
        for start, end, speaker in frame.rows():
            made[Segment(start, end), speaker] = speaker
        return made.support()

    der, jer = DiarizationErrorRate(collar=0.0, skip_overlap=False), JaccardErrorRate()
    scores = []
    folder = media_dir / "speech" / "ami"
    for master in sorted(folder.glob("*.wav")):
        truth = find_truth(folder, "one", master.name)
        assert truth.turns is not None
        # Heard 0.2 s late, and the speakers MEE067 and MEE068 not told apart.
        found = truth.turns.with_columns(
            pl.col("start_s", "end_s") + 0.2, speaker=pl.col("speaker").str.replace("067", "068")
        )
        assert score_turns(truth.turns, truth.turns, truth.scored).der == 0
        score = score_turns(truth.turns, found, truth.scored)
        scores.append(score)
        regions = Timeline([Segment(0, 30)])
        one = annotation(truth.turns), annotation(found)
        assert score.der == pytest.approx(der(*one, uem=regions))
        assert score.jer == pytest.approx(jer(*one, uem=regions))
        assert 0 < score.der < 1
    pooled = pool_turns(scores)
    assert pooled.der == pytest.approx(abs(der))
    assert pooled.jer == pytest.approx(abs(jer))
    assert pooled.speakers == 13


def test_all_speech_as_one_speaker_is_the_baseline(media_dir: Path) -> None:
    truth = find_truth(media_dir / "speech" / "phone", "sample", "sample.wav").turns
    assert truth is not None
    score = score_turns(truth, as_one_speaker(truth))
    assert (score.speakers, score.found_speakers) == (2, 1)
    assert score.false_alarm_s == 0
    # Overlapped speech is missed once, and the speaker who says less is confused.
    assert score.der == pytest.approx(0.4867, abs=1e-4)


def test_without_the_extra_the_pip_line_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyannote.metrics.diarization", None)
    with pytest.raises(BadInput, match=r"pip install 'media-assets\[bench\]'"):
        score_turns(turns([]), turns([]))
