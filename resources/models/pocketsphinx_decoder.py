"""PocketSphinx with the American English model of its package: decoders, sound, dictionary.

Acoustic model: phonetically tied mixtures of three-state phones, a frame every 10 ms (Huggins-
Daines et al., ICASSP 2006). Dictionary: CMU's, about 134 000 words.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import Any

import numpy as np

from resources.models.interfaces import Samples
from resources.models.pocketsphinx_g2p import pronounce

FRAME_S = 0.01
# 16 bits must not clip and must not lose what is quiet.
PEAK = 0.9 * 2**15
# A frame's natural logarithm is worth so much in the decoder's scores: base 1.0001, 10 bits less.
LOG_UNIT = 1024 * float(np.log(1.0001))


def package() -> str:
    """Model and versions, as rows name what made them."""
    return f"en-us @ {version('pocketsphinx')}, g2p @ {version('ttstokenizer')}"


def decoder(**options: Any) -> Any:
    """A decoder without a search. Each utterance is normalised by itself (`cmn`), so that nothing
    that was heard before changes a result."""
    from pocketsphinx import Decoder

    return Decoder(lm=None, loglevel="FATAL", cmn="batch", **options)


def is_english(language: str | None) -> bool:
    """Whether the language is English or not known."""
    return language is None or language.lower().split("-")[0] == "en"


def hear(decoder: Any, samples: Samples) -> bool:
    """Run the active search over all samples; False where an alignment has no path.

    Noise of one unit is added, the same every time: in digital silence all phones are equally
    likely, and words would be heard.
    """
    peak = float(np.abs(samples).max(initial=0.0))
    scaled = samples * (PEAK / peak) if peak else samples
    scaled = scaled + np.random.default_rng(0).standard_normal(len(samples), np.float32)
    decoder.start_utt()
    decoder.process_raw(scaled.astype(np.int16).tobytes(), full_utt=True)
    try:
        decoder.end_utt()
    except RuntimeError:  # how it says so
        return False
    return True


def learn(decoder: Any, words: Iterable[str]) -> list[str | None]:
    """The dictionary's name of each word, which is in it from now on; None if nobody can say it."""
    return [_entry(decoder, word) for word in words]


def is_known(decoder: Any, word: str) -> bool:
    """Whether the decoder's dictionary, with what it has learnt, says how it is spoken."""
    return decoder.lookup_word(_name(word)) is not None


def _entry(decoder: Any, word: str) -> str | None:
    name = _name(word)
    if not name or decoder.lookup_word(name):
        return name or None
    # What stands in capitals may be spelt out, and what was learnt of `aids` must not say `AIDS`.
    learnt = f"{name}.capitals" if word.isupper() else f"{name}.letters"
    if decoder.lookup_word(learnt) is None:
        phones = _phones(decoder, name, word.isupper())
        if not phones:
            return None
        decoder.add_word(learnt, " ".join(phones), True)
    return learnt


def _name(word: str) -> str:
    """As the dictionary writes words: lower case, of letters, apostrophes and hyphens."""
    plain = unicodedata.normalize("NFKD", word.replace("’", "'").lower())
    return re.sub(r"[^a-z'-]", "", plain).strip("-")


def _phones(decoder: Any, name: str, capitals: bool) -> list[str]:
    """Of each part of a compound: by the dictionary, as an initialism, or by its letters."""
    phones: list[str] = []
    for part in name.split("-"):
        bare = part.strip("'")
        entry = decoder.lookup_word(part) or decoder.lookup_word(bare)
        if entry is None and capitals and (len(bare) <= 3 or not set(bare) & set("aeiouy")):
            entry = " ".join(decoder.lookup_word(f"{c}.") or "" for c in bare if c.isalpha())
        phones += entry.split() if entry else pronounce(bare)
    return phones


def pronunciations(decoder: Any, name: str) -> Iterator[str]:
    """The lines of a dictionary file for a word that has been learnt."""
    entry, number = name, 1
    while phones := decoder.lookup_word(entry):
        yield f"{entry} {phones}\n"
        number += 1
        entry = f"{name}({number})"


def base(word: str) -> str:
    """The word without the number of its pronunciation, or how it was learnt: `the(2)` is `the`."""
    return re.sub(r"(\.capitals|\.letters)?(\(\d+\))?$", "", word)
