"""`Subject`: who a recording is of, as far as its file says."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from typing import Final

_NOBODY: Final = re.compile(
    r"[x?*_.\-\s0]*|n/?a|none|null|nil|unknown|unbekannt|unspecified"
    r"|not (specified|known|available)|anon\w*"
    r"|removed|redacted|patient|subject|test|no ?name|hidden",
    re.IGNORECASE,
)
"""What stands in a field that nobody filled in, or that was made anonymous."""
_SEX: Final = {
    **dict.fromkeys(("f", "female", "w", "woman", "weiblich", "femme"), "F"),
    **dict.fromkeys(("m", "male", "man", "männlich", "homme"), "M"),
}
_OLDEST: Final = 130.0
_LONGEST: Final = 120  # characters of a name or number
_AGE: Final = re.compile(
    r"<?\bage\b>?[^\d\n]{0,12}?((?:(?<=[\s:=])-)?\d{1,3}(?:\.\d+)?)\b", re.IGNORECASE
)
_SEX_WORD: Final = re.compile(r"<?\b(?:sex|gender)\b>?\W{0,4}([a-z]+)", re.IGNORECASE)
_AGE_AND_SEX: Final = re.compile(r"\s*(-?\d{1,3}|\?)\s+([MF?])\b")  # as MIT-BIH has it: 69 M 1085


@dataclass(frozen=True, repr=False)
class Subject:
    """Who a recording is of: what its file says, nothing where it does not.

    It stands in results and on reports, never in a log: its text and that of what holds it say only
    which of these are known.

    Attributes
    ----------
    id : str
        Number or code of the patient.
    name : str
        Name, first name first where the file tells them apart.
    sex : str
        ``F``, ``M``, or nothing.
    age_years : float, optional
        Age when recorded, as stated or from the date of birth.
    birth_year : int, optional
        Year of birth.

    Examples
    --------
    >>> from ectopy.recordings import Subject
    >>> Subject.of(id="P-17", sex="female", age_years=51)
    Subject(<id, sex, age_years>)
    >>> bool(Subject())
    False
    """

    id: str = ""
    name: str = ""
    sex: str = ""
    age_years: float | None = None
    birth_year: int | None = None

    @classmethod
    def of(
        cls,
        *,
        id: object = "",  # noqa: A002 (what everybody calls it)
        name: object = "",
        sex: object = "",
        age_years: float | None = None,
        born: date | int | None = None,
        recorded: date | None = None,
    ) -> Subject:
        """Make one of what a file has in these fields, without what only fills them.

        Parameters
        ----------
        id, name, sex : object
            As they stand there; words for "nobody said" and control characters are left out, and
            a sex that is neither is not known.
        age_years : float, optional
            Age that the file states; it goes before one from a date of birth.
        born : date or int, optional
            Date or year of birth.
        recorded : date, optional
            When it was recorded; with a date of birth it gives the age.
        """
        day = born if isinstance(born, date) else None
        year = day.year if day is not None else born if isinstance(born, int) else None
        if age_years is None and day is not None and recorded is not None:
            age_years = _age(day, recorded)
        known = age_years is not None and math.isfinite(age_years) and 0 <= age_years <= _OLDEST
        return cls(
            id=_said(id),
            name=_said(name),
            sex=_SEX.get(str(sex or "").strip().casefold(), ""),
            age_years=float(age_years) if known and age_years is not None else None,
            birth_year=year if year is not None and 1850 <= year <= 2200 else None,
        )

    @classmethod
    def from_comments(cls, comments: Iterable[str]) -> Subject:
        """Make one of the comments of a WFDB header.

        They say ``69 M 1085 1629 x1`` in MIT-BIH, ``<age>: 51`` and ``<sex>: F`` in LUDB, ``Age:
        56`` and ``Sex: Male`` elsewhere.
        """
        age, sex = "", ""
        for line in comments:
            if found := _AGE.search(line):
                age = age or found[1]
            if word := _SEX_WORD.search(line):
                sex = sex or word[1]
            if not age and not sex and (both := _AGE_AND_SEX.match(line)):
                age, sex = both[1].replace("?", ""), both[2]
        return cls.of(sex=sex, age_years=float(age) if age else None)

    def __bool__(self) -> bool:
        """Tell whether anything is known."""
        return self != Subject()

    def __repr__(self) -> str:
        """Name what is known without saying it."""
        known = [each.name for each in fields(self) if getattr(self, each.name) != each.default]
        return f"Subject(<{', '.join(known)}>)" if known else "Subject()"


def _said(value: object) -> str:
    """Give a word of a file on one line, or nothing where it only fills its place."""
    text = "".join(letter if letter.isprintable() else " " for letter in str(value or ""))
    text = " ".join(text.split())
    return "" if _NOBODY.fullmatch(text) else text[:_LONGEST]


def _age(born: date, recorded: date) -> float | None:
    """Give the age in whole years, below two in months; None where one of the dates is none."""
    months = (recorded.year - born.year) * 12 + recorded.month - born.month
    months -= recorded.day < born.day
    if months < 0:
        return None
    return float(months // 12) if months >= 24 else months / 12


NOBODY: Final = Subject()
"""Of whom nothing is known."""
