"""WFDB signal files compressed with FLAC (formats 508, 516 and 524), through `soundfile`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import DataFormatError, MissingExtraError
from ectopy.recordings.wfdb.encodings import COMPRESSED

_SUBTYPES: Final = {"PCM_S8": 8, "PCM_16": 16, "PCM_24": 24}
_MOST_AT_ONCE: Final = 1 << 20
"""Rows for one call: libsndfile fails beyond 2**24 samples in all."""


def length(path: Path, encoding: str, n_signals: int) -> int:
    """Give the samples of each signal in a file, checked to be what its header describes."""
    with _opened(path, encoding, n_signals) as file:
        return int(file.frames)


def read(
    path: Path, encoding: str, n_signals: int, begin: int, end: int
) -> npt.NDArray[np.signedinteger[Any]]:
    """Read samples ``begin`` to ``end`` of all signals, shape (samples, signals)."""
    with _opened(path, encoding, n_signals) as file:
        bits = _SUBTYPES[file.subtype]
        out = np.empty((end - begin, n_signals), dtype=np.int16 if bits <= 16 else np.int32)
        file.seek(begin)
        for at in range(0, len(out), _MOST_AT_ONCE):
            part = out[at : at + _MOST_AT_ONCE]
            if len(file.read(out=part)) != len(part):
                raise DataFormatError(f"{path} ends before sample {end}")
    if bits in (8, 24):  # which soundfile gives in the upper bits of 16 and 32
        out >>= 8
    return out


def _opened(path: Path, encoding: str, n_signals: int) -> Any:
    try:
        import soundfile
    except ImportError as error:
        raise MissingExtraError(
            f"{path} is compressed with FLAC, which the light install does not read; install what "
            'does with: pip install "ectopy[formats]"'
        ) from error
    try:
        file = soundfile.SoundFile(path)
    except soundfile.LibsndfileError as error:
        raise DataFormatError(f"{path} is no FLAC file: {error.error_string}") from error
    bits, allowed = _SUBTYPES.get(file.subtype, 99), COMPRESSED[encoding]
    if file.format != "FLAC" or bits > allowed or file.channels != n_signals:
        found = f"{file.format} file of {file.subtype} with {file.channels} signals"
        file.close()
        raise DataFormatError(
            f"{path} is a {found}, expected FLAC of at most {allowed} bits with {n_signals}"
        )
    return file
