"""``ectopy serve``: look, correct, sign."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def serve(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder of recordings that are offered; none is copied.")
    ] = None,
    archive: Annotated[
        str | None,
        typer.Option(
            help="Archive whose recordings are offered: a folder, or as s3://bucket/prefix."
        ),
    ] = None,
    host: Annotated[
        str, typer.Option(help="Address to listen on; any but this computer's needs readers.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of it.")] = 8360,
    reader: Annotated[
        list[str] | None,
        typer.Option(
            "--reader", help="Give this reader a token and print it once; may be repeated."
        ),
    ] = None,
    remove_reader: Annotated[
        list[str] | None,
        typer.Option(
            "--remove-reader",
            help="Let this reader in no longer; what was corrected stays. May be repeated.",
        ),
    ] = None,
    store: Annotated[
        Path | None, typer.Option(help="Folder of uploads, labels and edits; by default your own.")
    ] = None,
    name: Annotated[
        list[str] | None,
        typer.Option("--name", help="Host name that it may be called by; may be repeated."),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Recordings analysed at a time.")] = 1,
) -> None:
    """Serve the review application: recordings, their labels, corrections, signatures."""
    from ectopy.cli.extras import ASKING, SERVING, need

    need("ectopy serve", SERVING, extra="app")
    if archive is not None:
        need("ectopy serve --archive", ASKING, extra="archive")
    from ectopy.app.serve import serve as run
    from ectopy.app.settings import AppSettings
    from ectopy.errors import DataNotFoundError

    if folder is not None and not folder.is_dir():
        raise DataNotFoundError(f"{folder} is no folder, expected one with recordings")
    settings = AppSettings(host=host, names=tuple(name or ()), folder=folder)
    run(
        settings,
        port,
        store,
        tuple(reader or ()),
        tuple(remove_reader or ()),
        workers=workers,
        archive=archive,
        say=typer.echo,
    )
