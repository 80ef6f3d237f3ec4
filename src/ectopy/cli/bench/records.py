"""How good beats, labels and alarms are on annotated records."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ectopy.cli.options import SettingOption, Weights
from ectopy.files import atomic_write

Records = Annotated[
    str | None,
    typer.Option("--records", help="Records with commas between them; ds1 and ds2 name the sets."),
]


def peaks(
    folder: Annotated[Path, typer.Argument(help="Folder of WFDB records with annotations.")],
    weights: Weights = "default",
    leads: Annotated[int, typer.Option(min=1, help="Leads to use, from channel 0.")] = 1,
    records: Records = None,
) -> None:
    """Count the R peaks found and missed on annotated records, within 150 ms."""
    from ectopy.beats.aami import records_named
    from ectopy.bench.peaks import score_detection, table
    from ectopy.runtime.bundle import Bundle

    names = None if records is None else records_named(records)
    network = Bundle.load(weights).detector
    typer.echo(table(score_detection(folder, names, network=network, leads=leads)))


def alarms(
    data: Annotated[Path, typer.Argument(help="Folder of databases, such as $ECTOPY_DATA.")],
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", help="One database, ds1 or ds2; may be given again."),
    ] = None,
    left_out: Annotated[
        bool, typer.Option(help="Judge each record by weights that did not learn from it.")
    ] = True,
) -> None:
    """Count alarms of ventricular fibrillation: how soon they come, and how often falsely."""
    from ectopy.bench.alarms import count_alarms, table
    from ectopy.training.ventricular_fibrillation.records import SETS

    typer.echo(table(count_alarms(data, sets or SETS, left_out=left_out, noise=not sets)))


def leads(
    folder: Annotated[Path, typer.Argument(help="Folder of WFDB records with annotations.")],
    weights: Weights = "ds1",
    records: Records = None,
    condition: Annotated[
        list[str] | None, typer.Option(help="One condition; may be given again. All by default.")
    ] = None,
) -> None:
    """Count what leads that fail do to labels of annotated two-lead records, file to labels."""
    from ectopy.beats.aami import records_named
    from ectopy.bench.leads import lead_failures, table

    names = None if records is None else records_named(records)
    typer.echo(table(lead_failures(folder, names, weights=weights, names=condition)))


def noise(
    folder: Annotated[Path, typer.Argument(help="Folder of WFDB records with annotations.")],
    weights: Weights = "ds1",
    records: Records = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder to look for the noise in first.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Also write the rows, as JSON.")] = None,
) -> None:
    """Tell what recorded noise does to beats and rhythm of annotated records, file to labels."""
    from ectopy.beats.aami import records_named
    from ectopy.bench.noise import table, to_json, under_noise

    names = None if records is None else records_named(records)
    rows = under_noise(folder, names, weights=weights, data_dir=data)
    if out is not None:
        atomic_write(out, to_json(rows))
    typer.echo(table(rows))


def strips(
    folder: Annotated[Path, typer.Argument(help="Folder of LUDB: strips and ludb.csv.")],
    weights: Weights = "default",
    first: Annotated[int, typer.Option(min=1, help="Number of the first strip.")] = 1,
    step: Annotated[int, typer.Option(min=1, help="From one strip's number to the next.")] = 2,
) -> None:
    """Count beats found and called V on twelve-lead strips, whose diagnoses are known."""
    from ectopy.bench.strips import score_strips, table
    from ectopy.runtime.bundle import SETTINGS

    for setting in SETTINGS:
        typer.echo(f"setting {setting}:")
        numbers = range(first, 201, step)
        typer.echo(table(score_strips(folder, numbers, weights=weights, setting=setting)))


def pacing(
    folder: Annotated[Path, typer.Argument(help="Folder of WFDB records.")],
    records: Records = None,
    paced: Annotated[
        str, typer.Option(help="Records known to be paced, where no annotations say so.")
    ] = "",
    sample: Annotated[
        int | None, typer.Option(min=1, help="Draw so many records, always the same.")
    ] = None,
    setting: Annotated[str, typer.Option(help="whole or past.")] = "whole",
) -> None:
    """Tell which records are called paced, and what becomes of their paced beats."""
    from ectopy.beats.aami import records_named
    from ectopy.bench.pacing import score_pacing, table
    from ectopy.errors import ConfigError

    if setting not in ("past", "whole"):
        raise ConfigError(f"setting is {setting!r}, expected past or whole", change="setting")
    names = None if records is None else records_named(records)
    known = [name for name in paced.split(",") if name]
    rows = score_pacing(folder, names, paced=known, sample=sample, setting=setting)  # type: ignore[arg-type]
    typer.echo(table(rows))


def templates(
    folder: Annotated[Path, typer.Argument(help="Folder of WFDB records with annotations.")],
    weights: Weights = "default",
    records: Records = None,
) -> None:
    """Tell whether the beats of a template are of one reference class, and how many hold most."""
    from ectopy.beats.aami import records_named
    from ectopy.bench.templates import score_templates, table

    names = None if records is None else records_named(records)
    typer.echo(table(score_templates(folder, names, weights=weights)))


def corrections(
    folder: Annotated[Path, typer.Argument(help="Folder of WFDB records with annotations.")],
    weights: Weights = "default",
    folds: Annotated[
        Path | None,
        typer.Option(help="Folder of weights in their place, each naming records left_out."),
    ] = None,
    records: Records = None,
    seed: Annotated[int, typer.Option(help="Of wrong answers and of the bootstrap.")] = 0,
    csv: Annotated[Path | None, typer.Option(help="File for the figures.")] = None,
) -> None:
    """Tell what a reader's few answers are worth, on records that the weights never saw."""
    from ectopy.beats.aami import records_named
    from ectopy.bench.corrections import score_corrections, table, write

    names = None if records is None else records_named(records)
    rows = score_corrections(folder, names, weights=weights, folds=folds, seed=seed)
    if csv is not None:
        write(csv, rows)
    typer.echo(table(rows))


def contributions(
    folders: Annotated[
        list[Path], typer.Argument(help="Folders of WFDB records with annotations.")
    ],
    weights: Weights = "default",
    setting: SettingOption = None,
    records: Records = None,
    beats: Annotated[
        int, typer.Option(min=1, help="Most beats of a class asked about in a record.")
    ] = 20,
    seed: Annotated[int, typer.Option(help="Of what is drawn.")] = 0,
) -> None:
    """Check that what is said to have decided a label moves it more than other measures do."""
    import numpy as np

    from ectopy.beats.aami import records_named
    from ectopy.bench.contributions import measure, table

    rng = np.random.default_rng(seed)
    names = None if records is None else records_named(records)
    found = measure(
        folders, names, weights=weights, setting=setting or "whole", beats=beats, rng=rng
    )
    typer.echo(table(found, rng))
