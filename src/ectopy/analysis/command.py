"""Analyze files one after another, with progress and one line of result each."""

from __future__ import annotations

import difflib
import sys
import traceback
from pathlib import Path

from pydantic import ValidationError

from ectopy.analysis.analyze import Analysis, analyze
from ectopy.analysis.inputs import count, find_recordings, some
from ectopy.analysis.labeller import load_classifier
from ectopy.analysis.outputs import write
from ectopy.analysis.overwrite import check_overwrite, check_writable, fingerprint
from ectopy.analysis.settings import Settings
from ectopy.errors import ConfigError, EctopyError, sentence
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
        if key in Settings.model_fields:
            raise ConfigError(f"--set {key}={values[key]}: {first['msg']}") from error
        raise ConfigError(_unknown(key)) from error


def _unknown(key: str) -> str:
    """Say that there is no such setting, with the nearest one first."""
    known = list(Settings.model_fields)
    # Half a name is nearer than a name with other letters: pause means pause_s.
    near = [name for name in known if name.startswith(key)] or [
        name for name in known if key and key in name
    ]
    near = near or difflib.get_close_matches(key, known)
    hint = f", the nearest is {near[0]}" if near else ""
    return f"--set {key}: there is no such setting{hint}; there are {', '.join(known)}"


def run(
    files: list[Path],
    out: Path,
    lead: str | None,
    model: str,
    fs_hz: float | None,
    units: str | None,
    gain: float | None,
    changes: list[str],
    *,
    force: bool = False,
    debug: bool = False,
) -> None:
    """Analyze each file into ``out``; a file that fails does not stop the others.

    Files may also be folders and patterns, see `ectopy.analysis.inputs.find_recordings`. What
    cannot be made again is overwritten only with ``force``, see `ectopy.analysis.overwrite`.

    Raises
    ------
    EctopyError
        After the others are done, if a file failed; or at once, if an option cannot be used.
    """
    settings = read_settings(changes)
    found = find_recordings(files)
    check_writable(out)
    if found.skipped:
        _say(f"skipped {count(found.skipped)} that hold no recording: {some(found.skipped)}")
    classifier = load_classifier(model)
    failed: list[str] = []
    done: set[str] = set()
    for file in found.files:
        try:
            recording = open_recording(file, fs_hz=fs_hz, units=units, gain=gain)
            if recording.name.casefold() in done:
                raise ConfigError(
                    f"{file} is called {recording.name} as another of these files, whose results "
                    "it would overwrite; analyze it into a different folder"
                )
            identity = fingerprint(file)
            if not force:
                check_overwrite(out, recording.name, identity)
            with _Bar(recording.name, recording.duration_s) as bar:
                analysis = analyze(
                    recording,
                    lead=lead,
                    model=model,
                    settings=settings,
                    classifier=classifier,
                    progress=bar.update,
                )
            made = write(analysis, out, recording_sha256=identity, overwrite=force)
        except Exception as error:  # one file never stops the others
            if debug:
                traceback.print_exc()
            failed.append(sentence(error, str(file)))
            if len(found.files) > 1:
                _say(failed[-1])
            continue
        done.add(recording.name.casefold())
        for kind, said in (
            ("note", analysis.summary.notes),
            ("warning", analysis.summary.warnings),
        ):
            for text in said:
                _say(f"{kind} on {recording.name}: {text}")
        print(f"{_line(analysis)} -> {made['html']}")
    if failed:
        if len(found.files) == 1:
            raise EctopyError(failed[0])
        raise EctopyError(f"{len(failed)} of {len(found.files)} files could not be analyzed")


def _say(text: str) -> None:
    print(f"ectopy: {text}", file=sys.stderr)


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
