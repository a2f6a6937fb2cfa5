"""Signs that a recognised text was made up: what models say to music, noise and silence."""

import math
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from resources.models.interfaces import HeardWord

# Phrases that models learned from the ends of videos and from the credits of subtitles: the first
# count where nothing else is said, the second are never said (Barański et al. 2025, "Investigation
# of Whisper ASR Hallucinations Induced by Non-Speech Audio", and the discussions of Whisper).
_FAREWELLS = (
    r"thank(?:s| you)(?: so much| very much)? for (?:watching|viewing)(?: (?:the|this|my) video)?",
    r"(?:please )?(?:like and )?subscribe(?: to (?:my|our|the|this) channel)?",
    r"(?:i ll )?see you in the next video",
    r"vielen dank fürs zuschauen|bis zum nächsten video",
    r"merci d avoir regardé(?: cette vidéo)?",
    r"gracias por ver el v[ií]deo",
    r"obrigad[oa] por assistir",
    r"grazie per la visione|grazie per aver guardato(?: il video)?",
    r"спасибо за просмотр",
    r"ご視聴ありがとうございました|チャンネル登録お願いします",
)
_CREDITS = (
    r"amara org",
    r"(?:subtitles|captions|transcription) by\b|subtitled by\b",
    r"untertitel(?:ung)? (?:von|der|des|im auftrag)\b",
    r"sous titr\w+ (?:par|réalisés)\b",
    r"subtítulos (?:por|realizados)\b",
    r"legendas? (?:por|pela)\b",
    r"sottotitoli (?:creati|a cura)\b",
    r"субтитры (?:сделал|создавал|подготовил)|редактор субтитров",
    r"字幕by|請不吝點贊",
)
_ONLY_FAREWELLS = re.compile(rf"(?:(?:{'|'.join(_FAREWELLS)})(?:\s|$))+")
_HAS_CREDITS = re.compile("|".join(_CREDITS))
_NOT_WORDS = re.compile(r"[^\w]+")


@dataclass(frozen=True)
class Guards:
    """From when on a recognised text is not kept.

    Sources: `least_log_probability` and `most_compression` are `logprob_threshold` and
    `compression_ratio_threshold` of Whisper (Radford et al. 2022, section 4.5), the first applied
    to the scores of words. `most_characters_per_s` is twice the 15 a second of English that is
    read aloud. `longest_loop` is our own: in the published loops a phrase comes back until the
    window is full, and people say a word four or five times.
    """

    least_log_probability: float = -1.0
    most_compression: float = 2.4
    most_characters_per_s: float = 30.0
    longest_loop_words: int = 9


def reasons_against(
    words: Sequence[HeardWord], text: str, duration_s: float, guards: Guards
) -> list[str]:
    """Why the text of a stretch of sound is not kept, with the measured values; empty if it is."""
    if not words:
        return ["nothing was recognised"]
    found = []
    # A score of 0 would make any mean minus infinity.
    mean = sum(math.log(max(word.score, 1e-4)) for word in words) / len(words)
    if mean < guards.least_log_probability:
        found.append(f"low confidence: mean log probability {mean:.2f}")
    if (ratio := compression_ratio(text)) > guards.most_compression:
        found.append(f"repetitive: compression ratio {ratio:.2f}")
    if (rate := len(text) / duration_s) > guards.most_characters_per_s:
        found.append(f"too fast: {rate:.0f} characters per second")
    if (length := longest_loop(bare(text).split())) > guards.longest_loop_words:
        found.append(f"a loop of {length} words")
    if is_boilerplate(text):
        found.append("boilerplate of videos")
    return found


def compression_ratio(text: str) -> float:
    """Bytes of the text for each byte of it compressed, as Whisper counts; 0 for no text."""
    data = text.encode()
    return len(data) / len(zlib.compress(data))


def longest_loop(words: Sequence[str]) -> int:
    """Count of words in the longest run in which one phrase comes three times or more in a row.

    >>> longest_loop("so thank you thank you thank you bye".split())
    6
    """
    longest = 0
    for length in range(1, len(words) // 3 + 1):
        same = 0
        for one, other in zip(words, words[length:], strict=False):
            same = same + 1 if one == other else 0
            if same >= 2 * length:
                longest = max(longest, same + length)
    return longest


def is_boilerplate(text: str) -> bool:
    """Whether the text says nothing but farewells of videos, or credits of subtitles."""
    plain = bare(text)
    return bool(_ONLY_FAREWELLS.fullmatch(plain) or _HAS_CREDITS.search(plain))


def bare(text: str) -> str:
    """Words in small letters, one blank between them, no marks."""
    return _NOT_WORDS.sub(" ", text.casefold()).strip()
