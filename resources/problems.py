"""The two ways in which an episode ends without rows: bad input, or an asset that does not apply.

Both are facts about the input, not failures of the run: the table is written empty, with a
status and a reason, and everything else goes on. Any other exception is a failure.
"""

from typing import Literal

Status = Literal["ok", "not_applicable", "bad_input"]


class Unusable(Exception):
    """An input that yields no rows; ``status`` says why in one word, ``reason`` in a sentence."""

    status: Status


class BadInput(Unusable):
    """The input is at fault: names what is wrong, where, and what to do about it, in one line.

    ``where`` is a file name or a path relative to its root, never a path of the machine.
    """

    status: Status = "bad_input"

    def __init__(self, what: str, *, where: str, remedy: str):
        self.what, self.where, self.remedy = what, where, remedy
        super().__init__(one_line(f"{where}: {what}. {remedy}"))


def one_line(text: str) -> str:
    """The text with control characters as escapes: file names may hold line breaks and worse."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


class NotApplicable(Unusable):
    """The asset has nothing to say about this episode, and that is right."""

    status: Status = "not_applicable"
