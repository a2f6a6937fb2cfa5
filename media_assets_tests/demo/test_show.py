"""The committed show is what its truth says, and is small."""

import json
import subprocess
import sys
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
import pysubs2
import pytest
import yaml
from numpy.typing import NDArray

from media_assets.demo import episodes, show_dir
from media_assets.knowledge.show import load_show

STEMS = [path.stem for path in episodes()]
PREFIXED = {"harbour-lights-s01e01": True, "harbour-lights-s01e02": False}


@dataclass(frozen=True)
class Decoded:
    """A master as it decodes: small grey frames, their times, and the stereo sound."""

    frames: NDArray[np.float32]
    times: list[Fraction]
    sound: NDArray[np.float32]
    rate: int
    first_sample: Fraction


@cache
def decoded(stem: str) -> Decoded:
    with av.open(str(show_dir() / f"{stem}.mp4")) as master:
        frames, times = [], []
        for frame in master.decode(video=0):
            grey = frame.reformat(width=160, height=90, format="gray")
            frames.append(grey.to_ndarray().astype(np.float32))
            times.append(frame.pts * frame.time_base)
    with av.open(str(show_dir() / f"{stem}.mp4")) as master:
        pieces = list(master.decode(audio=0))
    sound = np.concatenate([piece.to_ndarray() for piece in pieces], axis=1)
    first = pieces[0].pts * pieces[0].time_base
    return Decoded(np.stack(frames), times, sound, pieces[0].sample_rate, first)


def truth(stem: str) -> dict[str, Any]:
    return json.loads((show_dir() / "truth" / f"{stem}.json").read_text(encoding="utf-8"))


def knowledge() -> dict[str, Any]:
    return yaml.safe_load((show_dir() / "knowledge" / "show.yaml").read_text(encoding="utf-8"))


def changes(stem: str) -> NDArray[np.float32]:
    """How much each frame differs from the one before it; the first is 0."""
    frames = decoded(stem).frames
    return np.r_[0.0, np.abs(np.diff(frames, axis=0)).mean(axis=(1, 2))]


def level(samples: NDArray[np.float32]) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(np.square(samples))) + 1e-9))


def pitch_hz(samples: NDArray[np.float32], rate: int) -> float:
    """The median pitch of a voice, by the autocorrelation of its voiced 50 ms windows."""
    size, low, high = rate // 20, rate // 400, rate // 70
    found = []
    for start in range(0, len(samples) - size, size // 2):
        window = samples[start : start + size] - samples[start : start + size].mean()
        spectrum = np.abs(np.fft.rfft(window, 2 * size)) ** 2
        similar = np.fft.irfft(spectrum)[:size]
        lag = low + int(np.argmax(similar[low:high]))
        if similar[lag] > 0.5 * similar[0] and level(window) > -32:
            found.append(rate / lag)
    return float(np.median(found))


def test_there_are_two_masters_and_they_are_small():
    assert STEMS == ["harbour-lights-s01e01", "harbour-lights-s01e02"]
    assert sum(path.stat().st_size for path in show_dir().rglob("*") if path.is_file()) < 4_000_000


def test_the_package_needs_no_media_library():
    heavy = "{'av', 'cv2', 'PIL', 'skia', 'numpy'}"
    code = f"import sys, media_assets.demo as d; d.episodes(); print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("stem", STEMS)
def test_every_frame_of_the_truth_decodes_at_exactly_24_a_second(stem: str):
    master = decoded(stem)
    assert len(master.frames) == truth(stem)["frames"]
    assert master.times == [Fraction(number, 24) for number in range(len(master.frames))]


@pytest.mark.parametrize("stem", STEMS)
def test_sound_and_picture_begin_and_end_together(stem: str):
    master = decoded(stem)
    assert master.sound.shape[0] == 2
    assert master.first_sample == 0
    assert master.sound.shape[1] / master.rate == pytest.approx(len(master.frames) / 24, abs=0.03)


@pytest.mark.parametrize("stem", STEMS)
def test_a_hard_cut_is_a_jump_and_nothing_else_is(stem: str):
    known, change = truth(stem), changes(stem)
    for cut in known["hard_cuts"]:
        neighbours = np.r_[change[cut - 4 : cut], change[cut + 1 : cut + 5]]
        assert change[cut] > 20
        assert change[cut] > 5 * neighbours.max()
    assert sorted(np.flatnonzero(change > 20)) == known["hard_cuts"]


@pytest.mark.parametrize("stem", STEMS)
def test_a_mixed_frame_is_a_blend_of_what_is_on_both_sides(stem: str):
    frames = decoded(stem).frames
    for gradual in truth(stem)["gradual"]:
        start, end = gradual["start"], gradual["end"]
        before, after = frames[start - 1].ravel(), frames[end].ravel()
        sides = {
            "dissolve": [before, after],
            "fade out": [before],
            "fade in": [after],
        }[gradual["type"]]
        for number in range(start, end):
            part = (number - start + 1) / (end - start + 1)
            weights = {
                "dissolve": [1 - part, part],
                "fade out": [1 - part],
                "fade in": [part],
            }[gradual["type"]]
            # the picture goes on moving while it is mixed, hence the tolerance
            mixed, *_ = np.linalg.lstsq(np.stack(sides, axis=1), frames[number].ravel(), rcond=None)
            assert mixed == pytest.approx(weights, abs=0.12), (gradual, number)


def test_the_show_has_every_kind_of_transition():
    kinds = {gradual["type"] for stem in STEMS for gradual in truth(stem)["gradual"]}
    assert kinds == {"dissolve", "fade out", "fade in"}
    assert all(len(truth(stem)["hard_cuts"]) >= 5 for stem in STEMS)


@pytest.mark.parametrize("stem", STEMS)
def test_shots_and_transitions_cover_the_episode(stem: str):
    known, change = truth(stem), changes(stem)
    shots = known["shots"]
    assert len(shots) >= 6
    mixed = {n for gradual in known["gradual"] for n in range(gradual["start"], gradual["end"])}
    seen = [n for shot in shots for n in range(shot["start_frame"], shot["end_frame"])]
    assert len(seen) == len(set(seen))
    assert not mixed & set(seen)
    rest = sorted(set(range(known["frames"])) - mixed - set(seen))
    assert decoded(stem).frames[rest].max() < 4, "what is neither shot nor mix is black"
    starts = {shot["start_frame"] for shot in shots[1:]}
    assert set(known["hard_cuts"]) <= starts
    assert all(change[cut] > 20 for cut in starts - {g["end"] for g in known["gradual"]})


@pytest.mark.parametrize("stem", STEMS)
def test_the_letterbox_is_as_high_as_the_truth_says(stem: str):
    bar = truth(stem)["letterbox_px"]
    with av.open(str(show_dir() / f"{stem}.mp4")) as master:
        picture = max(
            (
                frame.to_ndarray(format="gray").max(axis=1)
                for index, frame in enumerate(master.decode(video=0))
                if index % 48 == 0
            ),
            key=lambda rows: int(rows.sum()),
        )
    bright = np.flatnonzero(picture > 24)
    assert abs(bright[0] - bar) <= 1
    assert abs(bright[-1] - (len(picture) - 1 - bar)) <= 1


@pytest.mark.parametrize("stem", STEMS)
def test_subtitles_are_the_turns(stem: str):
    turns = truth(stem)["turns"]
    (sidecar,) = show_dir().glob(f"{stem}.en.*")
    for path, prefixed in (
        (sidecar, PREFIXED[stem]),
        (show_dir() / "truth" / f"{stem}.srt", False),
    ):
        events = pysubs2.load(str(path)).events
        assert len(events) == len(turns)
        for event, turn in zip(events, turns, strict=True):
            assert event.start / 1000 == pytest.approx(turn["start"], abs=0.05)
            assert event.end / 1000 == pytest.approx(turn["end"], abs=0.05)
            said = f"{turn['speaker'].upper()}: {turn['text']}" if prefixed else turn["text"]
            assert event.text == said


@pytest.mark.parametrize("stem", STEMS)
def test_the_rttm_is_the_turns(stem: str):
    lines = (show_dir() / "truth" / f"{stem}.rttm").read_text(encoding="utf-8").splitlines()
    for line, turn in zip(lines, truth(stem)["turns"], strict=True):
        kind, name, _, start, length, _, _, speaker, *_ = line.split()
        assert (kind, name, speaker) == ("SPEAKER", stem, turn["speaker"])
        assert float(start) == pytest.approx(turn["start"], abs=0.002)
        assert float(start) + float(length) == pytest.approx(turn["end"], abs=0.002)


@pytest.mark.parametrize("stem", STEMS)
def test_who_speaks_is_seen(stem: str):
    known = truth(stem)
    for turn in known["turns"]:
        (shot,) = [
            shot
            for shot in known["shots"]
            if shot["start_frame"] <= turn["start"] * 24 < shot["end_frame"]
        ]
        assert turn["end"] * 24 <= shot["end_frame"]
        assert turn["speaker"] in shot["characters"]


@pytest.mark.parametrize("stem", STEMS)
def test_voices_are_in_the_centre_and_only_in_their_turns(stem: str):
    master = decoded(stem)
    left, right = master.sound
    centre, sides = (left + right) / 2, (left - right) / 2
    silent = np.ones(len(centre), bool)
    for turn in truth(stem)["turns"]:
        start, end = round(turn["start"] * master.rate), round(turn["end"] * master.rate)
        silent[start:end] = False
        assert level(centre[start:end]) > level(sides[start:end]) + 15
        # a turn begins and ends with the voice: what is just around it is the quiet music
        edge = master.rate // 8
        assert level(centre[start : start + edge]) > level(centre[start - edge : start]) + 5
        assert level(centre[end - edge : end]) > level(centre[end : end + edge]) + 5
    assert level(centre[silent]) < level(centre[~silent]) - 6
    assert level(sides[silent]) > -40, "there is music"


def test_every_character_has_a_pitch_of_its_own():
    voices: dict[str, list[NDArray[np.float32]]] = {}
    for stem in STEMS:
        master = decoded(stem)
        for turn in truth(stem)["turns"]:
            start, end = round(turn["start"] * master.rate), round(turn["end"] * master.rate)
            voices.setdefault(turn["speaker"], []).append(master.sound[:, start:end].mean(axis=0))
    pitch = {name: pitch_hz(np.concatenate(lines), 48_000) for name, lines in voices.items()}
    assert pitch["Bram"] * 1.3 < pitch["Jonas"]
    assert pitch["Jonas"] * 1.2 < pitch["Mina"]


def test_the_knowledge_knows_everybody_and_every_place():
    known = knowledge()
    names = [character["name"] for character in known["characters"]]
    assert len(set(names)) == len(names) == 3
    hair = [anchor for character in known["characters"] for anchor in character["hair"]]
    assert len(set(hair)) == len(hair), "hair tells them apart"
    places = {location["name"] for location in known["locations"]}
    for stem in STEMS:
        for shot in truth(stem)["shots"]:
            assert set(shot["characters"]) <= set(names)
            assert shot["location"] in places
            assert shot["scene_type"] in known["scene_labels"]
        assert {turn["speaker"] for turn in truth(stem)["turns"]} <= set(names)
        labels = known["speakers"].get(stem, {})
        assert set(labels.values()) <= set(names)
        if PREFIXED[stem]:
            assert set(labels) == {turn["speaker"].upper() for turn in truth(stem)["turns"]}
    masters = [episode["master"] for season in known["seasons"] for episode in season["episodes"]]
    assert masters == STEMS
    titles = [episode["title"] for season in known["seasons"] for episode in season["episodes"]]
    assert titles == [truth(stem)["title"] for stem in STEMS]


def test_the_knowledge_is_valid():
    show = load_show(show_dir() / "knowledge")
    assert show.show == "Harbour Lights"
    assert [character.name for character in show.characters] == ["Mina", "Jonas", "Bram"]


@pytest.mark.parametrize("stem", STEMS)
def test_a_master_holds_no_date(stem: str):
    with av.open(str(show_dir() / f"{stem}.mp4")) as master:
        tags = {**master.metadata, **master.streams.video[0].metadata}
    assert not {"creation_time", "date"} & {tag.lower() for tag in tags}


@pytest.mark.parametrize("number", [0, 1])
def test_the_plan_in_the_code_is_the_truth_on_disk(number: int):
    pytest.importorskip("skia", reason="drawing needs skia-python")
    from media_assets.demo.story import EPISODES
    from media_assets.demo.timeline import lay_out
    from media_assets.demo.timeline import truth as planned

    episode = EPISODES[number]
    fresh, kept = planned(episode, lay_out(episode), []), truth(episode.stem)
    assert {**fresh, "turns": kept["turns"]} == kept
    lines = [(line.speaker, line.text) for shot in episode.shots for line in shot.lines]
    assert lines == [(turn["speaker"], turn["text"]) for turn in kept["turns"]]


def test_the_show_folder_is_a_path():
    assert isinstance(show_dir(), Path)
    assert (show_dir() / "README.md").is_file()
