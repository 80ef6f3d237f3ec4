"""What a runner does: it has tasks worked off somewhere, and says what became of each."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from threading import Event
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Done(Generic[T, R]):
    """What became of a task.

    Attributes
    ----------
    task : T
        The task.
    value : R or None
        What the work gave; None where it gave nothing because something went wrong.
    error : Exception or None
        What it raised.
    died : str
        How its worker died, in a few words as ``killed by signal 9``; empty where it did not.

    Examples
    --------
    >>> from ectopy.runners.base import Done
    >>> Done("a task", died="killed by signal 9").value is None
    True
    """

    task: T
    value: R | None = None
    error: Exception | None = None
    died: str = ""


class Runner(Protocol):
    """Works off tasks, several at a time, in any order.

    A worker that dies takes nothing along but its own task, and another takes its place. Nothing
    is promised beyond that: a task may be worked on twice.

    Examples
    --------
    >>> from ectopy.runners.base import Runner
    >>> from ectopy.runners.processes import Processes
    >>> runner: Runner = Processes(2)
    >>> runner.workers
    2
    """

    @property
    def workers(self) -> int:
        """How many tasks are worked on at a time."""
        ...

    def run(
        self, work: Callable[[T], R], tasks: Iterator[T], drain: Event
    ) -> Generator[Done[T, R], None, None]:
        """Work off tasks as they come.

        Parameters
        ----------
        work : callable
            A function of a module, which pickles; it is called in another process.
        tasks : iterator
            Asked for the next one only when there is room for it; tasks pickle, and what
            comes next may depend on what was done by then. One that has none at the moment stops,
            and is asked again after each task that is done.
        drain : Event
            Once it is set no task is begun; those begun are finished, and told.

        Yields
        ------
        Done
            One for each task that was begun. Closed before the end, no other is begun.
        """
        ...
