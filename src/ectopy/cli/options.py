"""Options that several verbs share, said once."""

from __future__ import annotations

import sys
from typing import Annotated, Literal

import typer

Weights = Annotated[
    str,
    typer.Option(
        "--weights",
        help="Packaged weights (default, or ds1 for figures on DS2), or a folder with some.",
        metavar="NAME|FOLDER",
    ),
]
SettingOption = Annotated[
    Literal["past", "whole"] | None,
    typer.Option(
        "--setting",
        help="Label from a bounded past, as a stream does, or from the whole recording (default).",
    ),
]
Lead = Annotated[
    str | None, typer.Option("--lead", help="Leading lead by name; by default the best one.")
]
Rate = Annotated[
    float | None, typer.Option("--fs", help="Sampling rate in Hz, where the file has none.")
]
Units = Annotated[str | None, typer.Option("--units", help="Unit of the samples: nV, uV, mV or V.")]
Gain = Annotated[
    float | None, typer.Option("--gain", help="Stored numbers per mV, for raw numbers.")
]
Anonymous = Annotated[
    bool,
    typer.Option("--anonymous", help="Leave out of all outputs who the recording is of."),
]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", help="Change a threshold, as in pause_s=3.", metavar="KEY=VALUE"),
]
Escape = Annotated[
    Literal["N", "S"], typer.Option(help="Class of supraventricular escape beats (e, j, n).")
]
SkipMinutes = Annotated[
    float, typer.Option(min=0, help="Minutes left out at the start of each record; EC57 says 5.")
]

Workers = Annotated[
    int | None,
    typer.Option(
        "--workers",
        min=1,
        help="Processes of this machine; by default one a core, as far as memory goes.",
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        help="Have the workers of this Dask scheduler do it.",
        metavar="ADDRESS",
    ),
]


def command_line() -> str:
    """Give the line that was typed, for the manifest of a run."""
    return " ".join(["ectopy", *sys.argv[1:]])
