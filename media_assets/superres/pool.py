"""Worker processes that give each result as soon as it is made.

`concurrent.futures` gives what a job made when the job is over and cannot end one that runs. Here
a job is a group of pictures, with old files the whole master, each of its windows is to be kept as
soon as it is done, and Ctrl+C is not to wait for it.
"""

import multiprocessing
import os
import signal
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, Generic, TypeVar

from resources.problems import one_line

J = TypeVar("J")
R = TypeVar("R")
# Opens what a worker needs once; then turns a job into its results. Both go by pickle.
Open = Callable[[], AbstractContextManager[Callable[[Any], Iterator[Any]]]]

TICK_S = 1.0


class WorkerFailed(RuntimeError):
    """A worker ended, or a job raised; errno as in OSError, where it was one."""

    def __init__(self, what: str, errno: int | None = None):
        super().__init__(what)
        self.errno = errno


class InWorker(Exception):
    """The traceback of what was raised in a worker, as the cause of a WorkerFailed."""


class Workers(Generic[J, R]):
    """Up to `count` processes, started as they are needed, ended with the block.

    Started by `spawn`: a fork after FFmpeg or OpenCV were used hangs. One worker is a process too,
    so that its memory goes when the episode is done and its death is not ours.
    """

    def __init__(self, count: int, open_: Open):
        self._count, self._open = count, open_
        self._running: dict[Connection, SpawnProcess] = {}

    def __enter__(self) -> "Workers[J, R]":
        return self

    def __exit__(self, *error: object) -> None:
        for connection, process in self._running.items():
            process.kill()
            process.join()
            connection.close()

    @property
    def pids(self) -> list[int]:
        return [process.pid for process in self._running.values() if process.pid]

    def run(self, jobs: Sequence[J]) -> Iterator[R | None]:
        """The results of all jobs in the order in which they are made, None while there are none.

        Raises WorkerFailed as soon as a job fails or a worker dies.
        """
        waiting = deque(jobs)
        while len(self._running) < min(self._count, len(jobs)):
            self._start()
        idle, busy = list(self._running), set[Connection]()
        while waiting or busy:
            while waiting and idle:
                connection = idle.pop()
                self._send(connection, waiting.popleft())
                busy.add(connection)
            ready = wait(list(self._running), TICK_S)
            if not ready:
                yield None
            for connection in [each for each in self._running if each in ready]:
                kind, value = self._receive(connection)
                if kind == "result":
                    yield value
                elif kind == "done":
                    busy.discard(connection)
                    idle.append(connection)
                else:
                    told, number, where = value
                    raise WorkerFailed(told, number) from InWorker(where)

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        mine, its = context.Pipe()
        process = context.Process(target=_serve, args=(its, self._open), daemon=False)
        # Ctrl+C goes to every process of the terminal; only this one is to hear it.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        self._running[mine] = process
        its.close()

    def _send(self, connection: Connection, job: J) -> None:
        try:
            connection.send(job)
        except OSError:
            raise self._died(connection) from None

    def _receive(self, connection: Connection) -> tuple[str, Any]:
        try:
            kind, value = connection.recv()
        except (EOFError, OSError):
            raise self._died(connection) from None
        return kind, value

    def _died(self, connection: Connection) -> WorkerFailed:
        process = self._running[connection]
        process.join()
        code = process.exitcode or 0
        how = f"by {signal.Signals(-code).name}" if code < 0 else f"with status {code}"
        memory = ", as one does that takes more memory than there is" if code == -9 else ""
        return WorkerFailed(f"a worker process ended {how}{memory}")


def _serve(connection: Connection, open_: Open) -> None:
    """A worker: jobs come in; results, and that a job is done, go out."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        with open_() as work:
            while True:
                for result in work(connection.recv()):
                    connection.send(("result", result))
                connection.send(("done", None))
    except Exception as problem:
        where = traceback.format_exc()
        connection.send(("failed", (_told(problem), getattr(problem, "errno", None), where)))


def _told(problem: Exception) -> str:
    """What went wrong, without the path that an OSError names."""
    said = problem.strerror if isinstance(problem, OSError) else str(problem)
    return one_line(f"{type(problem).__name__} in a worker process: {said}")


def _end_with_parent() -> None:
    """A parent that was killed can not end its workers."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
