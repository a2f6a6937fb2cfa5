"""Text is placed where it is said, and what is not said there is never placed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from media_assets.ingest.schema import SUBTITLES, TRANSCRIPTS
from media_assets.media.audio import read_audio
from media_assets.scoring.truth import read_textgrid
from media_assets.scoring.words import score_words
from media_assets.speech.schema import RECOGNITION
from media_assets.speech.text.align import AlignmentSettings, aligned
from media_assets.speech.text.align_facts import FACTS, alignment_facts
from media_assets.speech.text.assets import words_are_in_order
from media_assets.speech.text.hearing import hearing
from media_assets.speech.text.parts import phone_rows, word_rows
from media_assets.speech.text.sound import Sound
from resources.models.interfaces import RATE, PlacedWord, Samples, Span
from resources.models.pocketsphinx_aligner import PocketSphinxAligner
from resources.models.pocketsphinx_recognizer import PocketSphinxRecognizer

EP = {"episode_id": "ep"}
SETTINGS = AlignmentSettings()
WRONG = (
    "if the reader will excuse me i will say nothing of my antecedents nor of the circumstances "
    "which led me to leave my native country"
)


class Corpus:
    def __init__(self, folder: Path) -> None:
        path = folder / "acoustic_corpus.wav"
        self.samples = read_audio(path, 0, 60, rate=RATE, channels=1)[:, 0]
        self.text = (folder / "acoustic_corpus.lab").read_text().strip()
        self.words = read_textgrid(folder / "acoustic_corpus.TextGrid")["words"]

    def lines(self, late_s: float = 0.0) -> list[dict[str, Any]]:
        """Seven words each, by their true times."""
        groups = [self.words[at : at + 7] for at in range(0, self.words.height, 7)]
        return [
            subtitle(g["start_s"][0] + late_s, g["end_s"][-1] + late_s, " ".join(g["word"]))
            for g in groups
        ]


@pytest.fixture(scope="module")
def corpus(media_dir: Path) -> Corpus:
    return Corpus(media_dir / "speech/mfa")


def subtitle(start_s: float, end_s: float, text: str, **other: Any) -> dict[str, Any]:
    return (
        EP
        | {"subtitle_id": f"{round(start_s * 1000):08d}", "start_s": start_s, "end_s": end_s}
        | {"text": text, "spoken": True, "language": "en", "source": "ep.srt"}
        | other
    )


def facts(
    samples: Samples,
    *,
    subtitles: Sequence[dict[str, Any]] = (),
    transcript: Sequence[str] = (),
    recognised: Sequence[dict[str, Any]] = (),
    activity: Sequence[Span] = (),
    language: str | None = "en",
) -> pl.DataFrame:
    aligner, recognizer = PocketSphinxAligner(), PocketSphinxRecognizer()
    read = reader(samples)
    sound = Sound(
        "sound.wav",
        len(samples) / RATE,
        activity,
        read,
        aligner.supports,
        recognizer.supports,
        hearing(recognizer, read),
    )
    lines = [
        EP | {"line_id": f"t{index:05d}", "text": text, "source": "ep.txt"}
        for index, text in enumerate(transcript)
    ]
    texts = SUBTITLES.frame(subtitles), TRANSCRIPTS.frame(lines), RECOGNITION.frame(recognised)
    return alignment_facts(*texts, language, sound, SETTINGS)


def reader(samples: Samples) -> Any:
    return lambda start_s, end_s: samples[round(start_s * RATE) : round(end_s * RATE)]


def align(samples: Samples, **texts: Any) -> pl.DataFrame:
    made = facts(samples, **texts)
    return aligned(made, "ep", PocketSphinxAligner(), reader(samples), SETTINGS)


def test_a_transcript_is_placed_word_by_word(corpus: Corpus) -> None:
    table = align(corpus.samples, transcript=[corpus.text])
    assert table.select("status", "source", "segment_id").rows() == [
        ("aligned", "transcript", "t00000")
    ]
    words = word_rows(table)
    assert " ".join(words["word"]) == corpus.text
    score = score_words(corpus.words, words)
    assert score["mean_s"] <= 0.030
    assert score["within_100_ms"] >= 0.96
    assert table["start_s"][0] == words["start_s"][0]


@pytest.mark.parametrize("late_s", [0.5, -0.5])
def test_subtitles_that_come_late_or_early_are_placed_as_well(
    corpus: Corpus, late_s: float
) -> None:
    lines = [line | {"start_s": max(0.0, line["start_s"])} for line in corpus.lines(late_s)]
    table = align(corpus.samples, subtitles=lines)
    assert table["status"].to_list() == ["aligned"] * len(lines)
    assert score_words(corpus.words, word_rows(table))["within_100_ms"] >= 0.96


def test_a_line_that_is_not_said_fails_and_its_neighbours_do_not(corpus: Corpus) -> None:
    lines = corpus.lines()
    lines[3]["text"] = "the narrative would be tedious to him"
    table = align(corpus.samples, subtitles=lines)
    status = table["status"].to_list()
    assert status[3] == "failed"
    assert status.count("aligned") == len(lines) - 1
    failed = table.row(3, named=True)
    assert failed["words"] == []
    assert failed["score"] is None
    assert failed["reason"]
    assert (failed["start_s"], failed["end_s"]) == (lines[3]["start_s"], lines[3]["end_s"])
    assert score_words(corpus.words, word_rows(table))["within_100_ms"] >= 0.94


@pytest.mark.parametrize("said", ["other file", "shuffled", "silence", "noise"])
def test_text_that_is_not_said_fails(corpus: Corpus, said: str) -> None:
    draw = np.random.default_rng(7)
    text, samples = corpus.text, corpus.samples
    if said == "other file":
        text = WRONG
    elif said == "shuffled":
        text = " ".join(draw.permutation(corpus.text.split()))
    elif said == "silence":
        samples = np.zeros_like(samples)
    else:
        samples = draw.standard_normal(len(samples)).astype(np.float32) / 10
    table = align(samples, transcript=[text])
    assert table["status"].to_list() == ["failed"]
    assert table["words"].to_list() == [[]]


def test_a_long_transcript_is_anchored_and_lines_that_are_not_said_fail(corpus: Corpus) -> None:
    pause = np.zeros(40 * RATE, np.float32)
    samples = np.concatenate([corpus.samples, pause, corpus.samples[: 8 * RATE]])
    first, rest = corpus.text.split(" um this is me ", 1)
    again = first.replace("this is the acoustic corpus", "this is the acoustic corpus", 1)
    table = align(samples, transcript=[first, "um this is me " + rest, again])
    assert table["status"].to_list() == ["aligned"] * 3
    offset = len(corpus.samples) / RATE + 40
    truth = corpus.words.filter(pl.col("end_s") < 7.6).with_columns(
        pl.col("start_s", "end_s") + offset
    )
    last = word_rows(table.filter(pl.col("segment_id") == "t00002"))
    assert score_words(truth, last)["within_100_ms"] >= 0.9

    wrong = align(samples, transcript=[WRONG, WRONG[::-1]])
    assert wrong["status"].to_list() == ["failed"] * 2
    assert wrong["words"].to_list() == [[], []]


def test_language_without_an_aligner_keeps_its_times_and_words_are_marked() -> None:
    samples = np.zeros(20 * RATE, np.float32)
    line = subtitle(2.0, 6.0, "Guten Morgen, Mina!", language="de")
    table = align(samples, subtitles=[line], activity=[Span(3.0, 4.0), Span(5.0, 5.5)])
    row = table.row(0, named=True)
    assert (row["status"], row["score"], row["start_s"], row["end_s"]) == (
        "proportional",
        None,
        2.0,
        6.0,
    )
    assert "de" in row["reason"]
    words = word_rows(table)
    assert words["method"].to_list() == ["proportional"] * 3
    assert words["score"].null_count() == 3
    assert (words["start_s"][0], words["end_s"][2]) == (3.0, 5.5)


def test_without_times_and_aligner_words_lie_over_the_voices_or_nowhere() -> None:
    samples = np.zeros(20 * RATE, np.float32)
    heard = align(samples, transcript=["Guten Morgen"], language="de", activity=[Span(3.0, 4.0)])
    assert heard.select("status", "start_s", "end_s").rows() == [("proportional", 3.0, 4.0)]
    unheard = align(samples, transcript=["Guten Morgen"], language="de")
    assert unheard["status"].to_list() == ["failed"]


def test_numbers_are_spoken_and_written_words_stay() -> None:
    heard: list[Sequence[str]] = []

    class Says:
        backend = "b"

        def supports(self, language: str | None) -> bool:
            return True

        def place(
            self, samples: Samples, words: Sequence[str], language: str | None
        ) -> list[PlacedWord | None] | None:
            heard.append(list(words))
            return [PlacedWord(i * 0.5, i * 0.5 + 0.4, 0.9) for i in range(len(words))]

    samples = np.zeros(5 * RATE, np.float32)
    made = facts(samples, subtitles=[subtitle(1.5, 3.0, "Dr. Who – in 1999!")])
    table = aligned(made, "ep", Says(), reader(samples), SETTINGS)
    assert heard == [["Doctor", "Who", "in", "nineteen", "ninety-nine"]]
    words = word_rows(table)
    assert words["word"].to_list() == ["Dr.", "Who –", "in", "1999!"]
    assert words.select("start_s", "end_s").row(3) == (0.5 + 1.5, 0.5 + 2.4)
    assert words["word_id"].to_list()[0] == "00001500.000"


def test_drafts_are_placed_and_say_so(corpus: Corpus) -> None:
    drafts = [
        EP
        | {"start_s": 8.0, "end_s": 14.0, "language": "en", "score": 0.5, "backend": "r"}
        | {"text": text, "kept": True, "reasons": [], "row_key": "", "draft": True}
        | {"pieces": [{"start_s": 8.0, "end_s": 14.0, "text": text}]}
        for text in ("um this is me talking really slow",)
    ]
    dropped = drafts[0] | {"start_s": 15.0, "end_s": 17.0, "kept": False}
    table = align(corpus.samples, recognised=[*drafts, dropped])
    assert table.select("segment_id", "source", "status").rows() == [
        ("r00008000", "draft", "aligned")
    ]
    assert set(word_rows(table)["method"]) == {"recognised"}


def test_a_subtitle_after_the_end_and_one_without_words_are_marked(corpus: Corpus) -> None:
    lines = [subtitle(1.0, 2.0, "♪ ♪"), subtitle(500.0, 502.0, "Hello there")]
    table = align(corpus.samples, subtitles=lines)
    assert table["status"].to_list() == ["failed", "failed"]
    assert all(table["reason"])


def test_a_line_depends_on_nothing_far_away(corpus: Corpus) -> None:
    near = subtitle(1.0, 3.4, "this is the acoustic corpus i'm talking pretty fast")
    far = subtitle(19.6, 22.3, "here's some more words words words words")
    before = facts(corpus.samples, subtitles=[near, far])
    after = facts(corpus.samples, subtitles=[near, far | {"text": "something else"}])
    assert before.row(0) == after.row(0)
    assert before.row(1) != after.row(1)


def test_phones_lie_inside_their_words(corpus: Corpus) -> None:
    table = align(corpus.samples, transcript=[corpus.text])
    phones = phone_rows(table).join(
        word_rows(table).select("word_id", from_s="start_s", to_s="end_s"), on="word_id"
    )
    assert phones.height > 150
    assert (phones["start_s"] >= phones["from_s"] - 1e-6).all()
    assert (phones["end_s"] <= phones["to_s"] + 1e-6).all()


def test_pieces_that_begin_at_one_time_are_segments_of_their_own() -> None:
    said = [{"start_s": 1.0, "end_s": 1.0, "text": text} for text in ("No.", "Go.")]
    row = EP | {"start_s": 0.0, "end_s": 2.0, "text": "No. Go.", "pieces": said, "draft": False}
    row |= {"kept": True, "reasons": [], "language": "en", "backend": "b", "row_key": ""}
    made = facts(np.zeros(2 * RATE, np.float32), recognised=[row])
    assert made["segment_id"].to_list() == ["r00001000", "r00001000b"]


class Uneven:
    """Places the words of every window evenly; those of short ones a little too early."""

    backend = "uneven"

    def supports(self, language: str | None) -> bool:
        return True

    def place(
        self, samples: Samples, words: Sequence[str], language: str | None
    ) -> list[PlacedWord | None]:
        each = len(samples) / RATE / len(words)
        early = 0.3 * each if len(samples) < 25 * RATE else 0.0
        return [
            PlacedWord(i * each - early, (i + 1) * each - early, 0.9) for i in range(len(words))
        ]


def test_words_do_not_overlap_where_two_windows_meet() -> None:
    def window(start_s: float, end_s: float, words: list[str]) -> dict[str, Any]:
        place = {"start_s": start_s, "end_s": end_s, "spoken": words}
        return place | {"at": 0, "count": len(words)}

    words = [f"word{i}" for i in range(50)]
    row = {"segment_id": "t00000", "start_s": 0.0, "end_s": 50.0, "text": " ".join(words)}
    row |= {"language": "en", "source": "transcript", "sound": "sound.wav"}
    row["words"] = [{"word": word, "spoken": [word]} for word in words]
    row["windows"] = [window(0.0, 30.0, words[:30]), window(30.0, 50.0, words[30:])]
    row["alone"] = window(0.0, 50.0, words)
    made = pl.DataFrame([row], schema=FACTS)
    samples = np.zeros(50 * RATE, np.float32)
    table = aligned(made, "ep", Uneven(), reader(samples), SETTINGS)
    assert table["status"].to_list() == ["aligned"]
    assert words_are_in_order.run(table).passed
    placed = table["words"][0].to_list()
    assert placed[29]["end_s"] == placed[30]["start_s"] == pytest.approx(29.7)
