"""What a transition is, and every threshold that decides on one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

TransitionKind = Literal["cut", "dissolve", "fade_in", "fade_out", "fade", "flash", "wipe"]


@dataclass(frozen=True, order=True)
class Transition:
    """Where one shot gives way to the next.

    Frames [start_frame, end_frame) belong to neither shot; for a cut both are the first frame of
    the new shot. A flash interrupts a shot without ending it. `fade` goes out to one shade and in
    from it; `fade_in` and `fade_out` do half of that. `confidence` in [0, 1] is how far the
    deciding measure lies beyond its threshold, not a probability.
    """

    start_frame: int
    end_frame: int
    kind: TransitionKind
    confidence: float


@dataclass(frozen=True)
class TransitionConfig:
    """Thresholds of `detect_transitions`; lengths in frames, luma in 8-bit code values.

    "Joins" are the tuning part of the generated joins, "files" the labelled files, both of
    `benchmarks.shots`; ranges say what was seen there on either side of a threshold.
    """

    cut_distance: float = 0.15
    """Least envelope distance over contrast, of all frame pairs within three frames of a cut.
    Files: cuts from 0.19 (thin text on a slide), a bird falling through the picture 0.19."""
    cut_luma: float = 1.0
    """Least envelope distance itself. Files: text vanishing 1.7; coding noise stays below 0.5."""
    cut_strength: float = 2.0
    """Distance times how often the step at the cut holds the second largest step around it: a
    small change must stand alone, a large one may be among motion. Files: cuts from 3.3, wing
    beats up to 1.2, one cut into a whip pan at 0.4 is missed."""
    cut_contrast: float = 20.0
    """Floor of the contrast in `cut_strength`, so that the last steps of a fade stay weak."""
    cut_around: int = 5
    """How far around a cut other steps are compared: longer than drawings held for four frames."""
    same_picture: float = 0.95
    """Correlation of one picture under two lights. Files: across cuts at most 0.85."""

    flash_frames: int = 6
    """Longest flash: a quarter of a second, as lightning looks on film."""
    flash_luma: float = 20.0
    """Least rise of mean luma. Synthetic flashes only; none is labelled in the files."""
    flash_return: float = 0.4
    """After a flash, the picture is this much nearer to the one before than the flash was."""

    mono_std: float = 3.0
    """Luma spread of a monochrome frame: coding noise and the last hundredth of a fade."""
    mono_drawn: float = 0.01
    """Share of a monochrome frame away from its commonest shade."""
    fade_frames: int = 3
    """Shortest way in or out; quicker ones read as cuts."""
    fade_longest: int = 240
    """Longest way in or out: ten seconds at 24 fps."""
    fade_rms: float = 12.0
    """Least distance of the full picture from the shade. Joins: dark footage from 15."""
    fade_pace: float = 0.25
    """A fade has ended where the picture grows at less than this share of its pace so far."""
    fade_bend: float = 0.12
    """How far the frames may stray from a straight line of mean over contrast. Joins: 99 % within
    0.06; files: a wing that covers the picture from 0.14, a tilt into the sky 0.13."""
    fade_correlation: float = 0.7
    """Median correlation of neighbouring faded frames. Joins: 99 % above 0.9."""
    fade_turn_around: int = 8
    fade_turn_depth: float = 0.3
    """A fade may turn before it is monochrome, where contrast falls to this share of what it is
    within `fade_turn_around` frames on both sides. A fade of 3 + 3 frames turns at a quarter."""
    fade_turn_luma: float = 25.0
    """How well the two sides of such a turn must agree on the shade they head for."""
    fade_hold_frames: int = 24
    """Longest monochrome hold inside one `fade`; a longer one parts a fade out from a fade in."""

    picture_drawn: float = 0.11
    picture_lit: float = 0.18
    """Fades and dissolves of a line of text are no transitions between shots: a picture is drawn on
    this share of the frame or lights it this evenly. Files: text up to 0.10 and 0.17; dark footage
    from 0.13 and 0.19."""

    mix_frames: tuple[int, ...] = (6, 8, 10, 13, 16, 20, 25, 31, 38, 46, 54, 62)
    """Window lengths tried, each about a quarter longer than the last, so that one always overlaps
    a dissolve by more than 0.8. At most `LAGS`."""
    mix_rms: float = 10.0
    """Least distance between the ends of a dissolve or wipe. Joins: from 28."""
    mix_correlation: float = 0.65
    """Most correlation between the two ends. Joins: up to 0.77, 95 % within 0.45; within one shot
    98 % above 0.3."""
    dissolve_dip: tuple[float, float] = (0.30, 0.75)
    """Fine detail in the middle, as a share of the mean of both ends: half for unrelated pictures.
    Joins: 0.38 to 0.70; within one shot 99 % above 0.76."""
    dissolve_spread: float = 0.33
    """How evenly the change lies over the frame. Joins: 99 % above; files: a title fading in 0.26,
    text turning into text 0.12."""
    dissolve_score: float = 0.50
    """Straightness of the change times fit of the detail curve. Joins: 95 % above; motion up to
    0.49."""
    dissolve_near: float = 0.90
    """Windows with this share of the best score tell where a dissolve ends, too. Both parts of the
    joins: the same found as at 1; 34 instead of 38 of 322 dissolves leave mixed frames in shots."""
    wipe_misfit: float = 0.10
    """Distances to both ends add up to the distance between them, and grow evenly. Synthetic wipes
    between still pictures stay within 0.08."""
    wipe_still: float = 0.10
    """Most change before and after a wipe, as a share of what it changes. An object that crosses
    the picture looks like a wipe too, but seldom comes from and goes to a still picture."""
    wipe_still_frames: int = 6
