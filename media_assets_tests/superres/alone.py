"""Workers in this process: of what a small film takes, starting others is the most."""

from collections.abc import Iterator, Sequence

from media_assets.superres.pool import J, R, Workers


class Alone(Workers[J, R]):
    """As `Workers`, one job after the other."""

    def run(self, jobs: Sequence[J]) -> Iterator[R | None]:
        with self._open() as work:
            for job in jobs:
                yield from work(job)
