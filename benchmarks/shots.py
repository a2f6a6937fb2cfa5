"""Shot transitions: against labels, against generated joins, and what they cost.

python -m benchmarks.shots [--media DIR]
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from benchmarks import given_media, joins
from media_assets.media.index import FrameIndex, read_index
from media_assets.media.luma import chroma_planes, luma_plane
from media_assets.media.picture import read_geometry
from media_assets.scoring.shots import (
    Counts,
    GradualScore,
    LabelledGradual,
    ShotTruth,
    contaminated,
    read_truth,
    score_cuts,
    score_gradual,
)
from media_assets.shots.clips import ClipSettings
from media_assets.shots.features import FeatureStream, beside_a_decoder
from media_assets.shots.frame_pass import measure_frames
from media_assets.shots.picture_area import picture_area
from media_assets.shots.quality import QualitySettings
from media_assets.shots.rows import clip_rows, quality_rows, scene_rows, shot_rows
from media_assets.shots.scenes import SceneSettings
from media_assets.shots.transitions import (
    Transition,
    TransitionConfig,
    detect_transitions,
)

LABELLED = {
    "animation/sintel_trailer_720p_vp8_opus.webm": "shots/sintel_trailer.json",
    "animation/big_buck_bunny_0_30_720p.webm": "shots/big_buck_bunny_0_30.json",
    "animation/popeye_p3_1080p_hevc_pgs.mkv": "shots/popeye_p3.json",
    "animation/popeye_p4_1080p_hevc_pgs.mkv": "shots/popeye_p4.json",
    "composite/dev/dev_episode_a.mkv": "composite/dev/dev_episode_a.json",
    "composite/dev/dev_lecture.mkv": "composite/dev/dev_lecture.json",
}

LOOKED_AT = {
    "composite/dev/dev_episode_a.mkv": (
        LabelledGradual(160, 184, "fade_out"),
        LabelledGradual(299, 314, "dissolve"),
        LabelledGradual(554, 575, "fade"),
        LabelledGradual(741, 761, "fade_out"),
        LabelledGradual(928, 952, "fade_out"),
        LabelledGradual(1316, 1340, None),
        LabelledGradual(1500, 1536, "fade_out"),
    ),
}
"""Transitions inside the source clips that the truth leaves out; each was looked at by eye: fades
to black, a beach that dissolves into a wave, a carnival that bleaches out and back to a street,
and a rainy lawn that fades to a dark sky."""

MORPHS = {
    "composite/dev/dev_episode_a.mkv": (
        LabelledGradual(57, 78, None),
        LabelledGradual(222, 253, None),
        LabelledGradual(451, 476, None),
        LabelledGradual(817, 846, None),
        LabelledGradual(1128, 1151, None),
    ),
}
"""Changes of all the background behind figures that stay: autumn trees, a beach in a growing ring,
a street, bare trees, white sky. No end of a shot, but better in no clip. Looked at by eye."""

COSTED = (
    "animation/sintel_trailer_720p_vp8_opus.webm",
    "animation/popeye_p3_1080p_hevc_pgs.mkv",
    "composite/dev/dev_episode_a.mkv",
)

ROUNDS = 5
SEQUENCES = 40
TUNING_SEED, HELD_OUT_SEED = 11, 22


def main() -> None:
    """Print all tables."""
    media = given_media(__doc__)
    labelled_files(media)
    contamination(media)
    generated_joins(media)
    cost(media)


def labelled_files(media: Path) -> None:
    """Hard cuts and gradual transitions of the labelled files, ours and PySceneDetect's."""
    print("Labelled files: hard cuts F1 (hits/false/missed), ours and PySceneDetect's Adaptive")
    print(f"{'file':32} {'ours 0':>18} {'ours +-1':>18} {'psd 0':>18} {'psd +-1':>18}")
    sums = [Counts()] * 4
    gradual: list[tuple[str, GradualScore]] = []
    for path, labels in LABELLED.items():
        truth = read_truth(media / labels)
        ours = detect_transitions(measure(media / path))
        theirs = adaptive_cuts(media / path)
        scores = [score_cuts(t, truth, k) for t in (ours, theirs) for k in (0, 1)]
        sums = [a + b for a, b in zip(sums, scores, strict=True)]
        print(f"{Path(path).stem:32}", *(f"{shown(s):>18}" for s in scores))
        seen = LOOKED_AT.get(path, ())
        full = ShotTruth(truth.n_frames, truth.fps, truth.hard_cuts, (*truth.gradual, *seen))
        gradual.append((Path(path).stem, score_gradual(ours, full)))
    print(f"{'pooled':32}", *(f"{shown(s):>18}" for s in sums))
    print(
        "\nGradual transitions at IoU >= 0.5. extent: lies on a labelled or looked-at transition,"
        "\nat less. false: lies on none. strict: both, all that a match at IoU >= 0.5 leaves over"
    )
    print(f"{'file':32} {'found':>6} {'missed':>7} {'extent':>7} {'false':>6}")
    for name, score in gradual:
        counts = score.counts
        extent = counts.false - score.alien
        print(f"{name:32} {counts.hits:6} {counts.missed:7} {extent:7} {score.alien:6}")
    minutes = sum(score.minutes for _, score in gradual)
    alien = sum(score.alien for _, score in gradual)
    strict = sum(score.counts.false for _, score in gradual)
    print(
        f"per minute, of {minutes:.1f}: false {alien / minutes:.2f} ({alien}), "
        f"strict {strict / minutes:.2f} ({strict})\n"
    )


def contamination(media: Path) -> None:
    """Kept clips that span a labelled cut or reach into a labelled transition: none should."""
    print("Kept clips with default settings. bad: spans a labelled cut or reaches into a labelled")
    print("transition. seen: reaches into a change that the truth leaves out and was looked at")
    print(
        f"{'file':32} {'clips':>6} {'kept':>5} {'minutes':>8} {'aside':>6} {'bad':>4} {'seen':>5}"
    )
    show = Path(__file__).resolve().parents[1] / "media_assets" / "demo" / "show"
    files = [(media / path, media / labels, path) for path, labels in LABELLED.items()]
    files += [(p, show / "truth" / f"{p.stem}.json", "") for p in sorted(show.glob("*.mp4"))]
    for path, labels, key in files:
        truth = read_truth(labels)
        changes = (*LOOKED_AT.get(key, ()), *MORPHS.get(key, ()))
        seen = ShotTruth(truth.n_frames, truth.fps, (), changes)
        clips = judged_clips(path)
        kept = clips.filter("kept")
        spans = kept.select("start_frame", "end_frame").rows()
        minutes = (kept["end_s"] - kept["start_s"]).sum() / 60
        print(
            f"{path.stem:32} {clips.height:6} {kept.height:5} {minutes:8.2f} "
            f"{clips['suspected'].sum():6} {len(contaminated(spans, truth)):4} "
            f"{len(contaminated(spans, seen)):5}"
        )
    print()


def judged_clips(path: Path) -> pl.DataFrame:
    """The clips of a file with default settings, joined with what is said of their quality."""
    index = read_index(path)
    geometry, rate = read_geometry(path, index), index.nominal_rate()
    probe = {
        "fps_num": rate.numerator,
        "fps_den": rate.denominator,
        "coded_width_px": geometry.width_px,
        "coded_height_px": geometry.height_px,
        "pixel_aspect": str(geometry.pixel_aspect),
        "rotation_deg": 90 if geometry.transpose else 0,
    }
    with TemporaryDirectory() as folder:
        measures = measure_frames(path, Path(folder) / "kept.nut")
    shots = shot_rows("e", measures, TransitionConfig())
    scenes = scene_rows(shots, measures, SceneSettings())
    clips = clip_rows(shots, scenes, measures, probe, ClipSettings())
    quality = quality_rows(clips, measures, probe, QualitySettings())
    return clips.join(quality.drop("episode_id"), on="clip_id")


def shown(counts: Counts) -> str:
    return f"{counts.f1:.3f} ({counts.hits}/{counts.false}/{counts.missed})"


def generated_joins(media: Path) -> None:
    """Recall by kind and precision on joins made of real footage."""
    print("Generated joins: cuts at +-1 frame, dissolves and fades at IoU >= 0.5")
    print(f"{'part':10} {'cut':>14} {'dissolve':>14} {'fade':>14} {'precision':>10} {'frames':>8}")
    parts = (
        ("tuning", joins.TUNING, TUNING_SEED),
        ("held out", joins.HELD_OUT, HELD_OUT_SEED),
    )
    for name, sources, seed in parts:
        cuts, gradual, frames = Counts(), Counts(), 0
        kinds = {"dissolve": Counts(), "fade": Counts()}
        for sequence in joins.make_sequences(media, sources, count=SEQUENCES, seed=seed):
            stream = FeatureStream()
            for luma in sequence.luma:
                stream.push(luma)
            found = detect_transitions(stream.finish())
            truth = truth_of(sequence)
            frames += truth.n_frames
            cuts += score_cuts(found, truth, 1)
            score = score_gradual(found, truth)
            gradual += score.counts
            for kind in kinds:
                kinds[kind] += score.by_kind.get(kind, Counts())
        recalls = (f"{c.recall:.3f} /{c.hits + c.missed:4}" for c in (cuts, *kinds.values()))
        precision = (cuts + gradual).precision
        print(f"{name:10}", *(f"{r:>14}" for r in recalls), f"{precision:10.3f} {frames:8}")
    print()


def truth_of(sequence: joins.Sequence) -> ShotTruth:
    """The joins of a sequence as labels."""
    cuts = tuple(join.start for join in sequence.joins if join.kind == "cut")
    gradual = tuple(
        LabelledGradual(join.start, join.end, join.kind)
        for join in sequence.joins
        if join.kind != "cut"
    )
    return ShotTruth(len(sequence.luma), 24.0, cuts, gradual)


def cost(media: Path) -> None:
    """CPU of a bare decode, and of the same decode with features and detection, interleaved."""
    print(f"CPU (user + system), least of {ROUNDS} interleaved rounds, ms per frame")
    print(f"{'file':32} {'decode':>8} {'with ours':>10} {'ratio':>7}")
    for path in COSTED:
        bare, full = zip(
            *(
                (decode_cpu(media / path, watch=False), decode_cpu(media / path, watch=True))
                for _ in range(ROUNDS)
            ),
            strict=True,
        )
        print(
            f"{Path(path).stem:32} {min(bare):8.3f} {min(full):10.3f} {min(full) / min(bare):7.3f}"
        )


def decode_cpu(path: Path, *, watch: bool) -> float:
    """CPU milliseconds per frame of decoding a file, with or without looking for transitions."""
    index = read_index(path)
    before = os.times()
    if watch:
        detect_transitions(measure(path, index))
    else:
        for _ in frames_of(path):
            pass
    after = os.times()
    return 1000 * (after.user + after.system - before.user - before.system) / len(index)


def measure(path: Path, index: FrameIndex | None = None) -> pl.DataFrame:
    """Features of every frame of a file."""
    stream = FeatureStream(picture_area(path, index or read_index(path)))
    with beside_a_decoder():
        for frame in frames_of(path):
            chroma = chroma_planes(frame) if stream.wants_chroma else None
            stream.push(luma_plane(frame), chroma)
        return stream.finish()


def frames_of(path: Path) -> Iterator[Any]:
    """The frames of a file's first video stream."""
    import av

    with av.open(str(path)) as container:
        video = container.streams.video[0]
        video.thread_type = "AUTO"
        yield from container.decode(video)


def adaptive_cuts(path: Path) -> list[Transition]:
    """The cuts PySceneDetect's AdaptiveDetector finds with its defaults."""
    import scenedetect

    scenes = scenedetect.detect(str(path), scenedetect.AdaptiveDetector())
    starts = [start.frame_num for start, _ in scenes][1:]
    return [Transition(start, start, "cut", 1.0) for start in starts]


if __name__ == "__main__":
    main()
