"""No emotion model: every line is marked as not judged."""

from collections.abc import Sequence
from typing import Any

import dagster as dg

from resources.models.interfaces import Feeling, Samples


class NoEmotionRecognizer(dg.ConfigurableResource[Any]):
    """Bind it where emotions are not wanted, or no model may be used."""

    @property
    def backend(self) -> str:
        return "none"

    def feelings(
        self, lines: Sequence[Samples], speakers: Sequence[str | None], language: str | None
    ) -> list[Feeling]:
        """One abstention per line."""
        return [Feeling(reason="no emotion model") for _ in lines]
