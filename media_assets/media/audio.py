"""Sound at exact sample positions on the episode's clock.

Sample n at rate r is second n / r of the episode, whose second 0 is the container's start, as for
picture and subtitles. Decoding always begins at the first packet: containers round times (Matroska
to 1 ms), so positions come from counting samples, and AAC fills bands with noise that depends on
all that was decoded before. It runs at several hundred times real time; who wants many excerpts
takes them in one pass (`read_audio_spans`).
"""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from media_assets.media.index import clock_start, open_media
from media_assets.media.language import language_tag, same_language
from resources.problems import BadInput

if TYPE_CHECKING:
    from av import AudioFrame, AudioResampler, Packet
    from av.audio.stream import AudioStream
    from av.container import InputContainer

Samples = NDArray[np.float32]
Seconds = Fraction | float

# A frame that is further than this from where the samples before it end follows a real gap or
# overlap. Nearer ones follow on: rounding to the container's ticks costs up to 1 ms, and single
# Vorbis packets in Matroska are off by half a block (11 ms at 44.1 kHz) and come back. A lost frame
# is longer: 20 ms of Opus, 21 of AAC, 24 of MP3, 32 of AC-3.
GAP_S = 0.015
# Time stamps that jump back by more than a splice overlaps, or ahead beyond the container's end,
# have started anew or are damaged: the sound goes on where it was.
RESTART_S = 1
PAST_END_S = 60
# Damaged packets may decode to noise at thousands of times full scale; real sound overshoots full
# scale by a few dB after lossy coding. A frame above +18 dBFS counts as lost.
LOUDEST = 8.0

# What each channel gives to left and right: ITU-R BS.775, annex 4 (3/2 to 2/0); the
# low-frequency channel is left out, as there.
_HALF_POWER = math.sqrt(0.5)
_GAINS = {
    "FL": (1.0, 0.0),
    "FR": (0.0, 1.0),
    "FC": (_HALF_POWER, _HALF_POWER),
    "LFE": (0.0, 0.0),
    "BL": (_HALF_POWER, 0.0),
    "BR": (0.0, _HALF_POWER),
    "SL": (_HALF_POWER, 0.0),
    "SR": (0.0, _HALF_POWER),
    "FLC": (1.0, 0.0),
    "FRC": (0.0, 1.0),
    "DL": (1.0, 0.0),
    "DR": (0.0, 1.0),
}
_OTHER_GAINS = (0.5, 0.5)
# Layouts by count where the file does not name its channels (the order of WAV).
_UNNAMED = {1: "mono", 2: "stereo", 3: "2.1", 4: "4.0", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
# What this project writes, by count of channels.
LAYOUTS = {1: "mono", 2: "stereo"}


def sample_at(seconds: Seconds, rate: int) -> int:
    """The sample nearest to a time; spans that share a time share the sample, so they tile."""
    return round(Fraction(seconds) * rate)


def choose_audio_stream(container: InputContainer, language: str | None = None) -> int | None:
    """Index of the stream to use: wanted language, then marked as default, then first in the file.

    Streams without a decoder do not count; commentary and audio description come last.
    language: BCP 47.
    """
    from av.stream import Disposition

    aside = Disposition.comment | Disposition.visual_impaired | Disposition.clean_effects

    def rank(stream: AudioStream) -> tuple[bool, bool, bool, int]:
        return (
            not same_language(language_tag(stream.language), language),
            bool(stream.disposition & aside),
            not stream.disposition & Disposition.default,
            stream.index,
        )

    chosen = min(filter(_is_decodable, container.streams.audio), key=rank, default=None)
    return chosen.index if chosen else None


def audio_stream(container: InputContainer, index: int | None, where: str) -> AudioStream:
    """The stream with this index, or the one to use; BadInput if it has no decoder."""
    index = choose_audio_stream(container) if index is None else index
    for stream in container.streams.audio:
        if stream.index == index and _is_decodable(stream):
            return stream
    raise _undecodable(where)


def stream_audio(
    path: Path,
    stream: int | None = None,
    *,
    rate: int | None = None,
    channels: int = 2,
    start_s: Seconds = 0,
    end_s: Seconds | None = None,
) -> Iterator[Samples]:
    """Blocks of float32 samples, shape (samples, channels), that follow on each other.

    The first sample is the one at `start_s`; the last is before `end_s` or the sound's last.
    Silence stands where the sound starts late or packets are lost; what lies before second 0 or
    overlaps is trimmed. Encoder delay is cut off, as the container declares it.
    stream: index in the container, or None for the one of `choose_audio_stream`.
    rate: samples per second; the stream's own where None.
    channels: 1 or 2. More are mixed by BS.775 with all gains scaled so that nothing can clip (5.1:
        by 0.414); mono is the mean of left and right. What a lossy codec overshoots stays.

    Raises BadInput where the file cannot be opened or nothing of the stream can be decoded.
    """
    with open_media(path) as container:
        source = audio_stream(container, stream, path.name)
        source_rate = source.rate  # that of the header; the decoder's may change on the way
        rate = rate or source_rate
        first = sample_at(start_s, rate)
        last = None if end_s is None else sample_at(end_s, rate)
        end = container.duration and sample_at(container.duration / 1_000_000, source_rate)
        frames = _decoded(container, source, source_rate, path.name)
        blocks = _gathered(place_on_clock(frames, source_rate, end), source_rate)
        mixed = (block.mean(1, keepdims=True) if channels == 1 else block for block in blocks)
        yield from _between(resampled(mixed, source_rate, rate, channels), first, last)


def read_audio(
    path: Path,
    start_s: Seconds,
    end_s: Seconds,
    stream: int | None = None,
    *,
    rate: int | None = None,
    channels: int = 2,
) -> Samples:
    """The samples from `start_s` up to `end_s`, shape (samples, channels); see `stream_audio`.

    They are what a full decode holds there, to the bit; where the sound ends before, fewer.
    """
    parts = stream_audio(path, stream, rate=rate, channels=channels, start_s=start_s, end_s=end_s)
    return np.concatenate([np.zeros((0, channels), np.float32), *parts])


def read_audio_spans(
    path: Path,
    spans: Sequence[tuple[Seconds, Seconds]],
    stream: int | None = None,
    *,
    rate: int,
    channels: int = 2,
) -> Iterator[Samples]:
    """What `read_audio` gives for each span `(start_s, end_s)`, in one pass over the file.

    Spans come in order of their starts and may overlap. Memory holds one span and a block.
    """
    if any(later < earlier for (earlier, _), (later, _) in pairwise(spans)):
        raise ValueError("spans must come in order of their starts")
    blocks = stream_audio(path, stream, rate=rate, channels=channels)
    held, at = np.zeros((0, channels), np.float32), 0  # `at`: position of the first held sample
    for start_s, end_s in spans:
        start, end = sample_at(start_s, rate), sample_at(end_s, rate)
        parts = [held]
        have = at + len(held)
        while have < end and (block := next(blocks, None)) is not None:
            if have + len(block) <= start:
                parts, at = [], have + len(block)
            else:
                parts.append(block)
            have += len(block)
        held = np.concatenate([np.zeros((0, channels), np.float32), *parts])
        held, at = held[max(0, start - at) :], max(at, min(start, have))
        yield held[: max(0, end - start)]


def audio_frame(block: Samples, rate: int, position: int) -> AudioFrame:
    """The samples, shape (samples, channels), as FFmpeg takes them."""
    from av import AudioFrame

    planes = np.ascontiguousarray(block.T, np.float32)
    frame = AudioFrame.from_ndarray(planes, "fltp", LAYOUTS[block.shape[1]])
    frame.sample_rate, frame.pts, frame.time_base = rate, position, Fraction(1, rate)
    return frame


def place_on_clock(
    frames: Iterable[tuple[int | None, Samples]], rate: int, end: int | None = None
) -> Iterator[Samples]:
    """The samples from number 0 on, without a hole: each frame in its place.

    frames: number of their first sample, None where unknown, and the samples. They count on from
        the first frame; a gap becomes silence, an overlap is cut from the later frame (`GAP_S`).
    end: number of the sample with which the file promises to end.
    """
    position, placed, restart = 0, False, 0
    for number, samples in frames:
        shift = 0 if number is None else number + restart - position
        jumped_back = shift < -RESTART_S * rate
        jumped_ahead = end is not None and position + shift > end + PAST_END_S * rate
        if placed and (jumped_back or jumped_ahead):
            restart, shift = restart - shift, 0
        if placed and abs(shift) <= GAP_S * rate:
            shift = 0
        for gap in range(0, shift, rate):
            yield np.zeros((min(rate, shift - gap), samples.shape[1]), np.float32)
        kept = samples[max(0, -shift) :]
        position += max(0, shift) + len(kept)
        placed = placed or len(kept) > 0
        yield kept


class Resampler:
    """Takes blocks at one rate, gives them at another: sample 0 stays sample 0, no drift, no seams.

    FFmpeg's swresample (windowed sinc with exact rational phase); the result does not depend on how
    the sound is cut into blocks.
    """

    def __init__(self, rate: int, to_rate: int, channels: int):
        from av import AudioResampler

        self._rate, self._channels, self._position = rate, channels, 0
        self._resampler: AudioResampler | None = None
        if rate != to_rate:
            self._resampler = AudioResampler("fltp", LAYOUTS[channels], to_rate)

    def push(self, block: Samples) -> Samples:
        """The samples that are ready after this block, shape (samples, channels)."""
        if self._resampler is None or not len(block):
            return block
        frame = audio_frame(block, self._rate, self._position)
        self._position += len(block)
        return self._joined(self._resampler.resample(frame))

    def finish(self) -> Samples:
        """What is left at the end."""
        if self._resampler is None or not self._position:
            return np.zeros((0, self._channels), np.float32)
        return self._joined(self._resampler.resample(None))

    def _joined(self, frames: list[AudioFrame]) -> Samples:
        parts = [frame.to_ndarray().T for frame in frames]
        return np.concatenate([np.zeros((0, self._channels), np.float32), *parts])


def resampled(
    blocks: Iterable[Samples], rate: int, to_rate: int, channels: int
) -> Iterator[Samples]:
    """The blocks at another rate; see `Resampler`."""
    resampler = Resampler(rate, to_rate, channels)
    for block in blocks:
        yield resampler.push(block)
    yield resampler.finish()


class WavWriter:
    """A float32 WAV file that appears under its name when all of it is written; else not at all.

    Beyond 4 GiB it becomes RF64 (EBU Tech 3306). Counts samples and keeps the largest.
    """

    def __init__(self, path: Path, rate: int, channels: int):
        self.path, self.rate, self.channels = path, rate, channels
        self.samples, self.peak = 0, 0.0

    def __enter__(self) -> WavWriter:
        import av

        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=self.path.parent, prefix=".", suffix="~")
        self._temporary = Path(name)
        self._file = os.fdopen(descriptor, "wb")
        # Without bitexact the muxer adds its version to every file.
        options = {"rf64": "auto", "fflags": "+bitexact"}
        self._container = av.open(self._file, "w", format="wav", container_options=options)
        self._stream = self._container.add_stream("pcm_f32le", rate=self.rate)
        self._stream.layout = LAYOUTS[self.channels]
        self._container.start_encoding()
        return self

    def write(self, block: Samples) -> None:
        if not len(block):
            return
        self._container.mux(self._stream.encode(audio_frame(block, self.rate, self.samples)))
        self.samples += len(block)
        self.peak = max(self.peak, float(np.abs(block).max()))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._container.mux(self._stream.encode(None))
            self._container.close()
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            if kind is None:
                self._temporary.chmod(0o644)
                self._temporary.replace(self.path)
        finally:
            self._temporary.unlink(missing_ok=True)


def write_wav(path: Path, blocks: Iterable[Samples], rate: int, channels: int) -> int:
    """Count of samples written; see `WavWriter`."""
    with WavWriter(path, rate, channels) as wav:
        for block in blocks:
            wav.write(block)
    return wav.samples


def read_wav(path: Path, start: int = 0, end: int | None = None) -> tuple[Samples, int]:
    """Samples [start, end) of a WAV of ours, shape (samples, channels), and its rate."""
    from scipy.io import wavfile

    rate, samples = wavfile.read(path, mmap=True)
    columns = samples if samples.ndim == 2 else samples[:, None]
    return np.array(columns[start:end], np.float32), rate


def _is_decodable(stream: AudioStream) -> bool:
    return stream.codec_context is not None and stream.rate > 0


def _undecodable(where: str) -> BadInput:
    return BadInput(
        "no audio that can be decoded", where=where, remedy="Get the master again, or convert it."
    )


def _decoded(
    container: InputContainer, stream: AudioStream, rate: int, where: str
) -> Iterator[tuple[int | None, Samples]]:
    """What decodes of a stream, at one rate: number of the first sample, samples in stereo."""
    import av

    # Broadcast streams change their rate or layout at a splice.
    converters: dict[tuple[int, str], AudioResampler] = {}
    start, found = float(clock_start(container)), False
    for packet in _packets(container, stream):
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            continue
        for frame in frames:
            found = True
            if frame.sample_rate == rate:
                same = [frame]
            else:
                key = frame.sample_rate, frame.layout.name
                if key not in converters:
                    converters[key] = av.AudioResampler("fltp", frame.layout, rate)
                same = converters[key].resample(frame)
            for part in same:
                number = None
                if part.pts is not None:
                    number = round((part.pts * float(part.time_base) - start) * rate)
                yield number, _samples(part) @ _mix(part.layout.name)
    if not found:
        raise _undecodable(where)


def _packets(container: InputContainer, stream: AudioStream) -> Iterator[Packet]:
    """The stream's packets to where the file breaks off, with the one that flushes the decoder."""
    import av

    try:
        yield from container.demux(stream)
    except av.error.FFmpegError:
        return


def _samples(frame: AudioFrame) -> Samples:
    """A frame as float32 with full scale 1, shape (samples, channels); silence if damaged."""
    array, depth = frame.to_ndarray(), 8 * frame.format.bytes
    array = array.T if frame.format.is_planar else array.reshape(frame.samples, -1)
    samples: Samples = array.astype(np.float32)
    if array.dtype.kind == "u":
        samples /= 128
        samples -= 1
    elif array.dtype.kind == "i":
        samples /= np.float32(2 ** (depth - 1))
    if not np.abs(samples).max(initial=0) <= LOUDEST:
        samples = np.zeros_like(samples)
    return samples


@cache
def _mix(layout: str) -> Samples:
    """Gains to left and right, shape (channels, 2), for a layout by FFmpeg's name."""
    from av import AudioLayout

    count = layout.removesuffix(" channels")
    named = _UNNAMED.get(int(count), layout) if count != layout else layout
    channels = AudioLayout(named).channels
    gains = np.array([_GAINS.get(one.name, _OTHER_GAINS) for one in channels], np.float32)
    return gains / np.float32(max(gains.sum(0).max(), 1e-6))


def _gathered(blocks: Iterable[Samples], least: int) -> Iterator[Samples]:
    """The same samples in blocks of at least `least`, because every step costs by the block."""
    parts: list[Samples] = []
    for block in blocks:
        parts.append(block)
        if sum(map(len, parts)) >= least:
            yield np.concatenate(parts)
            parts = []
    if parts:
        yield np.concatenate(parts)


def _between(blocks: Iterable[Samples], first: int, last: int | None) -> Iterator[Samples]:
    """The samples [first, last) of the blocks together; takes no more blocks than that needs."""
    position = 0
    for block in blocks:
        kept = block[max(0, first - position) : None if last is None else max(0, last - position)]
        position += len(block)
        if len(kept):
            yield kept
        if last is not None and position >= last:
            return
