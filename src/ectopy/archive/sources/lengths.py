"""How long a large recording is, from its first bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ectopy.archive.sources.found import LONG_S
from ectopy.recordings.formats import FORMATS
from ectopy.recordings.formats.budget import LOWEST_HZ

_SAMPLE_BYTES: Final = 2
LEAST_BYTES: Final = round(LONG_S * LOWEST_HZ * _SAMPLE_BYTES)
"""Bytes of the smallest recording that has to be cut, in the formats that tell their length."""


def seconds_said(path: Path, head: bytes, size: int) -> float | None:
    """Tell how long a recording is, in a format whose first bytes say so.

    Parameters
    ----------
    path : Path
        Its name.
    head : bytes
        First bytes, `ectopy.analysis.sifting.HEAD_BYTES` or all.
    size : int
        Bytes of the file.
    """
    for known in FORMATS:
        if known.seconds is not None and known.recognises(path, head):
            return known.seconds(head, size)
    return None
