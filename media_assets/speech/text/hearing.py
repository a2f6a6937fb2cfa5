"""What a recogniser hears of a given text, however long the sound is."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from media_assets.speech.text.anchored import Hear
from media_assets.speech.text.recognise import Read
from resources.models.interfaces import HeardWord, Recognizer

# Recognisers take up to 30 s. A word on the edge of a window is lost, which anchors can bear.
WINDOW_S = 30.0
# Windows that a recogniser gets at once: 4 MB of samples each.
BATCH = 8


def hearing(recognizer: Recognizer, read: Read) -> Callable[..., Hear]:
    """For a language, what the recogniser hears between two times if it is told the text."""

    def of(language: str | None) -> Hear:
        def hear(start_s: float, end_s: float, text: Sequence[str]) -> list[HeardWord]:
            starts = np.arange(start_s, end_s, WINDOW_S).tolist()
            return list(_heard(starts, end_s, text))

        def _heard(
            starts: Sequence[float], end_s: float, text: Sequence[str]
        ) -> Iterator[HeardWord]:
            for first in range(0, len(starts), BATCH):
                batch = starts[first : first + BATCH]
                spans = [read(start, min(start + WINDOW_S, end_s)) for start in batch]
                for start, words in zip(
                    batch, recognizer.words(spans, language, text), strict=True
                ):
                    for word in words:
                        yield HeardWord(
                            word.word, start + word.start_s, start + word.end_s, word.score
                        )

        return hear

    return of
