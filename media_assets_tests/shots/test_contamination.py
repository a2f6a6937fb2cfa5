"""No kept clip holds frames of two shots, on labelled films with the settings as they come."""

from pathlib import Path

import pytest

from benchmarks.shots import LABELLED, judged_clips
from media_assets.scoring.shots import contaminated, read_truth

SHOW = Path(__file__).resolve().parents[2] / "media_assets" / "demo" / "show"


@pytest.mark.parametrize("film", LABELLED)
def test_no_kept_clip_of_a_film_reaches_into_a_transition(media_dir: Path, film: str) -> None:
    assert_clean(media_dir / film, media_dir / LABELLED[film])


@pytest.mark.parametrize("film", sorted(SHOW.glob("*.mp4")), ids=lambda path: path.stem)
def test_no_kept_clip_of_the_demo_show_reaches_into_a_transition(film: Path) -> None:
    assert_clean(film, SHOW / "truth" / f"{film.stem}.json")


def assert_clean(film: Path, labels: Path) -> None:
    clips = judged_clips(film)
    kept = clips.filter("kept").select("start_frame", "end_frame").rows()
    assert len(kept) >= 4
    assert contaminated(kept, read_truth(labels)) == []
    said = clips.filter("suspected").select("kept", "reasons").rows()
    assert all(not kept and "suspected_transition" in reasons for kept, reasons in said)
