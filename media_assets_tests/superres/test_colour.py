"""What a master's samples mean: by its tags, by convention, or as declared."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import pytest

from media_assets.ingest.probe import probe_row
from media_assets.media.index import read_index
from media_assets.media.video import decode_frames
from media_assets.superres.colour import Colour, colour_of
from media_assets.superres.settings import SourceSettings
from media_assets_tests.media.moving import write_video
from resources.problems import BadInput

UNTAGGED = ("transfer", "matrix", "range")
PLAIN = Colour("sdr", None, None, "bt601", "tv", "left", UNTAGGED)
TEN_BITS = "yuv420p10le"


def colour(path: Path, untagged: Any = None, **tags: Any) -> Colour:
    """Of a file, as if its tags were these."""
    frame = next(decode_frames(path, read_index(path)))
    probe = probe_row(path, None) | tags
    return colour_of(frame, probe, path.name, SourceSettings(untagged))


@pytest.fixture(scope="module")
def eight_bits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("colour") / "film.mp4", frames=2)


@pytest.fixture(scope="module")
def ten_bits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("colour")
    return write_video(folder / "film.mkv", frames=2, codec="ffv1", pixel_format=TEN_BITS)


def tagged(path: Path, primaries: int, transfer: int, matrix: int) -> Path:
    """A ten-bit film with these code points of ITU-T H.273."""
    params = f"colorprim={primaries}:transfer={transfer}:colormatrix={matrix}:log-level=none"
    return write_video(
        path, frames=2, codec="libx265", pixel_format=TEN_BITS, options={"x265-params": params}
    )


def test_eight_bits_without_tags_are_sdr_and_it_is_said_that_this_is_assumed(
    eight_bits: Path,
) -> None:
    assert colour(eight_bits) == PLAIN
    assert colour(eight_bits, untagged="pq") == PLAIN


def test_ten_bits_without_tags_need_a_declaration(ten_bits: Path) -> None:
    with pytest.raises(
        BadInput,
        match=r"^film\.mkv: its transfer \(color_transfer\) is not tagged, and 10 bits may be "
        r"SDR, PQ or HLG\. Say which in config\.yaml, patch_source\.untagged: sdr, pq or hlg\.$",
    ):
        colour(ten_bits)
    assert colour(ten_bits, untagged="sdr") == PLAIN
    declared = Colour("pq", 1000.0, "default", "bt2020", "tv", "left", UNTAGGED)
    assert colour(ten_bits, untagged="pq") == declared
    assert colour(ten_bits, untagged="hlg") == replace(declared, hdr="hlg")


def test_colours_of_bt2020_without_a_transfer_need_one_whatever_the_bits(eight_bits: Path) -> None:
    for tag in ({"color_primaries": "bt2020"}, {"color_matrix": "bt2020nc"}):
        with pytest.raises(BadInput, match=r"colours of BT\.2020 may be SDR, PQ or HLG"):
            colour(eight_bits, **tag)
    assert colour(eight_bits, "sdr", color_primaries="bt2020").matrix == "bt2020"


def test_ten_bits_with_colours_of_bt709_are_sdr(media_dir: Path) -> None:
    found = colour(media_dir / "hostile/made_dev/sdr_10bit_hevc.mp4")
    assert (found.hdr, found.assumed) == ("sdr", ("transfer",))


@pytest.mark.parametrize(
    ("codes", "hdr", "matrix"),
    [((9, 16, 9), "pq", "bt2020"), ((9, 18, 9), "hlg", "bt2020"), ((9, 14, 9), "sdr", "bt2020")],
)
def test_a_tagged_transfer_is_believed(
    tmp_path: Path, codes: tuple[int, int, int], hdr: str, matrix: str
) -> None:
    found = colour(tagged(tmp_path / "film.mkv", *codes), untagged="sdr")
    assert (found.hdr, found.matrix, found.assumed) == (hdr, matrix, ())
    assert (found.peak_nits, found.peak_from) == (
        (None, None) if hdr == "sdr" else (1000.0, "default")
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "hdr10_av1_1080p60_mdcv_clli.mp4",
            Colour("pq", 1100.0, "max_cll", "bt2020", "tv", "left", ()),
        ),
        ("hdr10_hevc_1080p_vfr.mp4", Colour("pq", 1000.0, "max_cll", "bt2020", "tv", "left", ())),
        (
            "hlg_hevc_1080p_editlist.mp4",
            Colour("hlg", 1000.0, "default", "bt2020", "tv", "left", ()),
        ),
    ],
)
def test_the_colour_of_real_films(media_dir: Path, name: str, expected: Colour) -> None:
    found = colour(media_dir / "hdr_uhd" / name)
    assert replace(found, siting="left") == expected


@pytest.mark.parametrize(
    ("tag", "value"), [("color_transfer", "linear"), ("color_matrix", "ictcp")]
)
def test_what_is_not_converted_is_refused(eight_bits: Path, tag: str, value: str) -> None:
    with pytest.raises(BadInput, match=f"{tag} {value} is not converted"):
        colour(eight_bits, **{tag: value})


@pytest.mark.parametrize("transfer", [16, 18])
def test_hdr_of_other_primaries_than_it_is_mapped_from_is_refused(
    tmp_path: Path, transfer: int
) -> None:
    """PQ in P3-D65 is usual in mastering; taken for BT.2020 it would come out too colourful."""
    with pytest.raises(BadInput, match="color_primaries smpte432 is not converted"):
        colour(tagged(tmp_path / "film.mkv", 12, transfer, 9))


def test_dolby_vision_without_a_common_base_layer_is_refused(
    eight_bits: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("media_assets.superres.colour.hdr_kind", lambda frame: "dolby_vision")
    with pytest.raises(BadInput, match=r"film\.mp4: Dolby Vision .* \(profile 5\) .* HDR10"):
        colour(eight_bits)


def test_rgb_is_full_range_and_has_no_matrix_to_assume(tmp_path: Path) -> None:
    path = write_video(tmp_path / "film.mkv", frames=2, codec="ffv1", pixel_format="bgr0")
    with av.open(str(path)) as container:
        assert container.streams.video[0].format.is_rgb
    found = colour(path)
    assert (found.hdr, found.range, found.assumed) == ("sdr", "pc", ("transfer",))
