"""The picture that patches are cut from: its size, its direction, what is refused."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from media_assets.ingest.probe import probe_row
from media_assets.library import PatchWishes, Registration
from media_assets.media.index import read_index
from media_assets.media.picture import read_geometry
from media_assets.superres.patch import Source
from media_assets.superres.settings import SourceSettings
from media_assets.superres.source import fitted_size, source_row
from media_assets_tests.media.moving import write_video
from resources.problems import BadInput

WISHES = PatchWishes("A Film", {"space": 0.25, "general": 0.75})


def row(path: Path) -> dict[str, Any]:
    probe = probe_row(path, None) | {"sha256": "abc"}
    return source_row(path, path.name, probe, WISHES, SourceSettings(), read_index(path))


@pytest.mark.parametrize(
    ("width", "height", "aspect", "transpose", "size"),
    [
        (3840, 2160, Fraction(1), False, (1920, 1080)),
        (7680, 4320, Fraction(1), False, (1920, 1080)),
        (3840, 1600, Fraction(1), False, (1920, 800)),
        (4096, 2160, Fraction(1), False, (1920, 1012)),
        (2880, 2160, Fraction(1), False, (1440, 1080)),
        (1920, 1080, Fraction(1), True, (608, 1080)),
        (2160, 3840, Fraction(1), True, (1920, 1080)),
        # Never enlarged.
        (1280, 720, Fraction(1), False, (1280, 720)),
        (161, 121, Fraction(1), False, (161, 121)),
        # Not square: the longer side of the pixel shrinks.
        (1440, 1080, Fraction(4, 3), False, (1440, 810)),
        (720, 480, Fraction(32, 27), False, (720, 405)),
        (720, 480, Fraction(8, 9), False, (640, 480)),
        (1440, 1080, Fraction(4, 3), True, (608, 1080)),
    ],
)
def test_pictures_fit_in_full_hd_and_are_never_enlarged(
    width: int, height: int, aspect: Fraction, transpose: bool, size: tuple[int, int]
) -> None:
    assert fitted_size(width, height, aspect, transpose) == size


@given(
    st.integers(600, 8192),
    st.integers(600, 8192),
    st.fractions(Fraction(1, 2), 2, max_denominator=64),
    st.booleans(),
)
def test_no_picture_is_distorted_but_by_rounding(
    width: int, height: int, aspect: Fraction, transpose: bool
) -> None:
    fitted = fitted_size(width, height, aspect, transpose)
    assert fitted[0] <= 1920
    assert fitted[1] <= 1080
    across, down = fitted[::-1] if transpose else fitted
    assert across <= width
    assert down <= height
    assume(min(fitted) > 500)
    scale_x, scale_y = Fraction(across) / (width * aspect), Fraction(down, height)
    assert abs(scale_x / scale_y - 1) < Fraction(1, 1000)


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("hostile/video_90.mov", (320, 568)),
        ("animation/popeye_p3_480p_hevc_vobsub.mkv", (640, 478)),
        ("animation/sintel_trailer_720p_vp8_opus.webm", (1280, 542)),
        ("hostile/sample_rotate_and_reflect.mp4", (720, 1080)),
        ("hostile/bear-vp9-odd-dimensions.webm", (161, 121)),
        ("hostile/made_dev/odd_size_641x359_444.mp4", (638, 359)),
        ("hostile/made_dev/truncated_faststart.mp4", (640, 360)),
    ],
)
def test_the_row_of_real_films(media_dir: Path, name: str, size: tuple[int, int]) -> None:
    found = row(media_dir / name)
    assert (found["width_px"], found["height_px"]) == size
    assert found["title"] == "A Film"
    assert found["categories"] == [
        {"category": "general", "weight": 0.75},
        {"category": "space", "weight": 0.25},
    ]
    index = read_index(media_dir / name)
    geometry = read_geometry(media_dir / name, index)
    source = Source.of(found)
    assert (source.frames, source.pixel_aspect) == (len(index), geometry.pixel_aspect)
    assert (source.transpose, source.mirror_x, source.mirror_y) == (
        geometry.transpose,
        geometry.mirror_x,
        geometry.mirror_y,
    )


def test_an_interlaced_master_is_refused(media_dir: Path) -> None:
    with pytest.raises(BadInput, match=r"interlaced_tff_pal_sar\.mpg: interlaced.*progressive"):
        row(media_dir / "hostile/made_dev/interlaced_tff_pal_sar.mpg")


def test_the_size_is_that_of_most_of_the_film(tmp_path: Path) -> None:
    """A recording that begins with the end of something else, in another size."""
    head = write_video(tmp_path / "head.ts", frames=10, size=(320, 240))
    film = write_video(tmp_path / "film.ts", frames=60, size=(160, 96))
    joined = tmp_path / "joined.ts"
    joined.write_bytes(head.read_bytes() + film.read_bytes())
    found = row(joined)
    assert (found["coded_width_px"], found["coded_height_px"]) == (160, 96)
    assert (found["width_px"], found["height_px"]) == (160, 96)


def test_a_damaged_beginning_hides_nothing(media_dir: Path, tmp_path: Path) -> None:
    whole = media_dir / "hostile/made_dev/no_audio_track.mp4"
    with av.open(str(whole)) as container:
        first = next(packet for packet in container.demux(video=0) if packet.size)
    data = bytearray(whole.read_bytes())
    data[first.pos + 200 : first.pos + first.size] = bytes(first.size - 200)
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(data)
    # The frames that hang on the lost picture are not in the index.
    assert row(damaged) == row(whole) | {"frames": 128}


def test_a_master_without_a_configuration_is_general_and_bears_its_own_name() -> None:
    plain = Registration("ep", Path("/films/My Film.mkv"), Path("/films"), ("superres",))
    assert plain.patch_wishes == PatchWishes("My Film", {"general": 1.0})
    wished = Registration("ep", plain.master, plain.root, plain.uses, patches=WISHES)
    assert wished.patch_wishes == WISHES
