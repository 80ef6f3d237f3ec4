"""``ectopy evaluate``: our labels against reference annotations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ectopy.cli.options import Escape, SettingOption, SkipMinutes, Weights

if TYPE_CHECKING:
    from ectopy.analysis.rhythm.evaluate import RhythmOptions


def evaluate(
    folder: Annotated[Path, typer.Argument(help="Folder of WFDB records with annotations.")],
    reference_peaks: Annotated[
        bool,
        typer.Option(
            "--reference-peaks", help="Take the beats from the reference, do not detect them."
        ),
    ] = False,
    weights: Weights = "default",
    setting: SettingOption = None,
    escape: Escape = "N",
    skip_minutes: SkipMinutes = 0.0,
    records: Annotated[
        str | None,
        typer.Option(help="Records to take, with commas between them; ds1 and ds2 name the sets."),
    ] = None,
    extension: Annotated[str, typer.Option(help="Extension of the reference annotations.")] = "atr",
    out: Annotated[
        Path | None, typer.Option(help="Write evaluation.json and evaluation.csv here.")
    ] = None,
    rhythm: Annotated[
        bool,
        typer.Option(
            "--rhythm",
            help="Score episodes of atrial fibrillation, as epicmp does, not beats; and rhythms.",
        ),
    ] = False,
    from_annotations: Annotated[
        str | None,
        typer.Option(
            metavar="EXT",
            help="With --rhythm: tell it from the beats of these annotations (qrs, atr) alone.",
        ),
    ] = None,
    strips: Annotated[
        Path | None,
        typer.Option(
            metavar="TABLE",
            help="With --rhythm: score short strips from their signal, one label each, against "
            "this table of names and labels N, A, O, ~ (REFERENCE-v3.csv).",
        ),
    ] = None,
    shortest: Annotated[
        float, typer.Option(min=0, help="With --rhythm: seconds from which an episode counts.")
    ] = 30.0,
    flutter: Annotated[
        bool,
        typer.Option(
            "--flutter/--no-flutter", help="With --rhythm: flutter counts as fibrillation."
        ),
    ] = True,
) -> None:
    """Compare our labels with reference annotations, beat by beat, by the rules of EC57."""
    from ectopy.errors import ConfigError

    if from_annotations is not None and not rhythm:
        raise ConfigError(
            f"beats are to be taken from annotations .{from_annotations}, which goes with --rhythm "
            "alone; add it, or leave --from-annotations out"
        )
    if strips is not None:
        if not rhythm or from_annotations is not None:
            raise ConfigError(
                f"strips are to be scored against {strips}, which goes with --rhythm and without "
                "--from-annotations: a strip's rhythm is told from its signal"
            )
        _strips(folder, strips, records, out)
        return
    if rhythm:
        from ectopy.analysis.rhythm.evaluate import RhythmOptions
        from ectopy.analysis.settings import Settings

        told = RhythmOptions(
            extension=extension.removeprefix("."),
            from_annotations=from_annotations and from_annotations.removeprefix("."),
            weights=weights,
            setting=setting,
            flutter=flutter,
            skip_minutes=skip_minutes,
            settings=Settings(af_shortest_s=shortest),
        )
        _rhythm(folder, told, records, out)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from ectopy.analysis.evaluate import Options, evaluate
    from ectopy.analysis.evaluation_files import check_folder, write
    from ectopy.beats.aami import records_named
    from ectopy.evaluation.ec57.table import table

    options = Options(
        weights=weights,
        setting=setting,
        reference_peaks=reference_peaks,
        escape=escape,
        skip_minutes=skip_minutes,
        extension=extension.removeprefix("."),
    )
    wanted = records_named(records or "")
    if out is not None:
        check_folder(out)
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    hidden = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        task = bar.add_task("labelling", total=None)

        def started(total: int) -> None:
            bar.update(task, total=total)

        def done(name: str) -> None:
            bar.update(task, advance=1, description=f"labelled {name}")

        result = evaluate(folder, options, records=wanted, started=started, progress=done)
    report = result.report
    labelled_by = report["labelled_by"]
    typer.echo(table(report))
    typer.echo(
        f"{report['n_records']} records; weights {labelled_by['name']}, setting "
        f"{labelled_by['setting']}; "
        f"{report['peaks']} peaks; {report['convention']}; "
        f"first {report['skipped_minutes']:g} minutes skipped; gross intervals over records."
    )
    if seen := report["named_as_trained_on"]:
        typer.echo(
            f"{len(seen)} of the {report['n_records']} scored have the names of records that the "
            "weights were trained on; if they are those, these are no figures on new patients, "
            "for which take --weights ds1 on MIT-BIH's DS2 (--records ds2)."
        )
    _left_out(report)
    notes: dict[str, list[str]] = {}
    for name, entry in report["records"].items():
        for note in entry["notes"]:
            notes.setdefault(note, []).append(name)
    for note, names in notes.items():
        typer.echo(f"note on {', '.join(names)}: {note}", err=True)
    if out is not None:
        _tell(write(report, out))


def _rhythm(folder: Path, options: RhythmOptions, records: str | None, out: Path | None) -> None:
    from ectopy.analysis.evaluation_files import check_folder
    from ectopy.analysis.rhythm.evaluate import (
        STEM,
        evaluate_rhythm,
        seconds_table,
        write_rhythm_evaluation,
    )
    from ectopy.beats.aami import records_named
    from ectopy.evaluation.ec57.episodes import episode_table

    if out is not None:
        check_folder(out, STEM)
    report = evaluate_rhythm(folder, options, records=records_named(records or ""))
    typer.echo(episode_table(report))
    taken = options.from_annotations
    beats = f"beats of .{taken}" if taken else f"beats labelled with {report['labelled_by']}"
    typer.echo(
        f"{report['n_records']} records; weights {report['weights']}; {beats}; "
        f"flutter {report['flutter']}; episodes (E) of {options.settings.af_shortest_s:g} s or "
        f"more, durations (D) of all; first {options.skip_minutes:g} minutes skipped; gross "
        "intervals over records."
    )
    if seen := report["named_as_trained_on"]:
        typer.echo(
            f"{len(seen)} of the {report['n_records']} scored have the names of records that the "
            "weights were trained on; if they are those, these are no figures on new patients."
        )
    after_s = [entry["after_last_beat_s"] for entry in report["records"].values()]
    if max(after_s) > 60:
        typer.echo(
            f"{sum(after_s) / 3600:.2f} hours after the last beats of their records are not scored."
        )
    free = report["free_of_it"]
    if free["called_share"] is not None:
        typer.echo(
            f"{100 * free['called_share']:.2f} % of the {free['decided_s'] / 3600:.1f} hours of "
            f"{free['records']} records without fibrillation is called so."
        )
    if report["seconds"]:
        typer.echo("Seconds of each of our rhythms, in those that the reference marks:")
        typer.echo(seconds_table(report["seconds"]))
    _left_out(report)
    if out is not None:
        _tell(write_rhythm_evaluation(report, out))


def _strips(folder: Path, table: Path, records: str | None, out: Path | None) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress

    from ectopy.analysis.evaluation_files import check_folder
    from ectopy.analysis.rhythm.strips import (
        STEM,
        evaluate_strips,
        strip_table,
        write_strip_evaluation,
    )
    from ectopy.beats.aami import records_named

    if out is not None:
        check_folder(out, STEM)
    console = Console(stderr=True)
    with Progress(
        BarColumn(),
        MofNCompleteColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task("", total=None)

        def progress(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of)

        report = evaluate_strips(
            folder, table, records=records_named(records or ""), progress=progress
        )
    typer.echo(strip_table(report))
    for key, title in (("unseen", "strips never trained on"), ("seen", "strips trained on")):
        told = report[key]
        if told is not None:
            right = told["right_of_decided"]
            typer.echo(
                f"{100 * told['decided']:.1f} % of the {told['strips']} {title} are decided"
                + ("" if right is None else f", {100 * right:.1f} % of these rightly")
                + "."
            )
    typer.echo(
        "F1 in percent, with 95 % intervals over strips; mean of the first three, as in the "
        f"Challenge of 2017; weights {report['weights']}, which know what they learnt from by name."
    )
    _left_out(report)
    if out is not None:
        _tell(write_strip_evaluation(report, out))


def _left_out(report: Mapping[str, Any]) -> None:
    for name, reason in report["left_out"].items():
        typer.echo(f"left out {name}: {reason}", err=True)


def _tell(paths: Iterable[Path]) -> None:
    for path in paths:
        typer.echo(path)
