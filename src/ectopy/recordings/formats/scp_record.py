"""SCP-ECG files (EN 1064, ISO 11073-91064): resting ECGs of carts, ten seconds of twelve leads.

Our own reader, as no library reads every compression.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from ectopy.errors import DataFormatError
from ectopy.recordings.formats import budget
from ectopy.recordings.formats.common import Format, Stated
from ectopy.recordings.formats.scp_huffman import read_tables
from ectopy.recordings.formats.scp_layout import Lead, read_beats, read_leads, read_packed
from ectopy.recordings.formats.scp_patient import read_patient
from ectopy.recordings.formats.scp_sections import (
    NAMES,
    Sections,
    looks_like_scp,
    read_sections,
)
from ectopy.recordings.formats.scp_signal import Decoder
from ectopy.recordings.formats.stored_leads import StoredLead, recording_of
from ectopy.recordings.recording import Recording

_LONG_TERM = 12


def recognises(path: Path, head: bytes) -> bool:
    """Tell an SCP-ECG file by its section 0."""
    return looks_like_scp(head)


def open_scp(path: Path, stated: Stated) -> Recording:
    """Open an SCP-ECG file, which is read as a whole."""
    notes: list[str] = []
    sections = read_sections(path, notes)
    for number in (6, 3):
        if number not in sections.bodies:
            raise _without(sections, number)
    leads, subtracted = read_leads(sections)
    decoder = _decoder(sections, len(leads), subtracted)
    _check(path, leads, decoder)
    unit_nv = decoder.rhythm.unit_nv
    first = min(lead.start for lead in leads)
    stored = [
        StoredLead(
            lead.name,
            "nV" if unit_nv and not lead.calibration else "",
            1e6 / decoder.interval_us,
            _numbers(decoder, i, lead, first, notes),
            factor=unit_nv or 1.0,
        )
        for i, lead in enumerate(leads)
    ]
    subject, start = read_patient(sections)
    return recording_of(
        path, stored, stated, kind="SCP-ECG", start=start, notes=notes, subject=subject
    )


FORMAT = Format("SCP-ECG", recognises, open_scp, (".scp",))


def _without(sections: Sections, number: int) -> DataFormatError:
    if number == 6 and _LONG_TERM in sections.others:
        return DataFormatError(
            f"{sections.path} holds a long recording (section 12 of SCP-ECG 3), which is not read; "
            "export it as EDF or ISHNE"
        )
    if number == 6 and 5 in sections.bodies:
        return DataFormatError(
            f"{sections.path} holds one averaged beat and no rhythm (section 6), expected a "
            "recording; export it with its rhythm"
        )
    return DataFormatError(
        f"{sections.path} has no section {number} ({NAMES[number]}), expected one of a recording"
    )


def _decoder(sections: Sections, n_leads: int, subtracted: bool) -> Decoder:
    rhythm = read_packed(sections, 6, n_leads)
    compressed = subtracted or rhythm.bimodal
    beat = read_packed(sections, 5, n_leads) if compressed and 5 in sections.bodies else None
    beats = read_beats(sections) if compressed else None
    return Decoder(sections.path, read_tables(sections), rhythm, beat, beats, subtracted)


def _check(path: Path, leads: tuple[Lead, ...], decoder: Decoder) -> None:
    """Refuse more samples, from the first of any lead to the last of any, than can be true."""
    n = max(lead.stop for lead in leads) - min(lead.start for lead in leads)
    # Each takes a bit or more; leads may follow each other, as in four groups of three.
    most = 8 * decoder.factor * sum(map(len, decoder.rhythm.leads))
    if n > most or n * len(leads) * 4 > budget.MOST_UNPACKED:
        raise DataFormatError(
            f"{path} is damaged: its {len(leads)} leads should have {n} samples, expected at most "
            f"{most} in as many bytes as it has"
        )


def _numbers(
    decoder: Decoder, i: int, lead: Lead, first: int, notes: list[str]
) -> npt.NDArray[np.float64]:
    """Decode one lead; what is before it, from the first sample of any lead on, is missing."""
    samples, there = decoder.signal(i, lead)
    if there < len(samples):
        notes.append(
            f"{lead.name} holds {there} samples, the file promises {len(samples)}; the rest is "
            "missing samples"
        )
    return np.concatenate([np.full(lead.start - first, np.nan), samples])
