"""Processes of this machine as workers: one task each at a time, and a new one where one dies."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any, Final, Generic, TypeVar

from ectopy.errors import ConfigError, EctopyError
from ectopy.runners.base import Done
from ectopy.runners.machine import cores, memory

T = TypeVar("T")
R = TypeVar("R")

WORKER_BYTES: Final = 700 << 20
"""Memory that a worker may come to take; there are no more workers than find room."""
_STARTS: Final = 3
"""Processes that may die as they start, one after the other, before the work is given up."""
_ONE_THREAD: Final = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
    "ARROW_IO_THREADS",
)  # fmt: skip
"""What libraries read as they are imported; a core has one worker, and a worker one thread."""


class Processes:
    """Works off tasks in processes of this machine, see `ectopy.runners.base.Runner`.

    Signals that stop the one who asks (Ctrl-C, SIGTERM), and that a terminal or Slurm sends to
    all processes of a job, are not for the workers: these end with the process that started them,
    however it ends.

    Parameters
    ----------
    workers : int, optional
        How many; by default one a core, and no more than there is memory for (`WORKER_BYTES`).

    Raises
    ------
    ConfigError
        If it is less than 1.

    Examples
    --------
    >>> from threading import Event
    >>> from ectopy.runners.processes import Processes
    >>> [done.value for done in Processes(1).run(abs, iter([-3, 5]), Event())]
    [3, 5]
    """

    def __init__(self, workers: int | None = None) -> None:
        if workers is not None and workers < 1:
            raise ConfigError(f"workers is {workers}, expected at least 1", change="workers")
        self._workers = workers or fitting(cores(), memory())

    @property
    def workers(self) -> int:
        """How many tasks are worked on at a time."""
        return self._workers

    def run(
        self, work: Callable[[T], R], tasks: Iterator[T], drain: Event
    ) -> Generator[Done[T, R], None, None]:
        """Work off tasks as they come; close what it gives to end the workers at once.

        Raises
        ------
        EctopyError
            If processes die as they start.
        """
        crew: _Crew[T, R] = _Crew(work)
        atexit.register(crew.end)  # where it was left open; multiprocessing would wait for them
        try:
            while True:
                # Asked again after each task: what comes next may depend on what was done.
                while len(crew.busy) < self._workers and not drain.is_set():
                    for task in tasks:
                        crew.begin(task)
                        break
                    else:
                        break
                if not crew.busy:
                    return
                yield from crew.next_done()
        finally:
            crew.end()
            atexit.unregister(crew.end)


def fitting(cores: int, memory: int | None) -> int:
    """Tell how many workers fit into cores and memory (bytes; None if not known)."""
    return cores if memory is None else max(1, min(cores, memory // WORKER_BYTES))


@dataclass(eq=False)
class _Worker(Generic[T]):
    process: SpawnProcess
    pipe: Connection
    task: T
    ready: bool = False


@dataclass
class _Crew(Generic[T, R]):
    """The processes that work, and those that wait for a task."""

    work: Callable[[T], R]
    busy: list[_Worker[T]] = field(default_factory=list)
    idle: list[_Worker[T]] = field(default_factory=list)
    starts: int = 0
    """Processes that died as they started, since one did not."""

    def begin(self, task: T) -> None:
        """Give a task to a process that waits, or start one."""
        if self.idle:
            worker = self.idle.pop()
            worker.task = task
            self.busy.append(worker)
            _send(worker.pipe, task)
            return
        ours, theirs = _CONTEXT.Pipe()
        process = _CONTEXT.Process(target=_serve, args=(theirs,))
        multiprocessing.current_process().daemon = False  # Dask's are: they may have no children
        with _signals_held():
            process.start()
        theirs.close()
        self.busy.append(_Worker(process, ours, task))
        _send(ours, self.work)
        _send(ours, task)

    def next_done(self) -> Iterator[Done[T, R]]:
        """Wait for anything that a process says, and give what was done."""
        pipes = wait([worker.pipe for worker in self.busy])
        for worker in [worker for worker in self.busy if worker.pipe in pipes]:
            try:
                said, what = worker.pipe.recv()
            except (EOFError, OSError):
                yield from self._died(worker)
                continue
            if said == "ready":
                worker.ready, self.starts = True, 0
                continue
            self.busy.remove(worker)
            self.idle.append(worker)
            if said == "done":
                yield Done(worker.task, value=what)
            else:
                yield Done(worker.task, error=what)

    def _died(self, worker: _Worker[T]) -> Iterator[Done[T, R]]:
        self.busy.remove(worker)
        worker.pipe.close()
        worker.process.join()
        died = _how(worker.process.exitcode)
        if worker.ready:
            yield Done(worker.task, died=died)
            return
        self.starts += 1
        if self.starts >= _STARTS:
            raise EctopyError(
                f"{self.starts} worker processes, one after the other, ended as they started "
                f"({died}); make room in memory, and in a script of your own call this below "
                'if __name__ == "__main__":'
            )
        self.begin(worker.task)

    def end(self) -> None:
        """End all of them, whatever they do."""
        for worker in self.busy + self.idle:
            worker.process.kill()
        for worker in self.busy + self.idle:
            worker.process.join()
            worker.pipe.close()
        self.busy, self.idle = [], []


_CONTEXT: Final = multiprocessing.get_context("spawn")
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


def _how(code: int | None) -> str:
    return f"killed by signal {-code}" if code and code < 0 else f"ended with exit code {code}"


def _send(pipe: Connection, what: Any) -> None:
    """Send, to a process that may have died; who waits for its answer will see that."""
    try:
        pipe.send(what)
    except OSError:
        return


@contextmanager
def _signals_held() -> Iterator[None]:
    """Hold signals back while a process starts, which has them held until it ignores them."""
    if sys.platform == "win32":
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # its own start lets the signals through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(pipe: Connection) -> None:
    """Do what is asked, in a process of its own, one task after the other."""
    for one in _SIGNALS:
        signal.signal(one, signal.SIG_IGN)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    asked: SimpleQueue[Any] = SimpleQueue()
    Thread(target=_listen, args=(pipe, asked), daemon=True).start()
    work = asked.get()
    _say(pipe, ("ready", None))
    while True:
        task = asked.get()
        try:
            _say(pipe, ("done", work(task)))
        except Exception as error:
            error.add_note(f"In a worker process:\n{traceback.format_exc()}")
            _say(pipe, ("failed", _sendable(error)))


def _say(pipe: Connection, what: tuple[str, Any]) -> None:
    """Send what became of a task; end at once, without a word, where nobody is left who asked."""
    try:
        pipe.send(what)
    except OSError:
        os._exit(0)


def _listen(pipe: Connection, asked: SimpleQueue[Any]) -> None:
    """Take what is asked; end at once, in the midst of work, where nobody is left who asks."""
    while True:
        try:
            asked.put(pipe.recv())
        except (EOFError, OSError):
            os._exit(0)
        except BaseException:  # what cannot be unpickled here: say so, and die
            traceback.print_exc()
            os._exit(1)


def _sendable(error: Exception) -> Exception:
    """Give the error, or one that tells of it where it would not arrive."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        told = RuntimeError(f"{type(error).__name__}: {error}")
        told.add_note("\n".join(getattr(error, "__notes__", [])))
        return told
    return error
