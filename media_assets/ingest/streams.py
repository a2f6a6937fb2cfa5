"""The streams of a master: what its header says, and how long they are by their packets."""

import errno
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from media_assets.media.index import clock_start, open_media
from media_assets.media.language import language_tag
from resources.problems import BadInput

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.stream import Stream


# Their headers have no lengths: what FFmpeg declares is its own estimate from the last packets.
_NO_LENGTHS = ("mpeg", "mpegts")
# Errors that say something of the file; any other (a disk that fails) is no fault of the input.
_UNREADABLE = {
    errno.ENOENT: ("the file is gone", "Put it back, or remove the episode."),
    errno.ELOOP: ("a link that leads to itself", "Replace it by the file, or remove the episode."),
    errno.EACCES: ("the file may not be read", "Give read permission."),
}


@dataclass(frozen=True)
class StreamFacts:
    """One stream; times in seconds of the episode's clock, None where it has no packet.

    heard_or_seen: whether it is sound or moving picture: no subtitles, data, cover pictures.
    """

    stream: int
    kind: str
    codec: str | None
    language: str | None
    title: str | None
    default: bool
    start_s: float | None
    end_s: float | None
    heard_or_seen: bool
    about: str

    @property
    def duration_s(self) -> float | None:
        if self.start_s is None or self.end_s is None:
            return None
        return round(self.end_s - self.start_s, 6)


@dataclass(frozen=True)
class Scan:
    """What a master's header and packets say; `start_s` is the container's time of second 0."""

    container: str
    start_s: float
    streams: tuple[StreamFacts, ...]

    @property
    def duration_s(self) -> float | None:
        """The end of the last picture or sound; headers may lie (a fragmented file: 143165 s)."""
        ends = [s.end_s for s in self.streams if s.heard_or_seen and s.end_s is not None]
        return max(ends, default=None)


def scan(path: Path) -> Scan:
    """The streams of a master, measured in one pass over its packets without decoding.

    Raises BadInput where there is no readable file, or no packet in it.
    """
    try:
        with open_media(path) as container:
            spans = _spans(container)
            if not spans:
                raise BadInput(
                    "there is a header but no media behind it",
                    where=path.name,
                    remedy="The copy is incomplete: copy it again.",
                )
            start = clock_start(container)
            streams = tuple(_facts(s, spans.get(s.index), start) for s in container.streams)
            return Scan(container.format.name, float(start), streams)
    except OSError as error:
        if error.errno not in _UNREADABLE:
            raise
        what, remedy = _UNREADABLE[error.errno]
        raise BadInput(what, where=path.name, remedy=remedy) from None


def _spans(container: "InputContainer") -> dict[int, tuple[Fraction, Fraction]]:
    """First and last second of the packets of every stream, on the container's clock.

    Packets that an edit list cuts off do not count. Where packets have no presentation time
    (AVI), decoding times stand for it.
    """
    import av

    first: dict[int, int] = {}
    last: dict[int, tuple[int, int]] = {}  # start and end of the packet that ends last
    try:
        for packet in container.demux():
            time = packet.dts if packet.pts is None else packet.pts
            if not packet.size or packet.is_discard or time is None:
                continue
            index = packet.stream.index
            end = time + (packet.duration or _step(packet.stream))
            first[index] = min(time, first.get(index, time))
            if index not in last or end > last[index][1]:
                last[index] = (time, end)
    except av.error.FFmpegError:
        pass  # the file breaks off here; what came before counts
    spans = {}
    for index, begin in first.items():
        stream = container.streams[index]
        exact = container.format.name not in _NO_LENGTHS
        end = _end(stream, begin, last[index]) if exact else last[index][1]
        base = stream.time_base or Fraction(1)
        spans[index] = (begin * base, end * base)
    return spans


def _end(stream: "Stream", begin: int, last: tuple[int, int]) -> int:
    """The end of a stream: where the header sets it within the last packet, it is right.

    So an edit list ends in the midst of a frame, and the last frame of a track of stills lasts
    no time at all.
    """
    start, end = last
    if stream.duration is None:
        return end
    declared = int(
        (stream.start_time if stream.start_time is not None else begin) + stream.duration
    )
    return declared if start <= declared <= end else end


def _step(stream: "Stream") -> int:
    """One frame in the stream's time base, where a packet does not say how long it lasts."""
    rate = getattr(stream, "average_rate", None)
    return round(1 / (rate * stream.time_base)) if rate and stream.time_base else 0


def _facts(
    stream: "Stream", span: tuple[Fraction, Fraction] | None, clock: Fraction
) -> StreamFacts:
    from av.stream import Disposition

    context = stream.codec_context
    codec = context.codec.canonical_name if context is not None else None
    cover = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
    language = language_tag(stream.language)
    about = [stream.type, codec or "unknown", *_about(stream), language]
    return StreamFacts(
        stream=stream.index,
        kind=stream.type,
        codec=codec,
        language=language,
        title=stream.metadata.get("title"),
        default=bool(stream.disposition & Disposition.default),
        start_s=_microseconds(span[0] - clock) if span else None,
        end_s=_microseconds(span[1] - clock) if span else None,
        heard_or_seen=stream.type in ("video", "audio") and not stream.disposition & cover,
        about=" ".join(filter(None, about)),
    )


def _microseconds(time: Fraction) -> float:
    """Seconds, as exact as containers give them; the clock itself is known to a microsecond."""
    return round(time * 1_000_000) / 1_000_000


def _about(stream: "Stream") -> list[str]:
    """What tells streams of a kind apart, in words."""
    context: Any = stream.codec_context
    if context is not None and stream.type == "video":
        rate = getattr(stream, "average_rate", None)
        return [f"{context.width}x{context.height}", *([f"{float(rate):.6g} fps"] if rate else [])]
    if context is not None and stream.type == "audio":
        return [f"{context.sample_rate} Hz", f"{context.layout.nb_channels} ch"]
    return []
