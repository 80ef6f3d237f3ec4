"""Arguments and options that verbs of ``ectopy archive`` share, said once."""

from __future__ import annotations

from typing import Annotated

import typer

Store = Annotated[
    str,
    typer.Argument(
        help="Where the archive is: a folder, or an address such as s3://bucket/prefix.",
        metavar="STORE",
        show_default=False,
    ),
]
Sources = Annotated[
    list[str],
    typer.Argument(
        help="Folders, lists of addresses (.txt, .csv, .parquet, - for standard input), patterns, "
        "recordings, or addresses such as s3://bucket/folder.",
        metavar="SOURCE...",
        show_default=False,
    ),
]
Out = Annotated[
    str | None,
    typer.Option("--out", help="Where the archive is to be (needed).", metavar="STORE"),
]
KeepAnnotations = Annotated[
    bool, typer.Option("--annotations", help="Keep an annotation file of each as well.")
]
Limit = Annotated[
    int | None,
    typer.Option("--limit", min=1, help="Begin nothing new once so many recordings were begun."),
]
Priority = Annotated[
    str | None,
    typer.Option(
        "--priority",
        help="What comes first: smallest, largest, a file that lists addresses, names or ids, or "
        "a pattern for addresses.",
        metavar="WHAT",
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Tell what would be done, and do nothing.")]
Json = Annotated[bool, typer.Option("--json", help="Tell it as JSON.")]
