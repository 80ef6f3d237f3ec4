"""The files of an evaluation or a comparison: JSON, and CSV with a line a record."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from ectopy.analysis.overwrite import cannot_write
from ectopy.errors import ConfigError
from ectopy.files import atomic_path

ENDINGS: Final = (".json", ".csv", ".differences.csv")
"""How the files are called, after ``evaluation`` or ``comparison``."""

DIFFERENCE: Final = ("record", "time_s", "sample", "a", "b", "a_uncertain", "b_uncertain")
"""Columns of the table of differences: a beat that one annotator lacks is empty there."""


def check_folder(folder: Path, stem: str = "evaluation") -> None:
    """Find out whether a folder can take the files, before the work; leave no trace.

    Parameters
    ----------
    folder : Path
        It need not exist; then the nearest folder above it that does is tried.
    stem : str
        What the files are called.

    Raises
    ------
    ConfigError
        If nothing can be written there, or something else has the name of one of the files.
    """
    try:
        for name in (f"{stem}{ending}" for ending in ENDINGS):
            if (folder / name).is_dir():
                raise ConfigError(
                    f"{folder / name} is a folder, expected a file or none; name another folder "
                    "for the results",
                    change="out",
                )
        there = folder.absolute()
        while not there.exists() and there != there.parent:
            there = there.parent
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise cannot_write(folder, error) from error


def write(
    report: dict[str, Any],
    folder: Path,
    stem: str = "evaluation",
    differences: Sequence[Mapping[str, Any]] | None = None,
) -> list[Path]:
    """Write all files, or none.

    Parameters
    ----------
    report : dict
        Of `ectopy.analysis.evaluate.Evaluation` or `ectopy.analysis.annotators.Comparison`.
    folder : Path
        Made if it is not there.
    stem : str
        What the files are called.
    differences : sequence of mapping, optional
        Rows of a table of the beats in which two annotators differ.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    ConfigError
        If they cannot be written.
    """
    texts = [json.dumps(report, indent=1) + "\n", _csv(report)]
    if differences is not None:
        texts.append(_rows(differences))
    return write_all(
        folder, {f"{stem}{end}": text for end, text in zip(ENDINGS, texts, strict=False)}
    )


def write_all(folder: Path, texts: Mapping[str, str]) -> list[Path]:
    """Write files of a folder by name, all or none.

    Raises
    ------
    ConfigError
        If they cannot be written.
    """
    paths = [folder / name for name in texts]
    try:
        with ExitStack() as stack:
            held = [stack.enter_context(atomic_path(path)) for path in paths]
            for path, text in zip(held, texts.values(), strict=True):
                path.write_bytes(text.encode())
    except OSError as error:
        raise cannot_write(folder, error) from error
    return paths


def _rows(rows: Sequence[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(DIFFERENCE)
    writer.writerows([row[name] for name in DIFFERENCE] for row in rows)
    return text.getvalue()


def _csv(report: dict[str, Any]) -> str:
    """Lay records, gross and average out as a table."""
    columns = {
        f"{kind}_{key}": (kind, key)
        for kind in ("QRS", "VEB", "SVEB")
        for key in ("se", "ppv", "f1", "tp", "fn", "fp")
    }
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["record", "fs_hz", "leads", "beats", *columns, "accuracy", "macro_f1_nsv"])
    rows = {**report["records"], "gross": report["gross"], "average": report["average"]}
    for name, entry in rows.items():
        about = [entry.get("fs_hz", ""), " ".join(entry.get("leads", []))]
        figures = [entry[kind][key] for kind, key in columns.values()]
        figures += [entry["accuracy"], entry["macro_f1_nsv"]]
        shown = [f"{v:.6g}" if isinstance(v, float) else "" if v is None else v for v in figures]
        writer.writerow([name, *about, entry["beats"], *shown])
    return text.getvalue()
