"""Published kinds of emotion models, tiny and with random weights, run for real."""

import json
from pathlib import Path

import numpy as np
import pytest

from resources.gpu import Gpu
from resources.models.checkpoints import UNTRAINED, MissingCheckpoint
from resources.models.emotion_funasr import Emotion2vec
from resources.models.emotion_labels import WORDS, emotion_of, feeling_of
from resources.models.emotion_transformers import TransformersEmotion
from resources.models.interfaces import RATE, Samples

FOLDER = "emotion/tiny"
SUPERB = ["neu", "hap", "ang", "sad"]
PLUS = [
    "生气/angry",
    "厌恶/disgusted",
    "恐惧/fearful",
    "开心/happy",
    "中立/neutral",
    "其他/other",
    "难过/sad",
    "吃惊/surprised",
    "<unk>",
]


def line(seconds: float, seed: int = 0) -> Samples:
    noise = np.random.default_rng(seed).normal(0, 0.1, round(seconds * RATE))
    return noise.astype(np.float32)


def test_labels_of_published_models_are_known() -> None:
    assert [emotion_of(label) for label in SUPERB] == ["neutral", "happiness", "anger", "sadness"]
    assert [emotion_of(label) for label in PLUS] == [
        "anger",
        "disgust",
        "fear",
        "happiness",
        "neutral",
        None,
        "sadness",
        "surprise",
        None,
    ]
    assert emotion_of("Fearful") == "fear"
    assert emotion_of("LABEL_0") is None
    every = [theirs for words in WORDS.values() for theirs in words]
    assert len(every) == len(set(every))


def test_a_label_that_is_no_emotion_is_an_abstention() -> None:
    assert "'其他/other'" in (feeling_of({"开心/happy": 0.4, "其他/other": 0.6}, 0.3).reason or "")
    unsure = feeling_of({"hap": 0.45, "sad": 0.3, "neu": 0.25}, 0.5)
    assert unsure.reason == "not sure (likeliest: happiness, 0.45)"
    assert feeling_of({"hap": 0.55, "sad": 0.45}, 0.5).scores == {
        "happiness": 0.55,
        "sadness": 0.45,
    }


def save(folder: Path, kind: str, labels: list[str]) -> None:
    """A classifier in the hub's layout."""
    import torch
    import transformers as tf

    torch.manual_seed(0)
    naming = {
        "id2label": dict(enumerate(labels)),
        "label2id": {label: i for i, label in enumerate(labels)},
    }
    small = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    convolutions = {
        "conv_dim": (8, 8),
        "conv_kernel": (10, 8),
        "conv_stride": (10, 32),
        "num_feat_extract_layers": 2,
        "num_conv_pos_embeddings": 8,
        "num_conv_pos_embedding_groups": 2,
        "intermediate_size": 16,
        "classifier_proj_size": 8,
    }
    if kind == "whisper":
        config = tf.WhisperConfig(
            d_model=16,
            encoder_layers=1,
            decoder_layers=1,
            encoder_attention_heads=2,
            decoder_attention_heads=2,
            encoder_ffn_dim=16,
            decoder_ffn_dim=16,
            classifier_proj_size=8,
            vocab_size=64,
            pad_token_id=0,
            bos_token_id=1,
            eos_token_id=2,
            decoder_start_token_id=1,
            **naming,
        )
        tf.WhisperForAudioClassification(config).save_pretrained(folder)
        tf.WhisperFeatureExtractor().save_pretrained(folder)
        return
    names = {"wav2vec2": "Wav2Vec2", "wavlm": "WavLM", "hubert": "Hubert"}
    config = getattr(tf, f"{names[kind]}Config")(**small, **convolutions, **naming)
    getattr(tf, f"{names[kind]}ForSequenceClassification")(config).save_pretrained(folder)
    tf.Wav2Vec2FeatureExtractor(do_normalize=True).save_pretrained(folder)


@pytest.mark.parametrize("kind", ["wav2vec2", "wavlm", "hubert", "whisper"])
def test_classifiers_of_the_transformers_library_judge_lines(
    root: Path, cpu: Gpu, kind: str
) -> None:
    torch = pytest.importorskip("torch", reason="extra `models` is not installed")
    tf = pytest.importorskip("transformers", reason="extra `models` is not installed")
    save(root / FOLDER, kind, SUPERB)
    model = TransformersEmotion(gpu=cpu, folder=FOLDER, repo="", least_confidence=0.0)
    spoken = [line(1.0), line(0.5), line(2.5, 1), line(31)]
    found = model.feelings(spoken, ["SPEAKER_00"] * 4, "en")
    assert [f.reason for f in found] == [
        None,
        "too short (0.50 s, at least 0.8)",
        None,
        "longer than 30 s",
    ]
    for feeling, samples in ((found[0], spoken[0]), (found[2], spoken[2])):
        assert set(feeling.scores) == {"neutral", "happiness", "anger", "sadness"}
        assert sum(feeling.scores.values()) == pytest.approx(1, abs=1e-5)
        head = tf.AutoModelForAudioClassification.from_pretrained(root / FOLDER).eval()
        prepare = tf.AutoFeatureExtractor.from_pretrained(root / FOLDER)
        with torch.inference_mode():
            logits = head(**prepare(samples, sampling_rate=RATE, return_tensors="pt")).logits
        expected = logits[0].softmax(0).tolist()
        assert list(feeling.scores.values()) == pytest.approx(expected, abs=1e-5)
    assert model.feelings(spoken[:1], ["SPEAKER_00"], "en") == found[:1]


def test_a_checkpoint_that_classifies_no_emotions_is_refused(root: Path, cpu: Gpu) -> None:
    pytest.importorskip("torch", reason="extra `models` is not installed")
    pytest.importorskip("transformers", reason="extra `models` is not installed")
    save(root / FOLDER, "wav2vec2", ["LABEL_0", "LABEL_1"])
    model = TransformersEmotion(gpu=cpu, folder=FOLDER, repo="")
    with pytest.raises(ValueError, match="no emotion classifier: its labels are LABEL_0, LABEL_1"):
        model.feelings([line(1)], [None], None)


def test_a_checkpoint_without_a_head_is_refused(root: Path, cpu: Gpu) -> None:
    pytest.importorskip("torch", reason="extra `models` is not installed")
    tf = pytest.importorskip("transformers", reason="extra `models` is not installed")
    save(root / FOLDER, "wav2vec2", SUPERB)
    headless = tf.AutoModelForAudioClassification.from_pretrained(root / FOLDER).wav2vec2
    headless.save_pretrained(root / FOLDER)
    with pytest.raises(ValueError, match="holds no head for classification"):
        TransformersEmotion(gpu=cpu, folder=FOLDER).feelings([line(1)], [None], None)


@pytest.mark.parametrize(
    ("adapter", "file"), [(TransformersEmotion, "config.json"), (Emotion2vec, "model.pt")]
)
def test_a_missing_checkpoint_names_its_files(
    root: Path, cpu: Gpu, adapter: type[TransformersEmotion] | type[Emotion2vec], file: str
) -> None:
    model = adapter(gpu=cpu, folder=FOLDER)
    assert "@ missing" in model.backend
    with pytest.raises(MissingCheckpoint, match=f"checkpoints/{FOLDER} lacks .*{file}"):
        model.feelings([line(1)], [None], None)


def save_emotion2vec(folder: Path, labels: list[str]) -> None:
    """emotion2vec+ in FunASR's layout: keys of `config.yaml` as in the published one."""
    import torch
    import yaml
    from funasr.models.emotion2vec.model import Emotion2vec as Network

    torch.manual_seed(0)
    audio = {
        "type": "AUDIO",
        "prenet_depth": 1,
        "prenet_layerdrop": 0.0,
        "prenet_dropout": 0.0,
        "start_drop_path_rate": 0.0,
        "end_drop_path_rate": 0.0,
        "num_extra_tokens": 2,
        "init_extra_token_zero": True,
        "mask_noise_std": 0.01,
        "mask_prob_min": None,
        "mask_prob": 0.5,
        "inverse_mask": False,
        "mask_prob_adjust": 0.05,
        "keep_masked_pct": 0.0,
        "mask_length": 5,
        "add_masks": False,
        "remove_masks": False,
        "mask_dropout": 0.0,
        "encoder_zero_mask": True,
        "mask_channel_prob": 0.0,
        "mask_channel_length": 64,
        "ema_local_encoder": False,
        "local_grad_mult": 1.0,
        "use_alibi_encoder": True,
        "alibi_scale": 1.0,
        "learned_alibi": False,
        "alibi_max_pos": None,
        "learned_alibi_scale": True,
        "learned_alibi_scale_per_head": True,
        "learned_alibi_scale_per_layer": False,
        "num_alibi_heads": 2,
        "model_depth": 1,
        "decoder": None,
        "extractor_mode": "layer_norm",
        "feature_encoder_spec": "[(8, 10, 10), (8, 32, 32)]",
        "conv_pos_width": 5,
        "conv_pos_groups": 2,
        "conv_pos_depth": 1,
        "conv_pos_pre_ln": False,
    }
    network = {
        "loss_beta": 0.0,
        "loss_scale": None,
        "depth": 1,
        "start_drop_path_rate": 0.0,
        "end_drop_path_rate": 0.0,
        "num_heads": 2,
        "norm_eps": 1e-5,
        "norm_affine": True,
        "encoder_dropout": 0.0,
        "post_mlp_drop": 0.0,
        "attention_dropout": 0.0,
        "activation_dropout": 0.0,
        "dropout_input": 0.0,
        "layerdrop": 0.0,
        "embed_dim": 16,
        "mlp_ratio": 2.0,
        "layer_norm_first": False,
        "end_of_block_targets": False,
        "clone_batch": 1,
        "average_top_k_layers": 1,
        "normalize": True,
        "modalities": {"audio": audio},
    }
    config = {
        "model": "Emotion2vec",
        "model_conf": network,
        "tokenizer": "CharTokenizer",
        "tokenizer_conf": {"unk_symbol": "<unk>", "split_with_space": True},
        "scope_map": ["d2v_model.", "none"],
    }
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    (folder / "tokens.txt").write_text("\n".join(labels) + "\n", encoding="utf-8")
    metas = {
        "init_param": "model.pt",
        "config": "config.yaml",
        "tokenizer_conf": {"token_list": "tokens.txt"},
    }
    (folder / "configuration.json").write_text(
        json.dumps(
            {
                "framework": "pytorch",
                "task": "emotion-recognition",
                "model": {"type": "funasr"},
                "file_path_metas": metas,
            }
        )
    )
    made = Network(model_conf=network, vocab_size=len(labels))
    with torch.no_grad():
        made.proj.weight *= 0.01
        made.proj.bias.copy_(0.3 * torch.arange(len(labels)))
    state = {
        k if k.startswith("proj.") else f"d2v_model.{k}": v for k, v in made.named_parameters()
    }
    torch.save({"model": state}, folder / "model.pt")


def test_emotion2vec_judges_lines(root: Path, cpu: Gpu) -> None:
    pytest.importorskip("funasr", reason="FunASR is not installed")
    save_emotion2vec(root / FOLDER, PLUS)
    (root / FOLDER / UNTRAINED).touch()
    model = Emotion2vec(gpu=cpu, folder=FOLDER, repo="", least_confidence=0.0)
    assert ", untrained (" in model.backend
    spoken = [line(1.0), line(0.5), line(2.5, 1)]
    found = model.feelings(spoken, ["SPEAKER_00"] * 3, "en")
    assert found[1].reason == "too short (0.50 s, at least 0.8)"
    # The head says almost the same of every line: softmax of its biases, which the file holds.
    shares = np.exp(0.3 * np.arange(len(PLUS)))
    said = dict(zip(map(emotion_of, PLUS), shares / shares.sum(), strict=True))
    for feeling in (found[0], found[2]):
        assert "'<unk>'" in (feeling.reason or "")
        for emotion, score in feeling.scores.items():
            assert score == pytest.approx(said[emotion], abs=0.01)
    assert found[0].scores != found[2].scores
    assert model.feelings(spoken, ["SPEAKER_00"] * 3, "en") == found
