"""Schiller SEMA XML (``SchillerEDI``): the rhythm strip, each lead as whole numbers."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Final

from ectopy.errors import DataFormatError
from ectopy.recordings.formats.common import Format, Stated
from ectopy.recordings.formats.stored_leads import StoredLead, note_count, recording_of
from ectopy.recordings.formats.xml_tree import (
    Element,
    number,
    numbers,
    read_xml,
    root_name,
    text_of,
)
from ectopy.recordings.recording import Recording, lead_called
from ectopy.recordings.subject import Subject

_ROOT: Final = ".SchillerEDI"  # com.xiriuz.sema.xml.schillerEDI.SchillerEDI
_RHYTHM: Final = ("ECG_RHYTHMS", "ECG_RHYTHM")
_NAMES: Final = {"AVR": "aVR", "AVL": "aVL", "AVF": "aVF"}
_DAY: Final = re.compile(r"(\d{4})(\d\d)(\d\d)")
_CLOCK: Final = re.compile(r"(\d\d)(\d\d)(\d\d)(\d{3})?")  # milliseconds last


def recognises(path: Path, head: bytes) -> bool:
    """Tell by the root element."""
    return (root_name(head) or "").endswith(_ROOT)


def open_schiller(path: Path, stated: Stated) -> Recording:
    """Open an export of Schiller SEMA; averaged beats are left out."""
    root = read_xml(path, skip=("annotation_lead", "annotation_global", "rhythm_global"))
    strips = [each for each in root.iter("wavedata") if text_of(each, "type").upper() in _RHYTHM]
    if not strips:
        raise DataFormatError(
            f"{path} holds no rhythm strip, expected wavedata of that type; averaged beats alone "
            "cannot be labelled, so export the rhythm too"
        )
    notes: list[str] = []
    if len(strips) > 1:
        notes.append(f"the file holds {len(strips)} rhythm strips; the first was read")
    exponent = number(text_of(strips[0], "resolution/samplerate/exponent") or "1")
    if exponent != 1 and stated.fs_hz is None:
        raise DataFormatError(
            f"{path} gives its sampling rate with the exponent {exponent}, expected 1; state it",
            change="fs_hz",
        )
    leads = [_lead(path, strips[0], each, notes) for each in strips[0].findall("channel")]
    start = _start(root)
    return recording_of(
        path,
        leads,
        stated,
        kind="Schiller XML",
        start=start,
        notes=notes,
        subject=_subject(root, start),
    )


FORMAT = Format("Schiller XML", recognises, open_schiller)


def _lead(path: Path, strip: Element, channel: Element, notes: list[str]) -> StoredLead:
    name = text_of(channel, "name")
    name = _NAMES.get(name.upper(), name)
    kind = text_of(channel, "datastype").upper()
    if kind not in ("COMMASEPARATE", ""):
        raise DataFormatError(
            f"{path} stores {lead_called(name)} as {kind}, expected numbers between commas"
        )
    data = channel.find("data")
    samples = numbers(path, lead_called(name), (data.text or "") if data is not None else "", ",")
    promised = number(text_of(channel, "samplecount"))
    note_count(name, len(samples), promised, notes)
    factor = number(text_of(strip, "resolution/yres/unitperbit"))
    return StoredLead(
        name,
        text_of(strip, "resolution/yres/units") if factor is not None else "",
        number(text_of(strip, "resolution/samplerate/value")) or 0.0,
        samples,
        1.0 if factor is None else factor,
    )


def _start(root: Element) -> datetime | None:
    begun = root.find("examdescript/startdatetime")
    day = _day(text_of(begun, "date"))
    clock = _CLOCK.fullmatch(text_of(begun, "time"))
    if day is None or clock is None:
        return None
    hour, minute, second, millisecond = (int(x or 0) for x in clock.groups())
    try:
        return datetime(day.year, day.month, day.day, hour, minute, second, 1000 * millisecond)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    found = _DAY.match(text)
    try:
        return date(*(int(x) for x in found.groups())) if found else None
    except ValueError:
        return None


def _subject(root: Element, start: datetime | None) -> Subject:
    who = root.find("patdata")
    return Subject.of(
        id=text_of(who, "id"),
        name=f"{text_of(who, 'firstname')} {text_of(who, 'lastname')}",
        sex=text_of(who, "gender"),
        born=_day(text_of(who, "birthdate")),
        recorded=start.date() if start else None,
    )
