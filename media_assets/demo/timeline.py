"""The plan of an episode in frames, and the truth that follows from it.

A shot lasts for the frames in which it alone is seen. Between two shots lies either nothing (a hard
cut) or the frames of a gradual transition, in which both shots, or a shot and black, are mixed: the
mixed frames of a dissolve, or those of a fade out, black frames, and those of a fade in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import skia

    from media_assets.demo.places import Set
    from media_assets.demo.rig import Pose

FPS = 24


@dataclass(frozen=True)
class Line:
    """What a character says, from `at_s` seconds into the shot."""

    speaker: str
    text: str
    at_s: float


@dataclass(frozen=True)
class View:
    """What the camera sees: the centre and the height of the picture, in units of the place."""

    x: float
    y: float
    height: float


@dataclass(frozen=True)
class Join:
    """How a shot follows what is before it, in frames.

    A dissolve of n frames, or a fade out, black, and a fade in (each may be 0); all 0 is a cut.
    """

    dissolve: int = 0
    fade_out: int = 0
    black: int = 0
    fade_in: int = 0

    @property
    def frames(self) -> int:
        """The frames between the two shots."""
        return self.dissolve + self.fade_out + self.black + self.fade_in


CUT = Join()


@dataclass(frozen=True)
class Actor:
    """A character in a shot; `pose` says what it does at a time in seconds of the shot."""

    name: str
    pose: Callable[[float], Pose]


@dataclass(frozen=True)
class Shot:
    """One shot: where, who, how it is seen, for how long, and how it joins the one before it."""

    place: Set
    framing: str
    scene_type: str
    frames: int
    start: View
    end: View
    cast: tuple[Actor, ...] = ()
    lines: tuple[Line, ...] = ()
    join: Join = CUT
    prop: Callable[[skia.Canvas, float], None] | None = None
    cues: tuple[tuple[float, str], ...] = ()

    @property
    def camera(self) -> str:
        """What the camera does: static, pan, push-in or pull-out."""
        if abs(self.end.height / self.start.height - 1) > 0.03:
            return "push-in" if self.end.height < self.start.height else "pull-out"
        return "pan" if abs(self.end.x - self.start.x) > 10 else "static"


@dataclass(frozen=True)
class Episode:
    """An episode: its shots, and how the last one goes into black."""

    stem: str
    title: str
    shots: tuple[Shot, ...]
    closing: Join
    letterbox: int = 0
    """height in pixels of each black bar"""


@dataclass(frozen=True)
class Gradual:
    """A gradual transition: its first mixed frame and the first frame after it."""

    start: int
    end: int
    type: str


@dataclass(frozen=True)
class Layout:
    """Where the shots lie: (start, end) in frames, end exclusive, and what is between them."""

    spans: tuple[tuple[int, int], ...]
    hard_cuts: tuple[int, ...]
    gradual: tuple[Gradual, ...]
    frames: int


def lay_out(episode: Episode) -> Layout:
    """The frames of every shot and transition of an episode."""
    spans: list[tuple[int, int]] = []
    hard_cuts: list[int] = []
    gradual: list[Gradual] = []
    frame = 0
    for shot in (*episode.shots, None):
        join = shot.join if shot is not None else episode.closing
        if join.frames == 0 and spans and shot is not None:
            hard_cuts.append(frame)
        for kind, length in (
            ("dissolve", join.dissolve),
            ("fade out", join.fade_out),
            ("", join.black),
            ("fade in", join.fade_in),
        ):
            if kind and length:
                gradual.append(Gradual(frame, frame + length, kind))
            frame += length
        if shot is not None:
            spans.append((frame, frame + shot.frames))
            frame += shot.frames
    return Layout(tuple(spans), tuple(hard_cuts), tuple(gradual), frame)


def layers(layout: Layout, frame: int) -> list[tuple[int, float]]:
    """The shots seen in a frame as (index, weight); what is missing to 1 is black.

    In a transition of n frames the k-th (from 0) has the weight (k + 1) / (n + 1): no mixed frame
    equals a clean one.
    """
    for index, (start, end) in enumerate(layout.spans):
        if start <= frame < end:
            return [(index, 1.0)]
    following = next((i for i, (s, _) in enumerate(layout.spans) if s > frame), len(layout.spans))
    for change in layout.gradual:
        if change.start <= frame < change.end:
            weight = (frame - change.start + 1) / (change.end - change.start + 1)
            before, after = (following - 1, 1 - weight), (following, weight)
            return {"dissolve": [before, after], "fade out": [before], "fade in": [after]}[
                change.type
            ]
    return []


@dataclass(frozen=True)
class Turn:
    """A spoken line on the clock of the episode, in seconds."""

    start_s: float
    end_s: float
    speaker: str
    text: str


def turns(episode: Episode, layout: Layout, durations_s: Sequence[float]) -> tuple[Turn, ...]:
    """The turns in time order; `durations_s` are those of the spoken lines, in the same order.

    Raises ValueError if a line runs over the end of its shot or over the next line.
    """
    found: list[Turn] = []
    lengths = iter(durations_s)
    for shot, (start, end) in zip(episode.shots, layout.spans, strict=True):
        for line in shot.lines:
            start_s = start / FPS + line.at_s
            turn = Turn(start_s, start_s + next(lengths), line.speaker, line.text)
            if turn.end_s > end / FPS or (found and turn.start_s < found[-1].end_s):
                late = turn.end_s - end / FPS
                raise ValueError(f"the line {line.text!r} does not fit, {late:.2f} s too late")
            found.append(turn)
    return tuple(found)


def truth(episode: Episode, layout: Layout, spoken: Sequence[Turn]) -> dict[str, Any]:
    """The truth of an episode as it is written to JSON."""
    return {
        "fps": FPS,
        "frames": layout.frames,
        "title": episode.title,
        "letterbox_px": episode.letterbox,
        "convention": "frames are 0-based; a hard cut is the first frame of the new shot; "
        "a gradual transition is [first mixed frame, first frame after the mix); a shot is the "
        "frames in which it alone is seen, end exclusive; black frames belong to no shot",
        "hard_cuts": list(layout.hard_cuts),
        "gradual": [{"start": g.start, "end": g.end, "type": g.type} for g in layout.gradual],
        "shots": [
            {
                "start_frame": start,
                "end_frame": end,
                "location": shot.place.location,
                "characters": [actor.name for actor in shot.cast],
                "framing": shot.framing,
                "camera": shot.camera,
                "scene_type": shot.scene_type,
            }
            for shot, (start, end) in zip(episode.shots, layout.spans, strict=True)
        ],
        "turns": [
            {
                "start": round(turn.start_s, 3),
                "end": round(turn.end_s, 3),
                "speaker": turn.speaker,
                "text": turn.text,
            }
            for turn in spoken
        ],
    }


def clock(seconds: float, separator: str) -> str:
    """hh:mm:ss and milliseconds, as subtitles write it: clock(61.5, ',') is '00:01:01,500'."""
    ms = round(seconds * 1000)
    return (
        f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}"
        f"{separator}{ms % 1000:03d}"
    )


def subtitles(spoken: Sequence[Turn], *, kind: str, prefixes: bool) -> str:
    """The lines as 'srt' or 'vtt'; with `prefixes` each begins with its speaker: 'MINA: ...'."""
    separator = "," if kind == "srt" else "."
    cues = [] if kind == "srt" else ["WEBVTT\n"]
    for number, turn in enumerate(spoken, 1):
        said = f"{turn.speaker.upper()}: {turn.text}" if prefixes else turn.text
        times = f"{clock(turn.start_s, separator)} --> {clock(turn.end_s, separator)}"
        cues.append(f"{number}\n{times}\n{said}\n")
    return "\n".join(cues)


def rttm(stem: str, spoken: Sequence[Turn]) -> str:
    """The turns as RTTM, one line each."""
    return "".join(
        f"SPEAKER {stem} 1 {turn.start_s:.3f} {turn.end_s - turn.start_s:.3f} "
        f"<NA> <NA> {turn.speaker} <NA> <NA>\n"
        for turn in spoken
    )
