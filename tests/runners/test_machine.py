from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from ectopy.runners import machine
from ectopy.runners.processes import WORKER_BYTES, Processes, fitting

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux tells it so")


@pytest.fixture
def groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the control groups of a Slurm job: the job has the limits, its step has none."""
    step = tmp_path / "job_7/step_0"
    step.mkdir(parents=True)
    (step / "cpu.max").write_text("max 100000\n")
    (step / "memory.max").write_text("max\n")
    monkeypatch.setattr(machine, "_GROUPS", tmp_path)
    real = machine._read
    monkeypatch.setattr(
        machine,
        "_read",
        lambda path: "0::/job_7/step_0\n" if path == Path("/proc/self/cgroup") else real(path),
    )
    return tmp_path


def test_the_affinity_of_a_job_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3, 5, 9})
    monkeypatch.setattr(machine, "_groups", list)
    assert machine.cores() == 3


def test_a_quota_of_any_group_above_counts(groups: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)))
    assert machine.cores() == 64
    (groups / "job_7/cpu.max").write_text("150000 100000\n")
    assert machine.cores() == 2
    (groups / "job_7/cpu.max").write_text("10000 100000\n")
    assert machine.cores() == 1


def test_memory_of_the_machine_and_of_the_group(groups: Path) -> None:
    free = machine.memory()
    assert free is not None
    assert free > 0
    (groups / "job_7/memory.max").write_text(f"{100 << 20}\n")
    (groups / "job_7/memory.current").write_text(f"{60 << 20}\n")
    (groups / "job_7/memory.stat").write_text(
        f"anon {40 << 20}\nactive_file {15 << 20}\ninactive_file {5 << 20}\n"
    )
    assert machine.memory() == 60 << 20  # what files fill is given back when it is asked for


def test_no_more_workers_than_there_is_memory_for() -> None:
    assert fitting(8, 3 * WORKER_BYTES) == 3
    assert fitting(8, None) == 8
    assert fitting(8, 0) == 1
    assert fitting(2, 1 << 50) == 2
    assert Processes().workers >= 1
