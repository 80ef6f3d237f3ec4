"""How far a run over an archive is: a bar on a terminal, now and then a line in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import typer

if TYPE_CHECKING:
    from ectopy.archive.run_record import Progress

_EVERY_S: Final = 30.0
"""Seconds between two lines of a log."""


@contextmanager
def shown() -> Iterator[Callable[[Progress], None]]:
    """Give what shows the progress on standard error."""
    if not sys.stderr.isatty():
        last = [time.monotonic()]

        def line(now: Progress) -> None:
            if time.monotonic() - last[0] >= _EVERY_S:
                last[0] = time.monotonic()
                typer.echo(f"ectopy: {now.done:,} of {now.of:,} recordings, {words(now)}", err=True)

        yield line
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = MofNCompleteColumn(), BarColumn(), TextColumn("{task.description}")
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def update(now: Progress) -> None:
            bar.update(task, completed=now.done, total=now.of, description=words(now))

        yield update


@contextmanager
def counted(what: str) -> Iterator[Callable[[int, int], None]]:
    """Give what shows how many of how many are done, as a bar on a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    columns = MofNCompleteColumn(), TextColumn(what), BarColumn()
    hidden = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def words(now: Progress) -> str:
    """Tell failures, rate and remaining time."""
    told = [f"{now.failures:,} failed"] if now.failures else []
    told.append(f"{3600 * now.recorded_hours_per_s:,.0f} h recorded an hour")
    if now.remaining_s is not None:
        told.append(f"{lasting(now.remaining_s)} left")
    return ", ".join(told)


def lasting(seconds: float) -> str:
    """Tell how long something takes, in two units at most."""
    minutes, hours = round(seconds / 60), round(seconds / 3600)
    if seconds < 90:
        return f"{seconds:.0f} s"
    if minutes < 90:
        return f"{minutes} min"
    if hours < 36:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{hours // 24} d {hours % 24} h"
