"""The filter of the set for training voices against defects put into good utterances.

Good are utterances of recordings that begin and end 20 dB below their speech and whose quietest
twentieth lies 32 dB below the loudest twentieth;
what each defect does, and how strongly, is declared in `DEFECTS`. Every sound goes the way of an
episode: voice activity, alignment (English), the tables, the filter. Thresholds that algorithms.md
does not name were chosen on the tuning half; the halves share no recording and no speaker.
"""

from __future__ import annotations

import csv
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks import given_media
from media_assets.media.audio import read_audio, write_wav
from media_assets.speech.schema import DIARIZATION, STEMS, UTTERANCES, VOICE_ACTIVITY, WORDS
from media_assets.speech.voices.facts import quality_facts
from media_assets.speech.voices.levels import frame_levels, speech_level
from media_assets.speech.voices.quality import judge
from media_assets.speech.voices.rules import TtsFilter
from resources.models.interfaces import RATE
from resources.models.pocketsphinx_aligner import PocketSphinxAligner
from resources.models.silero import voice_activity

CLEAN_DB, ENDS_DB = 32.0, -20.0
DEFECTS = {
    "noise": "white, pink or low-passed, 0 to 12 dB below the speech",
    "second voice": "another speaker over half to all of it, 0 to 10 dB below",
    "music": "0 to 15 dB below the speech",
    "clipping": "the top 3 to 15 dB cut off, then turned down to 0.3 to 1",
    "truncation": "60 to 300 ms of the first or last word missing, cut at -20 dB or louder: at the "
    "file's end, into digital silence, or where other speech goes on",
    "wrong text": "that of another utterance of about its length (English)",
}
TUNING, HELD_OUT = "tuning", "held out"
GRID = {
    "bbaf2n": "bin blue at f two now",
    "lbax4n": "lay blue at x four now",
    "lrwp9a": "lay red with p nine again",
    "lwbsza": "lay white by s zero again",
}


@dataclass(frozen=True)
class Good:
    """A good utterance with what is around it: mono, 16 kHz; said from start_s to end_s."""

    name: str
    half: str
    samples: np.ndarray
    start_s: float
    end_s: float
    text: str
    language: str
    follows: str | None = None

    @property
    def speech(self) -> np.ndarray:
        return self.samples[round(self.start_s * RATE) : round(self.end_s * RATE)]

    @property
    def level(self) -> float:
        """Root mean square of the speech."""
        return float(10 ** (speech_level(frame_levels(self.speech, RATE)) / 20))


def measure(media: Path) -> pl.DataFrame:
    """Rows (half, defect, name, reasons), where the defect of an untouched utterance is `none`."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        good = list(utterances(media, Path(folder)))
        music = _sound(media / "music" / "fluffing_a_duck.mp3")
        for number, one in enumerate(good):
            others = [other for other in good if other.half == one.half and _unlike(one, other)]
            for kind, defect in enumerate(("none", *DEFECTS)):
                draw = np.random.default_rng([20, number, kind])
                made = spoil(one, defect, others, music, draw)
                if made is not None:
                    reasons = _judged(made, Path(folder))
                    rows.append((one.half, defect, one.name, reasons))
    return pl.DataFrame(rows, ["half", "defect", "name", "reasons"], orient="row")


def table(found: pl.DataFrame) -> str:
    """Recall and precision per half and defect, as Markdown.

    Precision is given for the utterances as they are (each once good and once with each defect)
    and for as many good as bad ones.
    """
    lines = [
        "| half | defect | good | bad | recall | precision | as many good as bad |",
        "|---|---|---|---|---|---|---|",
    ]
    for half in (TUNING, HELD_OUT):
        part = found.filter(half=half).with_columns(rejected=pl.col("reasons").list.len() > 0)
        good = part.filter(defect="none")["rejected"]
        for defect in DEFECTS:
            bad = part.filter(defect=defect)["rejected"]
            lines.append(_line(half, defect, good, bad))
        bad = part.filter(pl.col("defect") != "none")["rejected"]
        lines.append(_line(half, "**all**", good, bad))
    return "\n".join(lines)


def _line(half: str, defect: str, good: pl.Series, bad: pl.Series) -> str:
    recall, false = bad.sum() / bad.len(), good.sum() / good.len()
    precision = bad.sum() / max(1, bad.sum() + good.sum())
    balanced = recall / max(1e-9, recall + false)
    return (
        f"| {half} | {defect} | {good.len()} | {bad.len()} | {recall:.3f} | {precision:.3f} | "
        f"{balanced:.3f} |"
    )


def spoil(
    one: Good, defect: str, others: list[Good], music: np.ndarray, draw: np.random.Generator
) -> Good | None:
    """The utterance with the defect; None where it does not apply."""
    x, level = one.samples, one.level
    if defect == "noise":
        return replace(one, samples=x + _at(_noise(draw, len(x)), level, draw.uniform(0, 12)))
    if defect == "music":
        # The halves hear different halves of the piece.
        half = len(music) // 2
        first = draw.integers(0, half - len(x)) + (half if one.half == HELD_OUT else 0)
        part = music[first : first + len(x)]
        return replace(one, samples=x + _at(part, level, draw.uniform(0, 15)))
    if defect == "second voice":
        other = others[draw.integers(len(others))]
        length = round(len(one.speech) * draw.uniform(0.5, 1))
        first = round(one.start_s * RATE) + draw.integers(0, len(one.speech) - length + 1)
        mixed = x.copy()
        voice = np.resize(other.speech, length) * level / other.level
        mixed[first : first + length] += voice * 10 ** (-draw.uniform(0, 10) / 20)
        return replace(one, samples=mixed)
    if defect == "clipping":
        top = np.abs(one.speech).max() * 10 ** (-draw.uniform(3, 15) / 20)
        return replace(one, samples=np.clip(x, -top, top) * draw.uniform(0.3, 1))
    if defect == "truncation":
        return _truncated(one, draw)
    if defect == "wrong text":
        known = [o for o in others if o.language == one.language == "en" and o.text != one.text]
        if not known:
            return None
        near = min(known, key=lambda o: abs(len(o.text) - len(one.text)))
        return replace(one, text=near.text)
    return one


def _truncated(one: Good, draw: np.random.Generator) -> Good:
    x, at_end, how = one.samples, draw.random() < 0.5, draw.integers(3)
    relative = frame_levels(x, RATE) - 20 * np.log10(one.level)
    for _ in range(200):
        inside = draw.uniform(0.06, 0.3)
        cut_s = one.end_s - inside if at_end else one.start_s + inside
        if relative[round(cut_s * 100)] > -20:
            break
    cut = round(cut_s * RATE)
    if how == 0:
        kept = x[:cut] if at_end else x[cut:]
        start, end = (one.start_s, cut_s) if at_end else (0.0, one.end_s - cut_s)
        return replace(one, samples=kept, start_s=start, end_s=end)
    if how == 1:
        silent = x.copy()
        silent[slice(cut, None) if at_end else slice(0, cut)] = 0
        return replace(one, samples=silent)
    if at_end:
        return replace(one, end_s=cut_s, follows="after")
    return replace(one, start_s=cut_s, follows="before")


def _noise(draw: np.random.Generator, length: int) -> np.ndarray:
    spectrum = np.fft.rfft(draw.standard_normal(length))
    hz = np.fft.rfftfreq(length, 1 / RATE)
    shapes = (np.ones_like(hz), np.sqrt(1 / np.maximum(hz, 20)), 1 / np.maximum(hz / 500, 1))
    return np.fft.irfft(spectrum * shapes[draw.integers(3)], length)


def _at(sound: np.ndarray, level: float, below_db: float) -> np.ndarray:
    size = float(np.sqrt(np.mean(np.square(sound))))
    return sound * (level / size * 10 ** (-below_db / 20))


def _judged(one: Good, folder: Path) -> list[str]:
    """The filter's reasons, by the tables that an episode of this one utterance would have."""
    activity = _activity(one.samples, folder)
    voice, silence = folder / "voice.wav", folder / "background.wav"
    samples = one.samples.astype(np.float32)[:, None]
    write_wav(voice, [samples], RATE, 1)
    write_wav(silence, [np.zeros_like(samples)], RATE, 1)
    words, score, status = _words(one)
    said = [_utterance("one", one.start_s, one.end_s, one, status, score)]
    if one.follows == "after":
        said.append(_utterance("two", one.end_s, len(samples) / RATE, one, "proportional", None))
    if one.follows == "before":
        said.insert(0, _utterance("two", 0.0, one.start_s, one, "proportional", None))
    facts = quality_facts(
        UTTERANCES.frame(said),
        WORDS.frame(words),
        STEMS.frame([_stem("voice", "voice.wav"), _stem("background", "background.wav")]),
        VOICE_ACTIVITY.frame(
            {"episode_id": "e", "start_s": s, "end_s": e, "probability": 1.0, "backend": ""}
            for s, e in activity
        ),
        DIARIZATION.empty(),
    )
    rules = TtsFilter(require_alignment=one.language == "en")
    judged = judge(facts, folder, rules, lambda samples: None)
    reasons: list[str] = judged.filter(utterance_id="one")["reasons"][0].to_list()
    return reasons


def _words(one: Good) -> tuple[list[dict[str, Any]], float | None, str]:
    """Rows of `words`, their mean score and the status, as alignment would have them."""
    if one.language != "en":
        return [], None, "proportional"
    first = max(0.0, one.start_s - 0.3)
    part = one.samples[round(first * RATE) : round((one.end_s + 0.3) * RATE)].astype(np.float32)
    texts = one.text.split()
    placed = PocketSphinxAligner().place(part, texts, "en")
    if placed is None:
        return [], None, "failed"
    rows = [
        {"episode_id": "e", "word_id": f"one.{i:03d}", "segment_id": "one", "word_index": i,
         "word": text, "start_s": first + place.start_s, "end_s": first + place.end_s,
         "score": place.score, "method": "aligned"}
        for i, (text, place) in enumerate(zip(texts, placed, strict=True))
        if place
    ]  # fmt: skip
    return rows, float(np.mean([row["score"] for row in rows])), "aligned"


def _utterance(
    name: str, start_s: float, end_s: float, one: Good, status: str, score: float | None
) -> dict[str, Any]:
    return {
        "episode_id": "e", "utterance_id": name, "line_id": name, "start_s": start_s,
        "end_s": end_s, "text": one.text, "speaker": "SPEAKER_00", "overlap": False,
        "language": one.language, "source": "transcript", "status": status, "score": score,
        "path": "", "rate_hz": RATE, "channels": 1, "samples": len(one.samples), "row_key": "",
    }  # fmt: skip


def _stem(name: str, path: str) -> dict[str, Any]:
    return {
        "episode_id": "e", "stem": name, "path": path, "metadata_path": "", "rate_hz": RATE,
        "channels": 1, "samples": 0, "duration_s": 0.0, "silence_ratio": 0.0, "separator": "",
        "backend": "",
    }  # fmt: skip


def utterances(media: Path, folder: Path) -> Iterator[Good]:
    """The good utterances: whole files, and files cut at pauses of 0.2 s."""
    speech = media / "speech"
    for path in sorted((speech / "fleurs").glob("*.ogg")):
        half = (TUNING, HELD_OUT)[int(path.stem[-1]) % 2]
        language = path.stem.split("-")[1]
        text = path.with_suffix(".txt").read_text()
        yield from _whole(path.stem, half, _sound(path), text, language, folder)
    libri = speech / "librispeech" / "2412-153948-0000.flac"
    text = libri.with_suffix(".txt").read_text().lower()
    yield from _pieces(libri.stem, TUNING, _sound(libri), text, folder)
    libri = speech / "librispeech" / "libri-1088-134315-0000.wav"
    yield from _pieces(libri.stem, HELD_OUT, _sound(libri), None, folder)
    lj = speech / "ljspeech" / "LJ002-0020.wav"
    lj_text = lj.with_suffix(".txt").read_text()
    yield from _whole(lj.stem, HELD_OUT, _sound(lj), lj_text, "en", folder)
    for number, (name, text) in enumerate(GRID.items()):
        sound = _sound(media / "talking_heads" / f"{name}.mpg")
        yield from _whole(name, (TUNING, HELD_OUT)[number % 2], sound, text, "en", folder)
    with (speech / "emodb_dev" / "labels.csv").open() as file:
        labels = {row["file"]: row for row in csv.DictReader(file)}
    for name, row in sorted(labels.items()):
        half = TUNING if row["speaker"] in ("03", "08", "09") else HELD_OUT
        path = speech / "emodb_dev" / name
        if _said_to(path.with_name(row["phone_labels"])) < 1.92:  # the files end at 2 s
            yield from _whole(path.stem, half, _sound(path), row["text_de"], "de", folder)


def _said_to(labels: Path) -> float:
    """Where the last sound of a file of phone labels ends; infinite without labels."""
    if not labels.is_file():
        return float("inf")
    marks = re.findall(r"^\s*(\d+\.\d+)\s+-1", labels.read_text(errors="replace"), re.MULTILINE)
    return float(marks[-1]) if marks else float("inf")


def _whole(
    name: str, half: str, sound: np.ndarray, text: str, language: str, folder: Path
) -> Iterator[Good]:
    activity = _activity(sound, folder)
    if _is_clean(sound) and activity:
        start, end = activity[0][0], activity[-1][1]
        yield Good(name, half, sound, start, end, text, language)


def _pieces(
    name: str, half: str, sound: np.ndarray, text: str | None, folder: Path
) -> Iterator[Good]:
    """A recording of English cut at pauses between words, or as German, whose text none checks."""
    activity = _joined(_activity(sound, folder))
    ends = [0.0, *(e for _, e in activity)], [*(s for s, _ in activity), len(sound) / RATE]
    texts = _texts(sound, text, activity) if text else ["x" * 40] * len(activity)
    for number, (start, end) in enumerate(activity):
        low = max(0.0, start - 0.5, ends[0][number])
        high = min(end + 0.5, ends[1][number + 1])
        part = sound[round(low * RATE) : round(high * RATE)]
        if end - start > 1.2:
            language = "en" if text else "de"
            yield Good(
                f"{name}.{number}", half, part, start - low, end - low, texts[number], language
            )


def _joined(activity: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Stretches of 2 s and more: shorter ones are joined to the next."""
    out: list[tuple[float, float]] = []
    for start, end in activity:
        if out and (out[-1][1] - out[-1][0] < 2 or start - out[-1][1] < 0.05):
            out[-1] = (out[-1][0], end)
        else:
            out.append((start, end))
    return out


def _texts(sound: np.ndarray, text: str, activity: list[tuple[float, float]]) -> list[str]:
    words = text.split()
    placed = PocketSphinxAligner().place(sound.astype(np.float32), words, "en")
    assert placed is not None
    middles = [(p.start_s + p.end_s) / 2 if p else -1.0 for p in placed]
    return [
        " ".join(w for w, m in zip(words, middles, strict=True) if start <= m < end)
        for start, end in activity
    ]


def _is_clean(sound: np.ndarray) -> bool:
    levels = frame_levels(sound, RATE)
    low, high = np.percentile(levels, [5, 95])
    ends = max(levels[0], levels[-2]) - speech_level(levels)
    return bool(high - low >= CLEAN_DB and ends <= ENDS_DB)


def _unlike(one: Good, other: Good) -> bool:
    """Whether they are different speakers, by which names begin; FLEURS has one a file."""
    return one.name[:2] != other.name[:2] or (
        one.name.startswith("fleurs") and one.name != other.name
    )


def _activity(sound: np.ndarray, folder: Path) -> list[tuple[float, float]]:
    path = folder / "activity.wav"
    write_wav(path, [sound.astype(np.float32)[:, None]], RATE, 1)
    return [(one.start_s, one.end_s) for one in voice_activity(path)]


def _sound(path: Path) -> np.ndarray:
    return read_audio(path, 0, 3600, rate=RATE).mean(1).astype(np.float64)


def main() -> None:
    """Print the table."""
    print(table(measure(given_media(__doc__))))


if __name__ == "__main__":
    main()
