"""GE MUSE XML (``RestingECG``): the rhythm strip, each lead as 16-bit numbers in Base64."""

from __future__ import annotations

import zlib
from datetime import date, datetime
from pathlib import Path
from typing import Final

import numpy as np

from ectopy.errors import DataFormatError
from ectopy.recordings.formats.common import Format, Stated
from ectopy.recordings.formats.stored_leads import StoredLead, note_count, recording_of
from ectopy.recordings.formats.xml_tree import (
    Element,
    from_base64,
    number,
    read_xml,
    root_name,
    text_of,
)
from ectopy.recordings.recording import Recording, lead_called
from ectopy.recordings.subject import Subject

_ROOT: Final = "restingecg"
_SAMPLE_BYTES: Final = (1, 2, 4)
_YEARS: Final = {"YEARS": 1.0, "MONTHS": 1 / 12, "WEEKS": 7 / 365.25, "DAYS": 1 / 365.25}
"""Of an age; hours are years to nobody."""


def recognises(path: Path, head: bytes) -> bool:
    """Tell by the root element."""
    return (root_name(head) or "").casefold() == _ROOT


def open_muse(path: Path, stated: Stated) -> Recording:
    """Open an export of MUSE; the median beat beside the rhythm strip is left out."""
    root = read_xml(path)
    strips = [
        each
        for each in root.iter("Waveform")
        if (text_of(each, "WaveformType") or "Rhythm").casefold() == "rhythm"
    ]
    if not strips:
        raise DataFormatError(
            f"{path} holds no rhythm strip, expected a Waveform of that type; a median beat alone "
            "cannot be labelled, so export the rhythm too"
        )
    notes: list[str] = []
    if len(strips) > 1:
        notes.append(f"the file holds {len(strips)} rhythm strips; the first was read")
    base, exponent = (number(text_of(strips[0], x)) for x in ("SampleBase", "SampleExponent"))
    fs_hz = (base or 0.0) * 10.0 ** min(max(exponent or 0.0, -9.0), 9.0)
    leads = [_lead(path, each, fs_hz, notes) for each in strips[0].iter("LeadData")]
    start = _start(root)
    return recording_of(
        path,
        leads,
        stated,
        kind="MUSE XML",
        start=start,
        notes=notes,
        subject=_subject(root, start),
    )


FORMAT = Format("MUSE XML", recognises, open_muse)


def _lead(path: Path, data: Element, fs_hz: float, notes: list[str]) -> StoredLead:
    name = text_of(data, "LeadID")
    size = number(text_of(data, "LeadSampleSize")) or 2
    if size not in _SAMPLE_BYTES:
        raise DataFormatError(
            f"{path} stores {lead_called(name)} with {size:g} bytes a sample, expected 1, 2 or 4"
        )
    raw = from_base64(path, lead_called(name), text_of(data, "WaveFormData"))
    numbers = np.frombuffer(raw[: len(raw) // int(size) * int(size)], dtype=f"<i{int(size)}")
    promised = number(text_of(data, "LeadSampleCountTotal"))
    note_count(name, len(numbers), promised, notes)
    checksum = number(text_of(data, "LeadDataCRC32"))
    if checksum and checksum != zlib.crc32(raw):  # 0 stands for none
        notes.append(f"the checksum of {lead_called(name)} does not fit its samples")
    if text_of(data, "LeadOff").casefold() == "true":
        notes.append(f"{lead_called(name)} was off, as the recorder says")
    factor = number(text_of(data, "LeadAmplitudeUnitsPerBit"))
    units = text_of(data, "LeadAmplitudeUnits") if factor is not None else ""
    return StoredLead(name, units, fs_hz, numbers, 1.0 if factor is None else factor)


def _start(root: Element) -> datetime | None:
    day = _day(text_of(root, "TestDemographics/AcquisitionDate"))
    for form in ("%H:%M:%S", "%H:%M"):
        try:
            clock = datetime.strptime(text_of(root, "TestDemographics/AcquisitionTime"), form)
        except ValueError:
            continue
        return datetime.combine(day, clock.time()) if day else None
    return None


def _day(text: str) -> date | None:
    """Give a date; the month comes first, as MUSE writes it everywhere."""
    for form in ("%m-%d-%Y", "%Y-%m-%d", "%d-%b-%Y"):
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    return None


def _subject(root: Element, start: datetime | None) -> Subject:
    who = root.find("PatientDemographics")
    age = number(text_of(who, "PatientAge"))
    unit = _YEARS.get(text_of(who, "AgeUnits").upper() or "YEARS")
    return Subject.of(
        id=text_of(who, "PatientID"),
        name=f"{text_of(who, 'PatientFirstName')} {text_of(who, 'PatientLastName')}",
        sex=text_of(who, "Gender"),
        age_years=age * unit if age is not None and unit is not None else None,
        born=_day(text_of(who, "DateofBirth")),
        recorded=start.date() if start else None,
    )
