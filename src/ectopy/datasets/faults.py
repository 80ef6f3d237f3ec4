"""Say what is wrong with a text file of beats, and on which line."""

from __future__ import annotations

import math
from collections.abc import Iterable


def first_fault(
    rows: Iterable[list[str]],
    *,
    n_samples: int,
    labels: tuple[int, int],
    label_first: bool,
    begin: int = 0,
) -> str:
    """Describe the first row that is not a label and samples.

    Slow, and only called once a fast reader has refused the file.

    Parameters
    ----------
    rows : iterable of list of str
        The values of each line; empty lines are passed over.
    n_samples : int
        Samples a beat should have.
    labels : (int, int)
        Lowest and highest label.
    label_first : bool
        Whether the label comes before the samples or after them.
    begin : int
        Lines before the first row (a header).

    Returns
    -------
    str
        ``line 3 has ...``: found and expected.
    """
    low, high = labels
    empty = True
    for number, values in enumerate(rows, start=begin + 1):
        if not values:
            continue
        empty = False
        if len(values) != n_samples + 1:
            return (
                f"line {number} has {len(values)} columns, expected {n_samples + 1} "
                f"(a label and {n_samples} samples)"
            )
        for column, value in enumerate(values, start=1):
            if not math.isfinite(_number(value)):
                return f"line {number} holds {value!r} in column {column}, expected a number"
        label = values[0 if label_first else -1]
        if not (low <= _number(label) <= high and _number(label).is_integer()):
            return f"line {number} has the label {label}, expected {low} to {high}"
    if empty:
        return f"which holds no beats, expected lines of {n_samples + 1} numbers"
    return f"the lines do not all hold {n_samples + 1} numbers"


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return math.nan
