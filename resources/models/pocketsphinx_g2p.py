"""Pronunciations of English words that no dictionary knows.

The network of g2p_en (Park and Kim, github.com/Kyubyong/g2p, Apache-2.0), trained on the CMU
dictionary: a GRU reads the letters, a second one says the phones. Its weights come in the package
ttstokenizer (Apache-2.0), whose module is not imported, as it wants data of NLTK.
"""

import unicodedata
from functools import cache
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

LETTERS = ("<pad>", "<unk>", "</s>", *"abcdefghijklmnopqrstuvwxyz")
_VOWELS = "AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW"
_CONSONANTS = "B CH D DH F G HH JH K L M N NG P R S SH T TH V W Y Z ZH"
# In the network every vowel stands bare (UW alone) or with its stress; all are sorted together.
PHONES = (
    "<pad>",
    "<unk>",
    "<s>",
    "</s>",
    *sorted(
        [vowel + stress for vowel in _VOWELS.split() for stress in "012"]
        + ["UW"]
        + _CONSONANTS.split()
    ),
)
START, STOP = 2, 3
LONGEST = 20
# What 's sounds like (as in the dictionary: bush's, cat's, dog's).
_HISSING, _VOICELESS = ("CH", "JH", "S", "SH", "Z", "ZH"), ("F", "K", "P", "T", "TH")


def pronounce(word: str) -> list[str]:
    """Phones of a word, in ARPAbet without stress; none where it has no Latin letter.

    >>> pronounce("nautilax")
    ['N', 'AO', 'T', 'AH', 'L', 'AH', 'K', 'S']
    """
    plain = unicodedata.normalize("NFKD", word.casefold()).replace("’", "'")
    stem = plain[:-2] if plain.endswith("'s") else plain
    phones = _predict("".join(c for c in stem if "a" <= c <= "z"))
    return phones + _genitive(phones[-1]) if phones and stem != plain else phones


def _genitive(last: str) -> list[str]:
    if last in _HISSING:
        return ["IH", "Z"]
    return ["S"] if last in _VOICELESS else ["Z"]


@cache
def _weights() -> dict[str, Array]:
    spec = find_spec("ttstokenizer")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("ttstokenizer is not installed; it holds the model for words")
    with np.load(Path(spec.origin).with_name("checkpoint20.npz"), allow_pickle=False) as file:
        return {name: file[name] for name in file}


def _predict(letters: str) -> list[str]:
    if not letters:
        return []
    net = _weights()
    state = np.zeros(net["enc_w_hh"].shape[1], np.float32)
    for letter in [*letters, "</s>"]:
        state = _gru(net, "enc", LETTERS.index(letter), state)
    said: list[str] = []
    last = START
    while len(said) < LONGEST:
        state = _gru(net, "dec", last, state)
        last = int((net["fc_w"] @ state + net["fc_b"]).argmax())
        if last == STOP:
            break
        said.append(PHONES[last].rstrip("012"))
    return [phone for phone, _ in groupby(said) if not phone.startswith("<")]


def _gru(net: dict[str, Array], part: str, symbol: int, state: Array) -> Array:
    """The next state of a gated recurrent unit (Cho et al., arXiv:1406.1078)."""
    given = net[f"{part}_w_ih"] @ net[f"{part}_emb"][symbol] + net[f"{part}_b_ih"]
    kept = net[f"{part}_w_hh"] @ state + net[f"{part}_b_hh"]
    reset, update, new = np.split(given, 3)
    reset_kept, update_kept, new_kept = np.split(kept, 3)
    r = 1 / (1 + np.exp(-reset - reset_kept))
    z = 1 / (1 + np.exp(-update - update_kept))
    return np.asarray((1 - z) * np.tanh(new + r * new_kept) + z * state, np.float32)
