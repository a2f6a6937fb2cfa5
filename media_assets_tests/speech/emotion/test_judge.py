"""Which lines are judged, among which others, and which are judged again after a change."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from media_assets.media.audio import write_wav
from media_assets.speech.emotion.judge import SpokenLines, emotion_facts, judge_lines
from media_assets.speech.schema import EMOTION, LINES, STEMS
from resources.models.emotion_none import NoEmotionRecognizer
from resources.models.interfaces import RATE, Feeling, Samples
from resources.samples import Rows, recompute_rows


@dataclass
class Listener:
    """Says `anger` of loud lines and `sadness` of quiet ones, and notes what it was given."""

    backend: str = "listener @ 1"
    heard: list[tuple[list[int], list[str | None], str | None]] = field(default_factory=list)

    def feelings(
        self, lines: Sequence[Samples], speakers: Sequence[str | None], language: str | None
    ) -> list[Feeling]:
        self.heard.append(([len(line) for line in lines], list(speakers), language))
        return [
            Feeling({"anger": loud, "sadness": 1 - loud}, "none")
            for loud in (0.9 if np.abs(line).max() > 0.5 else 0.2 for line in lines)
        ]


def lines(*rows: tuple[float, float, str | None, bool, str | None]) -> pl.DataFrame:
    """Lines of (start, end, speaker, overlap, language)."""
    return LINES.frame(
        {
            "episode_id": "e",
            "line_id": f"{start:g}",
            "segment_id": f"{start:g}",
            "start_s": start,
            "end_s": end,
            "text": "Words.",
            "speaker": speaker,
            "character": None,
            "overlap": overlap,
            "language": language,
            "source": "subtitles",
            "status": "aligned",
            "score": 0.9,
            "reason": None if speaker else "nobody speaks",
        }
        for start, end, speaker, overlap, language in rows
    )


@pytest.fixture
def stems(tmp_path: Path) -> pl.DataFrame:
    """Ten seconds of voice: quiet, and loud from second 5 on."""
    sound = np.full((10 * RATE, 1), 0.1, np.float32)
    sound[5 * RATE :] = 0.8
    write_wav(tmp_path / "voice16k.wav", [sound], RATE, 1)
    return STEMS.frame(
        [
            {
                "episode_id": "e",
                "stem": stem,
                "path": f"{stem}.wav",
                "metadata_path": "metadata.json",
                "rate_hz": RATE,
                "channels": 1,
                "samples": len(sound),
                "duration_s": 10.0,
                "rms_db": -10.0,
                "silence_ratio": 0.0,
                "separator": "none",
                "backend": "none",
            }
            for stem in ("voice", "voice16k")
        ]
    )


A, B = "SPEAKER_00", "SPEAKER_01"
SAID = (
    (0.0, 1.0, A, False, "de"),
    (1.0, 2.5, B, False, "de"),
    (3.0, 4.0, None, False, "de"),
    (4.0, 5.0, A, True, "de"),
    (5.0, 6.0, A, False, "de"),
    (6.0, 7.0, A, False, None),
)


def judge(
    root: Path,
    said: tuple[tuple[float, float, str | None, bool, str | None], ...],
    stems: pl.DataFrame,
    listener: Listener,
    previous: pl.DataFrame | None = None,
) -> Rows:
    facts = emotion_facts(lines(*said), stems)
    return recompute_rows(
        EMOTION,
        facts,
        lambda missing: judge_lines(missing, facts, listener, root),
        params={"adapters": listener.backend},
        previous=previous,
    )


def test_every_line_has_a_feeling_or_a_reason(tmp_path: Path, stems: pl.DataFrame) -> None:
    listener = Listener()
    table = judge(tmp_path, SAID, stems, listener).frame
    assert table["line_id"].to_list() == ["0", "1", "3", "4", "5", "6"]
    assert table["emotion"].to_list() == ["sadness", "sadness", None, None, "anger", "anger"]
    assert table["confidence"].to_list() == [0.8, 0.8, None, None, 0.9, 0.9]
    assert table["reason"].to_list() == [
        None,
        None,
        "no speaker is known",
        "somebody else speaks at the same time",
        None,
        None,
    ]
    assert listener.heard == [
        ([RATE, RATE * 3 // 2, RATE], [A, B, A], "de"),
        ([RATE], [A], None),
    ]


def test_without_a_model_every_line_is_marked(tmp_path: Path, stems: pl.DataFrame) -> None:
    facts = emotion_facts(lines(*SAID), stems)
    table = judge_lines(facts, facts, NoEmotionRecognizer(), tmp_path)
    assert table["emotion"].null_count() == table.height == len(SAID)
    assert table["reason"].null_count() == 0
    assert table["backend"].unique().to_list() == ["none"]


def test_a_changed_line_makes_only_its_speakers_lines_stale(
    tmp_path: Path, stems: pl.DataFrame
) -> None:
    first = judge(tmp_path, SAID, stems, Listener())
    again = judge(tmp_path, SAID, stems, Listener(), first.frame)
    assert (again.computed, again.reused) == (0, len(SAID))
    longer = (*SAID[:4], (5.0, 6.5, A, False, "de"), SAID[5])
    listener = Listener()
    changed = judge(tmp_path, longer, stems, listener, first.frame)
    # What A says in German, not what B says, nor what A says in no known language.
    assert (changed.computed, changed.reused) == (2, len(SAID) - 2)
    assert listener.heard == [([RATE, RATE * 3 // 2], [A, A], "de")]


def test_another_sound_or_model_makes_all_stale(tmp_path: Path, stems: pl.DataFrame) -> None:
    first = judge(tmp_path, SAID, stems, Listener()).frame
    assert judge(tmp_path, SAID, stems, Listener("listener @ 2"), first).reused == 0
    other = stems.with_columns(path=pl.lit("other.wav"))
    write_wav(tmp_path / "other.wav", [np.zeros((10 * RATE, 1), np.float32)], RATE, 1)
    assert judge(tmp_path, SAID, other, Listener(), first).reused == 0


def test_no_lines_give_no_rows(tmp_path: Path, stems: pl.DataFrame) -> None:
    assert judge(tmp_path, (), stems, Listener()).frame.is_empty()


def test_sound_is_cut_to_the_sample(tmp_path: Path) -> None:
    ramp = (np.arange(RATE, dtype=np.float32) / RATE)[:, None]
    write_wav(tmp_path / "ramp.wav", [ramp], RATE, 1)
    sound = SpokenLines(tmp_path / "ramp.wav", [(0.25, 0.5), (0.5, 2.0)])
    np.testing.assert_array_equal(sound[0], ramp[RATE // 4 : RATE // 2, 0])
    np.testing.assert_array_equal(sound[1], ramp[RATE // 2 :, 0])
    assert len(sound[1:]) == 1
