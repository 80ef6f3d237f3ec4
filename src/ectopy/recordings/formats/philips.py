"""Philips XML (``restingecgdata``, Sierra ECG), schemas 1.03 and 1.04: plain or compressed."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import DataFormatError
from ectopy.recordings.formats import budget, philips_xli
from ectopy.recordings.formats.common import Format, Stated
from ectopy.recordings.formats.stored_leads import StoredLead, recording_of
from ectopy.recordings.formats.xml_tree import (
    Element,
    attribute,
    from_base64,
    number,
    numbers,
    read_xml,
    root_name,
    text_of,
)
from ectopy.recordings.recording import Recording
from ectopy.recordings.subject import Subject

_ROOT: Final = "restingecgdata"
_TWELVE: Final = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
_TWELVE_LEADS: Final = ("STD-12", "10-WIRE")
"""How a file of schema 1.03, which does not name its leads, says that it has these twelve."""


def recognises(path: Path, head: bytes) -> bool:
    """Tell by the root element."""
    return root_name(head) == _ROOT


def open_philips(path: Path, stated: Stated) -> Recording:
    """Open a Philips XML file; representative beats are left out."""
    root = read_xml(path, skip=("interpretations", "internalmeasurements", "repbeats"))
    stored = root.find(".//parsedwaveforms")
    if stored is None:
        raise DataFormatError(
            f"{path} holds no parsedwaveforms, expected the samples in it; export it again with "
            "the waveforms in the file"
        )
    signal = root.find("dataacquisition/signalcharacteristics")
    fs_hz = _said(stored, "samplespersecond", signal, "samplingrate")
    names = _names(path, stored, signal)
    rows = _rows(path, stored, signal, names)
    notes: list[str] = []
    promised = number(stored.get("durationperchannel", ""))
    n_samples = len(rows[0]) if rows else 0
    if promised and fs_hz and round(promised * fs_hz / 1000) != n_samples:
        notes.append(
            f"the file holds {n_samples / fs_hz:g} s of each lead; it promises {promised / 1000:g}"
        )
    resolution = _said(stored, "resolution", signal, "resolution") or _said(
        stored, "resolution", signal, "signalresolution"
    )
    zero = _said(stored, "signaloffset", signal, "signaloffset") or 0.0
    leads = [
        StoredLead(
            name,
            "uV" if resolution is not None else "",
            fs_hz or 0.0,
            row,
            resolution or 1.0,
            -zero * (resolution or 1.0),
        )
        for name, row in zip(names, rows, strict=True)
    ]
    start = _start(root)
    return recording_of(
        path,
        leads,
        stated,
        kind="Philips XML",
        start=start,
        notes=notes,
        subject=_subject(root, start),
    )


FORMAT = Format("Philips XML", recognises, open_philips)


def _said(stored: Element, name: str, signal: Element | None, other: str) -> float | None:
    """Give what the waveforms say of themselves (1.04), else what the acquisition says (1.03)."""
    here = number(stored.get(name, ""))
    return here if here is not None else number(text_of(signal, other))


def _names(path: Path, stored: Element, signal: Element | None) -> list[str]:
    if named := stored.get("leadlabels", "").split():
        return named
    n_leads = number(text_of(signal, "numberchannelsvalid")) or 0.0
    n_leads = n_leads or number(text_of(signal, "numberchannelsallocated")) or 0.0
    if not 1 <= n_leads <= budget.MOST_LEADS:
        raise DataFormatError(
            f"{path} says that it has {n_leads:g} leads, expected 1 to {budget.MOST_LEADS}"
        )
    kinds = (text_of(signal, "acquisitiontype"), text_of(signal, "leadset"))
    if n_leads <= len(_TWELVE) and any(kind in _TWELVE_LEADS for kind in kinds):
        return list(_TWELVE[: int(n_leads)])
    return [f"lead {i + 1}" for i in range(int(n_leads))]


def _rows(
    path: Path, stored: Element, signal: Element | None, names: list[str]
) -> list[npt.NDArray[Any]]:
    """Give the stored numbers of each lead."""
    encoding, text = stored.get("dataencoding", "Base64"), "".join(stored.itertext())
    method = stored.get("compressmethod") or stored.get("compression") or ""
    if stored.get("compressflag", "True").casefold() != "true":
        method = ""
    if encoding.casefold() == "plain":
        flat = numbers(path, "the leads", text)
    elif encoding.casefold() == "base64":
        raw = from_base64(path, "the leads", text)
        if method.casefold() == "xli":
            blocks = philips_xli.leads_of(path, raw)
            if len(blocks) < len(names):
                raise DataFormatError(
                    f"{path} holds {len(blocks)} compressed leads and names {len(names)}; it is "
                    "cut off or damaged"
                )
            # There are often 16, for leads that were not recorded.
            return [*philips_xli.from_residuals(names, blocks[: len(names)])]
        bits = stored.get("bitspersample") or stored.get("nbitspersample") or "16"
        if number(bits) != 16:
            raise DataFormatError(f"{path} stores samples of {bits} bits, expected 16")
        signed = stored.get("signalsigned") or text_of(signal, "signalsigned") or "True"
        sign = "i" if signed.casefold() == "true" else "u"
        flat = np.frombuffer(raw[: len(raw) // 2 * 2], dtype=f"<{sign}2")
    else:
        raise DataFormatError(f"{path} encodes its leads as {encoding}, expected Base64 or Plain")
    if method and method.casefold() not in ("uncompressed", "none"):
        raise DataFormatError(f"{path} compresses its leads with {method}, expected XLI or nothing")
    if len(flat) % len(names):
        raise DataFormatError(
            f"{path} holds {len(flat)} samples, expected as many for each of {len(names)} leads; "
            "it is cut off or damaged"
        )
    return [*flat.reshape(len(names), -1)]


def _start(root: Element) -> datetime | None:
    try:
        return datetime.strptime(
            f"{attribute(root, 'dataacquisition', 'date')} "
            f"{attribute(root, 'dataacquisition', 'time')}",
            "%Y-%m-%d %H:%M:%S",
        )
    except ValueError:
        return None


def _subject(root: Element, start: datetime | None) -> Subject:
    who = root.find("patient/generalpatientdata")
    try:
        born: date | None = date.fromisoformat(text_of(who, "age/dateofbirth"))
    except ValueError:
        born = None
    return Subject.of(
        id=text_of(who, "patientid"),
        name=f"{text_of(who, 'name/firstname')} {text_of(who, 'name/lastname')}",
        sex=text_of(who, "sex"),
        age_years=number(text_of(who, "age/years")),
        born=born,
        recorded=start.date() if start else None,
    )
