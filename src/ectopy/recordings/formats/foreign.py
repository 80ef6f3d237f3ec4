"""What is no recording that can be opened here, and what to do with it instead."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from ectopy.errors import DataFormatError, DataNotFoundError
from ectopy.recordings.formats.csv_source import is_gzip
from ectopy.recordings.formats.xml_tree import root_name

_ANOTHER: Final = "name a recording"
_SAVE_MAT: Final = (
    "save its samples as CSV with a column of times, or as .npy, and open that (a record of "
    "PhysioNet in .mat also has a .hea, which says what its numbers are)"
)
# First bytes, what has them, and what to do.
_SIGNS: Final = (
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", "save its samples as CSV or .npy and open that"),
    (b"%PDF", "a PDF", "export the samples themselves from where it was made"),
    (b"\x89PNG", "an image", "export the samples themselves from where it was made"),
    (b"\xff\xd8\xff", "an image", "export the samples themselves from where it was made"),
    (b"GIF8", "an image", "export the samples themselves from where it was made"),
    (b"BM", "an image", "export the samples themselves from where it was made"),
    (b"II*\0", "an image", "export the samples themselves from where it was made"),
    (b"MM\0*", "an image", "export the samples themselves from where it was made"),
    (b"ANN  1.0", "an ISHNE file of annotations", "name the .ecg that it belongs to"),
    (b"RIFF", "a sound or film", _ANOTHER),
    (b"GDF ", "a GDF file", "save it as EDF and open that"),
    (b"\x80\x04\x95", "a Python pickle", "which is never loaded; save the samples as .npy"),
    (b"SQLite format 3", "a database", "export the samples as CSV and open that"),
    (b"\x7fELF", "a program", _ANOTHER),
)
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_PACKED: Final = (
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\x1f\x8b", "a gzip file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
)
_ANNOTATIONS: Final = frozenset((".atr", ".qrs", ".ecg", ".ect", ".ann", ".ari", ".st"))
_WEB_PAGE: Final = re.compile(rb"^\s*(<!doctype html|<html)", re.IGNORECASE)
# What we write that no reader of a format knows: how it begins, what it is.
_OURS: Final = (
    (re.compile(rb'\s*\{\s*"schema_version"(?s:.*?)"labelled_by"'), "a summary"),
    (re.compile(rb'\s*\{\s*"ectopy":(?s:.*?)"labelled_by"'), "an evaluation"),
    (re.compile(rb"(?s:.{,400})<title>[^<]*: ECG analysis</title>"), "a report"),
)
_WEB: Final = re.compile(r"^[a-z][a-z0-9+.-]*:/{1,2}(?=[^/])", re.IGNORECASE)


def check_address(path: Path) -> None:
    """Refuse what stands where a file should be, names none, and cannot be one.

    Raises
    ------
    DataNotFoundError
        For an address in the web, or the standard input.
    """
    text = str(path)
    if _WEB.match(text) and not re.match(r"^[a-z]:", text, re.IGNORECASE):
        address = _WEB.sub(lambda m: m[0].rstrip("/") + "//", text)
        raise DataNotFoundError(
            f"{address} is an address in the web, expected a file; download it and name the file"
        )
    if text == "-":
        raise DataNotFoundError(
            "- stands for the standard input, which cannot be read twice as a recording is; save "
            "it to a file and name that"
        )


def check_content(path: Path, head: bytes) -> None:
    """Refuse a file whose first bytes say that it is something else.

    Raises
    ------
    DataFormatError
        With what it is and what to do.
    """
    for sign, kind, advice in _SIGNS:
        # Two letters alone may begin a text.
        if head.startswith(sign) and (len(sign) > 2 or sign[0] > 127 or b"\0" in head[:64]):
            raise DataFormatError(f"{path} is {kind}, no recording that is read here; {advice}")
    if head.startswith(_UTF_16) and root_name(head) is None:
        raise DataFormatError(
            f"{path} is a table in UTF-16, no recording that is read here; save it as UTF-8 and "
            "open that"
        )
    for beginning, kind in _OURS:
        if beginning.match(head):
            raise DataFormatError(
                f"{path} is {kind} that ectopy wrote, no recording; name a recording instead"
            )
    if head[4:8] == b"ftyp":
        raise DataFormatError(f"{path} is a film, no recording; {_ANOTHER}")
    if _WEB_PAGE.match(head):
        raise DataFormatError(
            f"{path} is a web page, no recording; perhaps the download asked to log in, so get the "
            "file again"
        )


def check_packed(path: Path, head: bytes) -> None:
    """Refuse an archive in which no format was recognised.

    Raises
    ------
    DataFormatError
        With what it is and what to do.
    """
    for sign, kind in _PACKED:
        if head.startswith(sign):
            if b"xl/" in head or path.suffix.lower() in (".xlsx", ".xlsm"):
                raise DataFormatError(f"{path} is an Excel workbook; save the sheet as CSV")
            what = "no table of samples" if is_gzip(head) else "no arrays of NumPy"
            raise DataFormatError(
                f"{path} is {kind} with {what} in it; unpack it and name what is inside"
            )


def check_xml(path: Path, head: bytes) -> None:
    """Refuse XML in which no format was recognised.

    Raises
    ------
    DataFormatError
        With the element that it begins with.
    """
    root = root_name(head)
    if root is not None:
        raise DataFormatError(
            f"{path} is XML that begins with <{root[:60]}>, no recording that is read here; export "
            "it as aECG or DICOM if its maker allows"
        )


def unknown(path: Path, known: str) -> DataFormatError:
    """Give the error for a file that no format recognises, with what its name tells."""
    suffix = path.suffix.lower()
    if suffix == ".dat":
        return DataFormatError(
            f"{path} is a file of bare numbers; {path.stem}.hea, the header that says what they "
            "are, is not beside it; put it there"
        )
    if suffix == ".mat":
        return DataFormatError(f"{path} is an old or damaged MATLAB file; {_SAVE_MAT}")
    if suffix in _ANNOTATIONS or path.with_suffix(".hea").is_file():
        return DataFormatError(
            f"{path} is no recording; if it is a file of annotations, name its record instead "
            f"({path.with_suffix('')})"
        )
    return DataFormatError(f"{path} is damaged or of no known format; known are {known}")
