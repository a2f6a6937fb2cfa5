"""From the labels of published emotion models to the words of table `emotion`."""

from collections.abc import Iterable, Mapping

from resources.models.interfaces import Feeling

# As written in the configurations of the checkpoints (SUPERB's ER, RAVDESS, emotion2vec, IEMOCAP).
WORDS = {
    "anger": ("ang", "angry", "anger"),
    "boredom": ("boredom", "bored"),
    "calm": ("calm",),
    "contempt": ("contempt",),
    "disgust": ("dis", "disgust", "disgusted"),
    "excitement": ("exc", "excited", "excitement"),
    "fear": ("fea", "fear", "fearful"),
    "frustration": ("fru", "frustrated", "frustration"),
    "happiness": ("hap", "happy", "happiness", "joy"),
    "neutral": ("neu", "neutral"),
    "sadness": ("sad", "sadness"),
    "surprise": ("sur", "surprise", "surprised", "ps", "pleasant_surprise"),
}
_KNOWN = {theirs: ours for ours, all_theirs in WORDS.items() for theirs in all_theirs}


def emotion_of(label: str) -> str | None:
    """Our word for a model's label (`生气/angry`, `HAP`), or None where it names no emotion."""
    return _KNOWN.get(label.rsplit("/", 1)[-1].strip().lower())


def require_emotions(labels: Iterable[str], folder: str) -> None:
    """Raise ValueError for a checkpoint that does not say which emotions its outputs mean."""
    labels = list(labels)
    if sum(emotion_of(label) is not None for label in labels) < 2:
        raise ValueError(
            f"checkpoints/{folder} is no emotion classifier: its labels are {', '.join(labels)}"
        )


def feeling_of(scores: Mapping[str, float], least_confidence: float) -> Feeling:
    """A feeling from probabilities by a model's labels; `other` and the like make it abstain."""
    ours: dict[str, float] = {}
    for label, score in scores.items():
        if (emotion := emotion_of(label)) is not None:
            ours[emotion] = ours.get(emotion, 0.0) + score
    label = max(ours, key=ours.__getitem__)
    reason = None
    if max(scores.values()) > ours[label]:
        likeliest = max(scores, key=scores.__getitem__)
        reason = f"the model's label is {likeliest!r}, which is no emotion"
    elif ours[label] < least_confidence:
        reason = f"not sure (likeliest: {label}, {ours[label]:.2f})"
    return Feeling(ours, "none", reason)


def unfit(seconds: float, shortest_s: float, longest_s: float) -> Feeling | None:
    """An abstention for a line that is too short or too long for a model, else None."""
    if seconds < shortest_s:
        return Feeling(reason=f"too short ({seconds:.2f} s, at least {shortest_s:g})")
    if seconds > longest_s:
        return Feeling(reason=f"longer than {longest_s:g} s")
    return None
