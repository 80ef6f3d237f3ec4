"""``ectopy analyze``: label recordings, from file to report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


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
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="Overwrite edited annotations, and another recording's results."
        ),
    ] = False,
) -> None:
    """Label every beat and write annotations, tables, a summary and a report."""
    from ectopy.analysis.command import run
    from ectopy.errors import ConfigError

    if out is None:
        raise ConfigError(
            "no folder for the results was given; name one, as in "
            f"ectopy analyze {files[0]} --out results"
        )
    debug = bool(ctx.find_root().params.get("debug"))
    run(files, out, lead, model, fs_hz, units, gain, change or [], force=force, debug=debug)
