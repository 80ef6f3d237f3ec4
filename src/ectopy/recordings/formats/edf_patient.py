"""Who an EDF or BDF file says it is of."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime
from typing import Final

from ectopy.recordings.subject import Subject

_AT: Final = slice(8, 88)
"""Where the local patient identification stands in the header."""
_MONTHS: Final = "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC"
_PLUS: Final = re.compile(
    rf"(?P<code>\S+) (?P<sex>[FMX]) (?:X|(?P<day>\d\d?)-(?P<month>{_MONTHS})-(?P<year>\d{{4}}))"
    r"(?: (?P<name>\S+).*)?",
    re.IGNORECASE,
)
"""EDF+ (Kemp and Olivan 2003): code, sex, birthdate and name, X where one is not known."""


def patient(header: bytes, recorded: datetime | None) -> Subject:
    """Give who a header says it is of.

    EDF+ has code, sex, date of birth and name, with ``_`` for a space. In plain EDF it is any text,
    which is taken for the name.
    """
    text = header[_AT].decode("latin-1").strip()
    found = _PLUS.fullmatch(text)
    if found is None:
        return Subject.of(name=text)
    born = None
    if found["year"]:
        with suppress(ValueError):
            month = _MONTHS.index(found["month"].upper()) // 4 + 1
            born = date(int(found["year"]), month, int(found["day"]))
    return Subject.of(
        id=found["code"].replace("_", " "),
        name=(found["name"] or "").replace("_", " "),
        sex=found["sex"],
        born=born,
        recorded=recorded.date() if recorded else None,
    )
