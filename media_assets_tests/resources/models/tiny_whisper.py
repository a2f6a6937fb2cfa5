"""A tiny Whisper that says what it is told to, whatever it hears, converted to CTranslate2.

Vocabulary and special tokens are those of large-v3; the text tokens are
the 256 bytes, a few words, and fillers. Attention and feed-forward layers add nothing; each
position of the decoder points at one token, so the model writes a script from top to bottom.
"""

import json
import warnings
from collections.abc import Sequence
from pathlib import Path

TEXT_TOKENS = 50_257
WORDS = ("the", "train", "to", "kyoto", "leaves", "at", "noon", "la")
LANGUAGE_CODES = (
    "en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta "
    "no th ur hr bg lt la mi ml cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk "
    "sq sw gl mr pa si km sn yo so af oc ka be tg sd gu am yi lo uz fo ht ps tk nn mt sa lb "
    "my bo tl mg as tt haw ln ha ba jw su yue"
)
PROMPT = 4  # <|startoftranscript|>, language, task, <|notimestamps|>


def save_model(
    folder: Path, script: Sequence[str], no_speech: bool = False, sure: float = 30.0
) -> None:
    """A checkpoint that says the words of the script.

    no_speech: whether it thinks that nobody speaks; sure: logit of the scripted token.
    """
    import torch
    from ctranslate2.converters import TransformersConverter
    from transformers import WhisperConfig, WhisperForConditionalGeneration

    source = folder.parent / f"{folder.name}-transformers"
    source.mkdir(parents=True)
    ids = _save_tokenizer(source)
    size = len(ids)
    torch.manual_seed(2)
    config = WhisperConfig(
        vocab_size=size,
        d_model=64,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=16,
        decoder_ffn_dim=16,
        pad_token_id=ids["<|endoftext|>"],
        bos_token_id=ids["<|endoftext|>"],
        eos_token_id=ids["<|endoftext|>"],
        decoder_start_token_id=ids["<|startoftranscript|>"],
        suppress_tokens=[],
        begin_suppress_tokens=[],
    )
    model = WhisperForConditionalGeneration(config)
    decoder = model.model.decoder
    with torch.no_grad():
        directions = torch.nn.functional.normalize(torch.randn(size, 64), dim=1)
        # LayerNorm gives vectors of length sqrt(64); a token's own direction then scores `sure`.
        decoder.embed_tokens.weight.copy_(directions * sure / 8)
        for layer in decoder.layers:
            for last in (layer.self_attn.out_proj, layer.encoder_attn.out_proj, layer.fc2):
                last.weight.zero_()
                last.bias.zero_()
        told = [ids[f"Ġ{word}"] for word in script]
        positions = [ids["<|endoftext|>"]] * config.max_target_positions
        positions[0] = ids["<|nospeech|>" if no_speech else "<|endoftext|>"]
        positions[PROMPT - 1 : PROMPT - 1 + len(told)] = told
        decoder.embed_positions.weight.copy_(directions[positions] * 1000)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.save_pretrained(source)
        TransformersConverter(
            str(source), copy_files=["tokenizer.json", "preprocessor_config.json"]
        ).convert(str(folder))
    written = json.loads((folder / "config.json").read_text())
    written["lang_ids"] = [ids[f"<|{code}|>"] for code in LANGUAGE_CODES.split()]
    (folder / "config.json").write_text(json.dumps(written))


def _save_tokenizer(source: Path) -> dict[str, int]:
    """tokenizer.json and the slow tokenizer's files; gives all tokens with their ids."""
    from transformers import WhisperFeatureExtractor, WhisperTokenizer, WhisperTokenizerFast
    from transformers.models.whisper.tokenization_whisper import bytes_to_unicode

    text = [*bytes_to_unicode().values(), *(f"Ġ{word}" for word in WORDS)]
    # By the empty token, which ends the text tokens, CTranslate2 knows the multilingual models.
    text += [*(f"filler{n}" for n in range(TEXT_TOKENS - 1 - len(text))), ""]
    special = [
        "<|endoftext|>",
        "<|startoftranscript|>",
        *(f"<|{code}|>" for code in LANGUAGE_CODES.split()),
        "<|translate|>",
        "<|transcribe|>",
        "<|startoflm|>",
        "<|startofprev|>",
        "<|nospeech|>",
        "<|notimestamps|>",
        *(f"<|{step * 0.02:.2f}|>" for step in range(1501)),
    ]
    (source / "vocab.json").write_text(json.dumps({t: i for i, t in enumerate(text)}))
    (source / "merges.txt").write_text("#version: 0.2\n")
    slow = WhisperTokenizer(
        str(source / "vocab.json"),
        str(source / "merges.txt"),
        unk_token="<|endoftext|>",
        bos_token="<|endoftext|>",
        eos_token="<|endoftext|>",
        pad_token="<|endoftext|>",
    )
    slow.add_tokens(special, special_tokens=True)
    slow.save_pretrained(source)
    WhisperTokenizerFast.from_pretrained(source).save_pretrained(source)
    WhisperFeatureExtractor().save_pretrained(source)
    return {token: number for number, token in enumerate([*text, *special])}
