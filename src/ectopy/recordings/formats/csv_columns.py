"""What the columns of a table are: leads, times, counts of samples, or something else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.recordings.formats.common import is_lead
from ectopy.recordings.formats.csv_dialect import MISSING, Shape, is_number
from ectopy.recordings.formats.csv_times import (
    TIME_UNITS,
    Times,
    from_numbers,
    from_text,
    is_date,
    style_of,
)

_WORD: Final = re.compile(r"[A-Z]?[a-zµμ]+|[A-Z]+(?![a-z])|\d+|[^\W\d_]+")
# fmt: off
_TIME_WORDS: Final = frozenset((
    "time", "times", "timestamp", "timestamps", "timestep", "elapsed", "epoch", "date", "datetime",
    "clock", "unixtime", "utc", "uptime",
    "zeit", "uhrzeit", "datum", "temps", "tiempo", "tempo", "tijd", "czas",
))
_COUNT_WORDS: Final = frozenset((
    "sample", "samples", "index", "idx", "nseq", "seq", "sequence", "frame", "frames", "counter",
    "count", "unnamed", "row", "rows", "sampleindex", "samplenumber", "sampleno",
))
# fmt: on
_BESIDE_A_COUNT: Final = frozenset(("n", "i", "no", "nr", "num", "number", "of", "id"))
_MAY_BE_VALUES: Final = frozenset(("sample", "samples"))
_ROWS_TO_BE_SURE: Final = 20
_COUNTING: Final = 0.8
"""Share of steps of one and the same size in a column that counts; the rest are lost samples."""


@dataclass(frozen=True)
class Columns:
    """What the columns are.

    Attributes
    ----------
    leads : tuple of int
        Columns that may be leads.
    times : Times, optional
        The one that tells time best.
    """

    leads: tuple[int, ...]
    times: Times | None


def sort_columns(shape: Shape, notes: list[str]) -> Columns:
    """Tell leads from times and counts, by names and by how the values go on from row to row."""
    leads: list[int] = []
    found: list[Times] = []
    texts = [[row[i] for row in shape.rows] for i in range(shape.n_columns)]
    date = next((column[0] for column in texts if is_date(column)), "")
    unclear: list[str] = []
    for i, column in enumerate(texts):
        name, said = shape.names[i], [w for w in column if w not in MISSING]
        words = words_of(name)
        times: Times | None = None
        if not said:
            if name:  # a lead that is off at first; without a name, what a last delimiter leaves
                leads.append(i)
            continue
        if style := style_of(said):
            times = from_text(i, said, style, date)
        elif is_date(said):
            continue
        elif not all(map(is_number, said)):
            continue  # text that changes its style
        else:
            values = np.array([float(w) if w not in MISSING else np.nan for w in column])
            units = [*words, *words_of(shape.units[i])]
            if _is_time(words):
                times = from_numbers(i, values, units, notes, name, guess=True)
                if times is None:
                    unclear.append(name)
            elif _is_count(words, name, values, alone=shape.n_columns == 1):
                continue
            elif shape.n_columns > 1 and _only_grows(name, values):
                times = from_numbers(i, values, units, notes, name or f"column {i + 1}")
            else:
                leads.append(i)
                continue
        if times is not None:
            found.append(times)
    if unclear and not found:
        notes.append(f"no times could be told from the column {unclear[0]!r}; it was left out")
    best = min(found, key=lambda t: t.jitter_s / t.step_s, default=None)
    return Columns(tuple(leads), _with_start(best, found))


def _with_start(best: Times | None, found: Sequence[Times]) -> Times | None:
    # A moment that is written out goes before one that is counted from 1970.
    starts = sorted((t for t in found if t.start is not None), key=lambda t: not t.style)
    dated = starts[0] if starts else None
    if best is None or dated is None:
        return best
    return replace(best, start=dated.start, utc=dated.utc)


def words_of(name: str) -> list[str]:
    """Give the words of a name like ``Time_sec``, ``timeStamp`` or ``elapsed (ms)``."""
    return [word.casefold() for word in _WORD.findall(name)]


def _is_time(words: Sequence[str]) -> bool:
    joined = "".join(words)
    if joined == "timestamp" or set(words) & _TIME_WORDS:
        return True
    return bool(words) and all(word in TIME_UNITS or word == "t" for word in words)


def _is_count(
    words: Sequence[str], name: str, values: npt.NDArray[np.float64], *, alone: bool
) -> bool:
    """Tell a column that numbers the rows."""
    if alone:
        return False
    steps = np.diff(values)
    steps = steps[np.isfinite(steps)]
    if not len(steps) or (values[np.isfinite(values)] % 1).any():
        return False
    kinds, counts = np.unique(steps, return_counts=True)
    usual = int(np.argmax(counts))
    counting = bool(kinds[usual] > 0 and counts[usual] >= _COUNTING * len(steps))
    known = [w for w in words if not w.isdigit()]
    if set(known) & _COUNT_WORDS and set(known) <= _COUNT_WORDS | _BESIDE_A_COUNT:
        return counting or not set(known) <= _MAY_BE_VALUES
    weak = not name.strip("#% ") or (bool(known) and set(known) <= _BESIDE_A_COUNT)
    return weak and len(steps) > 2 and counting and bool(kinds[usual] == 1)


def _only_grows(name: str, values: npt.NDArray[np.float64]) -> bool:
    """Tell values that no lead has: each larger than the one before, for many rows or evenly."""
    if is_lead(name) or len(values) < 4:
        return False
    steps = np.diff(values)
    if not (steps > 0).all():
        return False
    return len(steps) >= _ROWS_TO_BE_SURE or bool(np.allclose(steps, steps[0], rtol=0.01))
