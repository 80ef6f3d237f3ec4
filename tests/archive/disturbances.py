"""Who works on an archive is killed: processes of this machine, and those of a Dask cluster."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import disturbed
import numpy as np
from dask_processes import Processes as Cluster

from ectopy.archive.store import Archive

HERE: Final = ("worker", "driver", "driver and workers")
CLUSTER: Final = ("Dask worker", "Dask scheduler", "driver of Dask")
_PATIENCE_S: Final = 120.0
_AHEAD: Final = 5
"""More than the commits that are waited for until the next one is killed."""
_COMMIT_S, _START_S = 0.15, 2.5
"""About how long one commit takes, and the start of a run."""
_WORKERS: Final = 2


@dataclass
class Disturbed:
    """An archive, and who works on it at the moment."""

    store: Path
    folder: Path
    rng: np.random.Generator
    driver: subprocess.Popen[bytes] | None = None
    of_cluster: bool = False
    cluster: Cluster | None = None
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    starts: int = 0

    def __post_init__(self) -> None:
        self.folder.mkdir()
        self.shards = Archive.open(self.store).plan.shards

    @property
    def complete(self) -> bool:
        """Tell whether every shard is committed."""
        return disturbed.committed(self.store) >= self.shards

    def disturb(self, kind: str) -> bool:
        """Kill one of a kind at a random moment of the run; tell whether the run lasted so long."""
        self._begin(of_cluster=kind in CLUSTER)
        ahead = int(self.rng.integers(_AHEAD))
        goal = disturbed.committed(self.store) + ahead
        while disturbed.committed(self.store) < goal and self._works():
            time.sleep(0.002)
        time.sleep(self.rng.uniform(0, _COMMIT_S if ahead else _START_S))
        victim = self._victim(kind)
        return victim is not None and not self.complete and self._kill(kind, victim)

    def finish(self) -> None:
        """Start ``run`` again until all is done."""
        for _ in range(3):
            if self.driver is not None:
                self._end_of_driver()
            if self.complete:
                return
            self._begin(of_cluster=False)
        raise AssertionError(self._said())

    def _works(self) -> bool:
        return self.driver is not None and self.driver.poll() is None

    def _begin(self, *, of_cluster: bool) -> None:
        """Have the archive worked on, here or by a cluster, unless it is already."""
        if self.driver is not None and (self.of_cluster != of_cluster or not self._works()):
            if self._works():
                self.driver.send_signal(signal.SIGTERM)  # drains
            self._end_of_driver()
        if self.driver is not None:
            return
        self.of_cluster = of_cluster
        how: tuple[object, ...] = ("--workers", _WORKERS)
        if of_cluster:
            how = ("--scheduler", self._peopled().file)
        with self._log().open("wb") as log:
            self.driver = subprocess.Popen(
                disturbed.command("run", self.store, *how),
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.starts += 1

    def _peopled(self) -> Cluster:
        """Start a cluster, or what is missing of it."""
        python = {"PYTHONPATH": os.environ["PYTHONPATH"]}
        if self.cluster is None:
            folder = self.folder / f"cluster-{self.starts}"
            folder.mkdir()
            self.cluster, self.workers = Cluster(folder), []
            self.cluster.scheduler(**python)
        while len(self.workers) < _WORKERS:
            self.workers.append(self.cluster.worker("--nthreads", "1", **python))
        return self.cluster

    def _victim(self, kind: str) -> int | None:
        """Give the process to be killed; None where the run ended before."""
        end = time.monotonic() + _PATIENCE_S
        while self._works() and time.monotonic() < end:
            assert self.driver is not None
            if kind != "worker":
                return self.driver.pid
            if workers := _workers(self.driver.pid):
                return int(self.rng.choice(workers))
            time.sleep(0.005)
        return None

    def _kill(self, kind: str, victim: int) -> bool:
        if kind == "Dask worker":
            assert self.cluster is not None
            self.cluster.end(self.workers.pop(int(self.rng.integers(len(self.workers)))))
            self._peopled()
        elif kind == "Dask scheduler":
            self._end_of_cluster()
            self._end_of_driver()
        elif kind == "driver and workers":
            os.killpg(victim, signal.SIGKILL)
        else:
            try:
                os.kill(victim, signal.SIGKILL)
            except ProcessLookupError:
                return False
        return True

    def _end_of_driver(self) -> None:
        """Wait until the driver is gone; it says what was wrong in a sentence, if it lives to."""
        assert self.driver is not None
        code = self.driver.wait(_PATIENCE_S)
        said = self._said()
        assert code in (0, 2, -signal.SIGKILL, -signal.SIGTERM), (code, said)
        assert "Traceback" not in said, said
        assert "defect" not in said, said
        self.driver = None

    def _end_of_cluster(self) -> None:
        """Kill the scheduler, and only then the workers."""
        if self.cluster is not None:
            self.cluster.end(self.cluster.started[0])
            self.cluster.end()
        self.cluster = None

    def _log(self) -> Path:
        return self.folder / "driver.log"

    def _said(self) -> str:
        return self._log().read_text(errors="replace")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._works():
            assert self.driver is not None
            os.killpg(self.driver.pid, signal.SIGKILL)
            self.driver.wait()
        self._end_of_cluster()


def killed(
    kinds: Iterable[str], planned: Path, wanted: disturbed.Rows, folder: Path,
    rng: np.random.Generator,
) -> Counter[str]:  # fmt: skip
    """Kill one after the other, in as many archives as it takes, check each, count the kills."""
    waiting, kills = deque(kinds), Counter[str]()
    archives = 0
    while waiting:
        store = folder / f"store-{archives}"
        shutil.copytree(planned, store)
        with Disturbed(store, folder / f"work-{archives}", rng) as one:
            while waiting and not one.complete:
                if one.disturb(waiting[0]):
                    kills[waiting.popleft()] += 1
            one.finish()
        disturbed.check(store, wanted)
        disturbed.flip(store, rng)
        archives += 1
        assert archives <= 3 + sum(kills.values()), "runs end before anything is killed"
    return kills


def _workers(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        said = {child: Path(f"/proc/{child}/cmdline").read_bytes() for child in children}
    except OSError:
        return []
    return [int(child) for child, words in said.items() if b"spawn_main" in words]
