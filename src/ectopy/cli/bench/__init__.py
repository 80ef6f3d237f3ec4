"""``ectopy bench``: how long things take, how good labels are, and how runs compare."""

from __future__ import annotations

import typer

from ectopy.cli.bench import archive, planning, reading, records, times

__all__ = ["app"]

app = typer.Typer(
    help="Measure how long things take, how good labels are, and compare runs.",
    no_args_is_help=True,
)

for _command in (
    times.analyze,
    times.label,
    times.explain,
    records.contributions,
    times.figures,
    records.peaks,
    records.alarms,
    records.leads,
    records.noise,
    records.strips,
    records.pacing,
    records.templates,
    records.corrections,
    times.compare,
    times.training,
    times.recipes,
    times.review,
    archive.archive,
    planning.planning,
    reading.reading,
):
    app.command(_command.__name__)(_command)
