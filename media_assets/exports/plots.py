"""Small plots of the dataset as PNG, the same bytes for the same numbers."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from media_assets.exports.files import write_changed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FOLDER = "plots"
BAR, RULE, INK = "#3b6ea5", "#d1495b", "#333333"
BINS = 24


@dataclass(frozen=True)
class Plot:
    """A picture: its path relative to the report and what it shows in words."""

    path: str
    alt: str


def histogram(root: Path, name: str, title: str, unit: str, values: Sequence[float]) -> Plot:
    """A histogram with its median marked, written to `root`/plots/`name`.png."""
    from matplotlib.ticker import MaxNLocator

    middle = statistics.median(values)
    alt = (
        f"{title} ({unit}): {len(values)} values from {min(values):.3g} to {max(values):.3g}, "
        f"median {middle:.3g}"
    )

    def draw(axes: "Axes") -> None:
        axes.hist(values, bins=BINS, color=BAR, rwidth=0.92)
        axes.axvline(middle, color=RULE, linewidth=1.2, label=f"median {middle:.3g}")
        axes.legend(fontsize=8, frameon=False)
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel(unit)
        axes.set_ylabel("count")

    return _plot(root, name, title, alt, draw, height=2.4)


def bars(root: Path, name: str, title: str, unit: str, values: dict[str, float]) -> Plot:
    """Horizontal bars, first on top, written to `root`/plots/`name`.png."""
    alt = f"{title} ({unit}): " + ", ".join(f"{key} {value:.3g}" for key, value in values.items())

    def draw(axes: "Axes") -> None:
        axes.barh(list(values), list(values.values()), color=BAR, height=0.7)
        axes.invert_yaxis()
        axes.set_xlabel(unit)

    return _plot(root, name, title, alt, draw, height=1.0 + 0.26 * len(values))


def _plot(
    root: Path, name: str, title: str, alt: str, draw: "Callable[[Axes], None]", height: float
) -> Plot:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.8, height), dpi=110, layout="constrained")
    axes = figure.add_subplot()
    draw(axes)
    axes.set_title(title, fontsize=10, loc="left", color=INK)
    axes.tick_params(labelsize=8, colors=INK)
    axes.xaxis.label.set_fontsize(8)
    axes.yaxis.label.set_fontsize(8)
    axes.spines[["top", "right"]].set_visible(False)
    buffer = BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    path = f"{FOLDER}/{name}.png"
    write_changed(root / path, lambda file: file.writelines([buffer.getvalue()]))
    return Plot(path, alt)
