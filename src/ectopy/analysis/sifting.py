"""Which files of a folder are recordings: told by names and headers, else by a look inside."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from ectopy.analysis.overwrite import ENDINGS
from ectopy.errors import EctopyError
from ectopy.recordings.formats import FORMATS, Format
from ectopy.recordings.open import open_recording
from ectopy.recordings.wfdb.header import seconds_said

BY_NAME: Final = frozenset(
    ending for known in FORMATS if known.no_recording is None for ending in known.extensions
)
"""Endings that make a file count as a recording even where it is damaged."""
LIKE_RECORDINGS: Final = frozenset(ending for known in FORMATS for ending in known.extensions)
"""Endings that recordings have, and other files too."""
SIGNALS: Final = (".dat", ".mat")
"""Endings of the signal files of WFDB records."""
LARGEST_HEADER: Final = 8 << 20
ARCHIVE: Final = ("plan", "plan.json")
"""What makes a folder an archive of ours, whose tables are no recordings."""
_OWN_ENDINGS: Final = tuple(ending for key, ending in ENDINGS.items() if key != "html")
"""Names of our results; a page is one only beside its summary."""
_OVER_SEVERAL: Final = (
    ("evaluation.json", "evaluation.csv"),
    ("comparison.json", "comparison.csv", "comparison.differences.csv"),
    ("index.html", "recordings.csv"),
)
"""Names of our results over several recordings, which stand together."""
_LIST: Final = re.compile(
    r"\..*|(records|annotators)([-_]\w+)?|(sha\d+|md5)sums(\.txt)?|.*\.(md5|sha1|sha256)", re.I
)
"""Names of hidden files, of lists of a database's files, and of their checksums."""
HEAD_BYTES: Final = 8192
_PROBE_HZ: Final = 250.0
"""Any rate will do to see whether a table holds leads: many tables do not say theirs."""
_FEWEST_SAMPLES: Final = 20
"""A second at the lowest rate of an ECG; a table of fewer rows was not meant as a recording."""


@dataclass(frozen=True)
class Named:
    """What the header of a WFDB record names.

    Attributes
    ----------
    several : bool
        Whether the record has several segments.
    names : tuple of str
        Of the segments, or else of the signal files.
    seconds : float or None
        How long the record is, where the header says so.
    """

    several: bool = False
    names: tuple[str, ...] = ()
    seconds: float | None = None


class Look(Protocol):
    """What can be asked about the files of a folder by their names; of many at a time."""

    def there(self, name: str) -> bool:
        """Tell whether there is a file of this name."""
        ...

    def every_header(self) -> Sequence[str]:
        """List the headers of WFDB records in the folder."""
        ...

    def headers(self, names: Sequence[str]) -> Mapping[str, Named]:
        """Read headers of WFDB records; what cannot be read names nothing."""
        ...

    def copies(self, names: Sequence[str]) -> set[str]:
        """Tell which files, each beside a record of the same name, are in a format of their own."""
        ...

    def recordings(self, names: Sequence[str]) -> set[str]:
        """Tell which files are recordings; damaged ones count, so that this is said of them."""
        ...


@dataclass(frozen=True)
class Sifted:
    """What the files of a folder are.

    Attributes
    ----------
    recordings : list of str
        Names, in the order given; a WFDB record is its header.
    skipped : list of str
        Files that are no recordings, but may have been meant as such.
    headers : mapping of str to Named
        What the headers name.
    """

    recordings: list[str]
    skipped: list[str]
    headers: Mapping[str, Named]


def sift(names: Sequence[str], look: Look) -> Sifted:
    """Part the recordings of one folder from what is none.

    Annotations and signal files of a record, lists of files, hidden files and our own results are
    passed over.

    Parameters
    ----------
    names : sequence of str
        Files of the folder.
    look : Look
        Asked where names cannot tell.
    """
    kept, headers = without_parts(names, look)
    records = {stem(name) for name in headers}
    asked = [name for name in kept if name in headers or stem(name) not in records]
    found = look.recordings(asked)
    recordings = [name for name in asked if name in found]
    return Sifted(recordings, [name for name in kept if name not in found], headers)


def without_parts(names: Sequence[str], look: Look) -> tuple[list[str], Mapping[str, Named]]:
    """Leave out what belongs to a recording or a database, and our own results.

    Returns
    -------
    tuple of list of str and mapping
        What is left, and what each header names.
    """
    headers = look.headers([name for name in names if ending(name) == ".hea"])
    records = {stem(name) for name in headers}
    segments: set[str] = set()
    signals: set[str] = set()
    for told in headers.values():
        (segments if told.several else signals).update(told.names)
    beside = []
    if records:
        beside = [n for n in names if n not in headers and n not in signals and stem(n) in records]
    parts = signals.union(beside) - look.copies(beside) if beside else signals
    kept = []
    for name in names:
        is_part = stem(name) in segments if name in headers else name in parts
        if not (is_part or is_own(name, look) or _LIST.fullmatch(name)):
            kept.append(name)
    return kept, headers


def header_of(name: str, there: Callable[[str], bool]) -> str:
    """Give the header of the record that a name without ending or a signal file means, or itself.

    Parameters
    ----------
    name : str
        Of a file, which may not be there.
    there : callable
        Tells whether there is a file of a name.
    """
    if name and not there(name):
        header = f"{name}.hea"
    elif name.lower().endswith(SIGNALS):
        header = f"{stem(name)}.hea"
    else:
        return name
    return header if there(header) else name


def meant_by(names: Iterable[str], look: Look) -> dict[str, str]:
    """Give for each name what it means: see `header_of`; a signal file may be named unlike it."""
    meant: dict[str, str] = {}
    unlike: dict[str, str] | None = None  # headers by the signal files that they name
    for name in names:
        header = header_of(name, look.there)
        if header == name and name.lower().endswith(SIGNALS) and look.there(name):
            if unlike is None:
                told = look.headers(look.every_header())
                unlike = {n: h for h in told if not told[h].several for n in told[h].names}
            header = unlike.get(name, name)
        meant[name] = header
    return meant


def is_own(name: str, look: Look) -> bool:
    """Tell our results by their names; a page, and what is over several, by what is beside it."""
    if name.endswith(_OWN_ENDINGS):
        return True
    for together in _OVER_SEVERAL:
        if name in together and all(look.there(other) for other in together):
            return True
    return name.endswith(".html") and look.there(f"{stem(name)}.summary.json")


def ending(name: str) -> str:
    """Give what follows the last dot, with it, as `pathlib` tells it."""
    at = name.rfind(".")
    return name[at:] if 0 < at < len(name) - 1 else ""


def stem(name: str) -> str:
    """Give a name without its ending."""
    return name.removesuffix(ending(name))


def names_in(content: bytes) -> Named:
    """Tell what a WFDB header names, however much of it is damaged."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    words = [line.split() for line in text.splitlines() if line.strip() and line[0] != "#"]
    if not words:
        return Named()
    return Named("/" in words[0][0], tuple(line[0] for line in words[1:]), seconds_said(words[0]))


def format_of(path: Path) -> Format | None:
    """Tell the format of a file from its content."""
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
    except OSError:
        return None
    return next((known for known in FORMATS if head and known.recognises(path, head)), None)


def is_recording(path: Path) -> bool:
    """Tell recordings from other files; one that is damaged counts, so that this is said of it."""
    found = format_of(path)
    if found is not None and found.no_recording is not None:
        try:
            return open_recording(path, fs_hz=_PROBE_HZ).n_samples >= _FEWEST_SAMPLES
        except EctopyError as error:  # many a list or text has numbers too
            return not isinstance(error, found.no_recording)
    return found is not None or path.suffix.lower() in BY_NAME


def by_folder(paths: Iterable[Path]) -> dict[Path, list[str]]:
    """Group files by their folders, in order."""
    grouped: dict[Path, list[str]] = {}
    for path in paths:
        grouped.setdefault(path.parent, []).append(path.name)
    return grouped
