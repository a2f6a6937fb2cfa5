"""The subtitles of an episode, from the sidecar or the embedded track that serves best.

Choice, in this order: the whole dialogue before forced lines only, sidecars before embedded
tracks, a track that names the wanted language before one that names none. A track in another
language is a translation, not what is said, and is not used; nor are chapters, descriptions and
commentaries, nor tracks of pictures (PGS, VobSub).

Repair: events are put in order of their start. One that does not end after it starts lasts as
long as its text takes to read, at most until the next one starts. What begins before second 0 or
ends after the end is cut there; what lies outside is left out. Events that overlap are kept, for
people do speak at once; equal events at the same time are one. Lines that roll up count once. The
log counts what was repaired.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Generic, TypeVar

from media_assets.ingest.rolling import unrolled
from media_assets.ingest.sidecars import Sidecar, find_sidecars
from media_assets.ingest.subtitle_files import Cue, ass_cue, read_subtitles
from media_assets.ingest.subtitle_text import Utterance, is_shouted, plain_text, utterances
from media_assets.media.ids import told_apart
from media_assets.media.index import clock_start, open_media, packets
from media_assets.media.language import language_tag, same_language
from resources.problems import BadInput

Log = Callable[[str], None]

# Words in names and titles of tracks that do not hold the dialogue, or only some of it.
NOT_DIALOGUE = frozenset(("chapters", "commentary", "descriptions", "metadata", "thumbnails"))
FORCED = frozenset(("forced", "foreign", "signs", "songs"))
_WORD = re.compile(r"\w+")
TEXT_CODECS = frozenset(("subrip", "ass", "ssa", "mov_text", "webvtt", "text"))


@dataclass(frozen=True)
class SubtitleSettings:
    """How long an event lasts whose end is unknown.

    Sources: Netflix Timed Text Style Guide, General Requirements (shortest event 5/6 s) and
    English (reading speed of adults 20 characters per second).
    """

    shortest_s: float = 0.833
    reading_chars_per_s: float = 20.0


T = TypeVar("T")


@dataclass(frozen=True)
class Track(Generic[T]):
    """A text file or stream; `labels` are the words of its name or title besides language."""

    name: str
    language: str | None
    labels: frozenset[str]
    embedded: bool
    read: Callable[[], T]


def subtitle_rows(
    master: Path,
    *,
    language: str | None,
    duration_s: float | None,
    names: Iterable[str],
    settings: SubtitleSettings,
    log: Log,
) -> list[dict[str, Any]]:
    """Rows of SUBTITLES, without `episode_id`, of the best track; none where there is no track.

    language: that of the dialogue, if known; names: of the show's characters.
    A track that can not be read is logged and the next one serves; BadInput is raised only if
    none does.
    """
    broken: BadInput | None = None
    for track in choose(find_tracks(master, language, log), language, log):
        try:
            placed = _placed(track, duration_s, settings, log)
        except BadInput as problem:
            broken = broken or problem
            log(str(problem))
            continue
        if placed:
            facts = {"language": track.language, "source": track.name}
            return [row | facts for row in _rows(placed, names)]
    if broken:
        raise broken
    return []


def find_tracks(master: Path, language: str | None, log: Log) -> list[Track[list[Cue]]]:
    """The sidecars of a master, then its embedded text tracks."""
    files = [_file(sidecar, language, log) for sidecar in find_sidecars(master) if sidecar.timed]
    return files + list(_embedded(master, log))


def choose(tracks: Iterable[Track[T]], language: str | None, log: Log) -> list[Track[T]]:
    """The tracks that may serve, best first; the log says why another does not."""
    usable = []
    for track in tracks:
        if track.labels & NOT_DIALOGUE:
            log(f"{track.name} is not used: {' '.join(sorted(track.labels & NOT_DIALOGUE))}")
        elif language and track.language and not same_language(track.language, language):
            log(f"{track.name} is not used: it is in {track.language}, the dialogue in {language}")
        else:
            usable.append(track)
    return sorted(
        usable,
        key=lambda track: (
            bool(track.labels & FORCED),
            track.embedded,
            track.language != language,
            track.language is None,
        ),
    )


def repaired(
    cues: Iterable[Cue],
    duration_s: float | None,
    settings: SubtitleSettings,
    log: Log = lambda text: None,
) -> list[Cue]:
    """The cues with plain text, in order, each within the episode and longer than nothing."""
    end_of_all = None if duration_s is None else round(duration_s * 1000)
    plain = [replace(cue, marked=plain_text(cue.marked)) for cue in cues]
    told = sorted((cue for cue in plain if cue.marked), key=lambda cue: cue.start_ms)
    ordered = unrolled(told)
    repairs = Counter({"without text": len(plain) - len(told)})
    repairs["rolled up"] = len(told) - len(ordered)
    starts = sorted({cue.start_ms for cue in ordered})
    following = dict(pairwise(starts))
    kept: dict[Cue, None] = {}
    for cue in ordered:
        end = cue.end_ms
        if end <= cue.start_ms:
            reading = len(cue.marked) / settings.reading_chars_per_s
            end = cue.start_ms + round(1000 * max(settings.shortest_s, reading))
            limit = following.get(cue.start_ms)
            end = end if limit is None else min(end, limit)
            repairs["without an end after the start"] += 1
        start = max(cue.start_ms, 0)
        within = end if end_of_all is None else min(end, end_of_all)
        if start >= within:
            repairs["outside of the episode"] += 1
            continue
        repairs["cut at the episode's start or end"] += (start, within) != (cue.start_ms, end)
        cue = replace(cue, start_ms=start, end_ms=within)
        repairs["told twice"] += cue in kept
        kept[cue] = None
    for repair, count in repairs.items():
        if count:
            log(f"{count} events {repair}")
    return list(kept)


def _placed(
    track: Track[list[Cue]], duration_s: float | None, settings: SubtitleSettings, log: Log
) -> list[Cue]:
    """The events of a track; BadInput where it has some, but none within the episode."""
    cues = track.read()
    placed = repaired(cues, duration_s, settings, lambda text: log(f"{track.name}: {text}"))
    log(f"{track.name}: {len(cues)} events, {len(placed)} of them used")
    if cues and not placed:
        raise BadInput(
            f"none of its {len(cues)} events has text within the episode",
            where=track.name,
            remedy="It may belong to another master: replace or remove it.",
        )
    return placed


def _rows(cues: Sequence[Cue], names: Iterable[str]) -> Iterator[dict[str, Any]]:
    names = list(names)
    shouted = is_shouted(cue.marked for cue in cues)
    parts = [(cue, said) for cue in cues for said in _said(cue, names, shouted)]
    ids = told_apart(f"{cue.start_ms:08d}" for cue, _ in parts)
    for name, (cue, said) in zip(ids, parts, strict=True):
        yield {
            "subtitle_id": name,
            "start_s": cue.start_ms / 1000,
            "end_s": cue.end_ms / 1000,
            "text": said.text,
            "speaker": said.speaker,
            "spoken": said.spoken,
        }


def _said(cue: Cue, names: Sequence[str], shouted: bool) -> list[Utterance]:
    if cue.sign:
        return [Utterance(cue.marked, None, False)]
    return utterances(cue.marked, cue.speaker, names, shouted)


def _file(sidecar: Sidecar, language: str | None, log: Log) -> Track[list[Cue]]:
    written = sidecar.language or language
    return Track(
        name=sidecar.name,
        language=sidecar.language,
        labels=sidecar.labels,
        embedded=False,
        read=partial(read_subtitles, sidecar.path, written, log),
    )


def _embedded(master: Path, log: Log) -> Iterator[Track[list[Cue]]]:
    from av.stream import Disposition

    flags = {
        Disposition.forced: "forced",
        Disposition.comment: "commentary",
        Disposition.descriptions: "descriptions",
    }
    with open_media(master) as container:
        for stream in container.streams.subtitles:
            context = stream.codec_context
            codec = context.codec.canonical_name if context is not None else None
            if codec not in TEXT_CODECS:
                log(f"stream {stream.index} is not used: {codec or 'its codec'} holds no text")
                continue
            words = _WORD.findall(stream.metadata.get("title", "").lower())
            marked = [word for flag, word in flags.items() if stream.disposition & flag]
            yield Track(
                name=f"stream {stream.index}",
                language=language_tag(stream.language),
                labels=frozenset((*words, *marked)),
                embedded=True,
                read=partial(_read_stream, master, stream.index, log),
            )


def _read_stream(master: Path, index: int, log: Log) -> list[Cue]:
    """The cues of an embedded text track; FFmpeg turns every text codec into SubStation Alpha."""
    import av

    cues: list[Cue | None] = []
    damaged = 0
    with open_media(master) as container:
        stream, clock = container.streams[index], clock_start(container)
        for packet in packets(container, stream):  # type: ignore[arg-type]  # any stream
            try:
                events = packet.decode() if packet.pts is not None else []
            except av.error.FFmpegError:
                damaged += 1
                continue
            start = packet.pts * packet.time_base - clock
            end = start + (packet.duration or 0) * packet.time_base
            for event in events:
                # ReadOrder, Layer, Style, Name, MarginL, MarginR, MarginV, Effect, Text
                _, _, style, name, *_, text = event.ass.decode("utf-8", "replace").split(",", 8)
                cues.append(ass_cue(round(start * 1000), round(end * 1000), style, name, text))
    if damaged:
        log(f"stream {index}: {damaged} events can not be decoded and are left out")
    return [cue for cue in cues if cue]
