"""What a master says of the picture and the sound that are used: header, packets, first frame."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from media_assets.media.audio import choose_audio_stream
from media_assets.media.color import hdr_kind
from media_assets.media.index import clock_start, open_media, read_index
from media_assets.media.language import language_tag, same_language
from media_assets.media.picture import read_geometry
from media_assets.media.video import decode_frames
from resources.problems import BadInput, Unusable

if TYPE_CHECKING:
    from av.container import InputContainer

# Code points of ITU-T H.273 under FFmpeg's names; those not listed are reserved or unspecified.
PRIMARIES = {
    **{1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "film"},
    **{9: "bt2020", 10: "smpte428", 11: "smpte431", 12: "smpte432", 22: "ebu3213"},
}
TRANSFERS = {
    **{1: "bt709", 4: "gamma22", 5: "gamma28", 6: "smpte170m", 7: "smpte240m", 8: "linear"},
    **{9: "log100", 10: "log316", 11: "iec61966-2-4", 12: "bt1361e", 13: "iec61966-2-1"},
    **{14: "bt2020-10", 15: "bt2020-12", 16: "smpte2084", 17: "smpte428", 18: "arib-std-b67"},
}
MATRICES = {
    **{0: "gbr", 1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "ycgco"},
    **{9: "bt2020nc", 10: "bt2020c", 11: "smpte2085", 14: "ictcp"},
    **{12: "chroma-derived-nc", 13: "chroma-derived-c"},
}
RANGES = {1: "tv", 2: "pc"}
# FFmpeg's AVFieldOrder: top or bottom field coded first, top or bottom field shown first.
INTERLACED = (2, 3, 4, 5)


@dataclass(frozen=True)
class ProbeSettings:
    """audio_stream: index in the container of the sound to use, where the language does not tell.

    Without it: the stream in the spoken language, then the one marked as default, then the first.
    """

    audio_stream: int | None = None


def probe_row(
    path: Path,
    language: str | None,
    audio_stream: int | None = None,
    log: Callable[[str], None] = lambda text: None,
) -> dict[str, Any]:
    """The row of PROBE without `episode_id`, `sha256` and `duration_s`.

    language: of the dialogue, by which the audio is chosen unless `audio_stream` names it.
    Columns of a kind that the master lacks, or of which nothing can be decoded, are null.
    Raises BadInput where neither picture nor sound can be decoded, or `audio_stream` is no sound.
    """
    with open_media(path) as container:
        row = {"container": container.format.name, "start_s": float(clock_start(container))}
        sound = _sound(container, path.name, language, audio_stream, log)
    try:
        return row | sound | _picture(path)
    except Unusable as problem:
        if sound:
            log(f"sound only: {problem}")
            return row | sound
        if isinstance(problem, BadInput):
            raise
        raise BadInput(
            "neither picture nor sound in it", where=path.name, remedy="Get the master again."
        ) from problem


def _picture(path: Path) -> dict[str, Any]:
    index = read_index(path)
    frame = next(decode_frames(path, index))
    geometry = read_geometry(path, index)
    width, height = geometry.shown_size
    aspect, turned = geometry.pixel_aspect, geometry.transpose
    rate = index.nominal_rate()
    with open_media(path) as container:
        header: Any = container.streams[index.stream].codec_context
        codec, order = header.codec.canonical_name, header.field_order
    return {
        "video_stream": index.stream,
        "video_codec": codec,
        "pixel_format": frame.format.name,
        "bit_depth": frame.format.components[0].bits,
        "coded_width_px": frame.width,
        "coded_height_px": frame.height,
        "width_px": width,
        "height_px": height,
        "pixel_aspect": f"{aspect.numerator}/{aspect.denominator}",
        "rotation_deg": 90 * turned + 180 * geometry.mirror_y,
        "mirrored": turned ^ geometry.mirror_x ^ geometry.mirror_y,
        "fps_num": rate.numerator,
        "fps_den": rate.denominator,
        "variable_rate": index.is_variable,
        "interlaced": geometry.interlaced or order in INTERLACED,
        "color_primaries": PRIMARIES.get(frame.color_primaries),
        "color_transfer": TRANSFERS.get(frame.color_trc),
        "color_matrix": MATRICES.get(frame.colorspace),
        "color_range": RANGES.get(frame.color_range),
        "hdr": hdr_kind(frame),
        "packets": len(index),
    }


def _sound(
    container: "InputContainer",
    name: str,
    language: str | None,
    number: int | None,
    log: Callable[[str], None],
) -> dict[str, Any]:
    if number is None:
        number = choose_audio_stream(container, language)
    elif number not in [stream.index for stream in container.streams.audio]:
        sounds = (f"{s.index} ({language_tag(s.language) or '-'})" for s in container.streams.audio)
        raise BadInput(
            f"stream {number}, which the setting audio_stream names, is no sound",
            where=name,
            remedy=f"Sounds and their languages: {', '.join(sounds) or 'none'}.",
        )
    if number is None:
        return {}
    stream: Any = container.streams[number]
    spoken = language_tag(stream.language)
    if language and spoken and not same_language(spoken, language):
        log(f"no sound in {language} is used, but stream {number}, which is in {spoken}")
    return {
        "audio_stream": number,
        "audio_codec": stream.codec_context.codec.canonical_name,
        "audio_rate_hz": stream.rate,
        "audio_channels": stream.channels,
        "audio_language": spoken,
    }
