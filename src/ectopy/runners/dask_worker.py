"""What a worker of a Dask cluster does with a task: begins it once, if it is fit to."""

from __future__ import annotations

import contextlib
import pickle
from dataclasses import dataclass
from typing import Any, Literal

from ectopy import __version__


@dataclass(frozen=True)
class Told:
    """What became of a task.

    Attributes
    ----------
    kind : str
        ``done`` or ``failed``; ``died``, where its worker did; ``waited``, where its worker died
        before it was begun; ``drained``, where none is begun any more; ``unfit``, where the worker
        cannot do it.
    value : object
        What the work gave.
    error : Exception or None
        What it raised.
    why : str
        Why the worker is unfit, in a sentence.
    """

    kind: Literal["done", "failed", "died", "waited", "drained", "unfit"]
    value: Any = None
    error: Exception | None = None
    why: str = ""


def attempt(packed: bytes, wanted: str, key: str, draining: str) -> Told:
    """Do a task, unless it was begun before: then it killed the worker that began it.

    The scheduler keeps a flag for each task that is being worked on, so that one whose worker
    died is known by its flag.

    Parameters
    ----------
    packed : bytes
        Work and task, pickled.
    wanted : str
        Version of ectopy that it is for.
    key : str
        Tells this task from all others; name of its flag.
    draining : str
        Flag that is set when no task is to be begun any more.
    """
    from distributed import Event, get_worker

    worker = get_worker()
    if why := unfit(f"worker {worker.address}", __version__, worker.state.nthreads, wanted=wanted):
        return Told("unfit", why=why)
    begun = Event(key)
    if begun.is_set():
        return Told("died")
    if Event(draining).is_set():
        return Told("drained")
    begun.set()
    try:
        work, task = pickle.loads(packed)
        return Told("done", work(task))
    finally:
        with contextlib.suppress(Exception):  # the scheduler may have gone meanwhile
            begun.clear()


def version() -> str:
    """Give the version of ectopy of who is asked."""
    return __version__


def who(dask_worker: Any) -> tuple[str, int]:
    """Give the version of ectopy and the threads of a worker; Dask hands it in by this name."""
    return __version__, dask_worker.state.nthreads


def unfit(who: str, version: str, threads: int = 1, *, wanted: str) -> str:
    """Say in a sentence why a worker, or the scheduler, cannot be used; nothing where it can."""
    if version != wanted:
        return (
            f"the {who} has ectopy {version}, expected {wanted} as here; install the same version "
            "on all"
        )
    if threads != 1:
        return (
            f"the {who} has {threads} threads, expected 1, because a process works on one task at "
            "a time; start more workers with --nthreads 1"
        )
    return ""
