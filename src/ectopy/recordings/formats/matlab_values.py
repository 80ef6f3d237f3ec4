"""What the variables of a MATLAB file are, whichever version holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

Value: TypeAlias = "npt.NDArray[Any] | str | Sequence[Value] | Mapping[str, Value]"
"""Numbers, text, a cell array (or an array of structs, or lines of text), or a struct."""
MOST_DEEP: Final = 12
"""Structs within structs."""
MOST_VALUES: Final = 20_000
"""Variables, fields and cells of a file, each of which is looked at."""


def number(value: Value | None) -> float | None:
    """Give a single number, also if it is written as text."""
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    if isinstance(value, np.ndarray) and value.size == 1 and value.dtype.kind in "iufb":
        return float(value.reshape(-1)[0])
    return None


def text(value: Value | None) -> str:
    """Give text, that of a lone cell too; nothing for anything else."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list | tuple) and len(value) == 1:
        return text(value[0])
    return ""


def texts(value: Value | None) -> list[str] | None:
    """Give a list of texts, or None."""
    if isinstance(value, list | tuple) and value and all(isinstance(x, str) for x in value):
        return [str(x).strip() for x in value]
    return [value.strip()] if isinstance(value, str) and value.strip() else None
