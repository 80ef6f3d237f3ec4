"""``ectopy archive finalize``: the snapshot that readers use."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def finalize(
    store: Annotated[str, typer.Argument(help="The archive: a folder, or as s3://bucket/prefix.")],
    partial: Annotated[
        bool, typer.Option("--partial", help="Make one though shards are still to be done.")
    ] = False,
    scratch: Annotated[
        Path | None,
        typer.Option(help="Folder for what does not fit into memory; by default that of $TMPDIR."),
    ] = None,
) -> None:
    """Put all committed results into one snapshot: sorted tables in few files, and a page."""
    from ectopy.cli.extras import ASKING, need

    need("ectopy archive finalize", ASKING, extra="archive")
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    from ectopy.analysis.report.wording import counted
    from ectopy.archive.finalize import finalize as make
    from ectopy.errors import DataNotFoundError

    if scratch is not None and not scratch.is_dir():
        raise DataNotFoundError(f"{scratch} is no folder, expected one for temporary files")
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    hidden = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        tasks = {}

        def told(table: str, done: int, rows: int) -> None:
            if table not in tasks:
                tasks[table] = bar.add_task(table, total=rows)
            bar.update(tasks[table], completed=done)

        snapshot = make(store, partial=partial, scratch=scratch, told=told)
    files = sum(part.bytes for part in snapshot.files)
    failed = f", {snapshot.failures:,} could not be labelled" if snapshot.failures else ""
    typer.echo(
        f"snapshot {snapshot.number} of {store}: "
        f"{counted(snapshot.recordings, 'recording')}{failed}; "
        f"{counted(snapshot.beats, 'beat')} in {files / 1e6:,.1f} MB"
    )
    if snapshot.partial:
        typer.echo(f"{snapshot.of - snapshot.shards:,} of {snapshot.of:,} shards are missing in it")
    typer.echo(f"the page over it is {store.rstrip('/')}/{snapshot.page.name}")
