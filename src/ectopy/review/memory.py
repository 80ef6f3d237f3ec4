"""How an open recording is kept small: what is seldom read stays on the disk, what is free goes."""

from __future__ import annotations

import ctypes
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from ectopy.analysis.result import Result
from ectopy.errors import DataFormatError
from ectopy.files import atomic_path

OUTLINES: Final = "outlines.npy"


def outlines_on_disk(result: Result, folder: Path) -> Result:
    """Give the same result with its outlines mapped from a file, which is written if need be.

    They are the larger part of a table of beats, 35 MB of a week, and only learning from
    corrections reads them.

    Parameters
    ----------
    result : Result
        As the model left it.
    folder : Path
        Of the recording in the store.

    Raises
    ------
    DataFormatError
        If there is such a file and it is not of these beats.
    """
    beats, path = result.intervals.beats, folder / OUTLINES
    if not len(beats):  # nothing can be mapped of an empty file
        return result
    if not path.is_file():
        with atomic_path(path) as temporary, temporary.open("wb") as file:
            np.save(file, beats.outlines)
    try:
        mapped = np.load(path, mmap_mode="r")
    except (OSError, ValueError, EOFError) as error:
        raise DataFormatError(f"{path} cannot be opened; open the recording again") from error
    if mapped.shape != beats.outlines.shape or mapped.dtype != beats.outlines.dtype:
        raise DataFormatError(f"{path} is not of these beats; open the recording again")
    table = replace(beats, outlines=mapped)
    return replace(result, intervals=replace(result.intervals, beats=table))


def give_back() -> None:
    """Give memory that is free back to the system, where its C library keeps it (glibc).

    Arrays that were worked with for a moment would else stay with the process: 100 MB of a week.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
