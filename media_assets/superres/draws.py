"""Random choices that follow from what they are for: the same on every machine and version."""

import hashlib
import json


def draw_of(*what: str | int) -> str:
    """A hex digest of what a choice is for; other choices follow from it by `below`."""
    return hashlib.sha256(json.dumps(what).encode()).hexdigest()


def below(bound: int, *what: str | int) -> int:
    """A whole number from 0 to `bound` - 1, each as likely as the others (to 2^-64)."""
    return int(draw_of(*what)[:16], 16) * bound >> 64
