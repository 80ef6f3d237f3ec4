"""A Dask scheduler and workers as processes of their own, as people start them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import ectopy

PATH = os.pathsep.join((str(Path(ectopy.__file__).parents[1]), str(Path(__file__).parent)))
HERE = ("--host", "127.0.0.1", "--no-dashboard")


@dataclass
class Processes:
    """A scheduler and workers; each is the head of a process group."""

    folder: Path
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def file(self) -> Path:
        return self.folder / "scheduler.json"

    def scheduler(self, **environment: str) -> subprocess.Popen[bytes]:
        given = ("--port", "0", "--scheduler-file", str(self.file))
        process = self._start("scheduler", *HERE, *given, **environment)
        until(self.file.is_file)
        return process

    def worker(self, *given: str, **environment: str) -> subprocess.Popen[bytes]:
        given = given or ("--nthreads", "1")
        where = ("--local-directory", str(self.folder), "--scheduler-file", str(self.file))
        return self._start("worker", *HERE, *where, *given, **environment)

    def beginning(self, code: str) -> dict[str, str]:
        """Give an environment in which Python begins with some code."""
        folder = self.folder / f"begins-{len(self.started)}"
        folder.mkdir()
        (folder / "sitecustomize.py").write_text(code)
        return {"PYTHONPATH": os.pathsep.join((str(folder), PATH))}

    def _start(self, *words: str, **environment: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{words[0]}-{len(self.started)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", *words],
                cwd=self.folder,
                env={**os.environ, "PYTHONPATH": PATH, **environment},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.started.append(process)
        return process

    def end(self, *which: subprocess.Popen[bytes]) -> None:
        """Kill some of them, with the processes that they started, or all."""
        for process in which or reversed(self.started):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextlib.contextmanager
def processes(folder: Path) -> Iterator[Processes]:
    folder.mkdir(exist_ok=True)
    made = Processes(folder)
    try:
        yield made
    finally:
        made.end()


def until(holds: Callable[[], object], most_s: float = 30.0) -> None:
    end = time.monotonic() + most_s
    while not holds():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)
