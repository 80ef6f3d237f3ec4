"""``ectopy compare``: two annotators against each other, without labelling anew."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ectopy.cli.options import Escape, SkipMinutes


def compare(
    a: Annotated[
        Path,
        typer.Argument(
            help="Annotation file (mitdb/100.atr) or folder: the reference.", metavar="A"
        ),
    ],
    b: Annotated[
        Path,
        typer.Argument(help="Annotation file or folder to set against it.", metavar="B"),
    ],
    extension: Annotated[
        str, typer.Option(help="Extension of the annotations of A, where that is a folder.")
    ] = "atr",
    against: Annotated[
        str, typer.Option(help="Extension of the annotations of B, where that is a folder.")
    ] = "ect",
    certain: Annotated[
        bool, typer.Option("--certain", help="Leave out beats that either one marks as uncertain.")
    ] = False,
    escape: Escape = "N",
    skip_minutes: SkipMinutes = 0.0,
    out: Annotated[
        Path | None,
        typer.Option(help="Write comparison.json, .csv and the differing beats here."),
    ] = None,
) -> None:
    """Compare two annotators of the same records, beat by beat, by the rules of EC57."""
    from ectopy.analysis.annotators import ComparisonOptions, compare_annotations
    from ectopy.analysis.evaluation_files import check_folder, write
    from ectopy.analysis.inputs import some
    from ectopy.evaluation.ec57.table import table

    options = ComparisonOptions(
        extensions=(extension.removeprefix("."), against.removeprefix(".")),
        escape=escape,
        skip_minutes=skip_minutes,
        certain=certain,
    )
    if out is not None:
        check_folder(out, "comparison")
    found = compare_annotations(a, b, options)
    report = found.report
    typer.echo(table(report))
    typer.echo(_confusion(report["gross"]["confusion"]))
    agreed = "-" if report["kappa"] is None else f"{report['kappa']:.4f}"
    typer.echo(
        f"{report['n_records']} records; A {report['a']}, B {report['b']}; kappa {agreed} over the "
        f"beats that both have; {report['n_differences']} beats differ; {report['convention']}; "
        f"first {report['skipped_minutes']:g} minutes skipped"
        + (f"; {report['uncertain_left_out']} uncertain beats left out." if certain else ".")
    )
    why: dict[str, list[str]] = {}
    for name, reason in report["left_out"].items():
        why.setdefault(reason, []).append(name)
    for reason, names in why.items():
        typer.echo(f"left out {some([Path(name) for name in names])}: {reason}", err=True)
    if out is not None:
        for path in write(report, out, "comparison", found.differences):
            typer.echo(path)


def _confusion(confusion: dict[str, dict[str, int]]) -> str:
    """Lay the counts out: A in rows, B in columns, o and O where one has no beat."""
    columns = list(next(iter(confusion.values())))
    lines = ["A \\ B" + "".join(f"{column:>8}" for column in columns)]
    for row, counts in confusion.items():
        shown = "".join(f"{counts.get(column, ''):>8}" for column in columns)
        lines.append(f"{row:>5}{shown}")
    return "\n".join(lines) + "\n"
