"""Changing `config.yaml` by program, with the rest of the file left as a person wrote it."""

from collections.abc import Mapping
from typing import Any

import yaml

from media_assets.settings import home_settings
from resources.home import Home
from resources.problems import BadInput
from resources.tables import atomic_write

Blocks = Mapping[str, Mapping[str, Any]]


def text_with(home: Home, blocks: Blocks) -> str:
    """`config.yaml` with these settings by asset in place of what it says of those assets.

    An asset without settings loses its block, one that is set so already keeps it as it is
    written; all else, comments too, stays byte for byte. Raises `BadInput` where the file is not
    YAML, or is written so that a block cannot be exchanged by itself.
    """
    said = home_settings(home)
    text = home.config.read_bytes().decode() if home.config.exists() else ""
    changed = {name: b for name, b in blocks.items() if _dump(said.get(name, {})) != _dump(b)}
    made = _exchanged(text, changed)
    meant = {**said, **{name: dict(b) for name, b in changed.items()}}
    meant = {name: block for name, block in meant.items() if block or name not in changed}
    try:
        reads = yaml.safe_load(made) or {}
    except yaml.YAMLError:
        reads = None
    if reads != meant:
        raise BadInput(
            f"written so that {', '.join(changed)} cannot be exchanged by themselves",
            where=home.config.name,
            remedy="Begin each asset on a line of its own, with its settings below it.",
        )
    return made


def write_text(home: Home, text: str) -> None:
    """Write `config.yaml` whole or not at all; a file that says the same stays."""
    if text or home.config.exists():
        atomic_write(
            home.config.resolve(), lambda file: file.write(text.encode()), unless_equal=True
        )


def _exchanged(text: str, blocks: Blocks) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    there = {key.value: (key, value) for key, value in root.value} if root else {}
    for name, block in sorted(
        blocks.items(), key=lambda b: -there[b[0]][0].start_mark.index if b[0] in there else 0
    ):
        new = _dump({name: block}).replace("\n", newline) if block else ""
        if name in there:
            key, value = there[name]
            start = text.rfind("\n", 0, key.start_mark.index) + 1
            end = text.find("\n", _end(value)) + 1 or len(text)
            text = text[:start] + new + text[end:]
        elif new:
            text += ("" if not text or text.endswith("\n") else newline) + new
    return text


def _end(node: yaml.Node) -> int:
    """Where the text of a node ends; the mark of a block is behind the comments that follow it."""
    inner = node.value if isinstance(node, yaml.CollectionNode) and not node.flow_style else None
    if not inner:
        return int(node.end_mark.index)
    last = inner[-1]
    return _end(last[1] if isinstance(last, tuple) else last)


def _dump(value: Any) -> str:
    return yaml.safe_dump(value, allow_unicode=True)
