"""A good utterance passes; with a defect it is rejected for that defect."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from media_assets.media.audio import read_audio, write_wav
from media_assets.speech.schema import DIARIZATION, STEMS, UTTERANCES, VOICE_ACTIVITY, WORDS
from media_assets.speech.voices.facts import quality_facts
from media_assets.speech.voices.quality import judge
from media_assets.speech.voices.rules import TtsFilter
from media_assets_tests.exports.synthetic import EMPTY

RATE = 16_000
# The second and third pause of the recording lie at these times, by its picture.
START_S, END_S, LENGTH_S = 0.34, 10.7, 11.46


def rows(schema, *given):
    blank = {n: None if c.nullable else EMPTY.get(c.dtype, []) for n, c in schema.columns.items()}
    return schema.frame(blank | {"episode_id": "e"} | dict(row) for row in given)


class Episode:
    """One recording as an episode of one utterance."""

    def __init__(self, folder: Path, voice: np.ndarray, rate: int = RATE):
        self.folder, self.rate = folder, rate
        write_wav(folder / "voice.wav", [voice], rate, voice.shape[1])
        write_wav(folder / "background.wav", [np.zeros_like(voice)], rate, voice.shape[1])
        self.activity: list[tuple[float, float]] = [(START_S, END_S)]
        self.turns: list[tuple[float, float, str]] = [(START_S, END_S, "SPEAKER_00")]
        self.said = {"utterance_id": "u", "line_id": "l", "start_s": START_S, "end_s": END_S,
                     "text": "the " * 40, "speaker": "SPEAKER_00", "language": "en",
                     "source": "subtitles", "status": "aligned", "score": 0.9,
                     "rate_hz": rate}  # fmt: skip
        self.others: list[dict[str, object]] = []

    def judged(self, rules: TtsFilter | None = None) -> dict:
        facts = quality_facts(
            rows(UTTERANCES, self.said, *self.others),
            rows(WORDS),
            rows(STEMS, *({"stem": s, "path": f"{s}.wav"} for s in ("voice", "background"))),
            rows(VOICE_ACTIVITY, *({"start_s": s, "end_s": e} for s, e in self.activity)),
            rows(DIARIZATION, *({"turn_id": f"{s}", "start_s": s, "end_s": e, "speaker": who}
                                for s, e, who in self.turns)),
        )  # fmt: skip
        table = judge(facts, self.folder, rules or TtsFilter(), lambda samples: None)
        return table.row(0, named=True)


@pytest.fixture(scope="session")
def recording(media_dir: Path) -> np.ndarray:
    """A reader at a quiet place, shape (n, 1)."""
    path = media_dir / "speech" / "fleurs" / "fleurs-en-002.ogg"
    return 30 * read_audio(path, 0, LENGTH_S, rate=RATE, channels=2).mean(1, keepdims=True)


@pytest.fixture
def other(media_dir: Path) -> np.ndarray:
    path = media_dir / "speech" / "librispeech" / "libri-1088-134315-0000.wav"
    return read_audio(path, 0, LENGTH_S, rate=RATE, channels=2).mean(1, keepdims=True)


@pytest.fixture
def episode(tmp_path: Path, recording: np.ndarray) -> Episode:
    return Episode(tmp_path, recording)


def level(sound: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(sound))))


def test_a_good_utterance_is_kept_with_silence_at_both_ends(episode: Episode):
    judged = episode.judged()
    assert judged["reasons"] == []
    assert judged["kept"]
    assert START_S - 0.3 < judged["start_s"] < START_S + 0.25
    assert END_S - 0.3 < judged["end_s"] < END_S + 0.3
    assert judged["edge_db"] < -20
    assert judged["snr_db"] is None  # nothing was taken off


def reasons_of(episode: Episode) -> str:
    return "; ".join(episode.judged()["reasons"])


def test_noise_is_heard_in_the_pauses(tmp_path: Path, recording: np.ndarray):
    noise = np.random.default_rng(0).standard_normal(recording.shape)
    noisy = recording + noise * level(recording) * 10 ** (-10 / 20)
    assert "leakage_db" in reasons_of(Episode(tmp_path, noisy.astype(np.float32)))


def test_a_second_voice_is_heard_as_a_second_pitch(
    tmp_path: Path, recording: np.ndarray, other: np.ndarray
):
    first, last = round(START_S * RATE), round(END_S * RATE)
    mixed = recording.copy()
    mixed[first:last] += other[first:last] * level(recording) / level(other) * 0.7
    assert "second_voice_share" in reasons_of(Episode(tmp_path, mixed))


def test_clipping_is_seen_after_it_was_turned_down(tmp_path: Path, recording: np.ndarray):
    top = np.abs(recording).max() * 10 ** (-9 / 20)
    assert "clipped_share" in reasons_of(Episode(tmp_path, np.clip(recording, -top, top) / 2))


def test_a_recording_that_stops_in_a_word_is_truncated(tmp_path: Path, recording: np.ndarray):
    loudest = 8 * RATE + int(np.abs(recording[8 * RATE : 9 * RATE, 0]).argmax())
    stopped = Episode(tmp_path, recording[:loudest])
    stopped.said["end_s"] = loudest / RATE
    assert "cut" in reasons_of(stopped)
    silenced = recording.copy()
    silenced[loudest:] = 0
    assert "breaks off" in reasons_of(Episode(tmp_path, silenced))


def test_music_that_the_separator_took_off_counts_against_the_voice(
    episode: Episode, recording: np.ndarray
):
    loud = np.random.default_rng(0).standard_normal(recording.shape) * level(recording) * 0.5
    write_wav(episode.folder / "background.wav", [loud.astype(np.float32)], RATE, 1)
    judged = episode.judged()
    assert judged["snr_db"] == pytest.approx(6.0, abs=1.0)
    assert "snr_db" in judged["reasons"][0]


CHANGES: list[tuple[Callable[[Episode], object], str]] = [
    (lambda e: e.said.update(source="draft"), "text is a draft"),
    (lambda e: e.said.update(speaker=None), "no speaker known"),
    (lambda e: e.said.update(overlap=True), "overlapped"),
    (lambda e: e.turns.append((5.0, 6.0, "SPEAKER_01")), "another speaker for 1.00 s"),
    (lambda e: e.said.update(status="failed", score=None), "alignment failed"),
    (lambda e: e.said.update(status="proportional", score=None), "text not checked"),
    (lambda e: e.said.update(score=0.2), "word_score 0.20 < 0.5"),
    (lambda e: e.said.update(text="so " * 300), "characters_per_s"),
    (lambda e: e.said.update(text="..."), "no text"),
    (lambda e: e.said.update(rate_hz=8000), "rate_hz 8000"),
]


@pytest.mark.parametrize(("change", "reason"), CHANGES, ids=[reason for _, reason in CHANGES])
def test_what_the_tables_say_against_it_is_a_reason(
    episode: Episode, change: Callable[[Episode], object], reason: str
):
    change(episode)
    assert reason in reasons_of(episode)


def test_text_that_no_aligner_knows_is_kept_on_request(episode: Episode):
    episode.said.update(status="proportional", score=None, language="sw")
    assert episode.judged(TtsFilter(require_alignment=False))["kept"]


def test_an_utterance_of_a_laugh_is_too_short(tmp_path: Path, recording: np.ndarray):
    short = Episode(tmp_path, recording)
    short.said.update(start_s=1.0, end_s=1.3, text="Hello")
    short.activity = [(1.0, 1.3)]
    assert "duration_s" in reasons_of(short)


def test_the_sound_that_goes_into_the_set_holds_no_neighbours_word(episode: Episode):
    """The next line begins where this one ends: the cut is not after it."""
    middle = 5.0
    episode.said["end_s"] = middle
    episode.others = [episode.said | {"utterance_id": "v", "start_s": middle, "end_s": END_S}]
    assert episode.judged()["end_s"] <= middle + 0.01


def test_an_utterance_after_the_end_of_the_sound_is_rejected(tmp_path, recording):
    episode = Episode(tmp_path, recording)
    episode.said |= {"start_s": LENGTH_S + 60, "end_s": LENGTH_S + 62, "status": "failed"}
    judged = episode.judged()
    assert not judged["kept"]
    assert "text and sound do not agree: alignment failed" in judged["reasons"]
