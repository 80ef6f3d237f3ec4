"""Analyze files one after another, with progress and one line of result each."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from pydantic import ValidationError

from ectopy.analysis.analyze import Analysis, analyze
from ectopy.analysis.outputs import write
from ectopy.analysis.pieces import load_classifier
from ectopy.analysis.settings import Settings
from ectopy.errors import ConfigError, EctopyError
from ectopy.recordings.open import open_recording


def read_settings(changes: list[str]) -> Settings:
    """Make settings from ``key=value`` changes.

    Raises
    ------
    ConfigError
        If a key is unknown or a value cannot be used.
    """
    values = {}
    for change in changes:
        key, equals, value = change.partition("=")
        if not equals:
            raise ConfigError(f"--set {change} has no value, expected KEY=VALUE as in pause_s=3")
        values[key.strip()] = value.strip()
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        known = ", ".join(Settings.model_fields)
        raise ConfigError(f"--set {key}: {first['msg']}; the keys are {known}") from error


def run(
    files: list[Path],
    out: Path,
    lead: str | None,
    model: str,
    fs_hz: float | None,
    units: str | None,
    gain: float | None,
    changes: list[str],
) -> None:
    """Analyze each file into ``out``; a file that fails does not stop the others.

    Raises
    ------
    EctopyError
        After the others are done, if a file failed; or at once, if an option cannot be used.
    """
    settings = read_settings(changes)
    twice = [name for name, n in Counter(file.stem for file in files).items() if n > 1]
    if twice:
        raise ConfigError(
            f"several files are called {twice[0]}, and their results would overwrite each other; "
            "analyze them into different folders"
        )
    classifier = load_classifier(model)
    failed: list[EctopyError] = []
    for file in files:
        try:
            recording = open_recording(file, fs_hz=fs_hz, units=units, gain=gain)
            with _Bar(recording.name, recording.duration_s) as bar:
                analysis = analyze(
                    recording,
                    lead=lead,
                    model=model,
                    settings=settings,
                    classifier=classifier,
                    progress=bar.update,
                )
            made = write(analysis, out)
            print(f"{_line(analysis)} -> {made['html']}")
        except EctopyError as error:
            failed.append(error)
            if len(files) > 1:
                print(f"ectopy: {error}", file=sys.stderr)
    if failed:
        if len(files) == 1:
            raise failed[0]
        raise EctopyError(f"{len(failed)} of {len(files)} files could not be analyzed")


def _line(analysis: Analysis) -> str:
    summary = analysis.summary
    parts = [
        f"{count.certain:,} {letter}" for letter, count in summary.classes.items() if count.certain
    ]
    rate = summary.heart_rate.mean
    text = f"{summary.record}: {summary.beats:,} beats ({', '.join(parts) or 'none certain'})"
    text += f", {summary.uncertain:,} uncertain"
    if summary.uncertain_percent:
        text += f" ({summary.uncertain_percent:.1f} %)"
    text += f", mean rate {rate:.0f}/min" if rate else ""
    return ("SIMULATED " if summary.simulated else "") + text


class _Bar:
    """A progress bar on a terminal; nothing elsewhere, where it would only fill a log."""

    def __init__(self, name: str, duration_s: float) -> None:
        self._bar = None
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import Progress

            self._bar = Progress(console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task(name, total=duration_s)

    def update(self, done_s: float) -> None:
        if self._bar:
            self._bar.update(self._task, completed=done_s)

    def __enter__(self) -> _Bar:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.stop()
