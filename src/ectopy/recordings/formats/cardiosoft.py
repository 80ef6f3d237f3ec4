"""GE CardioSoft and CASE XML (``CardiologyXML``): the strip, or the full disclosure."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import numpy.typing as npt

from ectopy.errors import DataFormatError
from ectopy.recordings.formats.common import Format, Stated
from ectopy.recordings.formats.stored_leads import StoredLead, note_count, recording_of
from ectopy.recordings.formats.xml_tree import (
    Element,
    attribute,
    number,
    numbers,
    read_xml,
    root_name,
    text_of,
)
from ectopy.recordings.recording import Recording, lead_called
from ectopy.recordings.subject import Subject

_ROOT: Final = "CardiologyXML"
_RESOLUTION: Final = re.compile(r"(\w+)per(lsb|bit)", re.IGNORECASE)
_FIRST_YEAR: Final = 1950
"""No recording is older; a date that was made anonymous is in the year 1."""


def recognises(path: Path, head: bytes) -> bool:
    """Tell by the root element."""
    return root_name(head) == _ROOT


def open_cardiosoft(path: Path, stated: Stated) -> Recording:
    """Open an export of CardioSoft; median beats and vector loops are left out.

    Of the diagnostic strip (10 s) and the full disclosure (the whole test) the longer is read, if
    it is sampled no slower.
    """
    root = read_xml(path, skip=("RestingECGMeasurements", "VectorLoops", "MedianData"))
    notes: list[str] = []
    strip, full = _strip(path, root, notes), _full_disclosure(path, root)
    chosen = strip or full
    if strip and full:
        longer = _seconds(full) > _seconds(strip) and full[0].fs_hz >= strip[0].fs_hz
        chosen = full if longer else strip
        notes.append(
            f"the file holds a strip of {_seconds(strip):g} s and a full disclosure of "
            f"{_seconds(full):g} s; the {'full disclosure' if longer else 'strip'} was read"
        )
    if not chosen:
        raise DataFormatError(
            f"{path} holds neither a strip nor a full disclosure, expected one of them; median "
            "beats alone cannot be labelled, so export the waveforms too"
        )
    start = _start(root)
    return recording_of(
        path,
        chosen,
        stated,
        kind="CardioSoft XML",
        start=start,
        notes=notes,
        subject=_subject(root, start),
    )


FORMAT = Format("CardioSoft XML", recognises, open_cardiosoft)


def _strip(path: Path, root: Element, notes: list[str]) -> list[StoredLead]:
    """Give the leads of the strip; of an exercise test, which has several, of the first."""
    strips = [each for each in root.iter("StripData") if each.find("WaveformData") is not None]
    several = root.findall("StripData/Strip")
    if not strips and several:
        notes.append(f"the file holds {len(several)} strips, of which only the first can be read")
        strips = several[:1]
    if not strips:
        return []
    about = root.find("StripData") if several else strips[0]
    promised = number(text_of(about, "ChannelSampleCountTotal"))
    leads = []
    for data in strips[0].findall("WaveformData"):
        name = data.get("lead", "")
        samples = numbers(path, lead_called(name), data.text or "", ",")
        note_count(name, len(samples), promised, notes)
        leads.append(_lead(about, name, samples))
    return leads


def _full_disclosure(path: Path, root: Element) -> list[StoredLead]:
    """Give the leads of the full disclosure, which has a second of each lead in turn."""
    full = root.find("FullDisclosure")
    data = full.find("FullDisclosureData") if full is not None else None
    if full is None or data is None:
        return []
    names = [name.strip() for name in text_of(full, "LeadOrder").split(",") if name.strip()]
    text = (data.text or "") + "".join(each.tail or "" for each in data)  # a count is inside it
    samples = numbers(path, "the full disclosure", text, ",")
    block = round(number(text_of(full, "SampleRate")) or 0)
    if not samples.size:
        return []
    if not names or block < 1 or samples.size % (len(names) * block):
        raise DataFormatError(
            f"{path} has {samples.size} samples of full disclosure, expected whole seconds of "
            f"{len(names)} leads at {block} Hz; it is damaged"
        )
    rows = samples.reshape(-1, len(names), block).swapaxes(0, 1).reshape(len(names), -1)
    return [_lead(full, name, row) for name, row in zip(names, rows, strict=True)]


def _lead(about: Element | None, name: str, samples: npt.NDArray[Any]) -> StoredLead:
    factor = number(text_of(about, "Resolution"))
    unit = _RESOLUTION.fullmatch(attribute(about, "Resolution", "units"))
    return StoredLead(
        name,
        unit[1] if unit and factor is not None else "",
        number(text_of(about, "SampleRate")) or 0.0,
        samples,
        1.0 if factor is None else factor,
    )


def _seconds(leads: list[StoredLead]) -> float:
    return max(len(x.numbers) for x in leads) / leads[0].fs_hz if leads[0].fs_hz else 0.0


def _start(root: Element) -> datetime | None:
    parts = [
        number(text_of(root, f"ObservationDateTime/{part}"))
        for part in ("Year", "Month", "Day", "Hour", "Minute", "Second")
    ]
    try:
        when = datetime(*(int(x) for x in parts if x is not None))  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
    return when if None not in parts and when.year >= _FIRST_YEAR else None


def _subject(root: Element, start: datetime | None) -> Subject:
    who = root.find("PatientInfo")
    parts = [number(text_of(who, f"BirthDateTime/{part}")) for part in ("Year", "Month", "Day")]
    try:
        born: date | None = date(*(int(x) for x in parts if x is not None))
    except (TypeError, ValueError, OverflowError):
        born = None
    unit = attribute(who, "Age", "units").upper()
    return Subject.of(
        id=text_of(who, "PID"),
        name=f"{text_of(who, 'Name/GivenName')} {text_of(who, 'Name/FamilyName')}",
        sex=text_of(who, "Gender"),
        age_years=number(text_of(who, "Age")) if unit in ("", "YEARS") else None,
        born=born,
        recorded=start.date() if start else None,
    )
