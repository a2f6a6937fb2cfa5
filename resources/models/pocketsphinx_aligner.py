"""Words of an English text placed in sound by PocketSphinx."""

import math
from collections.abc import Sequence
from functools import cache
from typing import Any

import dagster as dg

from resources.models.interfaces import RATE, PlacedPhone, PlacedWord, Samples
from resources.models.pocketsphinx_decoder import (
    FRAME_S,
    LOG_UNIT,
    decoder,
    hear,
    is_english,
    is_known,
    learn,
    package,
)

# What is said before and after the text: any row of these phones, one per broad class of sounds.
OTHER_SPEECH = ("AA", "IY", "UW", "S", "N", "T", "AH")
OTHER_SPEECH_PROBABILITY = 0.02
# The model's phones have three states.
FRAMES_PER_PHONE = 3
# Text in a language that nobody named is taken for English if so much of it is in the dictionary.
ENGLISH_SHARE = 0.5
# Loss of a word: by how much its frames are less likely (mean of natural logarithms) under its own
# phones than under the best of all 5138 states. Odds that the word is said are exp((MIDDLE - loss)
# / SPREAD), fitted by `benchmarks/alignment.py` on LibriSpeech, FLEURS and LJ Speech: each file
# with its own text and with that of others, clean and with music at +5 dB, all equally likely.
MIDDLE, SPREAD = 6.3, 1.1


class PocketSphinxAligner(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Viterbi alignment (Rabiner 1989) of words with optional pauses, other speech at both ends.

    A word's score is the probability that it is what is said there, if both are equally likely
    beforehand.
    """

    @property
    def backend(self) -> str:
        return f"pocketsphinx alignment 1, {package()}"

    def supports(self, language: str | None) -> bool:
        return is_english(language)

    def place(
        self, samples: Samples, words: Sequence[str], language: str | None
    ) -> list[PlacedWord | None] | None:
        """One place per word; None as a whole where no path leads through all words in time."""
        search, scorer = _decoders()
        # By the dictionary of the other decoder, which learns nothing.
        known = sum(is_known(scorer, word) for word in words)
        names = learn(search, words)
        spoken = [name for name in names if name]
        if not spoken:
            return [None] * len(words)
        if len(samples) < RATE * FRAME_S * FRAMES_PER_PHONE * len(spoken):
            return None
        if language is None and known < ENGLISH_SHARE * len(spoken):
            return None
        found = _place(search, scorer, samples, spoken)
        if found is None:
            return None
        places = iter(found)
        return [next(places) if name else None for name in names]


@cache
def _decoders() -> tuple[Any, Any]:
    """One that finds the words, and one that finds the phones inside of them and scores them.

    Language weight and penalties weigh a language model against sound; a given text has none, so
    they are neutral here: pauses cost what `silprob` says and no more. The second one, at three
    times the cost, scores all states in every frame, which makes losses comparable.
    """
    search = decoder(lw=1.0, wip=1.0, pip=1.0, bestpath=False)
    for phone in OTHER_SPEECH:
        search.add_word(f"_{phone}", phone, True)
    return search, decoder(compallsen=True)


def _place(
    search: Any, scorer: Any, samples: Samples, names: Sequence[str]
) -> list[PlacedWord] | None:
    last = len(names)
    steps = [(at, at + 1, 1.0, name) for at, name in enumerate(names)]
    steps += [
        (end, end, OTHER_SPEECH_PROBABILITY, f"_{phone}")
        for end in (0, last)
        for phone in OTHER_SPEECH
    ]
    search.add_fsg("text", search.create_fsg("text", 0, last, steps))
    search.activate_search("text")
    if not hear(search, samples) or search.hyp() is None:
        return None
    search.set_alignment()
    scorer.set_alignment(search.get_alignment())
    if not hear(scorer, samples):
        return None
    placed = []
    for word in scorer.get_alignment():
        phones = [(phone.name, phone.start, phone.duration) for phone in word]
        if word.name[0] not in "<[_":
            loss = -word.score * LOG_UNIT / word.duration
            placed.append(_placed(word.start, word.duration, loss, phones))
    return placed if len(placed) == last else None


def _placed(
    start: int, frames: int, loss: float, phones: Sequence[tuple[str, int, int]]
) -> PlacedWord:
    return PlacedWord(
        start * FRAME_S,
        (start + frames) * FRAME_S,
        1 / (1 + math.exp(min(50.0, (loss - MIDDLE) / SPREAD))),
        [PlacedPhone(phone, at * FRAME_S, (at + length) * FRAME_S) for phone, at, length in phones],
    )
