"""Captions that roll up: each line is shown twice or more, but said once.

Live captions (CEA-608, roll-up) and the automatic ones of video sites show a line, then show it
again above the next one.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from media_assets.ingest.subtitle_files import Cue

# A caption that rolls comes as the one before goes; rounding may part them.
TOUCHING_MS = 100
# People repeat themselves now and then. Where half of the captions begin with what the one before
# ended with, and several go on with something new, the file rolls.
LEAST_SHARE, LEAST_GROWING = 0.5, 3


def unrolled(cues: Sequence[Cue]) -> list[Cue]:
    """Each line once, when it first appears; the same cues where the file does not roll.

    cues: plain, in order of their starts.
    """
    repeats = [_repeated(before, cue) for before, cue in pairwise(cues)]
    growing = sum(0 < n <= cue.marked.count("\n") for n, cue in zip(repeats, cues[1:], strict=True))
    rolling = sum(count > 0 for count in repeats)
    if growing < LEAST_GROWING or rolling < LEAST_SHARE * len(repeats):
        return list(cues)
    said = [cues[0]]
    for cue, count in zip(cues[1:], repeats, strict=True):
        new = cue.marked.split("\n")[count:]
        if new:
            said.append(replace(cue, marked="\n".join(new)))
        else:
            said[-1] = replace(said[-1], end_ms=max(said[-1].end_ms, cue.end_ms))
    return said


def _repeated(before: Cue, cue: Cue) -> int:
    """How many of the cue's first lines are the last ones of the cue before."""
    if cue.start_ms - before.end_ms > TOUCHING_MS:
        return 0
    shown, lines = before.marked.split("\n"), cue.marked.split("\n")
    most = min(len(shown), len(lines))
    return next((n for n in range(most, 0, -1) if shown[-n:] == lines[:n]), 0)
