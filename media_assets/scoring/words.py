"""How well text and word times fit the truth: WER, CER, and boundary errors of aligned words.

Words are compared in a normal form (`normal_words`), so that spelling conventions are no errors.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl

from media_assets.scoring.extra import bench

# The widest of the tolerances at which aligners are compared (McAuliffe et al. 2017).
CLOSE_S = 0.1
# Both boundaries of a found word must lie so near to count as right (WhisperX, Bain et al. 2023).
COLLAR_S = 0.2


def normal_words(text: str) -> list[str]:
    """The words of a text in normal form.

    Compatibility forms are unified (NFKC) and case is folded. Apostrophes stay inside words;
    other punctuation and symbols, and what stands in square or angle brackets, divide words.
    Numbers stay as written: `3` and `three` differ.

    >>> normal_words("I’m searching – [sighs] for SOMEONE!")
    ["i'm", 'searching', 'for', 'someone']
    """
    text = re.sub(r"\[[^\]]*\]|<[^>]*>", " ", text)
    text = unicodedata.normalize("NFKC", text).casefold().replace("’", "'").replace("ʼ", "'")
    text = re.sub(r"(?<!\w)'|'(?!\w)", " ", text)
    return "".join(_spelled(char) for char in text).split()


def _spelled(char: str) -> str:
    """What stands for a character in normal form: letters, marks and digits for themselves."""
    category = unicodedata.category(char)
    if category == "Cf":  # joiners and soft hyphens belong to the word that they stand in
        return ""
    return " " if category[0] in "PSZC" and char != "'" else char


@dataclass(frozen=True)
class TextScore:
    """Counts of edits from the truth's text to the found one, in words and characters."""

    words: int
    substitutions: int
    deletions: int
    insertions: int
    characters: int
    character_edits: int

    @property
    def wer(self) -> float | None:
        """Word error rate, a share of the truth's words; None if it has none."""
        edits = self.substitutions + self.deletions + self.insertions
        return edits / self.words if self.words else None

    @property
    def cer(self) -> float | None:
        """Character error rate; the one to read where a script does not divide words."""
        return self.character_edits / self.characters if self.characters else None

    def as_dict(self) -> dict[str, float | int | None]:
        """The rates first, then the counts that they are made of."""
        return {"wer": self.wer, "cer": self.cer} | asdict(self)


def score_text(truth: str, found: str) -> TextScore:
    """Edits between two texts in normal form; blanks count as characters, as in jiwer."""
    jiwer = bench("jiwer")
    reference, hypothesis = " ".join(normal_words(truth)), " ".join(normal_words(found))
    words = jiwer.process_words(reference, hypothesis)
    characters = jiwer.process_characters(reference, hypothesis)
    return TextScore(
        words=words.hits + words.substitutions + words.deletions,
        substitutions=words.substitutions,
        deletions=words.deletions,
        insertions=words.insertions,
        characters=len(reference),
        character_edits=characters.substitutions + characters.deletions + characters.insertions,
    )


def pool_text(scores: Iterable[TextScore]) -> TextScore:
    """One score over several texts: edits and words add up."""
    scores = list(scores)

    def total(name: str) -> Any:
        return sum(getattr(score, name) for score in scores)

    return TextScore(**{name: total(name) for name in TextScore.__dataclass_fields__})


def match_words(truth: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Pairs of the same word in both tables, by the alignment with the fewest edits.

    Takes word, start_s, end_s; gives word, start_s, end_s, found_start_s, found_end_s. Times play
    no part: which of several equal neighbours is paired is chance if their number differs.
    """
    jiwer = bench("jiwer")
    truth, found = _keyed(truth), _keyed(found)
    rows = []
    if truth.height and found.height:
        aligned = jiwer.process_words(" ".join(truth["key"]), " ".join(found["key"]))
        for chunk in aligned.alignments[0]:
            if chunk.type == "equal":
                for i, j in zip(
                    range(chunk.ref_start_idx, chunk.ref_end_idx),
                    range(chunk.hyp_start_idx, chunk.hyp_end_idx),
                    strict=True,
                ):
                    rows.append((*truth.row(i)[:3], *found.row(j)[1:3]))
    times = ("start_s", "end_s", "found_start_s", "found_end_s")
    schema = {"word": pl.String} | dict.fromkeys(times, pl.Float64)
    return pl.DataFrame(rows, schema=schema, orient="row")


def score_words(truth: pl.DataFrame, found: pl.DataFrame) -> dict[str, float | int | None]:
    """How near the boundaries of found words (word, start_s, end_s) lie to the true ones.

    mean_s, p95_s, within_100_ms: of the absolute errors of starts and ends of matched words.
    precision, recall: found words that are the same word with both boundaries within 200 ms, as
    share of the found and of the true words. Measures are None where there is nothing to measure.
    """
    pairs = match_words(truth, found)
    start = (pairs["found_start_s"] - pairs["start_s"]).abs().to_numpy()
    end = (pairs["found_end_s"] - pairs["end_s"]).abs().to_numpy()
    errors = np.concatenate([start, end])
    right = int((np.maximum(start, end) <= COLLAR_S).sum())
    words, found_words = _keyed(truth).height, _keyed(found).height
    return {
        "mean_s": float(errors.mean()) if errors.size else None,
        "p95_s": float(np.quantile(errors, 0.95)) if errors.size else None,
        "within_100_ms": float((errors <= CLOSE_S).mean()) if errors.size else None,
        "precision": right / found_words if found_words else None,
        "recall": right / words if words else None,
        "matched": pairs.height,
        "unmatched": words - pairs.height,
        "unmatched_found": found_words - pairs.height,
    }


def _keyed(words: pl.DataFrame) -> pl.DataFrame:
    """The words in time order with their normal form as `key`; what has none is no word."""
    keys = pl.Series("key", ["".join(normal_words(word)) for word in words["word"]], pl.String)
    ordered = words.select("word", "start_s", "end_s").with_columns(keys)
    return ordered.filter(pl.col("key") != "").sort("start_s", "end_s", maintain_order=True)
