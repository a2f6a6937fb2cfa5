"""From a decoded frame to the picture as it is meant to be seen: upright, square pixels, SDR.

Frames keep their number: one goes in, one comes out. The steps: deinterlace, scale once to the
wanted size (which also squares the pixels), turn and mirror, map high dynamic range. What comes
out is RGB of BT.709 primaries and gamma, or the same as limited-range BT.709 YCbCr. SDR keeps its
primaries: those of BT.601 differ little from BT.709's.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from media_assets.media import color, planes, tone
from media_assets.media.filters import chain_of
from media_assets.media.index import FrameIndex, open_media, read_index, video_stream
from media_assets.media.video import decode_frames, read_frames

if TYPE_CHECKING:
    from av import VideoFrame
    from av.filter import Graph

# The height up to which pictures keep their size (the largest that common video models train on).
MAX_HEIGHT = 720
# Frames that are asked whether the stream is interlaced: a telecine cadence repeats after 5.
PROBED_FRAMES = 25
# Pixel aspects beyond this are a wrong tag, not a format (anamorphic film has 2:1).
MAX_PIXEL_ASPECT = 4
# FFmpeg's default scaler, with exact rounding and chroma at full resolution.
SCALER = "bicubic+accurate_rnd+full_chroma_int+full_chroma_inp"


@dataclass(frozen=True)
class Geometry:
    """How a stream's coded pictures become upright ones with square pixels.

    pixel_aspect: width of a pixel over its height.
    crop: x, y, width and height of the part of the coded picture that is shown; None for all.
    transpose, mirror_x, mirror_y: to be done in this order; mirror_x turns left into right.
    """

    width_px: int
    height_px: int
    pixel_aspect: Fraction = Fraction(1)
    transpose: bool = False
    mirror_x: bool = False
    mirror_y: bool = False
    interlaced: bool = False
    crop: tuple[int, int, int, int] | None = None

    @property
    def shown_size(self) -> tuple[int, int]:
        """Width and height of the upright picture; squared pixels never lose samples."""
        coded = self.crop[2:] if self.crop else (self.width_px, self.height_px)
        width, height = map(Fraction, coded)
        if self.pixel_aspect >= 1:
            width *= self.pixel_aspect
        else:
            height /= self.pixel_aspect
        size = round(width), round(height)
        return size[::-1] if self.transpose else size


def read_geometry(path: Path | str, index: FrameIndex | None = None) -> Geometry:
    """The geometry of a file's video, by its first frames."""
    index = index or read_index(path)
    probed = islice(decode_frames(path, index), PROBED_FRAMES)
    first = next(probed)
    interlaced = first.interlaced_frame or any(frame.interlaced_frame for frame in probed)
    with open_media(path) as container:
        aspect = video_stream(container, index.stream).sample_aspect_ratio
    transpose, mirror_x, mirror_y = _orientation(first)
    return Geometry(
        width_px=first.width,
        height_px=first.height,
        pixel_aspect=_sane_aspect(aspect),
        transpose=transpose,
        mirror_x=mirror_x,
        mirror_y=mirror_y,
        interlaced=interlaced,
    )


def fit_size(width: int, height: int, max_height: int = MAX_HEIGHT) -> tuple[int, int]:
    """The even size nearest to the picture's aspect that is no higher than `max_height`.

    Never larger than the picture. Even, because 4:2:0 halves both: 1920x1080 becomes 1280x720,
    641x359 becomes 640x358.
    """
    scale = min(Fraction(1), Fraction(max_height, height))
    return _even(width * scale, width), _even(height * scale, min(height, max_height))


def upright(
    frames: Iterable[VideoFrame],
    geometry: Geometry,
    size: tuple[int, int] | None = None,
    where: str = "video",
) -> Iterator[VideoFrame]:
    """The frames as `yuv420p` pictures to be encoded: BT.709, limited range, tagged so.

    frames: consecutive ones, because deinterlacing looks at both neighbours.
    size: even width and height of the upright picture; by default `fit_size` of the shown size.
    Raises BadInput for a Dolby Vision stream without a common base layer; `where` names it.
    """
    size = size or fit_size(*geometry.shown_size)
    for frame, hdr in _shaped(frames, geometry, size, "yuv420p", where):
        yield _tagged(frame) if hdr is None else _ycbcr(frame, _toned(frame, hdr))


def upright_rgb(
    frames: Iterable[VideoFrame],
    geometry: Geometry,
    size: tuple[int, int] | None = None,
    where: str = "video",
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """PTS and picture of each frame, RGB (height, width, 3); else as `upright`.

    size: any width and height; by default the shown size.
    """
    for frame, hdr in _shaped(frames, geometry, size or geometry.shown_size, "rgb24", where):
        yield frame.pts, frame.to_ndarray() if hdr is None else _toned(frame, hdr)


def read_pictures(
    path: Path | str,
    pts: Sequence[int],
    geometry: Geometry | None = None,
    size: tuple[int, int] | None = None,
    index: FrameIndex | None = None,
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """PTS and upright RGB picture of single frames, in presentation order, each once.

    The same pictures as `upright_rgb` over the whole stream gives; of an interlaced stream the
    neighbours are read too.
    """
    path = Path(path)
    index = index or read_index(path)
    geometry = geometry or read_geometry(path, index)
    wanted = set(pts)
    if not geometry.interlaced:
        frames = (frame for _, frame in read_frames(path, sorted(wanted), index))
        yield from upright_rgb(frames, geometry, size, path.name)
        return
    numbers = {index.position(value) for value in wanted}
    around = {n + step for n in numbers for step in (-1, 0, 1) if 0 <= n + step < len(index)}
    frames = (frame for _, frame in read_frames(path, index.pts[sorted(around)].tolist(), index))
    for run in _runs(frames, index):
        for value, picture in upright_rgb(run, geometry, size, path.name):
            if value in wanted:
                yield value, picture


def _orientation(frame: VideoFrame) -> tuple[bool, bool, bool]:
    """Transpose, mirror in x, mirror in y: the frame's display matrix (ISO 14496-12, 6.2.2).

    The matrix takes (x, y) to (a x + c y, b x + d y); any other angle counts as the nearest right
    one.
    """
    from av.sidedata.sidedata import Type

    for data in frame.side_data:
        if data.type == Type.DISPLAYMATRIX:
            a, b, _, c, d = np.frombuffer(bytes(data), np.int32)[:5].tolist()
            if abs(a) >= abs(b):
                return False, a < 0, d < 0
            return True, c < 0, b < 0
    return False, False, False


def _sane_aspect(aspect: Fraction | None) -> Fraction:
    if not aspect or not Fraction(1, MAX_PIXEL_ASPECT) <= aspect <= MAX_PIXEL_ASPECT:
        return Fraction(1)
    return Fraction(aspect)


def _even(value: Fraction | int, limit: int) -> int:
    """The even number nearest to a length, at most `limit`, at least 2."""
    return max(2, min(2 * int(value / 2 + Fraction(1, 2)), limit - limit % 2))


def _runs(frames: Iterable[VideoFrame], index: FrameIndex) -> Iterator[Iterator[VideoFrame]]:
    """Runs of consecutive frames; each is to be used up before the next is asked for."""
    frames = iter(frames)
    ahead = deque(islice(frames, 1))

    def run() -> Iterator[VideoFrame]:
        while ahead:
            frame = ahead.popleft()
            ahead.extend(islice(frames, 1))
            yield frame
            if ahead and index.position(ahead[0].pts) != index.position(frame.pts) + 1:
                return

    while ahead:
        yield run()


def _shaped(
    frames: Iterable[VideoFrame],
    geometry: Geometry,
    size: tuple[int, int],
    pixel_format: str,
    where: str,
) -> Iterator[tuple[VideoFrame, color.Look | None]]:
    """Upright frames of the wanted size and format; HDR ones as `gbrp16le` with their look."""
    graph: Graph | None = None
    hdr: color.Look | None = None
    built_for: tuple[object, ...] = ()
    waiting: deque[tuple[int, Fraction, color.Look | None]] = deque()

    def pushed(frame: VideoFrame | None) -> Iterator[tuple[VideoFrame, color.Look | None]]:
        if graph is not None:
            graph.push(frame)
            for shaped in _pulled(graph):
                shaped.pts, shaped.time_base, its_hdr = waiting.popleft()
                yield shaped, its_hdr

    for frame in frames:
        colors = (frame.color_trc, color.matrix_of(frame), color.range_of(frame))
        look = (frame.width, frame.height, frame.format.name, colors)
        if look != built_for:
            yield from pushed(None)
            its = color.look_of(frame, where)
            hdr = None if its.hdr == "sdr" else its
            wanted = pixel_format if hdr is None else "gbrp16le"
            graph, built_for = _graph(frame, geometry, size, wanted), look
        waiting.append((frame.pts, frame.time_base, hdr))
        yield from pushed(frame)
    yield from pushed(None)


def _toned(frame: VideoFrame, hdr: color.Look) -> NDArray[np.uint8]:
    """The picture, RGB (height, width, 3), of an HDR frame in RGB."""
    return tone.rgb(planes.region(frame, 0, 0, frame.width, frame.height), hdr)


def _graph(
    frame: VideoFrame, geometry: Geometry, size: tuple[int, int], pixel_format: str
) -> Graph:
    """The filters that make frames like this one upright."""

    width, height = size[::-1] if geometry.transpose else size
    scale = f"{width}:{height}:flags={SCALER}:out_color_matrix=bt709"
    scale += f":out_range={'tv' if pixel_format == 'yuv420p' else 'pc'}"
    if not frame.format.is_rgb:
        scale += f":in_color_matrix={color.matrix_of(frame)}:in_range={color.range_of(frame)}"
    steps = [("scale", scale), ("format", pixel_format)]
    if geometry.crop and (frame.width, frame.height) == (geometry.width_px, geometry.height_px):
        x, y, width, height = geometry.crop
        steps.insert(0, ("crop", f"{width}:{height}:{x}:{y}:exact=1"))
    if geometry.interlaced:
        steps.insert(0, ("bwdif", "mode=send_frame:deint=interlaced"))
    if geometry.transpose:
        steps.append(("transpose", "dir=cclock_flip"))
    if geometry.mirror_x:
        steps.append(("hflip", ""))
    if geometry.mirror_y:
        steps.append(("vflip", ""))
    return chain_of(frame, steps)


def _pulled(graph: Graph) -> Iterator[VideoFrame]:
    """What the filters have ready."""
    import av

    while True:
        try:
            yield graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return


def _ycbcr(like: VideoFrame, rgb: NDArray[np.uint8]) -> VideoFrame:
    """The picture as `yuv420p` with the times of another frame."""
    from av import VideoFrame
    from av.video.reformatter import ColorRange, Colorspace

    frame = VideoFrame.from_ndarray(rgb, format="rgb24").reformat(
        format="yuv420p",
        src_color_range=ColorRange.JPEG,
        dst_colorspace=Colorspace.ITU709,
        dst_color_range=ColorRange.MPEG,
    )
    frame.time_base, frame.pts = like.time_base, like.pts
    frame.color_primaries = frame.color_trc = color.BT709
    return _tagged(frame)


def _tagged(frame: VideoFrame) -> VideoFrame:
    """The frame with the tags of what it holds: matrix BT.709, limited range."""
    from av.video.reformatter import ColorRange, Colorspace

    frame.colorspace, frame.color_range = Colorspace.ITU709, ColorRange.MPEG
    return frame
