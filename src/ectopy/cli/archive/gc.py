"""``ectopy archive gc``: clear away what no commit and no snapshot names."""

from __future__ import annotations

from typing import Annotated

import typer

from ectopy.cli.archive.options import DryRun, Json, Store


def gc(
    store: Store,
    older_than: Annotated[
        float,
        typer.Option(
            min=0,
            help="Hours. What is younger may belong to a worker that lives; a time below 6 is for "
            "an archive that nobody works on.",
            metavar="HOURS",
        ),
    ] = 24,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Delete what killed workers left behind; never what a commit or a snapshot names."""
    from ectopy.archive.gc import gc as clear

    cleared = clear(store, older_than_s=3600 * older_than, dry_run=dry_run)
    if as_json:
        import json
        from dataclasses import asdict

        typer.echo(json.dumps(asdict(cleared) | {"bytes": cleared.bytes}, indent=1))
        return
    for one in cleared.garbage:
        typer.echo(f"{one.bytes:>14,}  {one.name}  ({one.reason})")
    done = "would be deleted" if dry_run else "deleted"
    typer.echo(f"{len(cleared.garbage):,} files, {cleared.bytes / 1e6:,.1f} MB, {done}")
    if cleared.young:
        typer.echo(
            f"{cleared.young:,} files without a commit are kept: something younger than "
            f"{older_than:g} hours is among them"
        )
