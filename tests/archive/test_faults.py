from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import archive_made
import numpy as np
import pytest

from ectopy.archive.run import run
from ectopy.archive.store import Archive
from ectopy.archive.verify import verify
from ectopy.runners.processes import Processes

KILLS = 40


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_drivers_and_workers_killed_at_random_moments_change_no_row(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    paths = archive_made.recordings(tmp_path / "recordings", 24)
    archive_made.archive(tmp_path / "undisturbed", paths)
    run(tmp_path / "undisturbed", Processes(2))
    wanted = archive_made.rows(tmp_path / "undisturbed")
    kills, stores = 0, 0
    while kills < KILLS:
        stores += 1
        store = tmp_path / f"store-{stores}"
        archive = archive_made.archive(store, paths)
        while len(archive.committed()) < archive.plan.shards:
            kills += _killed(store, rng)
        assert archive_made.rows(store) == wanted
        assert not verify(store).faults
        parts = {part.name for commit in Archive.open(store).commits() for part in commit.parts}
        assert parts <= {one.name for one in archive.files.list("parts")}
    assert stores > 1


def _killed(store: Path, rng: np.random.Generator) -> bool:
    """Start a driver, and kill it or one of its workers after a while; tell whether that was so."""
    driver = subprocess.Popen(
        [sys.executable, "-m", "ectopy", "archive", "run", str(store), "--workers", "2"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    killed = False
    end = time.monotonic() + rng.uniform(0.2, 6.0)
    while time.monotonic() < end and driver.poll() is None:
        time.sleep(0.01)
    if driver.poll() is None:
        victims = [driver.pid, *_workers(driver.pid)]
        os.kill(int(rng.choice(victims)), signal.SIGKILL)
        killed = True
    if rng.random() < 0.5:  # the driver as well, soon after a worker
        time.sleep(rng.uniform(0, 2))
        driver.kill()
    driver.wait()
    return killed


def _workers(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        said = {child: Path(f"/proc/{child}/cmdline").read_bytes() for child in children}
    except OSError:
        return []
    return [int(child) for child, words in said.items() if b"spawn_main" in words]
