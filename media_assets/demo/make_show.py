"""Makes the show: masters, subtitles and truth, the same on every run.

apt-get install flite                                  # the voices
uv pip install skia-python                             # the pictures
python -m media_assets.demo.make_show                  # into media_assets/demo/show/
python -m media_assets.demo.make_show --sheet /tmp/x   # only contact sheets, to look at
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import skia
from numpy.typing import NDArray

from media_assets.demo import show_dir
from media_assets.demo.brush import ease, wave
from media_assets.demo.cast import draw_character
from media_assets.demo.music import LULLABY, SHANTY, Cue, mix_episode
from media_assets.demo.rig import Pose
from media_assets.demo.story import EPISODES
from media_assets.demo.timeline import (
    FPS,
    Episode,
    Layout,
    Shot,
    Turn,
    View,
    lay_out,
    layers,
    rttm,
    subtitles,
    truth,
    turns,
)
from media_assets.demo.voices import SAMPLE_RATE, VOICES, Speech, speak

WIDTH, HEIGHT = 640, 360
SUPERSAMPLING = 2

Frame = NDArray[np.uint8]
"""(height, width, 3), RGB"""


def camera_view(shot: Shot, t: float) -> View:
    """The view of a shot's camera at a time: it moves from start to end with a soft start."""
    part = ease(t * FPS / shot.frames)
    start, end = shot.start, shot.end
    return View(
        start.x + (end.x - start.x) * part,
        start.y + (end.y - start.y) * part,
        start.height + (end.height - start.height) * part,
    )


def talking(pose: Pose, speech: Speech, t: float) -> Pose:
    """The pose of who speaks, `t` seconds into the line: the lips, and a lively head."""
    if not 0 <= t < speech.duration_s:
        return pose
    return replace(
        pose,
        mouth=speech.mouth_at(t),
        tilt=pose.tilt + 2.2 * wave(t, 1.1),
        y=pose.y - 1.5 * abs(wave(t, 0.9)),
    )


def draw_shot(
    canvas: skia.Canvas, shot: Shot, t: float, bar: int, speeches: dict[str, Speech]
) -> None:
    """Draws a shot at a time in seconds on a canvas of WIDTH x HEIGHT, between its bars."""
    view = camera_view(shot, t)
    height = HEIGHT - 2 * bar
    canvas.save()
    canvas.clipRect(skia.Rect.MakeXYWH(0, bar, WIDTH, height))
    canvas.translate(WIDTH / 2, HEIGHT / 2)
    canvas.scale(height / view.height, height / view.height)
    canvas.translate(-view.x, -view.y)
    shot.place.draw(canvas, t, view.x)
    for actor in shot.cast:
        pose = actor.pose(t)
        for line in shot.lines:
            if line.speaker == actor.name:
                pose = talking(pose, speeches[line.text], t - line.at_s)
        draw_character(canvas, actor.name, pose, shot.place.light)
    if shot.prop is not None:
        shot.prop(canvas, t)
    canvas.restore()


def draw_frame(episode: Episode, layout: Layout, frame: int, speeches: dict[str, Speech]) -> Frame:
    """One frame of an episode: its shot, or two of them mixed, or a shot and black."""
    import cv2

    surface = skia.Surface(WIDTH * SUPERSAMPLING, HEIGHT * SUPERSAMPLING)
    total = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    for index, weight in layers(layout, frame):
        canvas = surface.getCanvas()
        canvas.clear(skia.ColorBLACK)
        canvas.save()
        canvas.scale(SUPERSAMPLING, SUPERSAMPLING)
        t = (frame - layout.spans[index][0]) / FPS
        draw_shot(canvas, episode.shots[index], t, episode.letterbox, speeches)
        canvas.restore()
        large = surface.toarray(colorType=skia.kRGBA_8888_ColorType)[..., :3]
        total += weight * cv2.resize(large, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    return np.rint(total).astype(np.uint8)


def speak_lines(episode: Episode) -> dict[str, Speech]:
    """The spoken lines of an episode by their text."""
    return {
        line.text: speak(line.text, VOICES[line.speaker])
        for shot in episode.shots
        for line in shot.lines
    }


def sound_track(
    episode: Episode, layout: Layout, spoken: tuple[Turn, ...], speeches: dict[str, Speech]
) -> NDArray[np.float32]:
    """The sound (n, 2) of an episode, exactly as long as its frames."""
    cues = [
        Cue(start / FPS + at_s, name)
        for shot, (start, _) in zip(episode.shots, layout.spans, strict=True)
        for at_s, name in shot.cues
    ]
    first = episode is EPISODES[0]
    return mix_episode(
        layout.frames / FPS,
        [(turn.start_s, speeches[turn.text].samples) for turn in spoken],
        SHANTY if first else LULLABY,
        cues,
        seed=1 if first else 2,
    )


def encode(path: Path, frames: Iterator[Frame], sound: NDArray[np.float32]) -> None:
    """Writes a master: H.264 at exactly 24 fps and stereo AAC, without any date in it."""
    import av

    part = path.with_suffix(".part")
    options = {"fflags": "+bitexact", "movflags": "+faststart"}
    with av.open(str(part), "w", format="mp4", options=options) as out:
        video = out.add_stream(
            "libx264",
            rate=Fraction(FPS),
            options={"crf": "26", "preset": "slow", "tune": "animation", "threads": "1"},
        )
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        context = video.codec_context
        context.gop_size, context.max_b_frames = 2 * FPS, 3
        context.time_base = Fraction(1, FPS)
        context.color_primaries = context.color_trc = context.colorspace = 1  # BT.709
        context.color_range = 1  # limited
        audio = out.add_stream("aac", rate=SAMPLE_RATE, layout="stereo", bit_rate=96_000)
        for number, pixels in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(pixels, "rgb24").reformat(
                format="yuv420p", src_colorspace="ITU709", dst_colorspace="ITU709"
            )
            picture.pts, picture.time_base = number, Fraction(1, FPS)
            out.mux(video.encode(picture))
        out.mux(video.encode(None))
        wave_frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(sound.reshape(1, -1)), format="flt", layout="stereo"
        )
        wave_frame.sample_rate = SAMPLE_RATE
        wave_frame.pts, wave_frame.time_base = 0, Fraction(1, SAMPLE_RATE)
        resampler = av.AudioResampler("fltp", "stereo", SAMPLE_RATE, frame_size=1024)
        for piece in (*resampler.resample(wave_frame), *resampler.resample(None)):
            out.mux(audio.encode(piece))
        out.mux(audio.encode(None))
    part.replace(path)


def make_episode(episode: Episode, folder: Path) -> None:
    """Writes an episode's master, its subtitles and its truth into the folder of the show."""
    layout = lay_out(episode)
    speeches = speak_lines(episode)
    durations = [speeches[line.text].duration_s for shot in episode.shots for line in shot.lines]
    spoken = turns(episode, layout, durations)
    first = episode is EPISODES[0]
    truth_folder = folder / "truth"
    truth_folder.mkdir(parents=True, exist_ok=True)
    files = {
        truth_folder / f"{episode.stem}.json": json.dumps(truth(episode, layout, spoken), indent=1)
        + "\n",
        truth_folder / f"{episode.stem}.rttm": rttm(episode.stem, spoken),
        truth_folder / f"{episode.stem}.srt": subtitles(spoken, kind="srt", prefixes=False),
        folder / f"{episode.stem}.en.{'vtt' if first else 'srt'}": subtitles(
            spoken, kind="vtt" if first else "srt", prefixes=first
        ),
    }
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")
    frames = (draw_frame(episode, layout, number, speeches) for number in range(layout.frames))
    sound = sound_track(episode, layout, spoken, speeches)
    encode(folder / f"{episode.stem}.mp4", frames, sound)


def contact_sheet(episode: Episode, path: Path, *, per_shot: int = 4) -> None:
    """Writes a picture of a few frames of every shot, one row a shot."""
    import cv2

    layout = lay_out(episode)
    speeches = speak_lines(episode)
    rows = []
    for start, end in layout.spans:
        numbers = [round(start + (end - 1 - start) * k / (per_shot - 1)) for k in range(per_shot)]
        rows.append(np.hstack([draw_frame(episode, layout, n, speeches) for n in numbers]))
    cv2.imwrite(str(path), cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Make the mini show Harbour Lights.")
    parser.add_argument("--out", type=Path, default=show_dir(), help="folder of the show")
    parser.add_argument("--sheet", type=Path, help="only write contact sheets into this folder")
    options = parser.parse_args()
    for episode in EPISODES:
        if options.sheet is not None:
            options.sheet.mkdir(parents=True, exist_ok=True)
            contact_sheet(episode, options.sheet / f"{episode.stem}.png")
        else:
            make_episode(episode, options.out)


if __name__ == "__main__":
    main()
