"""Tables of samples as text: comma, semicolon, tab or space between columns, header or none."""

from __future__ import annotations

from pathlib import Path

from ectopy.errors import DataFormatError, EctopyError
from ectopy.recordings.formats.common import Format, Stated
from ectopy.recordings.formats.csv_dialect import find_shape, whole_lines
from ectopy.recordings.formats.csv_header import read_header
from ectopy.recordings.formats.csv_source import blocks, is_gzip, read_head, unpack_head
from ectopy.recordings.formats.table import open_table, refuse_own
from ectopy.recordings.recording import Recording


def recognises(path: Path, head: bytes) -> bool:
    """Tell a table by a row of numbers among its first lines of text, packed or not."""
    complete = None
    if is_gzip(head):
        head, complete = unpack_head(head)
    if b"\0" in head or head.lstrip()[:1] in (b"<", b"{"):
        return False
    return find_shape(whole_lines(head, complete=complete)) is not None


def open_csv(path: Path, stated: Stated) -> Recording:
    """Open a table with a row for each sample and a column for each lead."""
    head, complete = read_head(path)
    lines = whole_lines(head, complete=complete)
    refuse_own(path, [word.strip('" ') for word in lines[0].split(",")] if lines else [])
    shape = find_shape(lines)
    if shape is None:
        raise DataFormatError(
            f"{path} has no row of numbers among its first lines, expected a table with a row for "
            "each sample and a column for each lead"
        )
    if shape.odd:
        raise DataFormatError(
            f"{path} has {shape.odd!r} in line {shape.skip}, among numbers; put a number there, or "
            "nothing if the sample is missing"
        )
    said = read_header(shape.header, shape.n_columns)
    return open_table(path, stated, shape, said, blocks, f"CSV {path.name}")


FORMAT = Format("CSV", recognises, open_csv, (".csv", ".tsv", ".txt"), no_recording=EctopyError)
