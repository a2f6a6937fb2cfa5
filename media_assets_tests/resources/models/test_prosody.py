"""What measured prosody says of made voices, and of which lines it says nothing."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import butter, lfilter, sosfiltfilt

from media_assets.media.audio import read_audio
from resources.models.interfaces import RATE, Samples
from resources.models.prosody import ProsodyClassifier
from resources.models.prosody_features import measure_prosody
from resources.models.prosody_model import SHIPPED, ProsodyModel
from resources.models.prosody_pitch import track_pitch


def vowel(hertz: float, seconds: float = 1.5, breath: float = 0.02) -> Samples:
    """A hummed vowel: pulses through three resonances, with some breath."""
    time = np.arange(round(seconds * RATE)) / RATE
    phase = np.cumsum(hertz * (1 + 0.05 * np.sin(2 * np.pi * 3 * time)) / RATE)
    harmonics = np.arange(1, int(7000 / (1.05 * hertz)) + 1)
    source = np.cos(2 * np.pi * phase[:, None] * harmonics).mean(1)
    source = source + breath * np.random.default_rng(3).normal(size=len(time))
    for centre, width in ((600, 80), (1300, 100), (2600, 150)):
        radius = np.exp(-np.pi * width / RATE)
        poles = [1, -2 * radius * np.cos(2 * np.pi * centre / RATE), radius**2]
        source = lfilter([1 - radius], poles, source)
    return (0.3 * source / np.abs(source).max()).astype(np.float32)


@settings(max_examples=15, deadline=None)
@given(st.floats(70, 500))
def test_pitch_is_found_wherever_voices_are(hertz: float) -> None:
    f0, harmonicity = track_pitch(vowel(hertz).astype(np.float64))
    voiced = f0 > 0
    assert voiced.mean() > 0.9
    assert abs(np.median(f0[voiced]) / hertz - 1) < 0.03
    assert np.median(harmonicity[voiced]) > 0.8


def test_noise_and_silence_have_no_pitch() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, RATE)
    assert (track_pitch(noise)[0] > 0).mean() < 0.1
    assert not track_pitch(np.zeros(RATE))[0].any()


@settings(max_examples=6, deadline=None)
@given(st.integers(-9, 1))
def test_level_changes_no_feature(halvings: int) -> None:
    line = vowel(180)
    plain, other = measure_prosody(line), measure_prosody(line * np.float32(2.0**halvings))
    assert len(plain.views) == 3
    for one, view in zip(plain.views, other.views, strict=True):
        assert list(one) == list(view)
        np.testing.assert_allclose(list(one.values()), list(view.values()), rtol=1e-6, atol=1e-6)


def test_silence_around_a_line_is_no_part_of_it() -> None:
    line, silence = vowel(140), np.zeros(RATE, np.float32)
    padded = measure_prosody(np.concatenate([silence, line, silence]))
    assert padded.spoken_s == pytest.approx(measure_prosody(line).spoken_s, abs=0.05)


def test_the_shipped_coefficients_say_where_they_come_from() -> None:
    assert SHIPPED.stat().st_size < 200_000
    model = ProsodyModel.from_json(SHIPPED.read_text())
    assert model.to_json() == SHIPPED.read_text()
    data = model.provenance["data"]
    assert (data["name"], data["licence"], data["language"]) == (
        "Emo-DB",
        "usage: unrestricted",
        "de",
    )
    assert (data["files"], data["speakers"]) == (65, 5)
    assert len(data["sha256"]) == 64
    assert {"anger", "boredom", "disgust", "fear", "happiness", "neutral", "sadness"} == set(
        model.labels
    )


def reason(line: Samples, language: str | None = "de", **rules: float) -> str:
    """Why a line is not judged; empty where it is."""
    (feeling,) = ProsodyClassifier(**rules).feelings([line], ["SPEAKER_00"], language)
    return feeling.reason or ""


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (np.zeros(0, np.float32), "too short"),
        (np.zeros(2 * RATE, np.float32), "too short"),
        (vowel(150, 0.6), "too short"),
        (np.random.default_rng(2).normal(0, 0.1, 2 * RATE).astype(np.float32), "too little voice"),
        (vowel(150, 21), "longer than 20 s"),
    ],
)
def test_what_holds_too_little_speech_is_not_judged(line: Samples, told: str) -> None:
    assert reason(line).startswith(told)


@pytest.mark.parametrize("language", ["en", None, "nl"])
def test_other_languages_are_not_judged_unless_it_is_told_to(language: str | None) -> None:
    assert "trained on de" in reason(vowel(150), language)
    willing = ProsodyClassifier(languages=["*"])
    (feeling,) = willing.feelings([vowel(150)], ["SPEAKER_00"], language)
    assert "trained on" not in (feeling.reason or "")


@pytest.fixture(scope="module")
def german(media_dir: Path) -> list[Samples]:
    """The lines of speaker 03 of Emo-DB."""
    files = sorted((media_dir / "speech/emodb_dev").glob("03*.wav"))
    return [read_audio(file, 0, 10, rate=RATE, channels=1)[:, 0] for file in files]


def test_a_telephones_band_is_not_judged(german: list[Samples]) -> None:
    telephone = butter(8, (300, 3400), "bandpass", fs=RATE, output="sos")
    for line in german[:4]:
        assert reason(sosfiltfilt(telephone, line).astype(np.float32)).startswith("narrow band")


def test_a_recorded_telephone_call_is_not_judged(media_dir: Path) -> None:
    call = media_dir / "speech/phone/sample.wav"
    for start in (7, 10, 15, 20):
        line = read_audio(call, start, start + 3, rate=RATE, channels=1)[:, 0]
        assert reason(line).startswith("narrow band")


@pytest.mark.parametrize(
    ("path", "starts"),
    [
        ("speech/voice_styles/whisper.flac", (0, 1.5, 3)),
        ("speech/voice_styles/falsetto.flac", (0, 1, 1.5)),
        ("music/fluffing_a_duck.mp3", (5, 15, 25, 40, 55)),
    ],
)
def test_whisper_falsetto_and_music_are_not_judged(
    media_dir: Path, path: str, starts: tuple[float, ...]
) -> None:
    for start in starts:
        line = read_audio(media_dir / path, start, start + 2.5, rate=RATE, channels=1)[:, 0]
        assert reason(line).startswith(("unlike the training lines", "too little voice"))


def test_noise_below_speech_is_outside_of_what_it_knows(german: list[Samples]) -> None:
    noise = np.random.default_rng(0)
    noisy = [(x + 0.6 * x.std() * noise.normal(size=len(x))).astype(np.float32) for x in german[:5]]
    assert all(reason(line).startswith("unlike") for line in noisy)


def test_lines_are_judged_relative_to_their_speakers_own_if_they_are_many_and_differ(
    german: list[Samples],
) -> None:
    classifier = ProsodyClassifier()
    same, nobody = ["SPEAKER_00"] * len(german), [None] * len(german)
    many = classifier.feelings(german, same, "de")
    few = classifier.feelings(german[:9], same[:9], "de")
    unknown = classifier.feelings(german, nobody, "de-DE")
    alike = classifier.feelings(german[:1] * 12, ["SPEAKER_00"] * 12, "de")
    assert {f.normalised for f in many if f.scores} == {"speaker"}
    assert {f.normalised for f in (*few, *unknown, *alike) if f.scores} == {"none"}
    judged = [f for f in many if f.reason is None]
    assert len(judged) > len(german) / 2
    for feeling in judged:
        assert sum(feeling.scores.values()) == pytest.approx(1)
        assert max(feeling.scores.values()) >= 0.5
    unsure = [f for f in many if f.scores and f.reason]
    assert all(max(f.scores.values()) < 0.5 and f.reason.startswith("not sure") for f in unsure)


def test_rules_and_coefficients_are_part_of_what_made_a_row(tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text(SHIPPED.read_text().replace('"bias":[', '"bias":[0.0,', 1))
    made = {
        ProsodyClassifier(**given).backend
        for given in (
            {},
            {"languages": ["en"]},
            {"least_confidence": 0.6},
            {"least_lines": 4},
            {"least_variety": 0.5},
            {"coefficients": str(other)},
        )
    }
    assert len(made) == 6
    assert not any(str(tmp_path) in backend for backend in made)
