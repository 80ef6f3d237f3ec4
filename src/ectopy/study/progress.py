"""What a study shows while it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from ectopy.report.schema import Metrics
from ectopy.report.wording import QUICK, with_spread
from ectopy.study.job import Unit
from ectopy.study.settings import StudyConfig
from ectopy.training.task import Observer, Silent


class Reporter:
    """Progress on the terminal, one bar a training.

    Parameters
    ----------
    quiet : bool
        Say nothing at all.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self.console = Console(quiet=quiet, highlight=False)
        self.quiet = quiet

    def start(self, config: StudyConfig, path: Path, *, resumed: bool) -> None:
        """Say what begins, and where."""
        verb = "going on with" if resumed else "running"
        seeds = "1 seed" if config.seeds == 1 else f"{config.seeds} seeds"
        self.console.print(f"{verb} [bold]{config.name}[/] ({config.protocol}, {seeds}) in {path}")
        self._quick(config)

    @contextmanager
    def unit(self, unit: Unit, number: int, total: int) -> Iterator[Observer]:
        """Show one training."""
        if self.quiet:
            yield Silent()
            return
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[told]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self.console,
        ) as progress:
            name = f"{number}/{total} {_named(unit)}"
            yield _Bar(progress, progress.add_task(name, total=None, told=""))

    @contextmanager
    def units(self, kept: int, total: int) -> Iterator[Callable[[Unit], None]]:
        """Show trainings that are done elsewhere, several at a time, and told when done."""
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[told]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self.console,
            disable=self.quiet,
        ) as progress:
            task = progress.add_task("trainings", total=total, completed=kept, told="")
            yield lambda unit: progress.update(task, advance=1, told=_named(unit))

    def _quick(self, config: StudyConfig) -> None:
        if config.quick:
            self.console.print(f"[bold]{QUICK}[/]", soft_wrap=True)

    def end(self, config: StudyConfig, path: Path, metrics: Metrics) -> None:
        """Say what came out, and where the results are."""
        for row in metrics.ec57:
            if not row.condition:
                figures = (
                    ("SVEB F1", row.SVEB.f1), ("VEB F1", row.VEB.f1),
                    ("accuracy", row.accuracy), ("macro-F1 N S V", row.macro_f1_nsv),
                )  # fmt: skip
                told = ", ".join(f"{name} {with_spread(figure)}" for name, figure in figures)
                self.console.print(f"{row.records}, {row.setting}, {row.peaks} peaks: {told}")
        self.console.print(f"results: {path / 'metrics.json'}")
        report = path / "report.html"
        if report.exists():
            self.console.print(f"report:  {report}")
        self._quick(config)


def _named(unit: Unit) -> str:
    fold = f" fold {unit.fold + 1}" if unit.folds > 1 else ""
    return f"{unit.protocol} seed {unit.seed}{fold}"


class _Bar:
    """Moves one bar, in epochs."""

    def __init__(self, progress: Progress, task: Any) -> None:
        self.progress, self.task = progress, task
        self.epochs_done = 0

    def beats(self, done: int, total: int) -> None:
        self.progress.update(self.task, completed=self.epochs_done + done / total)

    def say(self, text: str) -> None:
        self.progress.update(self.task, told=text)

    def epoch(self, row: dict[str, Any], epochs: int) -> None:
        self.epochs_done = row["epoch"]
        told = f"epoch {row['epoch']}/{epochs} loss {row['loss']:.3f}"
        if row["val_accuracy"] is not None:
            told += f" val acc {row['val_accuracy']:.4f} F1 {row['val_macro_f1']:.3f}"
        self.progress.update(self.task, total=epochs, completed=row["epoch"], told=told)
