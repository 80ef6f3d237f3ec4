"""An archive worked off by a Dask cluster: the same rows, whoever is killed meanwhile."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import archive_made
import pytest
from dask_processes import processes, until

from ectopy.archive.run import run
from ectopy.archive.run_record import Progress
from ectopy.archive.verify import verify
from ectopy.errors import ClusterError
from ectopy.runners.dask_cluster import DaskRunner
from ectopy.runners.processes import Processes

pytest.importorskip("distributed")


def test_workers_and_scheduler_that_are_killed_change_no_row(tmp_path: Path) -> None:
    paths = archive_made.recordings(tmp_path / "recordings", 12)
    archive_made.archive(tmp_path / "undisturbed", paths)
    run(tmp_path / "undisturbed", Processes(1))
    store = tmp_path / "store"
    archive = archive_made.archive(store, paths)

    def told(progress: Progress) -> None:
        if progress.done == 2:
            os.kill(next(iter(runner._client.run(os.getpid).values())), signal.SIGKILL)
        if progress.done == 8:
            made.end(scheduler)

    with processes(tmp_path) as made:
        scheduler = made.scheduler()
        made.worker()
        made.worker()
        with DaskRunner(str(made.file)) as runner:
            until(lambda: runner.workers == 2)
            with pytest.raises(ClusterError, match="what was finished is kept"):
                run(store, runner, told=told)
    kept = len(archive.committed())
    assert 4 <= kept < archive.plan.shards
    assert run(store, Processes(1)).complete
    assert archive_made.rows(store) == archive_made.rows(tmp_path / "undisturbed")
    assert not verify(store).faults
