"""What becomes of each of the broken, odd and HDR masters when patches are to be cut from it."""

from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from media_assets import runner
from media_assets.definitions import build_defs
from media_assets.library import Registration, episode_id_of, register
from media_assets.media.index_file import read_frame_index
from media_assets.media.video import decode_frames
from media_assets.runner import RunReport
from media_assets.superres import work
from media_assets.superres.extract import extract_window
from media_assets.superres.patch import Patch, Source
from media_assets.superres.settings import PatchSettings
from media_assets_tests.superres.alone import Alone
from media_assets_tests.superres.standin import tree
from media_assets_tests.test_hostile import MARKED as UNUSABLE
from media_assets_tests.test_hostile import NO_MEDIA
from resources.home import ENV, Home

pytestmark = pytest.mark.slow

# Too long for a test of many files: six minutes, nearly black.
LONG = "long_1080p_lowbitrate.mp4"
FOLDERS = ("hostile", "hostile/made_dev", "hdr_uhd")

# Patches written of each, all of them planned but for those given up below.
WRITTEN = {
    "hostile/corrupted.mp4": 3,
    "hostile/mv_with_2_top_shots.mp4": 6,
    "hostile/sample_android_slow_motion.mp4": 1,
    "hostile/sample_fragmented.mp4": 4,
    "hostile/sample_missing_stsd.mp4": 4,
    "hostile/sample_rotate_and_reflect.mp4": 4,
    "hostile/sample_video_only.mp4": 4,
    "hostile/sample_with_chapters.mp4": 4,
    "hostile/sample_with_pgs_subtitles.mkv": 4,
    "hostile/sample_with_srt.mkv": 4,
    "hdr_uhd/hdr10_av1_1080p60_mdcv_clli.mp4": 8,
    "hdr_uhd/hdr10_hevc_1080p_vfr.mp4": 4,
    "hdr_uhd/hlg_hevc_1080p_editlist.mp4": 11,
    "hdr_uhd/sdr_hevc_8k.mp4": 1,
}
# Places rejected, by reason. The films are so short that there is no other place for them.
REJECTED = {
    "hostile/corrupted.mp4": {"damaged": 4},
    "hostile/mv_with_2_top_shots.mp4": {"scene_difference": 1},
    "hostile/no_duration.webm": {"black": 10},
}
# These are marked: what the reason says is wrong, and what to do.
MARKED = {
    **{f"hostile/{name}": NO_MEDIA for name, told in UNUSABLE.items() if told is NO_MEDIA},
    "hostile/made_dev/zero_byte.mp4": ("the file is empty", "Copy it again"),
    "hostile/invalid-bitstream.webm": ("no frame of the video can be decoded", "Get the master"),
    "hostile/made_dev/interlaced_tff_pal_sar.mpg": ("interlaced", "Use a progressive master"),
    "hdr_uhd/dolbyvision_p10_4k_av1.mp4": ("codec is unknown to FFmpeg", "Convert the master"),
}
# Sound and whole, but patches do not apply, and why.
NOT_APPLICABLE = {
    "hostile/bear-vp9-odd-dimensions.webm": "fits in 161x121",
    "hostile/sample_shorter_audio.mp4": "fits in 320x240",
    "hostile/video_90.mov": "3 frames are less than a window's 7",
    "hostile/made_dev/all_black_silent.mp4": "fits in 320x240",
    "hostile/made_dev/audio_only.m4a": "the master has no video",
    "hostile/made_dev/audio_starts_1500ms_late.mkv": "fits in 640x360",
    "hostile/made_dev/base.mp4": "fits in 640x360",
    "hostile/made_dev/bitrot_middle.mp4": "fits in 640x360",
    "hostile/made_dev/no_audio_track.mp4": "fits in 640x360",
    "hostile/made_dev/odd_size_641x359_444.mp4": "fits in 638x359",
    "hostile/made_dev/one_frame.mp4": "1 frames are less than a window's 7",
    "hostile/made_dev/resolution_changes_midway.ts": "fits in 640x360",
    "hostile/made_dev/rot90.mov": "fits in 360x640",
    "hostile/made_dev/sdr_10bit_hevc.mp4": "fits in 640x360",
    'hostile/made_dev/spaces  and "quotes" & $HOME; %s.mov': "fits in 360x640",
    "hostile/made_dev/three_audio_tracks.mkv": "fits in 640x360",
    "hostile/made_dev/truncated_faststart.mp4": "fits in 640x360",
    "hostile/made_dev/vfr.mp4": "fits in 640x360",
    "hostile/made_dev/wrong_extension_is_webm.mp4": "fits in 640x360",
    "hostile/made_dev/Épisode 01 – テスト «ё» 😀 [480p] (it's).mp4": "fits in 638x359",
}


@dataclass
class Trial:
    """masters: by path in the media; each is the episode of `of`."""

    home: Home
    report: RunReport
    masters: dict[str, Path]

    def of(self, path: str) -> str:
        return episode_id_of(self.masters[path].stem)

    def table(self, name: str, path: str) -> pl.DataFrame:
        return pl.read_parquet(self.home.table(name, self.of(path)))


@pytest.fixture(scope="module")
def trial(media_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Trial:
    home = Home(tmp_path_factory.mktemp("hostile") / "home")
    home.root.mkdir()
    files = [p for folder in FOLDERS for p in sorted((media_dir / folder).iterdir()) if p.is_file()]
    masters = {p.relative_to(media_dir).as_posix(): p for p in files if p.name != LONG}
    for master in masters.values():
        episode = episode_id_of(master.stem)
        register(home, Registration(episode, master, master.parent, ("superres",)))
    episodes = [episode_id_of(master.stem) for master in masters.values()]
    with (
        pytest.MonkeyPatch.context() as patch,
        dg.DagsterInstance.ephemeral(str(home.root)) as instance,
    ):
        patch.setenv(ENV, str(home.root))
        patch.setattr(work, "Workers", Alone)
        instance.add_dynamic_partitions("episodes", episodes)
        defs = build_defs()
        planned = runner.plan(defs, ["superres"])
        report = runner.run(defs, instance, episodes, planned, lambda episode, asset: None)
    return Trial(home, report, masters)


def test_nothing_fails_and_the_run_says_that_episodes_are_marked(trial: Trial) -> None:
    assert trial.report.failures == {}
    assert trial.report.exit_code == 3


def test_what_can_be_used_is_used_and_the_rest_has_a_reason(trial: Trial) -> None:
    written, rejected = {}, {}
    for path in trial.masters:
        made = trial.table("patches", path)
        if count := made.filter(status="written").height:
            written[path] = count
        if reasons := dict(made["reason"].drop_nulls().value_counts().iter_rows()):
            rejected[path] = reasons
    assert written == WRITTEN
    assert rejected == REJECTED


def test_marked_masters_say_what_where_and_what_to_do(trial: Trial) -> None:
    marked = trial.report.marked
    assert {path for path in trial.masters if trial.of(path) in marked} == set(MARKED)
    for path, (what, remedy) in MARKED.items():
        reason = marked[trial.of(path)]
        assert Path(path).name in reason
        assert what in reason
        assert remedy in reason


def test_what_does_not_apply_says_why(trial: Trial) -> None:
    tables = {path: trial.report.episodes[trial.of(path)]["patches"] for path in trial.masters}
    found = {path: made.reason for path, made in tables.items() if made.status == "not_applicable"}
    assert set(found) == set(NOT_APPLICABLE)
    assert {path for path, why in NOT_APPLICABLE.items() if why not in found[path]} == set()


def test_patches_given_up_are_told(trial: Trial) -> None:
    told = {path: trial.report.warnings.get(trial.of(path)) for path in trial.masters}
    assert {path for path, texts in told.items() if texts} == set(REJECTED)
    assert told["hostile/corrupted.mp4"] == [
        "4 of 7 patches are missing; places rejected: damaged 4"
    ]


@pytest.mark.parametrize(
    "path",
    [
        "hostile/corrupted.mp4",
        "hostile/mv_with_2_top_shots.mp4",
        "hostile/sample_fragmented.mp4",
        "hostile/sample_rotate_and_reflect.mp4",
        "hdr_uhd/hdr10_av1_1080p60_mdcv_clli.mp4",
        "hdr_uhd/hdr10_hevc_1080p_vfr.mp4",
        "hdr_uhd/hlg_hevc_1080p_editlist.mp4",
    ],
)
def test_frames_are_those_of_a_sequential_decode(trial: Trial, path: str, tmp_path: Path) -> None:
    """The first and the last patch, cut again from frames decoded from the beginning on."""
    (row,) = trial.table("patch_source", path).iter_rows(named=True)
    rows = trial.table("patches", path).filter(status="written").sort("start_frame")
    plan = trial.table("patch_plan", path)
    chosen = pl.concat([rows.head(1), rows.tail(1)]).unique("start_frame", maintain_order=True)
    # Places tried again have no row in the plan; of these films all stand where they were planned.
    places = plan.join(chosen, on=["window", "category", "start_frame"], how="semi")
    assert places.height == chosen.height
    windows = [Patch.of(place) for place in places.iter_rows(named=True)]
    wanted = {number for window in windows for number in window.frames}
    index = read_frame_index(trial.home.root / row["index_path"])
    decoded = ((index.position(f.pts), f) for f in decode_frames(trial.masters[path], index))
    frames = {number: frame for number, frame in decoded if number in wanted}
    for window in windows:
        given = [(number, frames[number]) for number in window.frames]
        root = tmp_path / "exports" / "superres"
        extract_window(given, [window], Source.of(row), PatchSettings(), root, tmp_path)
    again = tree(tmp_path / "exports")
    there = tree(trial.home.exports)
    assert len(again) == 3 * len(windows)
    assert again == {name: there[name] for name in again}
