"""The corpus: every case by family; each family is one test."""

from __future__ import annotations

import functools
from collections.abc import Callable

import array_cases
import damage_cases
import edf_cases
import holter_cases
import signal_cases
import table_cases
import wfdb_cases
import xml_cases
from cases import Case


def _families() -> dict[str, Callable[[], list[Case]]]:
    """Give what makes each family; making the cases is cheap, their files are made when run."""
    makers: dict[str, Callable[[], list[Case]]] = {
        f"damaged {kind}": functools.partial(damage_cases.of_kind, kind)
        for kind in damage_cases.KINDS
    }
    rooms = (
        signal_cases, table_cases, array_cases, wfdb_cases, edf_cases, holter_cases, xml_cases,
    )  # fmt: skip
    for room in rooms:
        for name, cases in room.cases().items():
            makers[name] = functools.partial(list, cases)
    return makers


FAMILIES = _families()

SHARE = 0.6
"""Of each family, what runs each time; the rest is marked slow."""


def split(cases: list[Case]) -> tuple[list[Case], list[Case]]:
    """Part a family into what runs each time, spread evenly over it, and the rest."""
    often = [int((i + 1) * SHARE) > int(i * SHARE) for i in range(len(cases))]
    return (
        [case for case, chosen in zip(cases, often, strict=True) if chosen],
        [case for case, chosen in zip(cases, often, strict=True) if not chosen],
    )
