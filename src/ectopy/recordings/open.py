"""Open a recording of any format, told from its content."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

from ectopy.errors import DataFormatError, EctopyError
from ectopy.recordings.formats import FORMATS, Format, Stated
from ectopy.recordings.formats.budget import check_is_file, check_name, kind_of
from ectopy.recordings.formats.common import one_line
from ectopy.recordings.formats.foreign import (
    check_address,
    check_content,
    check_packed,
    check_xml,
    unknown,
)
from ectopy.recordings.recording import Recording

_HEAD_BYTES = 8192  # enough for the first lines of a table and every magic number


def open_recording(
    path: str | os.PathLike[str],
    *,
    fs_hz: float | None = None,
    units: str | None = None,
    gain: float | None = None,
) -> Recording:
    """Open an ECG recording; its samples are read when they are asked for.

    Parameters
    ----------
    path : path
        A file of any supported format; for WFDB the header, a signal file, or the record's name
        without extension.
    fs_hz : float, optional
        Sampling rate. Needed where the file cannot say it (CSV without a time column, ``.npy``);
        stated for another file, it goes before the file's own.
    units : str, optional
        Unit of the values: nV, uV, mV or V. Goes before the file's own; CSV and NumPy files that
        do not say are taken as mV.
    gain : float, optional
        Stored numbers per mV (ADC units/mV), for files of raw numbers or with a wrong gain.

    Returns
    -------
    Recording
        In mV, missing samples NaN, leads with unique names; ``notes`` says what was assumed.

    Raises
    ------
    DataNotFoundError
        If there is no such file, or its name has a control character.
    DataFormatError
        If it is no ordinary file, its format is not known, what it holds is not what its format
        promises, or working through it would cost more than `ectopy.recordings.formats.budget`
        allows.
    ConfigError
        If a stated value cannot be used.

    Examples
    --------
    >>> recording = ectopy.open_recording("holter.edf")
    >>> recording.leads, recording.fs_hz, recording.duration_s
    (('II', 'V1'), 250.0, 120.0)
    >>> recording.read(0, 1000).shape
    (2, 1000)
    >>> ectopy.open_recording("trace.csv", fs_hz=250, units="uV").n_samples
    30000
    """
    stated = Stated(fs_hz=fs_hz, units=units, gain=gain)
    file = _find(Path(path))
    try:
        with file.open("rb") as stream:
            head = stream.read(_HEAD_BYTES)
    except OSError as error:
        raise DataFormatError(f"{file} cannot be read: {error.strerror}") from error
    if not head:
        raise DataFormatError(f"{file} is empty")
    chosen = _choose(file, head)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what matters is checked here, or noted
            return chosen.opens(file, stated)
    except EctopyError:
        raise
    except MemoryError as error:
        raise DataFormatError(f"{file} needs more memory than there is; split it") from error
    except Exception as error:
        # Libraries fail in many ways on damaged files; the user needs the file and the reason.
        raise DataFormatError(
            f"{file} is damaged or not a {chosen.name} file: {one_line(error)}"
        ) from error


def _find(path: Path) -> Path:
    """Find the file to open: itself, or the header of the WFDB record that is meant."""
    check_name(path)
    if kind_of(path) is None:
        check_address(path)
    if path.name and kind_of(path) is None:
        header = path.with_name(f"{path.name}.hea")
        if kind_of(header) == "file":
            return header
    check_is_file(path)
    if path.suffix.lower() in (".dat", ".mat"):
        if kind_of(path.with_suffix(".hea")) == "file":
            return path.with_suffix(".hea")
        # A signal file may be named unlike its record; its header then names it.
        for other in sorted(path.parent.glob("*.hea")):
            if other.is_file() and _names(other, path.name):
                return other
    return path


def _names(header: Path, signal_file: str) -> bool:
    with header.open("rb") as stream:
        text = stream.read(65536)
    return any(line.startswith(signal_file.encode() + b" ") for line in text.splitlines())


def _choose(file: Path, head: bytes) -> Format:
    """Tell the format from the content; from the extension only to say what is wrong with it."""
    check_content(file, head)
    for known in FORMATS:
        if known.recognises(file, head):
            return known
    check_packed(file, head)
    check_xml(file, head)
    for known in FORMATS:
        if file.suffix.lower() in known.extensions:
            return known
    raise unknown(file, ", ".join(known.name for known in FORMATS))
