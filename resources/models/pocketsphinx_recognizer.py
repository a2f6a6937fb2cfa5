"""What is said in English, by PocketSphinx: a draft of last resort, and the way to anchor a text.

Without a text it hears 20 to 80 % of words wrong. With the text that is said somewhere in the
sound as its only language model it finds most of its words, which is what anchors need.
"""

import tempfile
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np

from resources.models.interfaces import RATE, HeardWord, Samples
from resources.models.pocketsphinx_decoder import (
    FRAME_S,
    base,
    decoder,
    hear,
    is_english,
    learn,
    package,
    pronunciations,
)


class PocketSphinxRecognizer(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Words by the packaged trigrams of American English, or by those of a given text."""

    @property
    def backend(self) -> str:
        return f"pocketsphinx recognition 1, {package()}"

    @property
    def draft(self) -> bool:
        return True

    def supports(self, language: str | None) -> bool:
        return is_english(language)

    def words(
        self, spans: Sequence[Samples], language: str | None, likely: Sequence[str] = ()
    ) -> list[list[HeardWord]]:
        """The words of each span; a score is the posterior in the word lattice.

        likely: if given, no other words are heard; scores are then 1.
        """
        search = _biased(tuple(likely)) if likely else _free()
        return [_words(search, span) if search else [] for span in spans]


@cache
def _free() -> Any:
    from pocketsphinx import get_model_path

    # Of PocketSphinx's ways to be faster those that cost least: one pass, fewer phones at a time,
    # looked for ahead. On the labelled files: 0.16 for 0.56 times real time, WER 0.44 for 0.42.
    search = decoder(fwdflat=False, maxhmmpf=3000, pl_window=5)
    search.add_lm_file("spoken", get_model_path("en-us/en-us.lm.bin"))
    search.activate_search("spoken")
    return search


@lru_cache(maxsize=1)
def _biased(text: tuple[str, ...]) -> Any:
    """A decoder for one text: one pass, as its anchors need order rather than every word; None
    where nobody can say a word of it.

    Its dictionary holds the text's words alone: all of the packaged one takes seconds to set up.
    """
    from pocketsphinx.lm import ArpaBoLM

    search = decoder()
    names = [name for name in learn(search, text) if name]
    if not names:
        return None
    entries = chain.from_iterable(pronunciations(search, name) for name in dict.fromkeys(names))
    model = ArpaBoLM(text=" ".join(names), add_start=True)
    model.compute()
    with tempfile.TemporaryDirectory() as folder:
        words, trigrams = Path(folder) / "text.dict", Path(folder) / "text.arpa"
        words.write_text("".join(entries))
        model.write_file(str(trigrams))
        search = decoder(dict=str(words), fwdflat=False, bestpath=False)
        search.add_lm_file("text", str(trigrams))
    search.activate_search("text")
    return search


def _words(search: Any, samples: Samples) -> list[HeardWord]:
    if len(samples) < RATE * 0.1 or not hear(search, samples):
        return []
    return [
        HeardWord(
            base(segment.word),
            segment.start_frame * FRAME_S,
            (segment.end_frame + 1) * FRAME_S,
            float(np.clip(segment.prob, 0, 1)),
        )
        for segment in search.seg() or ()
        if segment.word[0] not in "<["
    ]
