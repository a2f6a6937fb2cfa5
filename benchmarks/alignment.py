"""Known text placed in time: on real speech, under music, over 20 minutes, through AAC.

Each file goes through the room's own functions, as a transcript without times and, where times are
known, as subtitles. Run as a module, it also fits the score of the PocketSphinx aligner.
"""

from __future__ import annotations

import math
import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy.io import wavfile

from benchmarks import given_media
from media_assets.ingest.schema import SUBTITLES, TRANSCRIPTS
from media_assets.media.audio import audio_frame, read_audio, write_wav
from media_assets.scoring.truth import read_stm, read_textgrid
from media_assets.scoring.words import CLOSE_S, pool_text, score_text, score_words
from media_assets.speech.schema import RECOGNITION, VOICE_ACTIVITY
from media_assets.speech.text.align import AlignmentSettings, aligned
from media_assets.speech.text.align_facts import alignment_facts
from media_assets.speech.text.parts import word_rows
from media_assets.speech.text.passages import written_words
from media_assets.speech.text.sound import sound_of
from resources.models.interfaces import RATE, Samples
from resources.models.pocketsphinx_aligner import MIDDLE, SPREAD, PocketSphinxAligner
from resources.models.pocketsphinx_recognizer import PocketSphinxRecognizer

LABELLED = (
    "librispeech/2412-153948-0000.flac",
    "ljspeech/LJ002-0020.wav",
    *(f"fleurs/fleurs-en-00{number}.ogg" for number in range(5)),
)
JFK = (
    "And so my fellow Americans, ask not what your country can do for you, ask what you can do "
    "for your country."
)
LONG_S = 20 * 60
PAUSE_S = 0.8


def speech(media: Path, name: str) -> Samples:
    samples = read_audio(media / "speech" / name, 0, 600, rate=RATE, channels=1)[:, 0]
    return samples * np.float32(0.9 / np.abs(samples).max())


def corpus(media: Path) -> tuple[Samples, str, pl.DataFrame]:
    """Sound, text and true words of the acoustic corpus (MFA's examples)."""
    folder = media / "speech/mfa"
    truth = read_textgrid(folder / "acoustic_corpus.TextGrid")["words"]
    text = (folder / "acoustic_corpus.lab").read_text()
    return speech(media, "mfa/acoustic_corpus.wav"), text, truth


def with_music(media: Path, samples: Samples, snr_db: float, from_s: float = 10) -> Samples:
    """Speech over music; powers over the whole of both."""
    path = media / "music/fluffing_a_duck.mp3"
    music = read_audio(path, from_s, from_s + len(samples) / RATE, rate=RATE, channels=1)[:, 0]
    gain = np.sqrt((samples**2).mean() / (music**2).mean() / 10 ** (snr_db / 10))
    mixed = samples + gain * music
    return np.asarray(mixed * (0.9 / np.abs(mixed).max()), np.float32)


def labelled(media: Path) -> Iterator[tuple[str, Samples, str]]:
    """Name, sound and text of the English files without word times."""
    for name in LABELLED:
        text = (media / "speech" / name).with_suffix(".txt").read_text()
        yield name, speech(media, name), text
    yield "jfk.flac", speech(media, "jfk.flac"), JFK


def long_file(media: Path) -> tuple[Samples, list[str], pl.DataFrame, pl.DataFrame]:
    """Twenty minutes of labelled speech with pauses: sound, lines of text, and the truth.

    The corpus's words have true times; of the other words the file is known in which they lie
    (start_s, end_s, text).
    """
    sound, text, words = corpus(media)
    files = [("corpus", sound, text), *labelled(media)]
    draw = np.random.default_rng(1)
    pieces: list[Samples] = []
    lines, truth, spans = [], [], []
    at = 0
    while at < LONG_S * RATE:
        for name, samples, said in (files[i] for i in draw.permutation(len(files))):
            start = at / RATE
            spans.append((start, start + len(samples) / RATE, said))
            lines.append(said)
            if name == "corpus":
                truth.append(words.with_columns(pl.col("start_s", "end_s") + start))
            pieces += [samples, np.zeros(int(PAUSE_S * RATE), np.float32)]
            at += len(samples) + len(pieces[-1])
    schema = {"start_s": pl.Float64, "end_s": pl.Float64, "text": pl.String}
    return (
        np.concatenate(pieces),
        lines,
        pl.concat(truth),
        pl.DataFrame(spans, schema=schema, orient="row"),
    )


def align(
    path: Path, lines: Sequence[str], times: Sequence[tuple[float, float]] = ()
) -> pl.DataFrame:
    """The table `alignment` for a WAV in mono at 16 kHz and its text, with or without times."""
    samples = wavfile.read(path, mmap=True)[1].shape[0]
    audio = {"kind": ["mono16k"], "path": [path.name], "rate_hz": [RATE], "samples": [samples]}
    tables = {"audio": pl.DataFrame(audio), "voice_activity": VOICE_ACTIVITY.empty()}
    aligner, recognizer = PocketSphinxAligner(), PocketSphinxRecognizer()
    sound = sound_of(tables, path.parent, aligner, recognizer)
    settings = AlignmentSettings()
    texts = (_subtitles(lines, times), _transcripts(lines), RECOGNITION.empty())
    facts = alignment_facts(*texts, "en", sound, settings)
    return aligned(facts, "e", aligner, sound.read, settings)


def _subtitles(lines: Sequence[str], times: Sequence[tuple[float, float]]) -> pl.DataFrame:
    timed = zip(lines, times, strict=True) if times else ()
    return SUBTITLES.frame(
        {
            "episode_id": "e",
            "subtitle_id": f"{round(start * 1000):08d}",
            "start_s": start,
            "end_s": end,
            "text": text,
            "spoken": True,
            "source": "made",
        }
        for text, (start, end) in timed
    )


def _transcripts(lines: Sequence[str]) -> pl.DataFrame:
    return TRANSCRIPTS.frame(
        {"episode_id": "e", "line_id": f"t{index:05d}", "text": line, "source": "made"}
        for index, line in enumerate(lines)
    )


def as_subtitles(words: pl.DataFrame, late_s: float) -> tuple[list[str], list[tuple[float, float]]]:
    """Lines of seven words and their times, all of them late by so much."""
    groups = [words[at : at + 7] for at in range(0, words.height, 7)]
    lines = [" ".join(group["word"]) for group in groups]
    return lines, [
        (max(0.0, group["start_s"][0] + late_s), group["end_s"][-1] + late_s) for group in groups
    ]


def through_aac(samples: Samples, folder: Path) -> Samples:
    """The sound after it was an AAC file: as the ingest room decodes it."""
    import av

    path = folder / "sound.m4a"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=RATE)
        stream.layout, stream.bit_rate = "mono", 128_000
        for at in range(0, len(samples), 1024):
            frame = audio_frame(samples[at : at + 1024, None], RATE, at)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return read_audio(path, 0, 600, rate=RATE, channels=1)[:, 0]


def measure(media: Path) -> dict[str, dict[str, float | None]]:
    """Scores by case; see `media_assets.scoring.words` for the measures."""
    samples, text, truth = corpus(media)
    lines, late = as_subtitles(truth, 0.5)
    _, early = as_subtitles(truth, -0.5)
    scores: dict[str, dict[str, float | None]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def score(sound: Samples, lines: Sequence[str], *times: Any) -> dict[str, Any]:
            path = folder / "sound.wav"
            write_wav(path, [sound[:, None]], RATE, 1)
            table = align(path, lines, *times)
            placed = table.filter(pl.col("status") == "aligned").height / table.height
            return score_words(truth, word_rows(table)) | {"segments_aligned": placed}

        scores["corpus, transcript"] = score(samples, [text])
        scores["corpus, subtitles 0.5 s late"] = score(samples, lines, late)
        scores["corpus, subtitles 0.5 s early"] = score(samples, lines, early)
        scores["corpus through AAC"] = score(through_aac(samples, folder), [text])
        for snr_db in (10.0, 5.0, 0.0):
            mixed = with_music(media, samples, snr_db)
            scores[f"corpus with music at {snr_db:+g} dB"] = score(mixed, [text])
    return scores


def measure_long(media: Path) -> dict[str, float]:
    """Twenty minutes of speech and its text: what is placed, how fast, in how much memory."""
    samples, lines, truth, spans = long_file(media)
    count, seconds = sum(len(line.split()) for line in lines), len(samples) / RATE
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "long.wav"
        write_wav(path, [samples[:, None]], RATE, 1)
        del samples
        began, worked = time.perf_counter(), time.process_time()
        table = align(path, lines).sort("segment_id")
        wall, processor = time.perf_counter() - began, time.process_time() - worked
    words = word_rows(table).join(
        table.select("segment_id").with_columns(
            from_s=spans["start_s"] - CLOSE_S, to_s=spans["end_s"] + CLOSE_S, said=spans["text"]
        ),
        on="segment_id",
    )
    placed = words.filter(pl.col("method") == "aligned")
    inside = placed.filter(
        (pl.col("start_s") >= pl.col("from_s")) & (pl.col("end_s") <= pl.col("to_s"))
    )
    corpus_words = placed.filter(pl.col("said").str.contains("acoustic corpus"))
    return {
        "seconds": seconds,
        "words": count,
        "placed": placed.height / count,
        "placed in their own file": inside.height / count,
        "corpus within 100 ms": float(score_words(truth, corpus_words)["within_100_ms"] or 0),
        "wall per second of sound": wall / seconds,
        "processor per second of sound": processor / seconds,
        "peak memory (MB)": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def measure_recognition(media: Path) -> dict[str, float | None]:
    """WER of the recogniser that knows no text, by file and pooled."""
    samples, text, _ = corpus(media)
    telephone = read_stm(media / "speech/phone/sample.stm")["text"]
    files = [("mfa/acoustic_corpus.wav", samples, text), *labelled(media)]
    files.append(
        ("phone/sample.wav", speech(media, "phone/sample.wav"), " ".join(telephone["text"]))
    )
    recognizer = PocketSphinxRecognizer()
    scores = {
        name: score_text(said, " ".join(word.word for word in recognizer.words([sound], "en")[0]))
        for name, sound, said in files
    }
    return {name: one.wer for name, one in scores.items()} | {"all": pool_text(scores.values()).wer}


def fit_score(media: Path) -> tuple[float, float]:
    """MIDDLE and SPREAD of the aligner, from all labelled files but the corpus.

    Each is aligned with its own text and with that of the others, as much of it as the right one
    has and its first five words, clean and with music at +5 dB that the corpus is not mixed with;
    logistic regression of right and wrong words, both weighing the same.
    """
    from scipy.optimize import minimize

    files = [(samples, _spoken(text)) for _, samples, text in labelled(media)]
    right, wrong = [], []
    for samples, own in files:
        for sound in (samples, with_music(media, samples, 5.0, from_s=45)):
            right += _losses(sound, own)
            for other in (words for _, words in files if words is not own):
                for said in ((other * 9)[: len(own)], other[:5]):
                    wrong += _losses(sound, said)

    def cost(fitted: np.ndarray) -> float:
        z_right, z_wrong = ((fitted[0] - np.array(x)) / fitted[1] for x in (right, wrong))
        return float(np.logaddexp(0, -z_right).mean() + np.logaddexp(0, z_wrong).mean())

    middle, spread = minimize(cost, [MIDDLE, SPREAD], method="Nelder-Mead").x
    return float(middle), float(spread)


def _spoken(text: str) -> list[str]:
    return [spoken for word in written_words(text, "en") for spoken in word.spoken]


def _losses(samples: Samples, words: Sequence[str]) -> list[float]:
    placed = PocketSphinxAligner().place(samples, words, "en") or []
    return [MIDDLE + SPREAD * math.log(1 / word.score - 1) for word in placed if word]


def main() -> None:
    """Print all tables."""
    media = given_media(__doc__)
    print("| case | mean ms | p95 ms | within 100 ms | segments aligned |")
    print("|---|---|---|---|---|")
    for case, score in measure(media).items():
        mean, p95 = ((score[name] or 0) * 1000 for name in ("mean_s", "p95_s"))
        print(
            f"| {case} | {mean:.1f} | {p95:.0f} | {score['within_100_ms']:.1%} "
            f"| {score['segments_aligned']:.0%} |"
        )
    for title, values in (
        ("20 minutes", measure_long(media)),
        ("word error rate", measure_recognition(media)),
    ):
        print(f"\n| {title} | |\n|---|---|")
        for name, value in values.items():
            print(f"| {name} | {value:.3f} |")
    print("\nMIDDLE, SPREAD = {:.2f}, {:.2f}".format(*fit_score(media)))


if __name__ == "__main__":
    main()
