"""A shard whose worker died: each recording in a process that is replaced when it dies."""

from __future__ import annotations

import tempfile
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, Final

from ectopy.archive.model import Entry, Plan, Shard
from ectopy.archive.work import Tables, failed, label
from ectopy.files import aside
from ectopy.runners.processes import Processes

if TYPE_CHECKING:
    import pyarrow as pa

_TRIES: Final = 2
_NO_MEMORY: Final = "it took more memory than there was"


@dataclass(frozen=True)
class _One:
    archive: str
    plan: Plan
    entry: Entry
    needs: tuple[int, ...]


def carefully(archive: str, plan: Plan, shard: Shard) -> Iterator[tuple[Entry, Tables]]:
    """Label recordings one after the other, in a process beside this one.

    Parameters
    ----------
    archive : str
        Address of the archive.
    plan : Plan
        Its plan.
    shard : Shard
        The recordings.

    Yields
    ------
    tuple of Entry and dict of str to pyarrow.Table
        In order, the rows of each; a recording that ends the process twice has a row of
        ``failures``.
    """
    waiting, deaths = deque(shard.entries), Counter[str]()

    def tasks() -> Iterator[_One]:
        while waiting:
            yield _One(archive, plan, waiting.popleft(), shard.needs)

    for done in Processes(1).run(_label, tasks(), Event()):
        entry = done.task.entry
        died = _NO_MEMORY if isinstance(done.error, MemoryError) else done.died
        if died:
            deaths[entry.id] += 1
            if deaths[entry.id] < _TRIES:
                waiting.appendleft(entry)
                continue
            reason = f"{entry.address} ended its process twice ({died}); look at it by itself"
            yield entry, failed(entry, reason)
        elif done.error is not None:
            raise done.error
        else:
            assert done.value is not None
            yield entry, done.value


def _label(one: _One) -> dict[str, pa.Table]:
    with aside(tempfile.gettempdir()) as scratch:
        return label(one.archive, one.plan, one.entry, scratch, one.needs)
