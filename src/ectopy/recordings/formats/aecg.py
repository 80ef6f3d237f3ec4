"""HL7 aECG (``AnnotatedECG``), of any vendor: the rhythm series, in one stretch or in several."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import DataFormatError
from ectopy.recordings.formats import budget
from ectopy.recordings.formats.common import Format, Stated, some, to_mv
from ectopy.recordings.formats.stored_leads import StoredLead, recording_of
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

_ROOT: Final = "AnnotatedECG"
# What is derived from the rhythm, and what is said about it.
_LEFT_OUT: Final = ("derivation", "derivedSeries", "annotationSet")
_REPRESENTATIVE: Final = "REPRESENTATIVE"
_LEAD: Final = re.compile(r"^[A-Z]+_ECG_LEAD_(.+)$", re.IGNORECASE)
"""MDC_ECG_LEAD_V1 of most, NOM_ECG_LEAD_V1 of older, MINDRAY_ECG_LEAD_V1 of their own leads."""
_AUGMENTED: Final = {"avr": "aVR", "avl": "aVL", "avf": "aVF", "avrneg": "-aVR"}
_SECONDS: Final = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "μs": 1e-6}
_MOMENT: Final = re.compile(
    r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:\.(\d{1,6})\d*)?([+-]\d{4})?"
)
_DAY: Final = re.compile(r"(\d{4})(\d\d)(\d\d)")


@dataclass(frozen=True)
class _Stretch:
    """The leads of one set of sequences, and when it began: as a clock has it, or relative."""

    leads: tuple[StoredLead, ...]
    clock: datetime | None
    relative_s: float | None


def recognises(path: Path, head: bytes) -> bool:
    """Tell by the root element."""
    return root_name(head) == _ROOT


def open_aecg(path: Path, stated: Stated) -> Recording:
    """Open an annotated ECG; derived series, representative beats and annotations are left out."""
    root = read_xml(path, skip=_LEFT_OUT)
    all_series = root.findall("component/series")
    series = [
        each
        for each in all_series
        if _REPRESENTATIVE not in attribute(each, "code", "code").upper()
    ]
    stretches = [
        stretch
        for each in series
        for found in each.findall("component/sequenceSet")
        for stretch in [_stretch(path, found)]
        if stretch.leads
    ]
    if not stretches:
        raise DataFormatError(
            f"{path} holds {len(all_series)} series and no rhythm with samples, expected one; "
            "representative beats alone cannot be labelled"
        )
    notes: list[str] = []
    begins = _begins(stretches)
    start = _start(root, series[0], stretches[0])
    recorded = None
    leads = stretches[0].leads
    if len(stretches) > 1 and begins is None:
        notes.append(
            f"the file holds {len(stretches)} stretches without saying when each began; only the "
            "first was read"
        )
    elif len(stretches) > 1 and begins is not None:
        leads = _joined(path, stretches, begins, notes)
        recorded = _covered(stretches, begins)
        start = min((x.clock for x in stretches if x.clock), default=start)
    return recording_of(
        path,
        leads,
        stated,
        kind="aECG",
        start=start,
        notes=notes,
        subject=_subject(root, start),
        recorded=recorded,
    )


FORMAT = Format("aECG", recognises, open_aecg)


def _stretch(path: Path, found: Element) -> _Stretch:
    """Read a set of sequences: one or two of times, one a lead."""
    sequences = found.findall("component/sequence")
    clock, relative_s, fs_hz = None, None, 0.0
    for each in sequences:
        if attribute(each, "code", "code").upper().startswith("TIME_"):
            step_s = _seconds_of(each, "increment")
            fs_hz = _rate(step_s) if step_s and step_s > 0 else fs_hz
            when = moment(attribute(each, "value/head", "value"))
            clock = clock or when
            if when is None and relative_s is None:
                relative_s = _seconds_of(each, "head")
    sampled = (each for each in sequences if each.find("value/digits") is not None)
    leads = [_lead(path, each, fs_hz) for each in sampled]
    return _Stretch(tuple(x for x in leads if len(x.numbers)), clock, relative_s)


def _seconds_of(sequence: Element, name: str) -> float | None:
    value = number(attribute(sequence, f"value/{name}", "value"))
    unit = _SECONDS.get(attribute(sequence, f"value/{name}", "unit") or "s")
    return value * unit if value is not None and unit is not None else None


def _rate(step_s: float) -> float:
    """Give the rate of an interval that was written with few digits: 0.003906 s are 256 Hz."""
    rate = 1 / step_s
    return float(round(rate)) if abs(rate - round(rate)) <= 1e-4 * rate else rate


def _lead(path: Path, sequence: Element, fs_hz: float) -> StoredLead:
    code = attribute(sequence, "code", "code")
    known = _LEAD.match(code)
    name = known[1] if known else attribute(sequence, "code", "displayName") or code
    name = _AUGMENTED.get(name.casefold(), name)
    found = sequence.find("value/digits")
    digits = numbers(path, lead_called(name), (found.text or "") if found is not None else "")
    factor = number(attribute(sequence, "value/scale", "value"))
    units = attribute(sequence, "value/scale", "unit")
    origin = number(attribute(sequence, "value/origin", "value")) or 0.0
    # The origin may be in another unit than the scale.
    here, there = to_mv(units), to_mv(attribute(sequence, "value/origin", "unit"))
    if here is not None and there is not None:
        origin *= there / here
    return StoredLead(name, units, fs_hz, digits, 1.0 if factor is None else factor, origin)


def _begins(stretches: list[_Stretch]) -> list[float] | None:
    """Give when each stretch began, in seconds after the first of them; None if not all say it."""
    clocks = [x.clock for x in stretches]
    relative = [x.relative_s for x in stretches]
    if all(clocks):
        first = min(x for x in clocks if x is not None)
        return [(x - first).total_seconds() for x in clocks if x is not None]
    if None not in relative:
        earliest = min(x for x in relative if x is not None)
        return [x - earliest for x in relative if x is not None]
    return None


def _joined(
    path: Path, stretches: list[_Stretch], begins: list[float], notes: list[str]
) -> tuple[StoredLead, ...]:
    """Put the stretches of each lead where they are in time; between them samples are missing."""
    parts: dict[str, list[tuple[float, StoredLead]]] = {}
    for begin, stretch in sorted(zip(begins, stretches, strict=True), key=lambda x: x[0]):
        for lead in stretch.leads:
            parts.setdefault(lead.name.casefold(), []).append((begin, lead))
    rates = {lead.fs_hz for of_one in parts.values() for _, lead in of_one}
    if 0.0 in rates:
        raise DataFormatError(
            f"{path} does not say the sampling rate of each of its {len(stretches)} stretches; it "
            "cannot be told when they are"
        )
    end_s = max(b + len(x.numbers) / x.fs_hz for of_one in parts.values() for b, x in of_one)
    n_samples = round(end_s * max(rates))
    budget.check(path, max(rates), len(parts), n_samples)
    held = sum(len(x.numbers) for of_one in parts.values() for _, x in of_one)
    if len(parts) * n_samples - held > budget.MOST_FILLED:
        raise DataFormatError(
            f"{path} holds stretches over {end_s / 3600:.0f} h with gaps of more than "
            f"{budget.MOST_FILLED} samples, expected fewer; split it"
        )
    overlapping: list[str] = []
    leads = tuple(_one_lead(of_one, overlapping) for of_one in parts.values())
    if overlapping:
        notes.append(
            "stretches that overlap others of the same lead, or have another rate or unit, were "
            f"left out of {some(overlapping)}"
        )
    return leads


def _one_lead(parts: list[tuple[float, StoredLead]], overlapping: list[str]) -> StoredLead:
    first, end = parts[0][1], 0
    pieces: list[npt.NDArray[Any]] = []
    for begin, part in parts:
        at = round(begin * first.fs_hz)
        if (part.fs_hz, part.units) != (first.fs_hz, first.units) or at < end:
            overlapping += [] if first.name in overlapping else [first.name]
            continue
        numbers = part.numbers
        if (part.factor, part.offset) != (first.factor, first.offset):  # as the first stores them
            numbers = (numbers * part.factor + part.offset - first.offset) / first.factor
        pieces += [np.full(at - end, np.nan), numbers]
        end = at + len(numbers)
    return replace(first, numbers=np.concatenate(pieces))


def _covered(
    stretches: list[_Stretch], begins: list[float]
) -> tuple[tuple[float, float], ...] | None:
    """Give where any lead has samples, in seconds; None if that is everywhere."""
    spans = sorted(
        (begin, begin + max(len(x.numbers) / x.fs_hz for x in stretch.leads))
        for begin, stretch in zip(begins, stretches, strict=True)
    )
    merged = [spans[0]]
    for begin, end in spans[1:]:
        last = merged[-1]
        if begin - last[1] < 1e-3:  # less than a sample: one follows the other
            merged[-1] = (last[0], max(last[1], end))
        else:
            merged.append((begin, end))
    return tuple(merged) if len(merged) > 1 else None


def _start(root: Element, series: Element, stretch: _Stretch) -> datetime | None:
    """Give when it began: as the series says, the whole, or the first sample.

    The last comes last, though it should know best: recorders were seen to leave there what their
    template had.
    """
    for element in (series, root):
        for name in ("low", "center"):
            when = moment(attribute(element, f"effectiveTime/{name}", "value"))
            if when is not None:
                return when
    return stretch.clock


def moment(text: str) -> datetime | None:
    """Give a moment of HL7 with at least minutes, in its own local time."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(x or 0) for x in found.groups()[:6])
    fraction = int((found[7] or "0").ljust(6, "0"))
    try:
        return datetime(year, month, day, hour, minute, second, fraction)
    except ValueError:
        return None


def _subject(root: Element, start: datetime | None) -> Subject:
    # Some have the number in an element of its own beside that of the person.
    numbered = (attribute(each, "id", "extension") for each in root.iter("trialSubject"))
    person = next(root.iter("subjectDemographicPerson"), None)
    name = f"{text_of(person, 'name/given')} {text_of(person, 'name/family')}".strip()
    day = _DAY.match(attribute(person, "birthTime", "value"))
    try:
        born = date(*(int(x) for x in day.groups())) if day else None
    except ValueError:
        born = None
    return Subject.of(
        id=next((each for each in numbered if each), ""),
        name=name or text_of(person, "name"),
        sex=attribute(person, "administrativeGenderCode", "code"),
        born=born,
        recorded=start.date() if start else None,
    )
