"""Which recordings are meant by files, folders and patterns on the command line."""

from __future__ import annotations

import glob
import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ectopy.analysis.overwrite import ENDINGS
from ectopy.errors import ConfigError, DataNotFoundError, EctopyError
from ectopy.recordings.formats import FORMATS, Format
from ectopy.recordings.open import open_recording

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
_SIGNALS: Final = (".dat", ".mat")
"""Endings of the signal files of WFDB records."""
_HEAD_BYTES: Final = 8192
_LARGEST_HEADER: Final = 8 << 20
_PROBE_HZ: Final = 250.0
"""Any rate will do to see whether a table holds leads: many tables do not say theirs."""
_FEWEST_SAMPLES: Final = 20
"""A second at the lowest rate of an ECG; a table of fewer rows was not meant as a recording."""


@dataclass(frozen=True)
class Inputs:
    """What was found.

    Attributes
    ----------
    files : list of Path
        Recordings, in the order given, a folder's by name; a WFDB record is its header.
    skipped : list of Path
        Files of folders and patterns that are no recordings, but may have been meant as such.
    """

    files: list[Path]
    skipped: list[Path]


def find_recordings(given: Iterable[Path], *, namesakes: bool = False) -> Inputs:
    """Find the recordings meant by files, folders and patterns such as ``data/*.hea``.

    In a folder they are looked for in it, or below it where it holds none itself. A record of
    several segments counts once. Annotations and signal files of a record, lists of files, hidden
    files and our own results are passed over. A file given by name is taken as it is.

    Parameters
    ----------
    given : iterable of Path
        Files, folders and patterns.
    namesakes : bool
        Whether two may have the same name, since their results are not written side by side.

    Raises
    ------
    DataNotFoundError
        If a folder holds no recording, or nothing matches a pattern.
    ConfigError
        If two recordings would write results of the same name.

    Examples
    --------
    >>> from pathlib import Path
    >>> from ectopy.analysis import find_recordings
    >>> [file.name for file in find_recordings([Path("records")]).files]
    ['a.hea', 'b.hea']
    """
    files: list[Path] = []
    skipped: list[Path] = []
    named = [_header_of(path) for path in given]
    # A shell that expands data/* names what belongs to a recording as well.
    kept = set(named if len(named) == 1 else _without_parts(named))
    for path in named:
        if _is(path, Path.is_dir):
            found = _search(path)
            if not found.files and len(named) == 1:
                raise DataNotFoundError(
                    f"{path} holds no recordings{_told(found.skipped)}; name a folder or a file "
                    "with ECG recordings"
                )
            if not found.files:
                found = Inputs([], [path])
        elif glob.has_magic(str(path)) and not _is(path, Path.exists):
            found = _matching(path)
        else:
            found = Inputs([path] if path in kept else [], [])
        files += found.files
        skipped += found.skipped
    once: dict[str, Path] = {}
    for path in files:
        once.setdefault(_real(path), path)
    files = list(once.values())
    if not files:
        raise DataNotFoundError(
            f"there are no recordings among what was named ({some(named)}); name files with ECG "
            "recordings, or folders of them"
        )
    if not namesakes:
        _check_names(files)
    return Inputs(files, list(dict.fromkeys(skipped)))


def _real(path: Path) -> str:
    """Give the one true name of a file; where it can have none, the name itself."""
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):
        return str(path)


def some(paths: list[Path], most: int = 3) -> str:
    """Name a few files, and say how many more there are."""
    rest = len(paths) - most
    names = ", ".join(path.name for path in paths[:most])
    return names + (f" and {rest} more" if rest > 0 else "")


def count(paths: list[Path]) -> str:
    """Count files in words."""
    return f"{len(paths)} file" + ("s" if len(paths) != 1 else "")


def _told(skipped: list[Path]) -> str:
    if not skipped:
        return ""
    return f" ({count(skipped)} in it, of another kind: {some(skipped)})"


def _header_of(path: Path) -> Path:
    """Give the header of the WFDB record that a name or a signal file means, or the path itself."""
    if path.name and not _is(path, Path.exists):
        header = path.with_name(f"{path.name}.hea")
    elif path.suffix.lower() in _SIGNALS:
        header = path.with_suffix(".hea")
    else:
        return path
    return header if _is(header, Path.is_file) else path


def _by_header(files: list[Path]) -> list[Path]:
    """Give for signal files the header of their record, once; and all other files."""
    unlike: dict[Path, dict[Path, Path]] = {}  # by folder, headers of what is named unlike them
    found: dict[Path, None] = {}
    for file in files:
        header, folder = _header_of(file), file.parent
        if header == file and file.suffix.lower() in _SIGNALS:
            if folder not in unlike:
                unlike[folder] = {}
                for other in sorted(folder.glob("*.hea")):
                    several, names = _named_in(other)
                    unlike[folder] |= {folder / name: other for name in names if not several}
            header = unlike[folder].get(file, file)
        found[header] = None
    return list(found)


def _is(path: Path, kind: Callable[[Path], bool]) -> bool:
    """Ask for a file or folder; one whose name is too long for the file system is neither."""
    try:
        return kind(path)
    except OSError:
        return False


def _matching(pattern: Path) -> Inputs:
    # pathlib takes no pattern that begins at the root.
    names = glob.glob(str(pattern), recursive=True)  # noqa: PTH207
    paths = [Path(name) for name in sorted(names)]
    found = _sift(_by_header([path for path in paths if path.is_file()]))
    for path in paths:
        if path.is_dir():
            inner = _search(path)
            found = Inputs(found.files + inner.files, found.skipped + inner.skipped)
    if not found.files:
        why = f"matches no recording{_told(found.skipped)}" if paths else "matches no file"
        raise DataNotFoundError(f"{pattern} {why}; check the pattern and the folder")
    return found


def _search(folder: Path) -> Inputs:
    """Find the recordings in a folder, or below it where it holds none itself."""
    try:
        here = _sift(sorted(path for path in folder.iterdir() if path.is_file()))
        if here.files:
            return here
        below = (path for path in folder.rglob("*") if path.is_file())
        visible = (p for p in below if not any(x[0] == "." for x in p.relative_to(folder).parts))
        return _sift(sorted(visible))
    except OSError as error:
        raise DataNotFoundError(f"{folder} cannot be read: {error.strerror}") from error


def _sift(paths: list[Path]) -> Inputs:
    """Part recordings from what is none."""
    records = {_stem(path) for path in paths if path.suffix == ".hea"}
    files: list[Path] = []
    skipped: list[Path] = []
    for path in _without_parts(paths):
        is_copy = path.suffix != ".hea" and _stem(path) in records
        (files if not is_copy and _is_recording(path) else skipped).append(path)
    return Inputs(files, skipped)


def _without_parts(paths: list[Path]) -> list[Path]:
    """Leave out what belongs to a recording or a database, and our own results."""
    headers = [path for path in paths if path.suffix == ".hea"]
    records = {_stem(path) for path in headers}
    segments: set[Path] = set()
    signals: set[Path] = set()
    for header in headers:
        several, names = _named_in(header)
        (segments if several else signals).update(header.parent / name for name in names)
    kept = []
    for path in paths:
        if path.suffix == ".hea":
            is_part = _stem(path) in segments
        elif _stem(path) in records:  # signals and annotations, unless it is a copy
            is_part = _is(path, Path.is_file) and _format_of(path) is None
        else:
            is_part = path in signals
        if not (is_part or _is_own(path) or _LIST.fullmatch(path.name)):
            kept.append(path)
    return kept


def _stem(path: Path) -> Path:
    return path.parent / path.stem


def _named_in(header: Path) -> tuple[bool, list[str]]:
    """Tell whether a record has several segments, and name them, or else its signal files."""
    if not _is(header, Path.is_file):
        return False, []
    try:
        with header.open(encoding="latin-1") as stream:
            lines = stream.read(_LARGEST_HEADER).splitlines()
    except OSError:
        return False, []
    words = [line.split() for line in lines if line.strip() and not line.startswith("#")]
    return bool(words) and "/" in words[0][0], [line[0] for line in words[1:]]


def _is_own(path: Path) -> bool:
    """Tell our results by their names; a page, and what is over several, by what is beside it."""
    if path.name.endswith(_OWN_ENDINGS):
        return True
    for together in _OVER_SEVERAL:
        if path.name in together and all(path.with_name(name).is_file() for name in together):
            return True
    return path.suffix == ".html" and _is(path.with_suffix(".summary.json"), Path.is_file)


def _format_of(path: Path) -> Format | None:
    """Tell the format of a file from its content."""
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD_BYTES)
    except OSError:
        return None
    return next((known for known in FORMATS if head and known.recognises(path, head)), None)


def _is_recording(path: Path) -> bool:
    """Tell recordings from other files; one that is damaged counts, so that this is said of it."""
    found = _format_of(path)
    if found is not None and found.no_recording is not None:
        try:
            return open_recording(path, fs_hz=_PROBE_HZ).n_samples >= _FEWEST_SAMPLES
        except EctopyError as error:  # many a list or text has numbers too
            return not isinstance(error, found.no_recording)
    others = (known for known in FORMATS if known.no_recording is None)
    return found is not None or any(path.suffix.lower() in known.extensions for known in others)


def _check_names(files: list[Path]) -> None:
    by_name = defaultdict(list)
    for file in files:  # without case: some file systems take A.ect and a.ect for the same
        by_name[Path(file.name.removesuffix(".gz")).stem.casefold()].append(file)
    for namesakes in by_name.values():
        if len(namesakes) > 1:
            one, two = namesakes[:2]
            raise ConfigError(
                f"several files are called {one.name.split('.')[0]} ({one}, {two}), and their "
                "results would overwrite each other; analyze them into different folders"
            )
