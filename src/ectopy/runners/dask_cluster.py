"""`DaskRunner`: tasks worked off by the workers of a `dask.distributed` scheduler."""

from __future__ import annotations

import contextlib
import pickle
import time
import uuid
from collections import deque
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from ectopy import __version__
from ectopy.errors import ClusterError, ConfigError, MissingExtraError
from ectopy.runners.base import Done
from ectopy.runners.dask_worker import Told, attempt, unfit, version, who

T = TypeVar("T")
R = TypeVar("R")

IN_FLIGHT: Final = 2  # tasks a worker: one is worked on, one waits, so that none is ever idle
LOST: Final = "its worker was lost"
_NONE: Final = object()
_CONNECT_S: Final = 10.0
_LOOK_S: Final = 0.2  # between two looks whether to drain, and whether all are there
_COUNT_S: Final = 2.0  # between two counts of the workers, which come and go
_FETCH_S: Final = 60.0  # for a result; if it went with its worker, it is being made once more


class DaskRunner:
    """Has tasks worked off by the workers of a scheduler; for a block, or until `close`.

    Two tasks a worker are with the scheduler at a time. One that was begun is not begun again when
    its worker dies, so a task that kills costs one worker, whatever ``allowed-failures`` is there;
    tasks that waited at that worker are worked off by others.

    Parameters
    ----------
    address : str
        Of the scheduler, as ``tcp://10.0.0.5:8786`` or ``10.0.0.5:8786``, or the ``.json`` file
        that it wrote for ``--scheduler-file``.
    patience_s : float
        How long there may be no worker while there is work.

    Raises
    ------
    MissingExtraError
        If `dask.distributed` is not installed.
    ConfigError
        If the address is none.
    ClusterError
        If no scheduler answers, or a worker has another ectopy or several threads.
    """

    def __init__(self, address: str, *, patience_s: float = 300.0) -> None:
        self.address = address
        self.patience_s = patience_s
        self._leaving = contextlib.ExitStack()
        self._client = _connect(address, self._leaving)
        self._counted, self._peopled = -float("inf"), time.monotonic()
        self._size = 0
        try:
            self._refuse_unfit()
        except BaseException:
            self.close()
            raise

    @property
    def workers(self) -> int:
        """How many tasks are worked on at a time: one a worker, of those that are there now."""
        return self._count()

    def run(
        self, work: Callable[[T], R], tasks: Iterator[T], drain: Event
    ) -> Generator[Done[T, R], None, None]:
        """Work off tasks as they come; see `ectopy.runners.base.Runner`.

        Raises
        ------
        ClusterError
            If the scheduler is gone, nobody is left to work, or who came later is unfit.
        """
        draining = self._flag(f"ectopy-drain-{uuid.uuid4().hex}")
        ended: SimpleQueue[Any] = SimpleQueue()
        out: dict[Any, T] = {}  # futures, and their tasks
        again: deque[T] = deque()  # they waited at a worker that died
        self._peopled = time.monotonic()
        try:
            while True:
                while len(out) < IN_FLIGHT * max(self._count(), 1) and not drain.is_set():
                    task = again.popleft() if again else next(tasks, _NONE)
                    if task is _NONE:
                        break
                    future = self._submit(work, task, draining.name)
                    out[future] = task  # type: ignore[assignment]
                    future.add_done_callback(ended.put)
                if not out:
                    return
                if drain.is_set():
                    self._ask(draining.set)
                try:
                    future = ended.get(timeout=_LOOK_S)
                except Empty:
                    if not self._count():
                        self._refuse_waiting()
                    continue
                told = self._told(future)
                if told is None:  # not yet, after all
                    future.add_done_callback(ended.put)
                    continue
                task = out.pop(future)
                if told.kind == "waited":
                    again.append(task)
                elif told.kind != "drained":
                    died = LOST if told.kind == "died" else ""
                    yield Done(task, told.value, told.error, died)
        finally:
            if out and self._client.status == "running":  # given up: begin no more
                with contextlib.suppress(ClusterError):
                    self._ask(draining.set)
                    self._ask(self._client.cancel, list(out))

    def close(self) -> None:
        """Leave the scheduler, which gives up what is there of ours."""
        self._leaving.close()

    def __enter__(self) -> Self:
        """Use it for a block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it at the end of the block."""
        self.close()

    def _submit(self, work: Callable[[Any], Any], task: object, draining: str) -> Any:
        name = getattr(work, "__name__", "work")
        key = f"{name}-{uuid.uuid4().hex}"
        packed = pickle.dumps((work, task))  # bytes, in which Dask looks for nothing of its own
        return self._ask(
            self._client.submit,
            attempt, packed, __version__, key, draining,
            key=key, pure=False, retries=0,
        )  # fmt: skip

    def _told(self, future: Any) -> Told | None:
        """Give what became of a task; None if its result went with its worker."""
        from distributed import KilledWorker

        if future.status == "finished":
            told = self._fetched(future)
            if told is None:
                return None
            if told.kind == "unfit":
                raise ClusterError(told.why)
        elif future.status == "error":
            error = future.exception()
            if not isinstance(error, KilledWorker):
                return Told("failed", error=error)
            begun = self._ask(self._flag(future.key).is_set)
            told = Told("died" if begun else "waited")
        elif future.status == "pending":
            return None
        else:
            raise self._lost()
        if told.kind == "died":
            self._ask(self._flag(future.key).clear)
        return told

    def _count(self) -> int:
        """Count the workers, at most every so often."""
        if self._client.status != "running":
            raise self._lost()
        now = time.monotonic()
        if now - self._counted > _COUNT_S:
            self._size = len(self._ask(self._client.nthreads))
            self._counted = now
            if self._size:
                self._peopled = now
        return self._size

    def _refuse_waiting(self) -> None:
        """Wait no longer where workers stay away."""
        if time.monotonic() - self._peopled > self.patience_s:
            raise ClusterError(
                f"the scheduler at {self.address} has had no worker for {self.patience_s:.0f} s; "
                "start some with dask worker, and give the same command again"
            )

    def _fetched(self, future: Any) -> Told | None:
        try:
            told: Told = future.result(timeout=_FETCH_S)
        except Exception as error:  # too late; or it was made once more, and went wrong this time
            if self._client.status == "running" and future.status != "cancelled":
                return None
            raise self._lost() from error
        return told

    def _flag(self, name: str) -> Any:
        from distributed import Event as Flag

        return Flag(name, client=self._client)

    def _ask(self, question: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Ask the scheduler.

        Raises
        ------
        ClusterError
            If it is gone.
        """
        if self._client.status != "running":
            raise self._lost()
        try:
            return question(*arguments, **options)
        except Exception as error:
            if self._client.status == "running" and not isinstance(error, OSError):
                raise
            raise self._lost() from error

    def _lost(self) -> ClusterError:
        return ClusterError(
            f"the scheduler at {self.address} is gone or has dropped this work; what was finished "
            "is kept, so start it and give the same command again"
        )

    def _refuse_unfit(self) -> None:
        """Refuse workers that would do other work than we, or all of it in one process."""
        try:
            found = self._ask(self._client.run_on_scheduler, version)
        except ImportError as error:  # it unpickles what it hands on
            raise ClusterError(_foreign(f"scheduler at {self.address}")) from error
        if found != __version__:
            raise ClusterError(unfit(f"scheduler at {self.address}", found, wanted=__version__))
        for worker, told in self._ask(self._client.run, who, on_error="return").items():
            if isinstance(told, BaseException):
                raise ClusterError(_foreign(f"worker {worker}")) from told
            if why := unfit(f"worker {worker}", *told, wanted=__version__):
                raise ClusterError(why)


def _foreign(who: str) -> str:
    return (
        f"the {who} has no ectopy as this one, {__version__}; install the same there, with its "
        'extra: pip install "ectopy[archive]"'
    )


def _connect(address: str, leaving: contextlib.ExitStack) -> Any:
    """Connect; ``leaving`` undoes it. Meanwhile Dask prints nothing: what goes wrong is raised."""
    try:
        from distributed import Client
        from distributed.utils import silence_logging_cmgr
    except ImportError as error:
        raise MissingExtraError(
            "a Dask cluster needs dask and distributed, which the light install leaves out; "
            'install them with: pip install "ectopy[archive]"'
        ) from error
    named: dict[str, str] = {"address": address}
    if address.endswith(".json"):
        if not Path(address).is_file():  # Dask would wait for it for ever
            raise ConfigError(
                f"{address} not found, expected the file that dask scheduler --scheduler-file "
                "writes, or the address of a scheduler",
                change="scheduler",
            )
        named = {"scheduler_file": address}
    try:
        with contextlib.ExitStack() as stack:
            stack.enter_context(silence_logging_cmgr("CRITICAL"))
            client: Any = Client.__new__(Client)  # at hand to be closed where it does not connect
            stack.callback(_close, client)
            client.__init__(**named, timeout=_CONNECT_S, set_as_default=False, name="ectopy")
            leaving.push(stack.pop_all())
        return client
    except OSError as error:
        raise ClusterError(
            f"no Dask scheduler answers at {address}; check the address, or start one with dask "
            "scheduler",
            change="scheduler",
        ) from error
    except (ValueError, KeyError, TypeError, RuntimeError) as error:
        raise ConfigError(
            f"{address} is no address of a Dask scheduler ({error}); expected one as "
            "tcp://10.0.0.5:8786",
            change="scheduler",
        ) from error


def _close(client: Any) -> None:
    with contextlib.suppress(Exception):  # it may be half made, or the scheduler gone
        client.close(timeout=_CONNECT_S)
