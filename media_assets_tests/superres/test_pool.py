"""Workers give results as they come, fail loudly, and do not outlive who started them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from media_assets.superres.pool import WorkerFailed, Workers
from media_assets_tests.superres.standin import alive

Work = Callable[[int], Iterator[tuple[int, int]]]


@contextmanager
def counting() -> Iterator[Work]:
    """A job of n gives n results."""

    def work(job: int) -> Iterator[tuple[int, int]]:
        for number in range(job):
            yield job, number

    yield work


@contextmanager
def failing() -> Iterator[Work]:
    def work(job: int) -> Iterator[tuple[int, int]]:
        yield job, 0
        if job == 0:
            raise OSError(28, "No space left on device", "/somewhere/secret.png")
        if job == 1:
            raise ValueError("no such thing")
        os.kill(os.getpid(), signal.SIGKILL)

    yield work


@contextmanager
def endless() -> Iterator[Work]:
    def work(job: int) -> Iterator[tuple[int, int]]:
        yield job, os.getpid()
        while True:
            sum(range(1000))

    yield work


@pytest.mark.parametrize("count", [1, 3])
def test_every_result_of_every_job_comes_once(count: int) -> None:
    jobs = [3, 0, 1, 5]
    with Workers[int, tuple[int, int]](count, counting) as workers:
        for _ in range(2):
            made = [result for result in workers.run(jobs) if result]
            assert sorted(made) == sorted((job, n) for job in jobs for n in range(job))
        assert len(workers.pids) == count
        pids = workers.pids
    assert not alive(pids)


@pytest.mark.parametrize(
    ("job", "told", "number"),
    [
        (0, "OSError in a worker process: No space left on device", 28),
        (1, "ValueError in a worker process: no such thing", None),
        (2, "ended by SIGKILL, as one does that takes more memory than there is", None),
    ],
)
def test_a_job_that_fails_gives_what_it_made_and_then_its_reason(
    job: int, told: str, number: int | None
) -> None:
    with Workers[int, tuple[int, int]](1, failing) as workers:
        results = (result for result in workers.run([job, 7]) if result)
        assert next(results) == (job, 0)
        with pytest.raises(WorkerFailed) as caught:
            next(results)
    assert told in str(caught.value)
    assert "secret" not in str(caught.value)
    assert caught.value.errno == number


def test_leaving_early_ends_workers_at_once() -> None:
    with Workers[int, tuple[int, int]](2, endless) as workers:
        next(result for result in workers.run([1, 2]) if result)
        pids = workers.pids
    assert not alive(pids)


PARENT = """
from media_assets.superres.pool import Workers
from media_assets_tests.superres.test_pool import endless
if __name__ == "__main__":
    with Workers(2, endless) as workers:
        for result in workers.run([1, 2]):
            if result:
                print(result[1], flush=True)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_workers_end_with_a_parent_that_is_killed_or_interrupted(how: signal.Signals) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A job in the background of a shell is deaf to Ctrl+C, and so are its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert parent.stdout
    assert parent.stderr
    workers = [int(parent.stdout.readline()) for _ in range(2)]
    # Ctrl+C goes to the whole group; a kill by the system to one.
    os.killpg(parent.pid, how) if how is signal.SIGINT else parent.send_signal(how)
    parent.wait(10)
    waited = time.monotonic()
    while alive(workers) and time.monotonic() - waited < 10:
        time.sleep(0.02)
    assert not alive(workers)
    assert parent.stderr.read().count("Traceback") == (how is signal.SIGINT)
