"""``ectopy archive verify``: whether it is all there, once, as it was written."""

from __future__ import annotations

from typing import Final

import typer

from ectopy.cli.archive.options import Json, Store

_MOST: Final = 50
"""Faults that are told one by one; ``--json`` has all of them."""


def verify(store: Store, as_json: Json = False) -> None:
    """Prove that every planned recording is there once, and every file as it was written."""
    from ectopy.archive.verify import verify as prove
    from ectopy.cli.archive.progress import counted
    from ectopy.errors import DataFormatError

    with counted("shards") as told:
        found = prove(store, told=told)
    if as_json:
        import json
        from dataclasses import asdict

        typer.echo(json.dumps(asdict(found) | {"whole": found.whole}, indent=1))
    else:
        left = found.recordings - found.labelled - found.failures
        read = "" if found.snapshot is None else f", snapshot {found.snapshot}"
        lines = [
            ("shards", f"{found.committed:,} of {found.shards:,} committed"),
            ("recordings", f"{found.labelled:,} labelled, {found.failures:,} failed, {left:,} left "
                           f"of {found.recordings:,}"),
            ("beats", f"{found.beats:,}"),
            ("read", f"{found.bytes / 1e6:,.1f} MB of parts{read}"),
            ("faults", f"{len(found.faults):,}"),
        ]  # fmt: skip
        for name, text in lines:
            typer.echo(f"{name:<12} {text}")
        for fault in found.faults[:_MOST]:
            typer.echo(f"fault        {fault}")
        if len(found.faults) > _MOST:
            typer.echo(f"{len(found.faults) - _MOST:>5} more, which --json tells")
    if not found.whole:
        raise DataFormatError(
            f"{found.address} has {len(found.faults):,} faults, told above, expected none; mend "
            "them as each of them says, and verify again"
        )
