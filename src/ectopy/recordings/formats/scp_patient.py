"""What section 1 of an SCP-ECG file says: who, and when."""

from __future__ import annotations

import struct
from contextlib import suppress
from datetime import date, datetime, time
from typing import Final

from ectopy.recordings.formats.scp_sections import Sections
from ectopy.recordings.subject import NOBODY, Subject

_TAG: Final = struct.Struct("<BH")
_END: Final = 255
_LAST, _FIRST, _ID, _SECOND, _AGE, _BORN, _SEX, _DEVICE, _DATE, _TIME = (
    0, 1, 2, 3, 4, 5, 8, 14, 25, 26,
)  # fmt: skip
_SEXES: Final = {1: "M", 2: "F"}
_YEARS: Final = {1: 1.0, 2: 1 / 12, 3: 7 / 365.25, 4: 1 / 365.25, 5: 1 / 8766}
"""Of the units of an age: years, months, weeks, days, hours."""
_LANGUAGE_AT: Final = 16
_CODECS: Final = {
    0x03: "iso8859_2", 0x0B: "iso8859_4", 0x13: "iso8859_5", 0x1B: "iso8859_6",
    0x23: "iso8859_7", 0x2B: "iso8859_8", 0x33: "iso8859_11", 0x3B: "iso8859_15",
    0x07: "utf-16-le", 0x0F: "shift_jis", 0x17: "euc_jp", 0x1F: "euc_jp", 0x27: "gb2312",
    0x2F: "cp949", 0x37: "utf-8",
}  # fmt: skip
"""Character sets by the language code in the identification of the device."""


def read_patient(sections: Sections) -> tuple[Subject, datetime | None]:
    """Read section 1, as far as it can be: nothing else depends on it."""
    tags = _tags(sections.bodies.get(1, b""))
    codec = ""
    if len(device := tags.get(_DEVICE, b"")) > _LANGUAGE_AT:
        codec = _CODECS.get(device[_LANGUAGE_AT], "")

    def text(tag: int) -> str:
        return _text(tags.get(tag, b""), codec)

    start = _start(tags)
    age = tags.get(_AGE, b"")
    number, unit = struct.unpack("<HB", age) if len(age) == 3 else (0, 0)
    sex = tags.get(_SEX, b"")
    name = " ".join(filter(None, (text(_FIRST), text(_LAST), text(_SECOND))))
    subject = Subject.of(
        id=text(_ID),
        name=name,
        sex=_SEXES.get(sex[0], "") if sex else "",
        age_years=number * _YEARS[unit] if number and unit in _YEARS else None,
        born=_date(tags.get(_BORN, b"")),
        recorded=start.date() if start else None,
    )
    return subject or NOBODY, start


def _tags(body: bytes) -> dict[int, bytes]:
    tags: dict[int, bytes] = {}
    at = 0
    while at + _TAG.size <= len(body):
        tag, size = _TAG.unpack_from(body, at)
        at += _TAG.size
        if tag == _END or at + size > len(body):
            break
        tags.setdefault(tag, body[at : at + size])
        at += size
    return tags


def _text(raw: bytes, codec: str) -> str:
    if codec.startswith("utf-16"):
        return raw.decode(codec, errors="replace").split("\0")[0]
    raw = raw.split(b"\0")[0]
    for encoding in filter(None, (codec, "utf-8")):
        with suppress(UnicodeDecodeError):
            return raw.decode(encoding)
    return raw.decode("latin-1")


def _date(raw: bytes) -> date | None:
    if len(raw) < 4:
        return None
    try:
        return date(*struct.unpack_from("<HBB", raw))
    except ValueError:
        return None


def _start(tags: dict[int, bytes]) -> datetime | None:
    """Give when it was recorded, if both day and time are there."""
    day, clock = _date(tags.get(_DATE, b"")), tags.get(_TIME, b"")
    if day is None or len(clock) < 3:
        return None
    try:
        return datetime.combine(day, time(*clock[:3]))
    except ValueError:
        return None
