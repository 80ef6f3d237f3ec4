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


def command_line() -> str:
    """Give the line that was typed, for the manifest of a run."""
    return " ".join(["ectopy", *sys.argv[1:]])
