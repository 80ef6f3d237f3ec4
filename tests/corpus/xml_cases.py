"""XML of recorders with odd fields and odd wrappings: aECG, MUSE, Philips, CardioSoft, Schiller."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from pathlib import Path

from cases import Case, changed

MARKUP = "<script>alert(1)</script>"
WORDS = (
    "",
    "0",
    "-1",
    "nan",
    "inf",
    "1e308",
    "1e-308",
    "x",
    "99999999999",
    MARKUP.replace("<", "&lt;"),
)


def _texts(kind: str, fields: dict[str, str]) -> dict[str, Callable[[Path], Path]]:
    """Put odd words into what patterns with one group find: in the first place, or everywhere."""
    made = {}
    for name, pattern in fields.items():
        for i, word in enumerate(WORDS):
            if name == "name" and word in ("nan", "inf"):
                continue  # a person may be called so, and the page then says it
            change = functools.partial(_put, pattern=pattern, word=word, count=i % 2)
            made[f"{name} {word[:12]!r}"] = changed(kind, change)
    return made


def _put(raw: bytes, pattern: str, word: str, count: int) -> bytes:
    def other(match: re.Match[str]) -> str:
        return match[0].replace(match[1], word) if match[1] else match[0]

    text, n = re.subn(pattern, other, raw.decode("latin-1"), count=count)
    assert n, f"{pattern} is not there to change"
    return text.encode("latin-1")


_FIELDS = {
    "aecg": {
        "increment": r'increment value="([^"]*)"',
        "time unit": r'increment value="[^"]*" unit="(s)"',
        "start": r'head value="([^"]*)"',
        "scale": r'scale value="([^"]*)"',
        "unit": r'value="5" unit="(uV)"',
        "origin": r'origin value="([^"]*)"',
        "lead": r'code="(MDC_ECG_LEAD_\w+)"',
        "digits": r"<digits>([^<]*)<",
        "born": r'birthTime value="([^"]*)"',
        "name": r"<family>([^<]*)<",
    },
    "muse": {
        "rate": r"<SampleBase>([^<]*)<",
        "exponent": r"<SampleExponent>([^<]*)<",
        "resolution": r"<LeadAmplitudeUnitsPerBit>([^<]*)<",
        "unit": r"<LeadAmplitudeUnits>([^<]*)<",
        "lead": r"<LeadID>([^<]*)<",
        "size": r"<LeadSampleSize>([^<]*)<",
        "count": r"<LeadSampleCountTotal>([^<]*)<",
        "samples": r"<WaveFormData>([^<]*)<",
        "day": r"<AcquisitionDate>([^<]*)<",
        "age": r"<PatientAge>([^<]*)<",
    },
    "philips-plain": {
        "rate": r'samplespersecond="([^"]*)"',
        "resolution": r' resolution="([^"]*)"',
        "offset": r'signaloffset="([^"]*)"',
        "leads": r'leadlabels="([^"]*)"',
        "duration": r'durationperchannel="([^"]*)"',
        "coding": r'dataencoding="([^"]*)"',
        "samples": r'signalsigned="True">([^<]*)<',
        "born": r"<dateofbirth>([^<]*)<",
        "day": r' date="([^"]*)"',
    },
    "cardiosoft": {
        "rate": r'<SampleRate units="Hz">([^<]*)<',
        "resolution": r'<Resolution units="uVperLsb">([^<]*)<',
        "unit": r'<Resolution units="([^"]*)"',
        "lead": r'<WaveformData lead="([^"]*)"',
        "count": r"<ChannelSampleCountTotal>([^<]*)<",
        "samples": r'<WaveformData lead="V1">([^<]*)<',
        "year": r"<Year>([^<]*)<",
        "age": r'<Age units="YEARS">([^<]*)<',
    },
    "schiller": {
        "rate": r"<exponent>1</exponent><value>([^<]*)<",
        "exponent": r"<exponent>([^<]*)<",
        "resolution": r"<unitperbit>([^<]*)<",
        "unit": r"<units>([^<]*)<",
        "lead": r"<name>([^<]*)<",
        "samples": r"<data>([^<]*)<",
        "time": r"<time>([^<]*)<",
    },
}
_BOMB = (
    b"?><!DOCTYPE x [<!ENTITY a '0123456789'>"
    + b"".join(f"<!ENTITY {x} '{f'&{chr(ord(x) - 1)};' * 10}'>".encode() for x in "bcde")
    + b"]>"
)
_OUTSIDE = b"?><!DOCTYPE x [<!ENTITY x SYSTEM 'file:///etc/hostname'>]>"
_WHOLE: dict[str, Callable[[bytes], bytes]] = {
    "a bomb": lambda raw: raw.replace(b"?>", _BOMB, 1).replace(b"</", b"&e;</", 1),
    "an outside entity": lambda raw: raw.replace(b"?>", _OUTSIDE, 1).replace(b"</", b"&x;</", 1),
    "UTF-16": lambda raw: raw.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
    "UTF-16 without a mark": lambda raw: raw.decode().encode("utf-16-le"),
    "said to be UTF-16": lambda raw: raw.replace(b"UTF-8", b"UTF-16", 1),
    "said to be nothing": lambda raw: raw.replace(b"UTF-8", b"rot13", 1),
    "a mark": lambda raw: raw.decode().encode("utf-8-sig"),
    "two roots": lambda raw: raw + raw[raw.index(b"?>") + 2 :],
    "no root": lambda raw: raw[: raw.index(b"?>") + 2],
    "comment first": lambda raw: raw.replace(b"?>", b"?><!-- " + b"x" * 9000 + b" -->", 1),
    "closed early": lambda raw: raw.replace(b"</", b"<", 1),
    "zero bytes": lambda raw: raw.replace(b"><", b">\0<", 1),
}


def _xml() -> dict[str, Callable[[Path], Path]]:
    made: dict[str, Callable[[Path], Path]] = {}
    for kind, fields in _FIELDS.items():
        made |= {f"{kind} {k}": m for k, m in _texts(kind, fields).items()}
        wrapped = _WHOLE if kind != "cardiosoft" else {}  # in Latin-1
        made |= {f"{kind} {k}": changed(kind, change) for k, change in wrapped.items()}
    return made


def cases() -> dict[str, list[Case]]:
    """Give the family of XML."""
    return {"xml": [Case(f"xml: {name}", make) for name, make in _xml().items()]}
