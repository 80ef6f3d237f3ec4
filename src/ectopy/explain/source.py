"""The model and the beats that ``ectopy explain`` is given, from files."""

from __future__ import annotations

import gzip
import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ectopy.errors import ConfigError, DataFormatError, DataNotFoundError, ModelError
from ectopy.explain.network import Float32, Int64
from ectopy.recordings.formats.table import refuse_own
from ectopy.runtime.contract import ModelContract, carries


@dataclass(frozen=True)
class SavedModel:
    """A model and what its contract says about it.

    Attributes
    ----------
    model : keras.Model
        The model.
    classes : tuple of str
        Class names in order; ``class 0`` and so on where it has no contract.
    fs_hz : float, optional
        Rate of the beats it was trained on, where known.
    simulated : bool
        True if it was trained on simulated beats.
    quick : bool
        True if it is of a quick look.
    """

    model: Any
    classes: tuple[str, ...]
    fs_hz: float | None = None
    simulated: bool = False
    quick: bool = False


def open_model(path: str | Path) -> SavedModel:
    """Open a ``.keras`` file, or the model of a run folder.

    Raises
    ------
    DataNotFoundError, ModelError
        If there is no such file, or Keras cannot open it.
    """
    file = find_model(path)
    import keras

    try:
        model = keras.models.load_model(file, compile=False)
    except Exception as error:  # Keras raises whatever the broken part raised
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelError(f"{file} cannot be opened as a Keras model: {first}") from error
    n_classes = int(model.outputs[0].shape[-1])
    if not carries(file):  # a model of another origin
        return SavedModel(model, tuple(f"class {i}" for i in range(n_classes)))
    told = ModelContract.read(file)
    return SavedModel(model, told.classes, told.fs_hz, told.simulated, told.quick)


def read_beats(path: str | Path, n_samples: int, n_classes: int) -> tuple[Float32, Int64 | None]:
    """Read beats from delimited text, one a row, plain or gzipped.

    Rows of ``n_samples`` numbers are beats. One number more is a class: at the end, from 0 (as in
    the Kaggle heartbeat files), or in front, from 1 (as in the UCR archive). A first row of words
    is taken for names. Columns are separated by commas, tabs, semicolons or blanks.

    Returns
    -------
    X : ndarray of float32, shape (n_beats, n_samples)
    y : ndarray of int64, shape (n_beats,), or None
        Classes from 0, where the file has them.

    Raises
    ------
    DataNotFoundError, DataFormatError
        If the file is missing, or is not such a table; the message says what was found.
    """
    file = check_there(path)
    table = _table(file)
    if not np.isfinite(table).all():
        row = int(np.flatnonzero(~np.isfinite(table).all(axis=1))[0])
        raise DataFormatError(f"{file}: beat {row + 1} holds an empty cell, NaN or infinite number")
    columns = table.shape[1]
    if columns == n_samples:
        return table.astype(np.float32), None
    if columns == n_samples + 1:
        if _are_classes(table[:, -1], 0, n_classes - 1):
            return table[:, :-1].astype(np.float32), table[:, -1].astype(np.int64)
        if _are_classes(table[:, 0], 1, n_classes):
            return table[:, 1:].astype(np.float32), table[:, 0].astype(np.int64) - 1
    raise DataFormatError(
        f"{file} has {columns} column{'s' if columns != 1 else ''}; the model takes {n_samples} "
        "samples a beat, with or without one column of classes (last, 0 to "
        f"{n_classes - 1}, or first, 1 to {n_classes})"
    )


def find_model(path: str | Path) -> Path:
    """Give the path of the ``.keras`` file that a path means: itself, or that of a run folder.

    Raises
    ------
    DataNotFoundError, ModelError
        If it is not there, or is no such file.
    """
    given = Path(path)
    file = given / "Final_Clinical_Model.keras" if given.is_dir() else given
    if not file.is_file():
        raise DataNotFoundError(
            f"{file} is not there; give a .keras file or the folder of a finished study"
        )
    if not _is_keras(file):
        raise ModelError(
            f"{file} cannot be opened as a Keras model, which is a zip with config.json in it; "
            "give a .keras file or the folder of a finished study"
        )
    return file


def _is_keras(file: Path) -> bool:
    """Tell a ``.keras`` file by its content, without Keras, which takes seconds to start."""
    try:
        with zipfile.ZipFile(file) as parts:
            return "config.json" in parts.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


def check_there(path: str | Path) -> Path:
    """Give the path of a file of beats.

    Raises
    ------
    DataNotFoundError
        If it is not there.
    """
    file = Path(path)
    if not file.is_file():
        found = "is a folder" if file.is_dir() else "is not there"
        raise DataNotFoundError(f"{file} {found}; give a CSV file with one beat a row")
    return file


def class_position(classes: tuple[str, ...], name: str) -> int:
    """Find a class by its name (case ignored) or its position.

    Raises
    ------
    ConfigError
        If there is none; the message lists those there are.
    """
    known = [item.casefold() for item in classes]
    if name.casefold() in known:
        return known.index(name.casefold())
    if name.isdigit() and int(name) < len(classes):
        return int(name)
    raise ConfigError(f"there is no class {name!r}; the model's classes are {', '.join(classes)}")


def _are_classes(values: npt.NDArray[np.float64], low: int, high: int) -> bool:
    return bool(((values == np.rint(values)) & (values >= low) & (values <= high)).all())


def _table(file: Path) -> npt.NDArray[np.float64]:
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as stream:
            head = stream.read(1 << 20)
    except (OSError, EOFError, zlib.error) as error:
        raise DataFormatError(f"{file} cannot be read: {error}; copy it again") from error
    if b"\0" in head:
        raise DataFormatError(f"{file} is no text; give a CSV file with one beat a row")
    lines = head.decode("utf-8-sig", errors="replace").splitlines()
    line = lines[0] if lines else ""
    if not line.strip():
        raise DataFormatError(f"{file} is not a table of numbers: its first row is empty")
    mark = next((mark for mark in (",", "\t", ";") if mark in line), None)
    cells = [cell.strip('" ') for cell in line.split(mark)]
    refuse_own(file, cells)
    named = not any(_is_number(cell) for cell in cells)
    if named and not any(line.strip() for line in lines[1:]):
        raise DataFormatError(
            f"{file} has a row of words and no numbers below it; give a CSV file with one beat a "
            "row"
        )
    try:
        return np.loadtxt(
            file, delimiter=mark, skiprows=int(named), comments=None, ndmin=2, encoding="utf-8-sig"
        )
    except UnicodeDecodeError as error:
        raise DataFormatError(f"{file} is no text; give a CSV file with one beat a row") from error
    except (ValueError, OSError, EOFError, zlib.error) as error:
        raise DataFormatError(f"{file} is not a table of numbers: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    """Say in the words of a table what NumPy found."""
    said = str(error).strip().splitlines()[0].removesuffix(".")
    if cell := re.match(r"could not convert string '(.*)' to \w+ at row (\d+), column (\d+)", said):
        text, row, column = cell.groups()
        what = repr(text) if text.strip() else "nothing"
        return f"it has {what} in row {int(row) + 1} of the numbers, column {column}"
    if row := re.match(r"the number of columns changed from (\d+) to (\d+) at row (\d+)", said):
        return f"row {row[3]} of the numbers has {row[2]} columns, those before it {row[1]}"
    return said


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
