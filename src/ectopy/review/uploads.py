"""Uploaded files under names of ours: what a user called them is text, and never part of a path."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Final

from ectopy.errors import ConfigError, DataFormatError
from ectopy.files import atomic_write
from ectopy.recordings.formats import FORMATS
from ectopy.recordings.wfdb.header import MOST_BYTES
from ectopy.review.store import told

MOST_FILES: Final = 64
"""Of one recording: a WFDB record of some segments, each with a header and a signal file."""
SUFFIXES: Final = frozenset(
    {suffix.casefold() for one in FORMATS for suffix in one.extensions} | {".dat", ".mat"}
)
"""Endings that may be kept, since some formats are told by them; all others are dropped."""
_HEADER: Final = ".hea"


def stored_name(number: int, name: str) -> str:
    """Give our name of an uploaded file: a number, and the ending if it is one of `SUFFIXES`."""
    ending = re.search(r"\.[a-z0-9]{1,12}$", name.casefold())
    suffix = ending[0] if ending and ending[0] in SUFFIXES else ""
    return f"file{number}{suffix}"


def as_given(names: Mapping[int, str]) -> dict[str, str]:
    """Give what the user called each file that we keep, and each header that we write of it."""
    found = {}
    for number, name in names.items():
        found[stored_name(number, name)] = name
        if stored_name(number, name).endswith(_HEADER):
            found[f"{_stem(number)}{_HEADER}"] = name
            found[_stem(number)] = called([name])
    return found


def called(files: Sequence[str]) -> str:
    """Give the name of a recording: of its header, else of its first file, without the ending."""
    plain = [PurePosixPath(name.replace("\\", "/")).name for name in files]
    headers = [name for name in plain if name.casefold().endswith(_HEADER)]
    return PurePosixPath((headers or plain)[0].removesuffix(".gz")).stem


def to_open(folder: Path, names: Mapping[int, str]) -> Path:
    """Give the file to open, of those that were uploaded.

    Of a WFDB record, copies of its headers are written that call its files as we do.

    Parameters
    ----------
    folder : Path
        Where they are.
    names : mapping of int to str
        What the user called each.

    Raises
    ------
    ConfigError
        If several files are no WFDB record.
    DataFormatError
        If a header names a file that was not uploaded, or is none.
    """
    stored = {number: folder / stored_name(number, name) for number, name in names.items()}
    headers = [number for number, path in stored.items() if path.suffix == _HEADER]
    if not headers:
        if len(stored) != 1:
            raise ConfigError(
                f"{len(stored)} files were given and none is a WFDB header (.hea); give the files "
                "of one recording"
            )
        return next(iter(stored.values()))
    by_name = {_plain(names[number]): path for number, path in stored.items()}
    named: set[str] = set()
    written = {}
    for number in headers:
        text, segments = _rewritten(stored[number], names[number], number, by_name, names)
        written[number] = text
        named |= segments
    tops = [number for number in headers if _plain(names[number]) not in named]
    if len(tops) != 1:
        raise ConfigError(
            f"{len(tops)} of the {len(headers)} headers belong to no other one, expected one; give "
            "the files of one record at a time"
        )
    for number, text in written.items():
        atomic_write(folder / f"{_stem(number)}{_HEADER}", text.encode("utf-8"))
    return folder / f"{_stem(tops[0])}{_HEADER}"


def _stem(number: int) -> str:
    return f"record{number}"


def _plain(name: str) -> str:
    """Give the last part of a name, as headers write names."""
    return PurePosixPath(name.replace("\\", "/")).name.casefold()


def _rewritten(
    path: Path, name: str, number: int, by_name: Mapping[str, Path], names: Mapping[int, str]
) -> tuple[str, set[str]]:
    """Call the files that a header names as we do; give the headers of its segments besides."""
    if path.stat().st_size > MOST_BYTES:
        raise DataFormatError(f"{told(name, 80)} is too large for a WFDB header")
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    out: list[str] = []
    segments: set[str] = set()
    first, in_segments = True, False
    headers = {_plain(n): i for i, n in names.items()}
    for line in re.split(r"[\r\n]+", text):
        word, _, rest = line.strip().partition(" ")
        if not word or word.startswith("#"):
            out.append(line)
        elif first:
            _, slash, count = word.partition("/")
            first, in_segments = False, bool(slash)
            # What is no such line is left as it is, and refused as what it is.
            out.append(f"{_stem(number)}{slash}{count} {rest}" if rest else line)
        elif word == "~":
            out.append(line)
        else:
            wanted = f"{word}{_HEADER}" if in_segments else word
            there = by_name.get(wanted.casefold())
            if there is None:
                raise DataFormatError(
                    f"{told(name, 80)} names {told(wanted, 80)!r}, which was not given with it; "
                    "give the header and the files that it names together"
                )
            if in_segments:
                segments.add(wanted.casefold())
                out.append(f"{_stem(headers[wanted.casefold()])} {rest}")
            else:
                out.append(f"{there.name} {rest}")
    return "\n".join(out) + "\n", segments
