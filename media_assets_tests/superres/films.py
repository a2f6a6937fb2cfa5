"""Real footage inside bars, encoded small."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import av
import cv2
import numpy as np

FOOTAGE = "animation/big_buck_bunny_0_30_720p.webm"
EVERY = 12

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Format:
    """Where the picture of a film lies in its frames; for a share of them (in turns) elsewhere.

    cards: frames at the beginning that show white text on black.
    """

    picture: Box
    size: tuple[int, int] = (640, 360)
    other: Box | None = None
    other_share: float = 0.0
    cards: int = 0


FORMATS = {
    "full": Format((0, 0, 640, 360)),
    "letterbox": Format((0, 46, 640, 268)),
    "letterbox at an odd line, lopsided": Format((0, 47, 640, 267)),
    "pillarbox": Format((80, 0, 480, 360)),
    "portrait": Format((218, 0, 204, 360)),
    "bars all around": Format((80, 60, 480, 240)),
    "mostly letterbox": Format((0, 46, 640, 268), other=(0, 0, 640, 360), other_share=0.4),
    "mostly full": Format((0, 0, 640, 360), other=(0, 46, 640, 268), other_share=0.4),
    "titles first": Format((0, 46, 640, 268), cards=16),
}


@dataclass(frozen=True)
class Film:
    path: Path
    size: tuple[int, int]
    picture: Box


def film(path: Path, media: Path, shape: Format) -> Film:
    """A film of 60 frames of real footage and the cards before; every other one is a key frame."""
    with av.open(str(path), "w") as out:
        options = {"preset": "ultrafast", "x264-params": "keyint=2:scenecut=0:log-level=none"}
        stream = out.add_stream("libx264", rate=24, options=options)
        stream.width, stream.height = shape.size
        stream.pix_fmt = "yuv420p"
        for picture in [*_cards(shape), *_pictures(media, shape)]:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(stream.encode(None))
    return Film(path, shape.size, shape.picture)


def _pictures(media: Path, shape: Format) -> Iterator[np.ndarray]:
    for number, inside in enumerate(_footage(media)):
        turn = number % 10 >= 10 * (1 - shape.other_share)
        x, y, width, height = shape.other if shape.other and turn else shape.picture
        canvas = np.zeros((*shape.size[::-1], 3), np.uint8)
        canvas[y : y + height, x : x + width] = cv2.resize(
            inside, (width, height), interpolation=cv2.INTER_AREA
        )
        yield canvas


@cache
def _footage(media: Path) -> list[np.ndarray]:
    """60 frames of the footage, RGB."""
    with av.open(str(media / FOOTAGE)) as container:
        return [
            frame.to_ndarray(format="rgb24", width=640, height=360)
            for number, frame in enumerate(container.decode(video=0))
            if number % EVERY == 0
        ]


def _cards(shape: Format) -> Iterator[np.ndarray]:
    for number in range(shape.cards):
        card = np.zeros((*shape.size[::-1], 3), np.uint8)
        at = 120 + 4 * number, 100 + 9 * number
        cv2.putText(card, "A FILM", at, cv2.FONT_HERSHEY_SIMPLEX, 2, (255, 255, 255), 3)
        yield card
