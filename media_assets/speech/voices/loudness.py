"""How loud a sound is, and how high it peaks (ITU-R BS.1770)."""

from fractions import Fraction
from typing import Any

import numpy as np

from media_assets.media.audio import Samples, audio_frame

# The absolute gate of BS.1770-4: nothing quieter counts, so silence has no loudness.
GATE_LUFS = -70.0


def integrated_lufs(samples: Samples, rate: int) -> float | None:
    """Integrated loudness with both gates; None for silence and for less than 400 ms of sound.

    samples: shape (n,) or (n, channels), one or two channels, full scale 1. One channel counts
    once, as BS.1770 has it: it is 3 dB quieter than the same sound on two. FFmpeg's `ebur128`.
    """
    from av.filter import Graph

    if not np.any(samples):
        return None
    frame, graph = audio_frame(_columns(samples), rate, 0), Graph()
    source = graph.add_abuffer(
        sample_rate=rate, format="fltp", layout=frame.layout.name, time_base=Fraction(1, rate)
    )
    meter = graph.add("ebur128", "metadata=1:framelog=quiet")
    graph.link_nodes(source, meter, graph.add("abuffersink")).configure()
    graph.push(frame)
    graph.push(None)
    lufs = float(_last_metadata(graph).get("lavfi.r128.I", GATE_LUFS))
    return lufs if lufs > GATE_LUFS else None


def true_peak(samples: Samples) -> float:
    """The largest value between samples too, by 4 times oversampling (BS.1770-4, annex 2)."""
    from scipy.signal import resample_poly

    if not np.any(samples):
        return 0.0
    return float(np.abs(resample_poly(_columns(samples), 4, 1, axis=0)).max())


def _columns(samples: Samples) -> Samples:
    columns = np.asarray(samples, np.float32)
    return columns if columns.ndim == 2 else columns[:, None]


def _last_metadata(graph: Any) -> dict[str, str]:
    """What the last frame says; loudness adds up from frame to frame."""
    import av

    said: dict[str, str] = {}
    while True:
        try:
            said = dict(graph.pull().metadata) or said
        except (av.error.BlockingIOError, av.error.EOFError):
            return said
