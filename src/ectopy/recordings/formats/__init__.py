"""The formats a recording can be read from, one file each, and the order they are tried in."""

from __future__ import annotations

from typing import Final

from ectopy.recordings.formats import (
    aecg,
    cardiosoft,
    csv_table,
    edf,
    ishne,
    matlab_record,
    muse,
    numpy_array,
    others,
    parquet_table,
    philips,
    schiller,
    scp_record,
    text_lines,
    wfdb_record,
)
from ectopy.recordings.formats.common import Format, Stated

FORMATS: Final[tuple[Format, ...]] = (
    edf.FORMAT,
    ishne.FORMAT,
    scp_record.FORMAT,
    numpy_array.FORMAT,
    matlab_record.FORMAT,
    wfdb_record.FORMAT,
    parquet_table.FORMAT,
    aecg.FORMAT,
    muse.FORMAT,
    philips.FORMAT,
    cardiosoft.FORMAT,
    schiller.FORMAT,
    text_lines.FORMAT,  # before tables, whose rows are short
    csv_table.FORMAT,
    others.FORMAT,  # last: it knows many formats, some by loose signs, and is slow to load
)

__all__ = ["FORMATS", "Format", "Stated"]
