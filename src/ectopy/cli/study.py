"""`ectopy study`: run a study into a run folder."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from ectopy.cli.extras import DRAWING, TRAINING, need
from ectopy.cli.options import Scheduler, command_line


def study(
    name: Annotated[
        str | None, typer.Argument(help="A packaged study (see --list) or a .toml file.")
    ] = None,
    list_studies: Annotated[
        bool, typer.Option("--list", help="List the packaged studies and stop.")
    ] = False,
    seeds: Annotated[
        int | None, typer.Option(help="How many seeds to run; seeds are 0, 1, 2 ...")
    ] = None,
    protocol: Annotated[
        str | None, typer.Option(help="How beats are split; --list ends with the ways there are.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Run folder; by default a new one in runs/.")
    ] = None,
    data: Annotated[Path | None, typer.Option(help="Folder to look for data in first.")] = None,
    data_set: Annotated[
        str | None, typer.Option(help="Another data set, such as simulated-140.")
    ] = None,
    quick: Annotated[
        bool,
        typer.Option(
            "--quick", help="A look in half a minute (ensembles: one): no figure to quote."
        ),
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            min=1,
            help="Train in so many processes at a time; by default in this one. Same figures.",
        ),
    ] = None,
    scheduler: Scheduler = None,
) -> None:
    """Train, test and report a study; a killed run goes on where it stopped."""
    from ectopy.errors import ConfigError
    from ectopy.study.config import load, packaged

    if name is None and not list_studies:
        told = {"--quick": quick or None, "--seeds": seeds, "--protocol": protocol, "--out": out}
        told |= {"--data": data, "--data-set": data_set}
        told |= {"--workers": workers, "--scheduler": scheduler}
        given = ", ".join(option for option, value in told.items() if value is not None)
        if given:
            raise ConfigError(
                f"no study was named beside {given}; name one that ectopy study --list names, or "
                "a .toml file"
            )
    if list_studies or name is None:
        from ectopy.datasets.protocols import PROTOCOLS

        for known, title in packaged().items():
            typer.echo(f"{known:32} {title}")
        typer.echo("\nprotocols, for --protocol:")
        for way in PROTOCOLS.values():
            typer.echo(f"{way.name:32} {way.summary}")
        return
    changes: dict[str, Any] = {"seeds": seeds, "protocol": protocol}
    config = load(
        name,
        quick=quick,
        data_set=data_set,
        **{key: value for key, value in changes.items() if value is not None},
    )
    need("ectopy study", TRAINING if config.trains else DRAWING)
    from ectopy.runners.choose import chosen
    from ectopy.study.progress import Reporter
    from ectopy.study.run import run_study

    serial = workers is None and scheduler is None
    with nullcontext() if serial else chosen(workers, scheduler) as runner:
        run_study(
            config,
            out=out,
            data_dir=data,
            reporter=Reporter(),
            command=command_line(),
            runner=runner,
        )
