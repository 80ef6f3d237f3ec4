"""``ectopy analyze``: label recordings, from file to report."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ectopy.cli.options import Anonymous, Changes, Gain, Lead, Rate, SettingOption, Units, Weights

if TYPE_CHECKING:
    from ectopy.analysis.analyze import Progress
    from ectopy.analysis.result import Result
    from ectopy.analysis.settings import Settings


def analyze(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Recordings (WFDB, EDF, BDF, CSV, NumPy and more), folders of them, or patterns.",
            metavar="FILE...",
        ),
    ],
    ctx: typer.Context,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the results (needed).", metavar="DIR")
    ] = None,
    lead: Lead = None,
    weights: Weights = "default",
    setting: SettingOption = None,
    fs_hz: Rate = None,
    units: Units = None,
    gain: Gain = None,
    change: Changes = None,
    annotations: Annotated[
        Path | None,
        typer.Option(
            "--annotations",
            help="Label nothing: take beats and classes from this annotation file, or from those "
            "of the records in this folder.",
            metavar="FILE|DIR",
        ),
    ] = None,
    disclosure: Annotated[
        bool,
        typer.Option(
            "--disclosure",
            help="Write the full disclosure as well: all of the leading lead, an hour a page.",
        ),
    ] = False,
    anonymous: Anonymous = False,
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="Overwrite edited annotations, and another recording's results."
        ),
    ] = False,
) -> None:
    """Label every beat and write annotations, tables, a summary and a report."""
    from ectopy.errors import ConfigError
    from ectopy.runtime.classifier import BeatClassifier

    if out is None:
        raise ConfigError(
            "no folder for the results was given; name one, as in "
            f"ectopy analyze {files[0]} --out results"
        )
    stated = {"fs_hz": fs_hz, "units": units, "gain": gain}
    wanted: dict[str, Any] = {
        "lead": lead,
        "setting": setting,
        "settings": read_settings(change or [], anonymous=anonymous),
    }
    if annotations is None:
        wanted["classifier"] = BeatClassifier.load(weights)
    else:
        wanted["annotations"] = annotations
    debug = bool(ctx.find_root().params.get("debug"))
    analyze_all(files, out, stated, wanted, disclosure=disclosure, force=force, debug=debug)


def analyze_all(
    given: list[Path],
    out: Path,
    stated: Mapping[str, Any] = MappingProxyType({}),
    wanted: Mapping[str, Any] = MappingProxyType({}),
    *,
    disclosure: bool = False,
    force: bool = False,
    debug: bool = False,
) -> None:
    """Analyze each file into ``out``; a file that fails does not stop the others.

    Parameters
    ----------
    given : list of Path
        Files, folders and patterns, see `ectopy.analysis.inputs.find_recordings`.
    out : Path
        Folder for the results.
    stated, wanted : mapping
        What `ectopy.recordings.open.open_recording` and `ectopy.analysis.analyze.analyze` are told.
    disclosure : bool
        Whether to write the full disclosure as well.
    force : bool
        Whether to overwrite what cannot be made again, see `ectopy.analysis.overwrite`.
    debug : bool
        Whether to print tracebacks.

    Raises
    ------
    EctopyError
        After the others are done, if a file failed; or at once, if an option cannot be used.
    """
    from ectopy.analysis.inputs import count, find_recordings, some
    from ectopy.analysis.overwrite import check_writable
    from ectopy.analysis.report.index import write_index
    from ectopy.cli.messages import sentence
    from ectopy.errors import EctopyError

    found = find_recordings(given)
    check_writable(out)
    if found.skipped:
        hold = "hold" if len(found.skipped) > 1 else "holds"
        _say(f"skipped {count(found.skipped)} that {hold} no recording: {some(found.skipped)}")
    failed: dict[str, str] = {}
    done: set[str] = set()
    for file in found.files:
        try:
            result, pages = _analyze_one(
                file, out, stated, wanted, done, disclosure=disclosure, force=force
            )
        except Exception as error:  # one file never stops the others
            if debug:
                traceback.print_exc()
            failed[str(file)] = sentence(error, str(file))
            if len(found.files) > 1:
                _say(failed[str(file)])
            continue
        done.add(result.name.casefold())
        for kind, said in (("note", result.summary.notes), ("warning", result.summary.warnings)):
            for text in said:
                _say(f"{kind} on {result.name}: {text}")
        typer.echo(f"{_line(result)} -> {pages}")
    if len(found.files) == 1 and failed:
        raise EctopyError(failed[str(found.files[0])])
    for path in write_index(out, failed) if done else []:
        typer.echo(path)
    if failed:
        raise EctopyError(f"{len(failed)} of {len(found.files)} files could not be analyzed")


def _analyze_one(
    file: Path,
    out: Path,
    stated: Mapping[str, Any],
    wanted: Mapping[str, Any],
    done: set[str],
    *,
    disclosure: bool,
    force: bool,
) -> tuple[Result, str]:
    """Analyze a file and write its results; give them and where their pages are."""
    from ectopy.analysis.analyze import analyze
    from ectopy.analysis.outputs import FORMATS, ON_REQUEST, write
    from ectopy.analysis.overwrite import check_overwrite, fingerprint
    from ectopy.errors import ConfigError
    from ectopy.files import sha256
    from ectopy.recordings.open import open_recording

    recording = open_recording(file, **stated)
    if recording.name.casefold() in done:
        raise ConfigError(
            f"{file} is called {recording.name} as another of these files, whose results it would "
            "overwrite; analyze it into a different folder",
            change="out",
        )
    identity = fingerprint(file)
    given = _annotations_of(recording.name, wanted.get("annotations"))
    if given is not None:
        wanted = {**wanted, "annotations": given}
    if not force:
        known = sha256(given) if given is not None and given.is_file() else None
        check_overwrite(out, recording.name, identity, annotations_sha256=known)
    with _bar(recording.name) as progress:
        result = analyze(recording, progress=progress, **wanted)
    formats = FORMATS + ON_REQUEST if disclosure else FORMATS
    made = write(result, out, formats=formats, recording_sha256=identity, overwrite=force)
    pages = [str(made[key]) for key in ("html", *ON_REQUEST) if key in made]
    return result, " and ".join(pages)


def _annotations_of(name: str, given: Path | None) -> Path | None:
    """Give the annotation file of a record: the one that was named, or its own in the folder."""
    if given is None or not given.is_dir():
        return given
    from ectopy.analysis.outputs import EXTENSION

    return given / f"{name}.{EXTENSION}"


def read_settings(changes: list[str], *, anonymous: bool = False) -> Settings:
    """Make settings from ``key=value`` changes, and from the option ``--anonymous``.

    Raises
    ------
    ConfigError
        If a key is unknown or a value cannot be used.
    """
    from pydantic import ValidationError

    from ectopy.analysis.settings import Settings
    from ectopy.errors import ConfigError

    values = {}
    for change in [*changes, *["anonymous=true"] * anonymous]:
        key, equals, value = change.partition("=")
        if not equals:
            raise ConfigError(f"--set {change} has no value, expected KEY=VALUE as in pause_s=3")
        values[key.strip()] = value.strip()
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        if not key:  # two settings that contradict each other
            raise ConfigError(f"--set: {first['msg'].removeprefix('Value error, ')}") from error
        if key in Settings.model_fields:
            raise ConfigError(f"--set {key}={values[key]}: {first['msg']}") from error
        raise ConfigError(_unknown(key, list(Settings.model_fields))) from error


def _unknown(key: str, known: list[str]) -> str:
    """Say that there is no such setting, with the nearest one first."""
    import difflib

    # Half a name is nearer than a name with other letters: pause means pause_s.
    near = [name for name in known if name.startswith(key)] or [
        name for name in known if key and key in name
    ]
    near = near or difflib.get_close_matches(key, known)
    hint = f", the nearest is {near[0]}" if near else ""
    return f"--set {key}: there is no such setting{hint}; there are {', '.join(known)}"


def _say(text: str) -> None:
    typer.echo(f"ectopy: {text}", err=True)


def _line(result: Result) -> str:
    from ectopy.analysis.report.rhythm_words import brief
    from ectopy.analysis.report.wording import counted

    summary = result.summary
    parts = [
        f"{count.certain:,} {letter}" for letter, count in summary.classes.items() if count.certain
    ]
    rate = summary.heart_rate.mean
    beats = counted(summary.beats, "beat")
    throughout = summary.pacing.beats == summary.beats
    paced = {
        "paced": "paced rhythm, " if throughout else "paced in part, ",
        "suspected": "pacing suspected, ",
    }
    text = f"{summary.record}: {paced.get(summary.pacing.verdict, '')}{beats}"
    text += f" ({', '.join(parts) or 'none certain'})"
    text += f", {summary.uncertain:,} uncertain"
    if summary.uncertain_percent:
        text += f" ({summary.uncertain_percent:.1f} %)"
    text += f", mean rate {rate:.0f}/min" if rate else ""
    text += f"; {brief(summary)}"
    return ("SIMULATED " if summary.simulated else "") + text


@contextmanager
def _bar(name: str) -> Iterator[Progress | None]:
    """Draw a progress bar on a terminal; nothing elsewhere, where it would only fill a log."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done_s, of_s: bar.update(task, completed=done_s, total=of_s)
