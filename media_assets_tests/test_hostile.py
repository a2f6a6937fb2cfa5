"""A library as it comes: broken copies, odd formats, wild names; and a home that was damaged."""

import errno
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import polars.selectors as cs
import pytest

from media_assets import runner
from media_assets.definitions import build_defs
from media_assets.library import (
    Registration,
    check_episode_id,
    default_uses,
    episode_id_of,
    register,
    registrations,
)
from media_assets.media.encode import EncodedClip, EncodeSettings, encode_clip
from media_assets.runner import RunReport
from media_assets_tests.test_cli import media_assets
from resources.home import ENV, Home
from resources.tables import read_footer

pytestmark = pytest.mark.slow

# Too long for the whole job; its decode is measured by itself.
LONG = "long_1080p_lowbitrate.mp4"
WILD = "-rf\nnew line\x07[bold].mp4"
LATIN = os.fsdecode(b"caf\xe9.mp4")

# Of each of these a clip goes into the dataset.
KEPT = {
    *("bear-vp9-odd-dimensions.webm", "mv_with_2_top_shots.mp4", "sample_fragmented.mp4"),
    *("sample_missing_stsd.mp4", "sample_rotate_and_reflect.mp4", "sample_shorter_audio.mp4"),
    *("sample_video_only.mp4", "sample_with_chapters.mp4", "sample_with_srt.mkv"),
    *("made_dev/audio_starts_1500ms_late.mkv", "made_dev/base.mp4", "made_dev/vfr.mp4"),
    *("made_dev/interlaced_tff_pal_sar.mpg", "made_dev/no_audio_track.mp4"),
    *("made_dev/odd_size_641x359_444.mp4", "made_dev/resolution_changes_midway.ts"),
    *("made_dev/rot90.mov", "made_dev/sdr_10bit_hevc.mp4", "made_dev/three_audio_tracks.mkv"),
    *('made_dev/spaces  and "quotes" & $HOME; %s.mov', "made_dev/wrong_extension_is_webm.mp4"),
    *("made_dev/Épisode 01 – テスト «ё» 😀 [480p] (it's).mp4", WILD, LATIN),
}
# These have clips, each of them rejected, the last for this reason.
REJECTED = {
    "corrupted.mp4": "damaged",
    "made_dev/bitrot_middle.mp4": "damaged",
    "made_dev/truncated_faststart.mp4": "damaged",
    "made_dev/all_black_silent.mp4": "black",
    "no_duration.webm": "black",
    "sample_android_slow_motion.mp4": "too_short",
    "sample_with_pgs_subtitles.mkv": "too_short",
}
NO_MEDIA = ("no readable media", "copy it again")
# These are marked: what the reason says is wrong, and what to do.
MARKED = {
    "chunk_out_of_range.mp4": NO_MEDIA,
    "sample_malformed_free_box.mp4": NO_MEDIA,
    "made_dev/header_only.mp4": NO_MEDIA,
    "made_dev/random_garbage.mkv": NO_MEDIA,
    "made_dev/text_renamed.mp4": NO_MEDIA,
    "made_dev/truncated_no_moov.mp4": NO_MEDIA,
    "made_dev/zero_byte.mp4": ("the file is empty", "Copy it again"),
    "pipe.mp4": ("the file is empty", "Copy it again"),
    "invalid-bitstream.webm": ("no frame of the video can be decoded", "Get the master again"),
    "made_dev/one_frame.mp4": ("no shot among its frames (1 in all)", "copy is complete"),
    "video_90.mov": ("no shot among its frames (3 in all)", "copy is complete"),
    "gone.mp4": ("the file is gone", "Put it back"),
    "loop.mp4": ("a link that leads to itself", "Replace it"),
}
SOUND = "made_dev/audio_only.m4a"


@dataclass
class Library:
    """Masters in a folder, a home for them, and what each run of the main job reports."""

    home: Home
    masters: Path

    def __post_init__(self) -> None:
        state = self.home.root / "dagster"
        state.mkdir(parents=True)
        self.instance = dg.DagsterInstance.ephemeral(str(state))

    def add(self, source: Path, name: str, show: str | None = None) -> Path:
        master = self.masters / name
        shutil.copyfile(source, master)
        episode = episode_id_of(master.stem)
        register(self.home, Registration(episode, master, self.masters, default_uses(master), show))
        return master

    def run(self) -> RunReport:
        episodes = list(registrations(self.home))
        self.instance.add_dynamic_partitions("episodes", episodes)
        defs = build_defs()
        planned = runner.plan(defs, [])
        return runner.run(defs, self.instance, episodes, planned, lambda episode, asset: None)

    def table(self, name: str, episode: str) -> pl.DataFrame:
        return pl.read_parquet(self.home.table(name, episode))


def computed(report: RunReport, episode: str) -> dict[str, int]:
    """Rows computed by asset for an episode; assets without any left out."""
    return {name: t.computed for name, t in report.episodes[episode].items() if t.computed}


def tree(folder: Path) -> dict[str, int]:
    """Every path below a folder with its time of change."""
    return {str(p): p.lstat().st_mtime_ns for p in folder.rglob("*")}


@dataclass
class Trial:
    """What became of all the hostile files in one home.

    episodes: by path in the library. written: what was changed outside the home.
    """

    library: Library
    report: RunReport
    episodes: dict[str, str]
    written: list[Path]

    def of(self, asset: str, path: str) -> pl.DataFrame:
        return self.library.table(asset, self.episodes[path])


def encode_fast(*arguments: Any, settings: EncodeSettings, **rest: Any) -> EncodedClip:
    return encode_clip(*arguments, settings=replace(settings, preset="ultrafast"), **rest)


@pytest.fixture(scope="module")
def trial(media_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Trial:
    root = tmp_path_factory.mktemp("hostile")
    library = Library(Home(root / "home"), root / "masters")
    source = media_dir / "hostile"
    shutil.copytree(source, library.masters, ignore=shutil.ignore_patterns(LONG))
    for folder in (library.masters, library.masters / "made_dev"):
        folder.chmod(0o755)
    for name in (WILD, LATIN):
        shutil.copyfile(source / "sample_shorter_audio.mp4", library.masters / name)
    (library.masters / LATIN).with_suffix(".srt").write_text(
        "1\n00:00:00,100 --> 00:00:01,000\nA\n"
    )
    (library.masters / "folder.mp4").mkdir()
    (library.masters / "loop.mp4").symlink_to("loop.mp4")
    (library.masters / "gone.mp4").symlink_to("nowhere.mp4")
    os.mkfifo(library.masters / "pipe.mp4")
    before = tree(library.masters)
    added = media_assets(library.home.root, "add", str(library.masters))
    assert added.returncode == 0, added.stderr
    scratch = root / "scratch"
    scratch.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(ENV, str(library.home.root))
        patch.setattr("tempfile.tempdir", str(scratch))
        # How small x264 makes them is not the question here.
        patch.setattr("media_assets.shots.cut_clips.encode_clip", encode_fast)
        report = library.run()
    episodes = {
        entry.master.relative_to(library.masters).as_posix(): entry.episode_id
        for entry in registrations(library.home).values()
    }
    written = [*scratch.iterdir()] if before == tree(library.masters) else [library.masters]
    return Trial(library, report, episodes, written)


def test_every_file_and_nothing_else_became_an_episode(trial: Trial) -> None:
    assert set(trial.episodes) == KEPT | set(REJECTED) | set(MARKED) | {SOUND}
    assert all(check_episode_id(episode) for episode in trial.episodes.values())


def test_nothing_fails_and_the_run_says_that_episodes_are_marked(trial: Trial) -> None:
    assert trial.report.failures == {}
    assert trial.report.exit_code == 3


def test_what_can_be_used_is_used(trial: Trial) -> None:
    kept = {path for path in trial.episodes if trial.of("clip_quality", path)["kept"].any()}
    assert kept == KEPT
    files = {path for path in trial.episodes if trial.of("clip_files", path).height}
    assert files == KEPT
    dataset = trial.library.home.exports / "dataset" / "clips"
    assert {p.name[:-13] for p in dataset.iterdir()} == {trial.episodes[path] for path in KEPT}


def test_what_is_rejected_has_a_reason(trial: Trial) -> None:
    reasons = {path: trial.of("clip_quality", path)["reasons"].to_list() for path in REJECTED}
    assert all(all(each) for each in reasons.values()), reasons
    assert {path: each[-1][0] for path, each in reasons.items()} == REJECTED


def test_marked_episodes_say_what_where_and_what_to_do(trial: Trial) -> None:
    reasons = {path: trial.report.marked.get(episode) for path, episode in trial.episodes.items()}
    assert {path for path, reason in reasons.items() if reason} == set(MARKED)
    for path, (what, remedy) in MARKED.items():
        reason = reasons[path] or ""
        assert Path(path).name in reason
        assert what in reason
        assert remedy in reason
        assert reason.isprintable()
        assert len(reason) < 250


def test_a_damaged_master_is_told_with_the_place_of_the_damage(trial: Trial) -> None:
    damaged = {path for path, reason in REJECTED.items() if reason == "damaged"}
    warned = {trial.episodes[path] for path in damaged}
    told = {
        episode: text
        for episode, texts in trial.report.warnings.items()
        for text in texts
        if "frames are damaged" in text
    }
    assert set(told) == warned
    text = told[trial.episodes["made_dev/truncated_faststart.mp4"]]
    assert text == "20 of 84 frames are damaged, between 2.7 and 3.5 s. Copy the master again."


def test_sound_alone_is_an_episode_of_speech(trial: Trial) -> None:
    assert trial.episodes[SOUND] not in trial.report.marked
    assert trial.report.episodes[trial.episodes[SOUND]]["clips"].status == "not_applicable"
    assert trial.of("probe", SOUND)["audio_stream"].to_list() == [0]


def test_neighbours_change_nothing(trial: Trial, media_dir: Path, quiet: Library) -> None:
    path = "made_dev/base.mp4"
    quiet.add(media_dir / "hostile" / path, "base.mp4")
    quiet.run()
    for asset in ("frame_measures", "clips", "reference_frames", "captions"):
        assert quiet.table(asset, "base").equals(trial.of(asset, path)), asset
    ours, theirs = quiet.table("clip_files", "base"), trial.of("clip_files", path)
    assert ours["frames_sha256"].to_list() == theirs["frames_sha256"].to_list()


def test_nothing_is_written_outside_the_home(trial: Trial) -> None:
    assert trial.written == []


def test_no_table_or_export_tells_a_path_of_this_machine(trial: Trial) -> None:
    home, secret = trial.library.home, str(trial.library.masters.parent)
    for path in [*home.tables.rglob("*.parquet"), *home.exports.rglob("*.parquet")]:
        told = pl.read_parquet(path).select(cs.string() | cs.by_dtype(pl.List(pl.String)))
        footer = read_footer(path)
        assert secret not in told.write_json(), path
        assert secret not in str(footer), path
    for path in home.exports.rglob("*"):
        if path.suffix in (".json", ".jsonl", ".csv", ".md"):
            assert secret not in path.read_text(), path


def test_names_are_told_as_they_are(trial: Trial) -> None:
    assert trial.of("masters", WILD)["path"].to_list() == [WILD]
    assert trial.of("masters", LATIN)["path"].to_list() == ["caf\\xe9.mp4"]
    assert trial.of("masters", LATIN)["sidecars"].to_list() == [["caf\\xe9.srt"]]
    assert trial.of("subtitles", LATIN)["text"].to_list() == ["A"]


@pytest.fixture
def quiet(home: Home, tmp_path: Path) -> Library:
    """An empty library."""
    (tmp_path / "masters").mkdir()
    return Library(home, tmp_path / "masters")


@pytest.fixture
def short(media_dir: Path) -> Path:
    """A whole master, 1.2 s of 320x240 with sound."""
    return media_dir / "hostile" / "sample_shorter_audio.mp4"


def test_a_master_that_vanished_is_marked_and_welcome_back(quiet: Library, short: Path) -> None:
    for name in ("one.mp4", "two.mp4"):
        quiet.add(short, name)
    assert quiet.run().exit_code == 0
    (quiet.masters / "one.mp4").rename(quiet.masters / "away")
    report = quiet.run()
    assert report.exit_code == 3
    assert report.marked == {
        "one": "one.mp4: the file is gone. Put it back, or remove the episode."
    }
    assert computed(report, "two") == {}
    (quiet.masters / "away").rename(quiet.masters / "one.mp4")
    report = quiet.run()
    assert report.exit_code == 0
    assert quiet.table("clip_files", "one").height == 1


def test_another_file_under_the_same_name_makes_everything_again(
    quiet: Library, short: Path, media_dir: Path
) -> None:
    master = quiet.add(short, "one.mp4")
    quiet.run()
    before = quiet.table("clip_files", "one")
    shutil.copyfile(media_dir / "hostile" / "sample_with_chapters.mp4", master)
    report = quiet.run()
    assert {"masters", "probe", "frame_measures", "shots", "clips"} <= set(computed(report, "one"))
    after = quiet.table("clip_files", "one")
    assert after["frames_sha256"].to_list() != before["frames_sha256"].to_list()
    exported = quiet.home.exports / "dataset" / "clips" / f"{after['clip_id'][0]}.mp4"
    assert exported.stat().st_size == after["bytes"][0]


def test_a_touched_master_of_the_same_content_costs_one_hash(quiet: Library, short: Path) -> None:
    master = quiet.add(short, "one.mp4")
    quiet.run()
    os.utime(master, (1, 1))
    report = quiet.run()
    assert computed(report, "one") == {"masters": 1}
    assert {name: t.computed for name, t in report.library.items() if t.computed} == {}


def truncated(content: bytes) -> bytes:
    return content[: len(content) // 2]


def overwritten(content: bytes) -> bytes:
    return b"not a table at all\n" * 40


def rotten(content: bytes) -> bytes:
    """The footer is whole and the rows are not."""
    return content[:4] + bytes(200) + content[204:]


def test_a_damaged_table_is_made_again_and_nothing_else(quiet: Library, short: Path) -> None:
    quiet.add(short, "one.mp4")
    quiet.run()
    for asset, damage in (
        ("shots", truncated),
        ("clips", overwritten),
        ("frame_measures", rotten),
        ("clip_files", truncated),
    ):
        path = quiet.home.table(asset, "one")
        whole = quiet.table(asset, "one")
        path.write_bytes(damage(path.read_bytes()))
        report = quiet.run()
        assert report.exit_code == 0, report.failures
        assert computed(report, "one") == {asset: whole.height}
        assert quiet.table(asset, "one").equals(whole)


def test_a_full_disk_leaves_the_old_state(
    quiet: Library, short: Path, media_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    master = quiet.add(short, "one.mp4")
    quiet.run()
    folders = (quiet.home.tables, quiet.home.files, quiet.home.exports)
    before = {p: p.read_bytes() for f in folders for p in f.rglob("*") if p.is_file()}
    shutil.copyfile(media_dir / "hostile" / "sample_with_chapters.mp4", master)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        report = quiet.run()
    assert report.exit_code == 1
    assert "No space left on device" in report.failures["one"]
    assert {p: p.read_bytes() for f in folders for p in f.rglob("*") if p.is_file()} == before
    assert quiet.run().exit_code == 0


def test_a_master_that_may_not_be_read_is_marked(quiet: Library, short: Path) -> None:
    master = quiet.add(short, "one.mp4")
    master.chmod(0)
    if os.access(master, os.R_OK):
        pytest.skip("the superuser may read every file")
    assert quiet.run().marked == {"one": "one.mp4: the file may not be read. Give read permission."}


SHOW = "show: Harbour\ncharacters:\n  - name: [unclosed\n"


def test_a_bad_show_is_one_line_when_added(tmp_path: Path, short: Path) -> None:
    (tmp_path / "show").mkdir()
    (tmp_path / "show" / "show.yaml").write_text(SHOW)
    done = media_assets(tmp_path / "home", "add", str(short), "--show", str(tmp_path / "show"))
    assert done.returncode == 2
    assert done.stderr.startswith("show/show.yaml: not YAML (")
    assert done.stderr.count("\n") == 1
    assert not list((tmp_path / "home").rglob("*.json"))


def test_a_show_gone_bad_marks_its_episodes_and_makes_their_clips(
    quiet: Library, short: Path
) -> None:
    (quiet.home.knowledge / "harbour").mkdir(parents=True)
    (quiet.home.knowledge / "harbour" / "show.yaml").write_text(SHOW)
    quiet.add(short, "one.mp4", show="harbour")
    report = quiet.run()
    assert report.failures == {}
    assert report.marked["one"].startswith("harbour/show.yaml: not YAML (")
    assert quiet.table("clip_files", "one").height == 1


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("clips: {max_s: [", "config.yaml: not YAML ("),
        ("clip_files: {preset: quick}", "config.yaml, clip_files: preset 'quick' is none of"),
        ("clips: {max_s: -3}", "config.yaml, clips: no clip is -3.0 s long"),
    ],
)
def test_a_bad_config_is_one_line(tmp_path: Path, short: Path, text: str, complaint: str) -> None:
    media_assets(tmp_path / "home", "add", str(short))
    (tmp_path / "home" / "config.yaml").write_text(text)
    done = media_assets(tmp_path / "home", "run")
    assert done.returncode == 2
    assert done.stderr.startswith(complaint)
    assert done.stderr.count("\n") == 1


# The peak is asked of the kernel; `getrusage` would count the process that started this one.
MEASURE = """
import re, sys
from pathlib import Path
from media_assets.shots.frame_pass import measure_frames
rows = measure_frames(Path(sys.argv[1]), Path(sys.argv[2])).height
peak_kb = re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text()).group(1)
print(rows, int(peak_kb) // 1024)
"""


def test_memory_does_not_grow_with_the_length_of_a_master(media_dir: Path, tmp_path: Path) -> None:
    """10883 frames of 1080p: 33 GB if all of them were held."""
    arguments = [str(media_dir / "hostile" / LONG), str(tmp_path / "kept.nut")]
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    frames, peak_mb = map(int, done.stdout.split())
    assert frames == 10883
    assert peak_mb < 700
