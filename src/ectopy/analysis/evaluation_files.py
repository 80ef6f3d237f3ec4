"""The files of an evaluation: ``evaluation.json``, and ``evaluation.csv`` with a line a record."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from pathlib import Path
from typing import Any, Final

from ectopy.errors import ConfigError
from ectopy.files import atomic_path

NAMES: Final = ("evaluation.json", "evaluation.csv")


def check_folder(folder: Path) -> None:
    """Find out whether a folder can take the files, before the work; leave no trace.

    Parameters
    ----------
    folder : Path
        It need not exist; then the nearest folder above it that does is tried.

    Raises
    ------
    ConfigError
        If nothing can be written there, or something else has the name of one of the files.
    """
    try:
        for name in NAMES:
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
        raise _cannot_write(folder, error) from error


def write(report: dict[str, Any], folder: Path) -> list[Path]:
    """Write both files, or neither.

    Parameters
    ----------
    report : dict
        Of `ectopy.analysis.evaluate.Evaluation`.
    folder : Path
        Made if it is not there.

    Returns
    -------
    list of Path
        `NAMES` in the folder.

    Raises
    ------
    ConfigError
        If they cannot be written.
    """
    paths = [folder / name for name in NAMES]
    texts = (json.dumps(report, indent=1) + "\n", _csv(report))
    try:
        with atomic_path(paths[0]) as first, atomic_path(paths[1]) as second:
            first.write_bytes(texts[0].encode())
            second.write_bytes(texts[1].encode())
    except OSError as error:
        raise _cannot_write(folder, error) from error
    return paths


def _cannot_write(folder: Path, error: OSError) -> ConfigError:
    return ConfigError(
        f"{folder} cannot be written to ({error.strerror or error}); "
        "make room or name another folder",
        change="out",
    )


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
