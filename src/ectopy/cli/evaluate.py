"""``ectopy evaluate``: our labels against reference annotations."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from ectopy.cli.options import SettingOption, Weights


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
    escape: Annotated[
        Literal["N", "S"], typer.Option(help="Class of supraventricular escape beats (e, j, n).")
    ] = "N",
    skip_minutes: Annotated[
        float,
        typer.Option(min=0, help="Minutes left out at the start of each record; EC57 says 5."),
    ] = 0.0,
    records: Annotated[
        str | None,
        typer.Option(help="Records to take, with commas between them; ds1 and ds2 name the sets."),
    ] = None,
    extension: Annotated[str, typer.Option(help="Extension of the reference annotations.")] = "atr",
    out: Annotated[
        Path | None, typer.Option(help="Write evaluation.json and evaluation.csv here.")
    ] = None,
) -> None:
    """Compare our labels with reference annotations, beat by beat, by the rules of EC57."""
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
    for name, reason in report["left_out"].items():
        typer.echo(f"left out {name}: {reason}", err=True)
    notes: dict[str, list[str]] = {}
    for name, entry in report["records"].items():
        for note in entry["notes"]:
            notes.setdefault(note, []).append(name)
    for note, names in notes.items():
        typer.echo(f"note on {', '.join(names)}: {note}", err=True)
    if out is not None:
        for path in write(report, out):
            typer.echo(path)
