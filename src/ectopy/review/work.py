"""What a worker process does with one recording: open it, build its pyramid, label it."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass, field, replace
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path
from threading import Event, Thread
from typing import Any, Final

from ectopy.analysis.analyze import analyze
from ectopy.analysis.request import Request
from ectopy.analysis.settings import Settings
from ectopy.errors import Cancelled, DataNotFoundError, EctopyError, MissingExtraError
from ectopy.files import disk_full
from ectopy.recordings.open import open_recording
from ectopy.recordings.recording import Recording
from ectopy.review.pyramid import build

RESULT: Final = "result.ectopy"
PYRAMID: Final = "pyramid.bin"
WHOLE: Final = "whole.npz"
"""What a beat is explained by, beside the signal around it; only where labels depend on it."""
_LOOKING: Final = 0.1
"""Share of the work that the pyramid is."""


@dataclass(frozen=True)
class Job:
    """What is to be done.

    Attributes
    ----------
    folder : str
        Of the recording in the store; result and pyramid are written there.
    name : str
        What results call it.
    source : str
        File to open; empty for the packaged example.
    stated : dict
        ``fs_hz``, ``units`` and ``gain``, where they were stated.
    options : dict
        ``lead``, ``weights``, ``setting`` of `ectopy.analysis.request.Request`.
    settings : dict
        Of `ectopy.analysis.settings.Settings`, those that differ.
    memory : int
        Bytes of address space that the process may take; 0 for no limit.
    names : dict of str to str
        Of an upload: our name of each file, and what its reader called it.
    """

    folder: str
    name: str
    source: str
    stated: dict[str, Any]
    options: dict[str, Any]
    settings: dict[str, Any]
    memory: int = 0
    names: dict[str, str] = field(default_factory=dict)

    def recording(self) -> Recording:
        """Open it, under the name that its reader gave it.

        Raises
        ------
        EctopyError
            If it cannot be opened.
        """
        if not self.source:
            from ectopy.analysis import example

            recording, _ = example.load()
            return replace(recording, name=self.name)
        return replace(open_recording(self.source, **self.stated), name=self.name)


def work(job: Job, told: Connection) -> None:
    """Do it, in a process of its own; tell ``("done", share)``, at last ``("ended", sentence)``.

    The last is ``("refused", sentence)`` where it would end in the same way once more. The process
    ends when the one that started it does, or when it is told anything.
    """
    _limit(job.memory)
    cancel = Event()
    Thread(target=_watch, args=(told, cancel), daemon=True).start()
    how = "ended"
    try:
        sentence = _work(job, told, cancel)
    except Cancelled:
        sentence = "cancelled"
    except (MissingExtraError, DataNotFoundError) as error:  # what lacks may be there next time
        sentence = _as_called(str(error), job)
    except EctopyError as error:
        how, sentence = "refused", _as_called(str(error), job)
    except MemoryError:
        how = "refused"
        sentence = "it needs more memory than an analysis may take; split the recording"
    except OSError as error:
        sentence = (
            "the disk of the store is full; make room, then have it analysed again"
            if disk_full(error)
            else f"its files cannot be read, or the store cannot be written to ({error.strerror})"
        )
    except Exception as error:
        print(f"an analysis met a defect: {type(error).__name__}", file=sys.stderr)
        sentence = f"ectopy met a defect ({type(error).__name__}); please report it"
    told.send((how, sentence))


def _work(job: Job, told: Connection, cancel: Event) -> str:
    recording = job.recording()
    folder = Path(job.folder)

    def looked(share: float) -> None:
        told.send(("done", _LOOKING * share))

    def labelled(done: float, of: float) -> None:
        told.send(("done", _LOOKING + (1 - _LOOKING) * done / max(of, 1e-9)))

    build(recording, folder / PYRAMID, cancel=cancel, progress=looked)
    request = Request(recording, settings=Settings(**job.settings), **job.options)
    result = analyze(
        request,
        cancel=cancel,
        progress=labelled,
        whole=lambda whole: whole.save(folder / WHOLE),
    )
    result.save(folder / RESULT)
    return ""


def _as_called(sentence: str, job: Job) -> str:
    """Call files as their reader does, and leave out where the store is."""
    if job.source:
        sentence = sentence.replace(job.source, "the file")
        sentence = sentence.replace(str(Path(job.source).parent) + os.sep, "")
    for ours, name in job.names.items():
        sentence = re.sub(rf"\b{re.escape(ours)}\b", lambda _, name=name: name, sentence)  # type: ignore[misc]
    return sentence.replace(job.folder + os.sep, "")


def _watch(told: Connection, cancel: Event) -> None:
    """Stop with the process that started this one, and when it says so."""
    parent = parent_process()
    assert parent is not None
    ready = wait([parent.sentinel, told])
    if parent.sentinel in ready:
        os._exit(1)
    cancel.set()


def _limit(memory: int) -> None:
    """Bound the address space, where the system can."""
    if memory and sys.platform != "win32":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (memory, hard))
