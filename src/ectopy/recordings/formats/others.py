"""DICOM, MFER and more, through `ecgdatakit` (extra ``formats``)."""

from __future__ import annotations

import importlib.util
import warnings
import zlib
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import DataFormatError
from ectopy.recordings.formats import budget
from ectopy.recordings.formats.common import Format, Stated, one_line
from ectopy.recordings.formats.stored_leads import StoredLead, recording_of
from ectopy.recordings.recording import Recording
from ectopy.recordings.subject import Subject

_DEFLATED: Final = b"1.2.840.10008.1.2.1.99"
"""DICOM transfer syntax whose whole data set is compressed."""
_READ_HERE: Final = (
    "EDF/EDF+", "WFDB", "ISHNE Holter", "SCP-ECG", "HL7 aECG", "GE MUSE XML", "Philips Sierra XML",
)  # fmt: skip
"""What it shares with the readers here: recognised by them, or damaged."""
_META_LENGTH_AT, _META_AT = 140, 144
"""Where a DICOM file says how long the group before the data set is, and where that begins."""
# Signs of formats that ecgdatakit reads: enough to say what is missing when it is not installed.
_MAGIC: Final = {
    b"ISHNE1.0": "ISHNE Holter",
    b"MFR ": "MFER",
}


def recognises(path: Path, head: bytes) -> bool:
    """Ask ecgdatakit whether it knows the file; without it, look for a few well-known signs."""
    if importlib.util.find_spec("ecgdatakit") is None:
        return _sign(head) is not None
    from ecgdatakit import FileParser

    try:
        found = FileParser.detect_format(path)
    except Exception:  # a sniffer that fails has not recognised anything
        return False
    return found is not None and found["name"] not in _READ_HERE


def parse(path: Path, *, scaled: bool, notes: list[str]) -> Any:
    """Read a file with ecgdatakit, in mV or as stored; that it warned goes to the notes."""
    if importlib.util.find_spec("ecgdatakit") is None:
        with path.open("rb") as stream:
            kind = _sign(stream.read(8192)) or "this format"
        raise DataFormatError(
            f"{path} seems to be {kind}, which needs ecgdatakit: pip install 'ectopy[formats]'"
        )
    from ecgdatakit import FileParser

    _check_size(path)
    try:
        with (
            warnings.catch_warnings(record=True) as said,
            budget.bounded_memory(budget.MOST_PARSING),
        ):
            warnings.simplefilter("always")
            record = FileParser.parse(path, auto_scale=scaled, units="mV")
    except Exception as error:
        if isinstance(error, MemoryError) or isinstance(error.__cause__, MemoryError):
            raise DataFormatError(
                f"{path} takes more than {budget.MOST_PARSING} bytes of memory to read, expected "
                "less; it is damaged, or should be saved as WFDB or EDF"
            ) from error
        raise DataFormatError(f"{path} cannot be read: {one_line(error)}") from error
    if said:  # in the words of libraries, which say little to a reader of a report
        notes.append(
            "the reader of this format was not sure of all of this file; compare sizes and times "
            "with the recorder's own export"
        )
    return record


def open_other(path: Path, stated: Stated) -> Recording:
    """Open a file of any format that ecgdatakit reads."""
    notes: list[str] = []
    record = parse(path, scaled=stated.gain is None, notes=notes)
    leads = [
        StoredLead(x.label, x.units, float(x.sampling_rate or 0), _samples(path, x))
        for x in record.leads
    ]
    return recording_of(
        path,
        leads,
        stated,
        kind=record.file_format.name or record.source_format,
        start=start_of(record),
        notes=notes,
        subject=subject_of(record),
    )


FORMAT = Format(
    "DICOM, MFER and others of ecgdatakit",
    recognises,
    open_other,
)


def _check_size(path: Path) -> None:
    """Refuse what is too large to be parsed as a whole, as it is or unpacked."""
    size = path.stat().st_size
    if size > budget.MOST_PARSED:
        raise DataFormatError(
            f"{path} has {size} bytes, which are read as a whole, expected at most "
            f"{budget.MOST_PARSED}; save it as WFDB or EDF"
        )
    with path.open("rb") as stream:
        head = stream.read(1024)
        if _sign(head) != "DICOM" or _DEFLATED not in head:
            return
        stream.seek(_META_AT + int.from_bytes(head[_META_LENGTH_AT:_META_AT], "little"))
        unpacker, unpacked, packed = zlib.decompressobj(-zlib.MAX_WBITS), 0, b"-"
        while packed and unpacked <= budget.MOST_PARSED:
            packed = unpacker.unconsumed_tail or stream.read(1 << 16)
            try:
                unpacked += len(unpacker.decompress(packed, 1 << 20))
            except zlib.error:
                return  # the parser says what is wrong
    if unpacked > budget.MOST_PARSED:
        raise DataFormatError(
            f"{path} has {size} bytes and unpacks to more than {budget.MOST_PARSED}, which is the "
            "most expected; it is damaged, or should be saved as WFDB or EDF"
        )


def _sign(head: bytes) -> str | None:
    if head[128:132] == b"DICM":
        return "DICOM"
    return next((name for magic, name in _MAGIC.items() if magic in head), None)


def _samples(path: Path, lead: Any) -> npt.NDArray[np.float64]:
    samples = np.asarray(lead.samples, dtype=np.float64)
    if samples.ndim != 1:
        raise DataFormatError(
            f"{path} has a lead with samples in {samples.ndim} dimensions, expected one"
        )
    return samples


def start_of(record: Any) -> datetime | None:
    """Give when a record of ecgdatakit began, in its own local time."""
    date = record.recording.date
    return date.replace(tzinfo=None) if isinstance(date, datetime) else None


def subject_of(record: Any) -> Subject:
    """Give who a record of ecgdatakit is of."""
    told = record.patient
    at = start_of(record)
    born = told.birth_date
    return Subject.of(
        id=told.patient_id,
        name=f"{told.first_name} {told.last_name}",
        sex=told.sex,
        age_years=told.age,
        born=born.date() if isinstance(born, datetime) else None,
        recorded=at.date() if at else None,
    )
