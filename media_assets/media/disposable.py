"""Which packets need not be decoded for the sake of others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av import Packet
    from av.video.stream import VideoStream

START_CODE = re.compile(b"\0\0\1")
# start code of a picture, temporal_reference, picture_coding_type (ISO/IEC 13818-2, 6.2.3)
MPEG_PICTURE = re.compile(b"\0\0\1\0.(.)", re.DOTALL)
MPEG_SEQUENCE = re.compile(b"\0\0\1\xb3")
MPEG_B = 3


def is_disposable(packet: Packet, video: VideoStream) -> bool:
    """Whether a packet holds nothing but a picture that says of itself that none refers to it.

    Known of H.264, HEVC and MPEG-1/2; packets of other codecs are never disposable. In HEVC such a
    picture may still serve one of a higher temporal sub-layer (Rec. ITU-T H.265, 3.160).
    """
    codec, data = video.codec_context.name, memoryview(packet)
    if codec in ("mpeg1video", "mpeg2video"):
        types = [byte[0] >> 3 & 7 for byte in MPEG_PICTURE.findall(data)]
        return set(types) == {MPEG_B} and not MPEG_SEQUENCE.search(data)
    if codec not in ("h264", "hevc"):
        return False
    judge = _h264_unit if codec == "h264" else _hevc_unit
    extradata = video.codec_context.extradata or b""
    judged = {judge(byte) for byte in _unit_headers(data, extradata, codec)}
    return True in judged and False not in judged


def _h264_unit(header: int) -> bool | None:
    """Whether a unit is disposable; None of what only accompanies a picture (H.264, table 7-1)."""
    kind, reference = header & 31, header >> 5 & 3
    if 1 <= kind <= 5:
        return not reference
    return False if kind in (7, 8, 13, 15) else None


def _hevc_unit(header: int) -> bool | None:
    """The same (H.265, table 7-1): sub-layer non-reference pictures have even types up to 14."""
    kind = header >> 1 & 63
    if kind < 32:
        return kind <= 14 and kind % 2 == 0
    return False if kind in (32, 33, 34) else None


def _unit_headers(data: memoryview, extradata: bytes, codec: str) -> list[int]:
    """The first byte of each NAL unit, none if the packet makes no sense.

    The units follow start codes, or lengths if the stream's header says so (ISO/IEC 14496-15).
    """
    if extradata[:1] != b"\1":
        return [data[unit.end()] for unit in START_CODE.finditer(data[:-1])]
    length_bytes = (extradata[4 if codec == "h264" else 21] & 3) + 1
    headers, at = [], 0
    while at + length_bytes < len(data):
        headers.append(data[at + length_bytes])
        at += length_bytes + int.from_bytes(data[at : at + length_bytes], "big")
    return headers if at == len(data) else []
