"""Worker processes: so many analyses at a time, each cancellable, and a crash harms nobody."""

from __future__ import annotations

import multiprocessing
import sqlite3
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from threading import Condition, Thread
from typing import Final, Protocol

from ectopy.review.work import Job, work

_PATIENCE_S: Final = 5.0
"""Seconds that a cancelled process has to end by itself."""
_TELL_EVERY_S: Final = 0.25
_AGAIN_S: Final = 1.0


class Told(Protocol):
    """Called with the recording, its state, how much is done, why it failed, and whether for good.

    For good it failed where the same analysis would end in the same way once more.
    """

    def __call__(
        self, recording: str, state: str, done: float, message: str, final: bool = False, /
    ) -> None:
        """Hear it."""


@dataclass
class _Running:
    job: Job
    cancelled: bool = False
    pipe: Connection | None = field(default=None, repr=False)


class Workers:
    """Analyses recordings in processes of their own.

    Parameters
    ----------
    told : callable
        Told of every change of state.
    at_once : int
        Processes at a time; others wait.
    limit_s : float
        Seconds that one analysis may take.
    """

    def __init__(self, told: Told, at_once: int = 1, limit_s: float = 6 * 3600) -> None:
        self._told, self._at_once, self._limit_s = told, at_once, limit_s
        self._context = multiprocessing.get_context("spawn")
        self._changed = Condition()
        self._waiting: deque[tuple[str, Job]] = deque()
        self._running: dict[str, _Running] = {}
        self._closed = False
        self._threads = [Thread(target=self._serve, daemon=True) for _ in range(at_once)]
        for thread in self._threads:
            thread.start()

    def submit(self, recording: str, job: Job) -> None:
        """Have a recording analysed when there is room."""
        with self._changed:
            self._waiting.append((recording, job))
            self._changed.notify()

    def __contains__(self, recording: str) -> bool:
        """Tell whether a recording waits or is worked on."""
        with self._changed:
            return recording in self._running or any(one[0] == recording for one in self._waiting)

    def cancel(self, recording: str) -> bool:
        """Stop waiting or working; tell whether there was anything to stop."""
        with self._changed:
            for one in self._waiting:
                if one[0] == recording:
                    self._told(recording, "cancelled", 0.0, "")
                    self._waiting.remove(one)
                    return True
            running = self._running.get(recording)
            if running is None:
                return False
            running.cancelled = True
            return True

    def wait_for(self, recording: str, seconds: float) -> None:
        """Wait until nothing works on a recording, so that its folder can be deleted."""
        with self._changed:
            self._changed.wait_for(lambda: recording not in self._running, seconds)

    def close(self) -> None:
        """Stop all of them."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            for running in self._running.values():
                running.cancelled = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(2 * _PATIENCE_S)

    def _serve(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if self._closed:
                    return
                recording, job = self._waiting.popleft()
                running = self._running[recording] = _Running(job)
            try:
                self._run(recording, running)
            except Exception as error:  # one analysis: the next one finds a thread all the same
                self._ended(
                    recording, "failed", 0.0,
                    f"ectopy met a defect ({type(error).__name__}); please report it",
                )  # fmt: skip
            finally:
                with self._changed:
                    del self._running[recording]
                    self._changed.notify_all()

    def _run(self, recording: str, running: _Running) -> None:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=work, args=(running.job, theirs), daemon=True)
        with suppress(sqlite3.Error):
            self._told(recording, "analysing", 0.0, "")
        process.start()
        theirs.close()
        end, stopping = time.monotonic() + self._limit_s, 0.0
        sentence: str | None = None
        final = False
        last_told = 0.0
        while sentence is None:
            now = time.monotonic()
            late = now > end
            if (running.cancelled or late) and not stopping:
                stopping = now
                _tell(ours)
            if stopping and now > stopping + _PATIENCE_S:
                break
            if not ours.poll(0.1):
                if not process.is_alive() and not ours.poll(0):
                    break
                continue
            try:
                what, value = ours.recv()
            except (EOFError, OSError):
                break
            if what in ("ended", "refused"):
                sentence, final = value, what == "refused"
            elif now - last_told > _TELL_EVERY_S:
                last_told = now
                with suppress(sqlite3.Error):  # no room to say how far it is, but it goes on
                    self._told(recording, "analysing", float(value), "")
        process.join(_PATIENCE_S if sentence is not None else 0.1)
        if process.is_alive():
            process.kill()
            process.join()
        code = process.exitcode
        ours.close()
        if running.cancelled:
            self._ended(recording, "cancelled", 0.0, "")
        elif time.monotonic() > end:
            self._ended(
                recording, "failed", 0.0,
                f"the analysis took more than {self._limit_s / 3600:g} h and was stopped",
            )  # fmt: skip
        elif sentence is None:
            self._ended(
                recording, "failed", 0.0,
                f"the analysis ended unexpectedly (exit code {code}); the file may be damaged, or "
                "memory ran out",
            )  # fmt: skip
        elif sentence:
            self._ended(recording, "failed", 0.0, sentence, final)
        else:
            self._ended(recording, "ready", 1.0, "")

    def _ended(
        self, recording: str, state: str, done: float, message: str, final: bool = False
    ) -> None:
        """Tell how it ended: again until it is kept, where the disk is full meanwhile."""
        while True:
            try:
                return self._told(recording, state, done, message, final)
            except sqlite3.Error:
                with self._changed:
                    if self._changed.wait_for(lambda: self._closed, _AGAIN_S):
                        return None


def _tell(pipe: Connection) -> None:
    """Tell a process to stop, if it still listens."""
    try:
        pipe.send("stop")
    except OSError:
        return
