"""`training_caption` and `structured_caption` of 000, composed from what is known of a clip.

    {visual description} [{scene label} | Location: {canonical} | Characters: {name (hair, suit)},
    ... | Dialogue: {speaker}: "{line}"]

What is unknown is left out, never filled. Lines without a known speaker stand in the transcript
only: 000 gives every quoted line a name.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MAX_TOKENS = 512
"""What UMT5-XXL reads for Wan; Gemma reads 1024 for LTX-2 (trainer formats)."""

_PIECE = re.compile(r"[A-Za-z0-9']+|[^\sA-Za-z0-9']")
_STRUCTURE = str.maketrans({'"': "'", "“": "'", "”": "'", "[": "(", "]": ")", "|": "/"})


@dataclass(frozen=True)
class Look:
    """A character who is seen in a clip; hair as the show describes it, the outfit worn there."""

    name: str
    hair: str | None = None
    outfit: str | None = None


@dataclass(frozen=True)
class Line:
    """A line that is heard in a clip; speaker None if unknown."""

    speaker: str | None
    line: str


@dataclass(frozen=True)
class Known:
    """All that a caption may say of a clip; None and empty where unknown."""

    description: str
    show: str | None = None
    season: int | None = None
    title: str | None = None
    scene_type: str | None = None
    shot_size: str | None = None
    motion: Sequence[str] = ()
    location: str | None = None
    looks: Sequence[Look] = ()
    lines: Sequence[Line] = ()


def plain(text: str) -> str:
    """The text on one line, without the characters that give a caption its structure.

    >>> plain('He said "no" |\\n[door]')
    "He said 'no' / (door)"
    """
    return " ".join(text.translate(_STRUCTURE).split())


def tokens(text: str) -> int:
    """About how many tokens a text encoder makes of it; for English rather more than it will be.

    Counts a token per four letters of a word and one for any other character, so that scripts
    without blanks count by the character. The encoders' own tokenizers come with their weights.
    """
    return sum(-(-len(piece) // 4) for piece in _PIECE.findall(text))


def anchor(look: Look) -> str:
    """Name with the looks that identify it: `Sam (red-orange hair, green catsuit)`."""
    looks = ", ".join(plain(part) for part in (look.hair, look.outfit) if part)
    return f"{plain(look.name)} ({looks})" if looks else plain(look.name)


def looks(
    characters: Iterable[str],
    outfits: Iterable[Mapping[str, str]],
    cast: Mapping[str, Mapping[str, Any]],
) -> list[Look]:
    """The characters with their anchors, in the given order.

    outfits: `{character, outfit}` for those whose outfit in this clip is known, the outfit being
        a label of the cast or a description. cast: rows of the cast by character.
    """
    worn = {row["character"]: row["outfit"] for row in outfits}
    found = []
    for name in characters:
        known = cast.get(name, {"hair": (), "outfits": ()})
        described = {row["label"]: row["description"] for row in known["outfits"]}
        outfit = worn.get(name)
        found.append(
            Look(name, next(iter(known["hair"]), None), described.get(outfit, outfit) or None)
        )
    return found


def compose_training_caption(known: Known, max_tokens: int = MAX_TOKENS) -> str:
    """Description and context tag; lines in time order as long as all stays within `max_tokens`.

    The first line that does not fit ends the dialogue. Nothing else is ever cut, so that a very
    long description can exceed the limit by itself.
    """
    parts = []
    if known.scene_type:
        parts.append(_capital(f"{plain(known.scene_type).replace('-', ' ')} scene"))
    if known.location:
        parts.append(f"Location: {plain(known.location)}")
    if known.looks:
        parts.append(f"Characters: {', '.join(map(anchor, known.looks))}")
    caption = _tagged(known.description, parts)
    quoted: list[str] = []
    for line in known.lines:
        if not (line.speaker and plain(line.line)):
            continue
        quoted.append(f'{plain(line.speaker)}: "{plain(line.line)}"')
        longer = _tagged(known.description, [*parts, f"Dialogue: {' '.join(quoted)}"])
        if tokens(longer) > max_tokens:
            break
        caption = longer
    return caption


def compose_structured_caption(known: Known) -> str:
    """Sentences on scene, show, place, characters, framing and motion; the unknown left out.

    `A dialogue scene from Totally Spies Season 7, Frankenpanda, at Singapore City. ...`
    """
    label = plain(known.scene_type).lower().replace("-", " ") if known.scene_type else ""
    article = "An" if label[:1] in "aeiou" and label else "A"
    season = f"Season {known.season}" if known.season is not None else None
    series = " ".join(part for part in (known.show, season) if part)
    origin = ", ".join(plain(part) for part in (series, known.title) if part)
    head = " ".join(part for part in (article, label, "scene") if part)
    if origin:
        head += f" from {origin}"
    if known.location:
        head += f"{',' if origin else ''} at {plain(known.location)}"
    sentences = [head]
    if known.looks:
        sentences.append(f"Characters: {', '.join(map(anchor, known.looks))}")
    if known.shot_size:
        sentences.append(_capital(f"{plain(known.shot_size)} framing"))
    if known.motion:
        sentences.append(_capital(", ".join(map(plain, known.motion))))
    return " ".join(
        sentence if sentence.endswith((".", "!", "?")) else f"{sentence}." for sentence in sentences
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _tagged(description: str, parts: Sequence[str]) -> str:
    tag = f"[{' | '.join(parts)}]" if parts else ""
    return f"{plain(description)} {tag}".strip()
