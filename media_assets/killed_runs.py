"""Runs of the command line that were killed: ended in Dagster's books too.

Dagster's daemon, which looks after runs, need not be running. Without it a killed run keeps its
place in a pool, and the next one would wait for it forever.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
from filelock import FileLock, Timeout

from resources.home import Home


@contextmanager
def known_to_live(home: Home, run_id: str) -> Iterator[None]:
    """Holds the lock by which others see that the run's process lives; a crash frees it."""
    folder = home.root / "locks" / "runs"
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"{run_id}.lock")
    with lock:
        yield
        # Only now: a lock that is there and free is a killed run's.
        (folder / f"{run_id}.lock").unlink()


def end_killed_runs(home: Home, instance: dg.DagsterInstance) -> list[str]:
    """Mark killed runs as failed and free their places in pools; their ids."""
    ended = []
    for path in sorted((home.root / "locks" / "runs").glob("*.lock")):
        try:
            with FileLock(path, timeout=0):
                run = instance.get_run_by_id(path.stem)
                instance.event_log_storage.free_concurrency_slots_for_run(path.stem)
                if run and not run.is_finished:
                    instance.report_run_failed(run, "its process was killed")
                path.unlink(missing_ok=True)
                ended.append(path.stem)
        except Timeout:
            continue
    return ended
