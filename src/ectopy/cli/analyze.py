"""``ectopy analyze``: label recordings, from file to report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def analyze(
    files: Annotated[
        list[Path],
        typer.Argument(help="Recordings: WFDB, EDF, BDF, CSV, NumPy and more.", metavar="FILE..."),
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder for the results.", metavar="DIR")],
    lead: Annotated[
        str | None, typer.Option("--lead", help="Leading lead by name; by default the best one.")
    ] = None,
    model: Annotated[
        str, typer.Option("--model", help="Packaged networks: default, or ds1 for figures on DS2.")
    ] = "default",
    fs_hz: Annotated[
        float | None, typer.Option("--fs", help="Sampling rate in Hz, where the file has none.")
    ] = None,
    units: Annotated[
        str | None, typer.Option("--units", help="Unit of the samples: nV, uV, mV or V.")
    ] = None,
    gain: Annotated[
        float | None, typer.Option("--gain", help="Stored numbers per mV, for raw numbers.")
    ] = None,
    change: Annotated[
        list[str] | None,
        typer.Option("--set", help="Change a threshold, as in pause_s=3.", metavar="KEY=VALUE"),
    ] = None,
) -> None:
    """Label every beat and write annotations, tables, a summary and a report."""
    from ectopy.analysis.command import run

    run(files, out, lead, model, fs_hz, units, gain, change or [])
