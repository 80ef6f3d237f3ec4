"""One label a strip: the reference table of a folder of short recordings."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

from ectopy.errors import DataFormatError, DataNotFoundError

STRIP_LABELS: Final = {"N": "sinus", "A": "AF", "O": "other", "~": "noisy"}
"""Labels of the PhysioNet/CinC Challenge 2017, and the kinds of rhythm they mean."""


def read_strip_labels(path: Path) -> dict[str, str]:
    """Read a table of two columns without a header: a record's name and its label.

    Parameters
    ----------
    path : Path
        As ``REFERENCE-v3.csv`` of the Challenge has it.

    Returns
    -------
    dict of str to str
        Kind of rhythm, a value of `STRIP_LABELS`, by name, in the table's order.

    Raises
    ------
    DataNotFoundError
        If the table is not there.
    DataFormatError
        If a row is not a name and one of the labels, or a name comes twice.
    """
    if not path.is_file():
        raise DataNotFoundError(f"{path} is not there, expected a table of names and labels")
    try:
        rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataFormatError(f"{path} cannot be read as a table of labels: {error}") from error
    found: dict[str, str] = {}
    for number, row in enumerate(rows, start=1):
        if not row:
            continue
        cells = [cell.strip() for cell in row]
        if len(cells) != 2 or not cells[0] or cells[1] not in STRIP_LABELS:
            raise DataFormatError(
                f"{path}, line {number}, is {','.join(row)!r}; expected a name and one of "
                f"{', '.join(STRIP_LABELS)}"
            )
        if cells[0] in found:
            raise DataFormatError(f"{path}, line {number}, has {cells[0]} a second time")
        found[cells[0]] = STRIP_LABELS[cells[1]]
    if not found:
        raise DataFormatError(f"{path} has no row, expected a name and a label in each")
    return found
