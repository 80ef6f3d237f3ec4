"""What this process may use of the machine: cores and memory, as far as Linux tells them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

_GROUPS = Path("/sys/fs/cgroup")
_GIVEN_BACK = ("active_file", "inactive_file")
"""Memory of a group that only keeps what was read of files: it is there for who asks."""


def cores() -> int:
    """Count the cores that this process may use.

    Slurm binds a process to some of them, and a container has a quota; the machine may have more.
    """
    if sys.platform == "linux":
        there = len(os.sched_getaffinity(0))
    else:
        there = os.cpu_count() or 1
    for group in _groups():
        quota, _, period = _read(group / "cpu.max").partition(" ")
        if quota.isdigit() and period.strip().isdigit():
            there = min(there, -(-int(quota) // int(period)))
    return max(1, there)


def memory() -> int | None:
    """Give the bytes of memory that are left for this process; None where nothing tells them."""
    told = (line.split() for line in _read(Path("/proc/meminfo")).splitlines())
    left = [1024 * int(line[1]) for line in told if line[0] == "MemAvailable:"]
    for group in _groups():
        most, taken = _read(group / "memory.max").strip(), _read(group / "memory.current").strip()
        if most.isdigit() and taken.isdigit():
            told = (line.split() for line in _read(group / "memory.stat").splitlines())
            cached = sum(int(line[1]) for line in told if line[0] in _GIVEN_BACK)
            left.append(int(most) - int(taken) + cached)
    return min(left) if left else None


def _groups() -> Iterator[Path]:
    """Give the control groups (version 2) that bound this process, from its own to the root."""
    for line in _read(Path("/proc/self/cgroup")).splitlines():
        if line.startswith("0::"):
            own = Path(line.removeprefix("0::").lstrip("/"))
            yield from (_GROUPS / group for group in (own, *own.parents))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, ValueError):
        return ""
