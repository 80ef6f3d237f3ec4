"""Tasks for runners to work off; a module of its own, because workers import it."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import NamedTuple


class Task(NamedTuple):
    """Leaves a line in a file where it is begun, does its deed, and gives its number."""

    number: int
    folder: Path
    deed: str = ""


def work(task: Task) -> int:
    with (task.folder / "begun").open("a") as file:
        file.write(f"{task.number} {os.getpid()}\n")
    if task.deed == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    if task.deed == "fails":
        raise ValueError(f"no {task.number}")
    if task.deed == "waits":
        for _ in range(1200):
            if (task.folder / "go").exists():
                break
            time.sleep(0.05)
    return task.number


def begun(folder: Path) -> list[tuple[int, int]]:
    """Give the number of each task begun so far, and its process."""
    path = folder / "begun"
    lines = path.read_text().splitlines() if path.exists() else []
    return [(int(number), int(process)) for number, process in map(str.split, lines)]
