"""The Kaggle heartbeat CSVs (mitbih_train.csv, mitbih_test.csv), if a user has them."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.cut import LENGTH, RATE_HZ
from ectopy.classes import AAMI
from ectopy.datasets.dataset import BeatDataset
from ectopy.datasets.faults import first_fault
from ectopy.datasets.locate import Database, locate
from ectopy.datasets.source import Source
from ectopy.errors import DataFormatError, DataNotFoundError
from ectopy.files import sha256

PARTS: Final = {"train": "mitbih_train.csv", "test": "mitbih_test.csv"}

CAVEATS: Final = (
    "Split by beat: every patient may be in both parts, so any figure on these files is an "
    "intra-patient one.",
    "A beat starts at its R peak: its own P wave is not in it, and the length of the zero padding "
    "tells the heart rate.",
    "Class Q is nearly all paced beats, of four records.",
)

# Bytes parsed at a time, on all cores; measured best of 1, 4 and 16 MB.
_BLOCK: Final = 1 << 22


def load(data_dir: str | os.PathLike[str] | None = None) -> BeatDataset:
    """Load the CSVs as they are, plain or gzipped, with their own split in ``part``.

    Returns
    -------
    BeatDataset
        X in [0, 1], shape (109446, 187) at 125 Hz for the files as published; classes N S V F Q;
        no groups, because the files do not tell whose a beat is.

    Raises
    ------
    DataNotFoundError
        If the files are nowhere; Kaggle only gives them to people with an account.
    DataFormatError
        If a line has not 188 numbers or a label outside 0 to 4; the message names file and line.

    References
    ----------
    Kachuee, Fazeli, Sarrafzadeh, IEEE ICHI 2018.
    """
    folder = locate(DATABASE, data_dir)
    paths = {part: _path(folder, name) for part, name in PARTS.items()}
    tables = {part: read(path) for part, path in paths.items()}
    return BeatDataset(
        name="heartbeat-csv",
        X=np.concatenate([X for X, _ in tables.values()]),
        y=np.concatenate([y for _, y in tables.values()]),
        classes=AAMI,
        part=np.repeat(list(tables), [len(y) for _, y in tables.values()]),
        fs_hz=RATE_HZ,
        leads=("MLII",),
        no_window="the program that cut these files was not published; the data set mitbih is cut "
        "by the same paper's words, and not sample for sample alike",
        scaling="to [0, 1], by the files' authors",
        provenance="ECG Heartbeat Categorization Dataset (Kaggle), cut from the MIT-BIH Arrhythmia "
        "Database by Kachuee et al. 2018: 187 samples at 125 Hz from the R peak on, zero-padded",
        checksums={path.name: sha256(path) for path in paths.values()},
        caveats=CAVEATS,
    )


def read(path: Path) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """Read one CSV: 187 samples and the label on each line, no header.

    Returns
    -------
    X : ndarray of float32, shape (n, 187)
    y : ndarray of int64, shape (n,)
    """
    import pyarrow as pa
    from pyarrow import csv

    names = [str(i) for i in range(LENGTH + 1)]
    try:
        table = csv.read_csv(
            path,  # a .gz is decompressed on the way
            read_options=csv.ReadOptions(column_names=names, block_size=_BLOCK),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.float32()), null_values=[]
            ),
        )
    except (pa.ArrowInvalid, OSError, EOFError) as error:
        raise DataFormatError(f"{path}, {_fault(path, error)}") from error
    X = np.empty((table.num_rows, LENGTH), dtype=np.float32)
    for i, column in enumerate(table.columns[:-1]):
        X[:, i] = column.to_numpy()
    labels = table.columns[-1].to_numpy()
    if not (np.isfinite(X).all() and np.isin(labels, np.arange(len(AAMI))).all()):
        raise DataFormatError(f"{path}, {_fault(path, None)}")
    return X, labels.astype(np.int64)


def _fault(path: Path, error: Exception | None) -> str:
    """Find the line that the fast reader stumbled over."""
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8") as file:
            rows = (line.strip().split(",") if line.strip() else [] for line in file)
            return first_fault(rows, n_samples=LENGTH, labels=(0, len(AAMI) - 1), label_first=False)
    except (OSError, EOFError, UnicodeDecodeError) as worse:
        return f"which cannot be read ({error or worse}); expected a whole .csv or .csv.gz"


def _path(folder: Path, name: str) -> Path:
    for candidate in (folder / name, folder / f"{name}.gz"):
        if candidate.is_file():
            return candidate
    raise DataNotFoundError(
        f"{folder} has no {name} (nor {name}.gz) beside the other part; both are needed"
    )


DATABASE: Final = Database(
    folder="heartbeat",
    title="The Kaggle heartbeat CSVs",
    licence="terms on Kaggle's page; cut from mitdb, ODC-By 1.0",
    embedded="simulated-187",
    holds=lambda folder: any(
        (folder / f"{name}{end}").is_file() for name in PARTS.values() for end in ("", ".gz")
    ),
    files=lambda folder: [_path(folder, name) for name in PARTS.values()],
)

SOURCE: Final = Source(
    summary="109,446 beats, 187 samples, split by beat (mitbih_train.csv, mitbih_test.csv)",
    load=load,
    database=DATABASE,
)
