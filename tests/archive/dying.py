"""Kill what works on an archive at each of its steps, which is too many to start Python for each.

    python dying.py VERB FOLDER EVERY

In copies ``FOLDER/0001`` and so on of the archive ``FOLDER/begun``, a process does what ``VERB``
says and is killed before it changes the archive for the n-th time, with n = 1, 1 + ``EVERY`` and so
on; another one then does it again, to the end. Ends once a process was not killed.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from ectopy import files
from ectopy.archive.finalize import finalize
from ectopy.archive.gc import gc
from ectopy.archive.manifest import read_shards
from ectopy.archive.planning import plan
from ectopy.archive.store import Archive
from ectopy.archive.work import Task, work

_CHANGES = {"os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir"}


def _plan(store: Path) -> None:
    plan(store.parent / "in", store, weights=store.parent / "weights")


def _work(store: Path) -> None:
    archive = Archive.open(store)
    done = archive.committed()
    for shard in read_shards(archive.files):
        if shard.key(archive.plan.describes()) not in done:
            work(Task(str(store), archive.plan, shard))


VERBS: dict[str, Callable[[Path], Any]] = {
    "plan": _plan,
    "work": _work,
    "finalize": finalize,
    "gc": lambda store: gc(store, older_than_s=0),
}


def _dies(store: Path, n: int) -> None:
    """Have this process killed before its n-th change of the archive."""
    left = n

    def told(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_CREAT
        if (writes or event in _CHANGES) and str(arguments[0]).startswith(str(store)):
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(told)


def _done(verb: str, store: Path, n: int = 0) -> bool:
    """Do it in a process of its own; tell whether that was killed."""
    child = os.fork()
    if not child:
        try:
            files._sweep.cache_clear()  # what was left is cleared away once a process
            if n:
                _dies(store, n)
            VERBS[verb](store)
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    assert os.waitstatus_to_exitcode(status) == 0, f"{verb} failed at {n}"
    return False


def main(verb: str, folder: Path, every: int) -> None:
    tempfile.tempdir = str(folder / "tmp")
    VERBS[verb](_begun(folder, "once"))  # imports what it takes, for all processes
    for n in count(1, every):
        store = _begun(folder, f"{n:04}")
        if not _done(verb, store, n):
            shutil.rmtree(store)
            return
        assert not _done(verb, store)


def _begun(folder: Path, name: str) -> Path:
    if (folder / "begun").exists():
        shutil.copytree(folder / "begun", folder / name)
    return folder / name


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
